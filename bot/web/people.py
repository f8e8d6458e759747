"""An administrator's side: who works here, in which role, and the links by which they choose a password."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeSerializer

from bot.language.codes import LANGUAGES
from bot.records import colleagues, identities, second_step
from bot.records.colleagues import NotPossible
from bot.records.staff import sections_of
from bot.store.people import ROLES
from bot.web.here import me, now, world
from bot.web.words import translate as _

room = Blueprint("people", __name__, url_prefix="/staff/people")

LINK_LASTS: Final = timedelta(days=7)


@room.get("")
def everybody() -> str:
    """Who works here."""
    return render_template("people.html", people=colleagues.colleagues(world().db, me()))


@room.get("/new")
def new() -> str:
    """Invite somebody."""
    return _form()


@room.post("/new")
def invite() -> ResponseReturnValue:
    """Invite them, and show the link to hand over."""
    form = request.form
    try:
        staff_id = colleagues.invite(
            world().db,
            me(),
            form.get("name", ""),
            form.get("email", ""),
            form.get("role", ""),
            _sections(),
            now(),
        )
    except NotPossible as error:
        flash(_(str(error)), "danger")
        return _form(), 422
    return _with_link(staff_id)


@room.get("/<row_id:staff_id>")
def one(staff_id: int) -> str:
    """One colleague."""
    return _one(staff_id)


@room.post("/<row_id:staff_id>")
def change(staff_id: int) -> ResponseReturnValue:
    """Change name, role, sections, or close the account."""
    form = request.form
    if colleagues.colleague(world().db, me(), staff_id) is None:
        abort(404)
    try:
        colleagues.change(
            world().db,
            me(),
            staff_id,
            name=form.get("name", ""),
            role=form.get("role", ""),
            active=form.get("active") == "yes",
            sections=_sections(),
            reviews=[tag for tag in form.getlist("reviews") if tag in LANGUAGES],
            now=now(),
        )
    except NotPossible as error:
        flash(_(str(error)), "danger")
        return _one(staff_id), 422
    flash(_("Saved."), "success")
    return redirect(url_for(".one", staff_id=staff_id), code=303)


@room.post("/<row_id:staff_id>/link")
def make_link(staff_id: int) -> ResponseReturnValue:
    """A new link to choose a password: for somebody invited, or who forgot theirs. Their sessions end."""
    if colleagues.end_sessions(world().db, me(), staff_id, now()) is None:
        abort(404)
    return _with_link(staff_id)


@room.post("/<row_id:staff_id>/sign-out")
def end_sessions(staff_id: int) -> ResponseReturnValue:
    """End every session of somebody."""
    if colleagues.end_sessions(world().db, me(), staff_id, now()) is None:
        abort(404)
    flash(_("Signed out everywhere."), "success")
    return redirect(url_for(".one", staff_id=staff_id), code=303)


@room.post("/<row_id:staff_id>/second-step")
def reset_second_step(staff_id: int) -> ResponseReturnValue:
    """Take away the second step of somebody who lost phone and recovery codes."""
    if not second_step.reset(world().db, me(), staff_id, now()):
        abort(404)
    flash(_("The second step is taken away, and every session of theirs has ended."), "success")
    return redirect(url_for(".one", staff_id=staff_id), code=303)


@room.post("/<row_id:staff_id>/loosen")
def loosen(staff_id: int) -> ResponseReturnValue:
    """Forget the account at a provider by which somebody signs in; the next one with their address is bound anew."""
    if not identities.loosen(world().db, me(), staff_id, now()):
        abort(404)
    flash(_("The account elsewhere is forgotten, and every session of theirs has ended."), "success")
    return redirect(url_for(".one", staff_id=staff_id), code=303)


def read_link(token: str) -> tuple[int, int] | None:
    """Staff id and epoch of a link that is ours and not too old."""
    try:
        staff_id, epoch, until = _serializer().loads(token)
    except (BadSignature, TypeError, ValueError):
        return None
    return (int(staff_id), int(epoch)) if now().timestamp() <= until else None


def _with_link(staff_id: int) -> str:
    person = colleagues.colleague(world().db, me(), staff_id)
    if person is None:
        abort(404)
    token = _serializer().dumps([person.id, person.epoch, int((now() + LINK_LASTS).timestamp())])
    link = world().settings.base_url + url_for("signin.choose", token=token)
    return render_template("people_link.html", person=person, link=link, days=LINK_LASTS.days)


def _one(staff_id: int) -> str:
    person = colleagues.colleague(world().db, me(), staff_id)
    if person is None:
        abort(404)
    return _form(person)


def _form(person: colleagues.Colleague | None = None) -> str:
    return render_template(
        "people_form.html",
        person=person,
        roles=ROLES,
        sections=sections_of(world().db, me()),
        typed=request.form,
        second_step_on=person is not None and second_step.is_on(world().db, person.id),
        issuers=identities.issuers_of(world().db, person.id) if person else [],
    )


def _sections() -> list[int]:
    return [int(text) for text in request.form.getlist("section") if text.isdecimal() and len(text) < 19]


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="choose a password")
