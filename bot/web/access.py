"""Who may do what: one table, route by route, that is enforced before every request and tested for every route.

A route that is not in the table answers 404: forgetting one closes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from flask import Flask, Response, abort, redirect, request, url_for
from flask_login import current_user

from bot.store.people import ROLES
from bot.web.here import world
from bot.web.words import translate as _


class Door(StrEnum):
    """What is asked of somebody who wants in, before any role."""

    OPEN = "open"
    """Everybody."""
    SAMPLE = "sample"
    """A browser on this very machine, while the sample school is open; for everybody else there is nothing here."""
    CARRIER = "carrier"
    """A request with the carrier's signature (the room itself checks it: it needs the body)."""
    OPERATOR = "operator"
    """Whoever runs this installation (the room itself checks the token)."""
    STAFF = "staff"
    """Somebody signed in, with one of the rule's roles."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a route asks: a door, and for staff the roles."""

    door: Door
    roles: frozenset[str] = frozenset()


def staff(*roles: str) -> Rule:
    """A route for staff with one of these roles."""
    return Rule(Door.STAFF, frozenset(roles))


_OPEN = Rule(Door.OPEN)
_SAMPLE = Rule(Door.SAMPLE)
_ALL_STAFF = staff(*ROLES)
_FAMILIES = staff("teacher", "coordinator", "administrator")
_SCHOOL = staff("coordinator", "administrator")
_ANSWERING = staff("coordinator", "leader", "administrator")
_REVIEWERS = staff("reviewer", "coordinator", "administrator")
_ADMINISTRATORS = staff("administrator")
_NUMBERS = staff("coordinator", "leader", "administrator", "district")
_PRACTICE = staff("coordinator", "leader", "administrator")

RULES: Final[Mapping[str, Rule]] = {
    "static": _OPEN,
    "welcome.home": _OPEN,
    "health.healthz": _OPEN,
    "health.readyz": _OPEN,
    "health.metrics": Rule(Door.OPERATOR),
    "webhooks.twilio_inbound": Rule(Door.CARRIER),
    "webhooks.twilio_status": Rule(Door.CARRIER),
    "phone.choose": _SAMPLE,
    "phone.pick_up": _SAMPLE,
    "phone.show": _SAMPLE,
    "phone.bubbles": _SAMPLE,
    "phone.send": _SAMPLE,
    "signin.page": _OPEN,
    "signin.enter": _OPEN,
    "signin.enter_sample": _SAMPLE,
    "signin.choose": _OPEN,
    "signin.keep_choice": _OPEN,
    "signin.ask_code": _OPEN,
    "signin.check_code": _OPEN,
    "signin.leave": _ALL_STAFF,
    "oidc.go": _OPEN,
    "oidc.back": _OPEN,
    "account.page": _ALL_STAFF,
    "account.change_password": _ALL_STAFF,
    "account.end_others": _ALL_STAFF,
    "account.begin_second_step": _ALL_STAFF,
    "account.show_secret": _ALL_STAFF,
    "account.confirm_second_step": _ALL_STAFF,
    "account.end_second_step": _ALL_STAFF,
    "account.keep_phone": _ALL_STAFF,
    "account.confirm_phone": _ALL_STAFF,
    "account.forget_phone": _ALL_STAFF,
    "teacher.today": _ALL_STAFF,
    "thread.family": _FAMILIES,
    "thread.news": _FAMILIES,
    "pictures.show": _FAMILIES,
    "pictures.again": _FAMILIES,
    "quiet_days.page": _FAMILIES,
    "quiet_days.keep": _FAMILIES,
    "thread.reply": _FAMILIES,
    "thread.retry_text": _FAMILIES,
    "thread.begin_taking_over": _FAMILIES,
    "thread.give_back": _FAMILIES,
    "thread.flag": _FAMILIES,
    "thread.begin_conversation": _FAMILIES,
    "teacher.write_first": _FAMILIES,
    "teacher.answer_reviewer": _FAMILIES,
    "teacher.put_aside": _FAMILIES,
    "prompts.everything": _FAMILIES,
    "prompts.new": _FAMILIES,
    "prompts.write": _FAMILIES,
    "prompts.keep": _FAMILIES,
    "prompts.one": _FAMILIES,
    "prompts.call_off": _FAMILIES,
    "prompts.call_off_programme": _FAMILIES,
    "calendar.page": _FAMILIES,
    "calendar.add": _SCHOOL,
    "calendar.upload": _SCHOOL,
    "calendar.remove": _SCHOOL,
    "calendar.change_rhythm": _SCHOOL,
    "emergency.page": _ANSWERING,
    "emergency.write": _ANSWERING,
    "emergency.confirm": _ANSWERING,
    "emergency.call_off": _ANSWERING,
    "emergency.calls": _SCHOOL,
    "emergency.called": _SCHOOL,
    "review.desk": _REVIEWERS,
    "review.one": _REVIEWERS,
    "review.decide": _REVIEWERS,
    "review.catalog": _REVIEWERS,
    "review.approve_entry": _REVIEWERS,
    "review.export": _REVIEWERS,
    "coordinator.strangers": _SCHOOL,
    "safety.everything": _SCHOOL,
    "safety.one": _SCHOOL,
    "safety.act": _SCHOOL,
    "safety.on_call": _ADMINISTRATORS,
    "safety.change_on_call": _ADMINISTRATORS,
    "rights.page": _SCHOOL,
    "rights.everything": _SCHOOL,
    "rights.forget": _ADMINISTRATORS,
    "rights.place_hold": _ADMINISTRATORS,
    "rights.log": _ADMINISTRATORS,
    "roster.start": _ADMINISTRATORS,
    "roster.upload": _ADMINISTRATORS,
    "roster.look": _ADMINISTRATORS,
    "roster.apply": _ADMINISTRATORS,
    "roster.undo": _ADMINISTRATORS,
    "standards.find": _FAMILIES,
    "standards.make_goal": _FAMILIES,
    "standards.upload": _ADMINISTRATORS,
    "office.settings": _ADMINISTRATORS,
    "office.change_settings": _ADMINISTRATORS,
    "office.senders": _ADMINISTRATORS,
    "office.change_sender": _ADMINISTRATORS,
    "office.models": _ADMINISTRATORS,
    "office.consent": _ADMINISTRATORS,
    "people.everybody": _ADMINISTRATORS,
    "people.new": _ADMINISTRATORS,
    "people.invite": _ADMINISTRATORS,
    "people.one": _ADMINISTRATORS,
    "people.change": _ADMINISTRATORS,
    "people.make_link": _ADMINISTRATORS,
    "people.end_sessions": _ADMINISTRATORS,
    "summaries.page": _FAMILIES,
    "summaries.family": _FAMILIES,
    "summaries.file": _FAMILIES,
    "summaries.answers": _FAMILIES,
    "summaries.source": _FAMILIES,
    "summaries.change": _SCHOOL,
    "summaries.phrase": _FAMILIES,
    "quiet.page": _FAMILIES,
    "rounds.page": _SCHOOL,
    "rounds.begin": _SCHOOL,
    "rounds.one": _SCHOOL,
    "rounds.vote": _SCHOOL,
    "rounds.close": _SCHOOL,
    "rounds.say": _SCHOOL,
    "rounds.do": _SCHOOL,
    "equity.page": _NUMBERS,
    "equity.file": _NUMBERS,
    "equity.again": _NUMBERS,
    "equity.answer": _PRACTICE,
    "people.reset_second_step": _ADMINISTRATORS,
    "people.loosen": _ADMINISTRATORS,
    "partnership.page": _NUMBERS,
    "partnership.file": _NUMBERS,
    "partnership.again": _NUMBERS,
    "pulses.mine": _ALL_STAFF,
    "pulses.answer": _ALL_STAFF,
    "pulses.reflect": _ALL_STAFF,
}


