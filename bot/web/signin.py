"""Signing in and out. While the sample school is open, its invented staff come in without a password, right here."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, login_user, logout_user

from bot.records import audit, colleagues, second_step, staff
from bot.records.colleagues import NotPossible
from bot.web.access import inside, sample_doors_open
from bot.web.here import now, world
from bot.web.people import read_link
from bot.web.security import SESSION, slow_down
from bot.web.words import translate as _

room = Blueprint("signin", __name__)
manager = LoginManager()

_HALF: Final = "half_in"
_HALF_LASTS: Final = timedelta(minutes=5)
"""Between the first step and the second."""


class SignedIn(UserMixin):  # type: ignore[misc]
    """The person behind a request, as Flask-Login carries it. The id names the epoch: a new epoch ends the session."""

    def __init__(self, member: staff.Member) -> None:
        self.member = member

    def get_id(self) -> str:
        return f"{self.member.id}:{self.member.epoch}"


def init_app(app: Flask) -> None:
    """Teach Flask-Login who is who."""
    manager.init_app(app)
    manager.session_protection = (
        None  # phones change addresses; the cookie is HttpOnly, signed and short-lived
    )


@manager.user_loader  # type: ignore[untyped-decorator]
def _load(text: str) -> SignedIn | None:
    number, _colon, epoch = text.partition(":")
    if not number.isdecimal() or now().timestamp() - float(session.get("since", 0)) > SESSION.total_seconds():
        return None
    member = staff.member(world().db, int(number))
    return SignedIn(member) if member and str(member.epoch) == epoch else None


@room.get("/sign-in")
def page() -> ResponseReturnValue:
    """The sign-in page, with the sample school's doors where they are open."""
    return _page()


@room.post("/sign-in")
def enter() -> ResponseReturnValue:
    """Sign in with address and password."""
    email = request.form.get("email", "")
    slow_down(account=email)
    member = staff.sign_in(world().db, email, request.form.get("password", ""))
    if member is None:
        flash(_("That address and password do not fit together. Please try again."), "danger")
        return _page(email), 422
    return let_in(member, request.form.get("next"))


@room.get("/sign-in/second-step")
def ask_code() -> ResponseReturnValue:
    """The page that asks for the code of an authenticator app."""
    if _half_in() is None:
        flash(_("That took too long. Please begin again."), "danger")
        return redirect(url_for(".page"), code=303)
    return render_template("second_step.html")


@room.post("/sign-in/second-step")
def check_code() -> ResponseReturnValue:
    """Come in with the code."""
    member = _half_in()
    if member is None:
        flash(_("That took too long. Please begin again."), "danger")
        return redirect(url_for(".page"), code=303)
    slow_down()
    try:
        fits = second_step.passes(world().db, member.id, request.form.get("code", "")[:40], now())
    except NotPossible as error:
        flash(_(str(error)), "danger")
        return render_template("second_step.html"), 429
    if not fits:
        flash(_("That code does not fit. Wait for the next one and type it."), "danger")
        return render_template("second_step.html"), 422
    return _begin(member, session[_HALF]["next"])


@room.post("/sign-in/sample/<row_id:staff_id>")
def enter_sample(staff_id: int) -> ResponseReturnValue:
    """Come in as one of the invented staff."""
    for member in staff.sample_members(world().db):
        if member.id == staff_id:
            return _begin(member, request.form.get("next"))
    abort(404)


@room.get("/sign-in/choose/<token>")
def choose(token: str) -> ResponseReturnValue:
    """The page behind an invitation: choose a password."""
    person = _invited(token)
    return render_template("choose_password.html", person=person, token=token), 200 if person else 410


@room.post("/sign-in/choose/<token>")
def keep_choice(token: str) -> ResponseReturnValue:
    """Keep the password and come in."""
    slow_down()
    person, place = _invited(token), read_link(token)
    if person is None or place is None:
        return render_template("choose_password.html", person=None, token=token), 410
    password = request.form.get("password", "")
    try:
        if password != request.form.get("again", ""):
            raise NotPossible("The two are not the same. Please type it once more.")
        colleagues.choose_password(world().db, *place, password, now())
    except NotPossible as error:
        flash(_(str(error)), "danger")
        return render_template("choose_password.html", person=person, token=token), 422
    member = staff.member(world().db, person.id)
    if member is None:
        abort(404)
    return let_in(member, None)


@room.post("/sign-out")
def leave() -> ResponseReturnValue:
    """End the session."""
    logout_user()
    session.clear()
    return redirect(url_for("welcome.home"), code=303)


def _invited(token: str) -> colleagues.Colleague | None:
    place = read_link(token)
    return colleagues.invited(world().db, *place) if place else None


def _page(email: str = "") -> str:
    members = staff.sample_members(world().db) if sample_doors_open() else []
    return render_template(
        "sign_in.html", members=members, email=email, next=inside(request.values.get("next")) or ""
    )


def let_in(member: staff.Member, target: str | None) -> ResponseReturnValue:
    """Begin a session, or ask for the second step first where somebody has turned it on. `target`: where to go then,
    when that is a page of ours."""
    if not second_step.is_on(world().db, member.id):
        return _begin(member, target)
    session.clear()
    session[_HALF] = {
        "id": member.id,
        "epoch": member.epoch,
        "since": now().timestamp(),
        "next": inside(target) or "",
    }
    return redirect(url_for("signin.ask_code"), code=303)


def keep_in(member: staff.Member) -> None:
    """Go on as `member`, whose other sessions have just ended."""
    _remember(member)


def _half_in() -> staff.Member | None:
    """Who has passed the first step on this browser, not long ago."""
    half = session.get(_HALF)
    if not half or now().timestamp() - float(half["since"]) > _HALF_LASTS.total_seconds():
        return None
    member = staff.member(world().db, int(half["id"]))
    return member if member and member.epoch == half["epoch"] else None


def _begin(member: staff.Member, target: str | None) -> ResponseReturnValue:
    where = inside(target) or url_for("teacher.today")
    _remember(member)
    audit.record(world().db, now(), member.id, "signed_in", "staff", member.id)
    return redirect(where, code=303)


def _remember(member: staff.Member) -> None:
    session.clear()  # a session that was begun before signing in ends here
    session.permanent = True
    session["since"] = now().timestamp()
    login_user(SignedIn(member))
