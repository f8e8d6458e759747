"""The phone simulator: a page that looks like a phone. What is typed here goes through the carriers' own `receive`.

Open while the sample school is, to browsers on this machine only. It shows what reached the phone and nothing else:
no translations, no states. Numbers are fictitious (+1 555 …); the page's address carries a signed token instead.
"""

from __future__ import annotations

import re
import secrets

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeSerializer

from bot.channels.base import Incoming, Media, Medium
from bot.jobs.work import receive
from bot.records.phones import SamplePhone, Screen, sample_phones, screen
from bot.web.here import world
from bot.web.words import translate as _

room = Blueprint("phone", __name__, url_prefix="/phone")

LONGEST = 1600
"""Most characters of one text, as carriers have it."""
_LOOKS = 12
"""How often a page without JavaScript looks for the answer by itself."""
_FICTITIOUS = re.compile(r"\+?1?(555\d{7})")


@room.get("")
def choose() -> str:
    """Whose phone?"""
    phones = [(phone, _token(phone.number)) for phone in sample_phones(world().db)]
    return render_template("phone_choose.html", phones=phones)


@room.post("")
def pick_up() -> ResponseReturnValue:
    """Take a phone whose number the school does not know."""
    digits = re.sub(r"[\s().-]", "", request.form.get("number", ""))
    match = _FICTITIOUS.fullmatch(digits) if digits.isascii() else None
    if match is None:
        flash(_("Please type a made-up number that begins with +1 555, like +1 555 555 0199."), "danger")
        return redirect(url_for(".choose"), code=303)
    return redirect(url_for(".show", line=_token(f"+1{match.group(1)}")), code=303)


@room.get("/<line>")
def show(line: str) -> str:
    """The phone, with its conversation with the school."""
    number = _number(line)
    looks = request.args.get("looks", 0, type=int)
    view = _screen(number)
    again = url_for(".show", line=line, looks=looks + 1) if view.waiting and 0 < looks < _LOOKS else None
    return render_template(
        "phone.html",
        line=line,
        number=number,
        owner=_owner(number),
        screen=view,
        again=again,
        longest=LONGEST,
    )


@room.get("/<line>/texts")
def bubbles(line: str) -> str:
    """Only the texts, for the page's script."""
    number = _number(line)
    return render_template("phone_texts.html", screen=_screen(number), owner=_owner(number))


@room.post("/<line>")
def send(line: str) -> ResponseReturnValue:
    """Send what was typed, as this phone, the way a carrier's webhook would hand it over."""
    body = request.form.get("text", "").replace("\r\n", "\n")[:LONGEST]
    photo = "photo" in request.form
    media = (Media("simulator:photo", "image/jpeg"),) if photo else ()
    incoming = Incoming(
        provider_id=f"SIM-{request.form.get('once') or secrets.token_urlsafe(12)}"[:80],
        medium=Medium.SIMULATOR,
        sender=world().settings.simulator_number,
        address=_number(line),
        body=body,
        media=media,
    )
    receive(world(), incoming)
    return redirect(url_for(".show", line=line, looks=1) + "#compose", code=303)


@room.app_template_global()
def once() -> str:
    """A token that makes a form count once, however often it is sent."""
    return secrets.token_urlsafe(12)


def _screen(number: str) -> Screen:
    return screen(world().db, Medium.SIMULATOR.value, world().settings.simulator_number, number)


def _owner(number: str) -> SamplePhone | None:
    return next((phone for phone in sample_phones(world().db) if phone.number == number), None)


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="phone")


def _token(number: str) -> str:
    return str(_serializer().dumps(number))


def _number(line: str) -> str:
    try:
        return str(_serializer().loads(line))
    except BadSignature:
        abort(404)