def init_app(app: Flask) -> None:
    """Enforce the table before every request."""
    app.before_request(enforce)


def may_open(endpoint: str, role: str) -> bool:
    """Whether somebody signed in with this role may open a route: for links, which lead nowhere that is closed."""
    rule = RULES.get(endpoint)
    return rule is not None and (rule.door is Door.OPEN or role in rule.roles)


def enforce() -> Response | None:
    """Let the request in, send it to the sign-in page, or stop it."""
    if request.endpoint is None:
        return None  # no such route: Flask's own 404 or 405
    rule = RULES.get(request.endpoint)
    if rule is None or (rule.door is Door.SAMPLE and not sample_doors_open()):
        abort(404)
    if rule.door is not Door.STAFF:
        return None
    if not current_user.is_authenticated:
        if request.method != "GET":
            abort(401, description=_("Your session has ended. Please sign in again."))
        target = request.full_path.rstrip("?")
        return redirect(url_for("signin.page", next=target), code=303)  # type: ignore[return-value]
    if current_user.member.role not in rule.roles:
        abort(403)
    return None


def sample_doors_open() -> bool:
    """Whether the doors that need no password are open to this request: sample school, and a browser right here.

    "Right here" is a loopback address *and* a loopback name in the address bar (a page elsewhere that points its
    own name at 127.0.0.1 stays outside) *and*, unless proxies are configured, no sign that one stands in between.
    """
    if not world().settings.sample_school:
        return False
    if world().settings.trusted_proxies == 0 and any(
        name in request.headers for name in ("Forwarded", "X-Forwarded-For", "X-Real-Ip")
    ):
        return False
    return is_loopback(request.remote_addr) and is_loopback(urlsplit(f"//{request.host}").hostname)


def is_loopback(host: str | None) -> bool:
    """Whether an address or name means this very machine."""
    if not host:
        return False
    if host == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def inside(target: str | None) -> str | None:
    """`target` when it is a path of this very site, else None: the sign-in page leads nowhere else."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    if any(ord(sign) < 0x21 or sign in "\\\x7f" for sign in target) or urlsplit(target).netloc:
        return None
    return target
