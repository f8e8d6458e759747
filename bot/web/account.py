"""One's own account: another password, the second step, a phone to try prompts on, signing out everywhere."""

from __future__ import annotations

import segno
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from bot.outreach import own_phone
from bot.outreach.reach import our_numbers
from bot.records import colleagues, identities, second_step, staff
from bot.records.colleagues import NotPossible
from bot.web.here import me, now, world
from bot.web.security import slow_down
from bot.web.signin import keep_in
from bot.web.words import translate as _

room = Blueprint("account", __name__, url_prefix="/staff/account")


@room.get("")
def page() -> str:
    """What there is to set."""
    return _page()


@room.post("/password")
def change_password() -> ResponseReturnValue:
    """Choose another password; every other session ends."""
    slow_down(account=f"own password of {me().id}")
    form = request.form
    try:
        if form.get("password", "") != form.get("again", ""):
            raise NotPossible("The two are not the same. Please type it once more.")
        colleagues.change_own_password(
            world().db, me(), form.get("present", ""), form.get("password", ""), now()
        )
    except NotPossible as error:
        flash(_(str(error)), "danger")
        return _page(), 422
    return _go_on(_("Your password is changed. Everywhere else you are signed out."))


@room.post("/sign-out-elsewhere")
def end_others() -> ResponseReturnValue:
    """End every other session of mine."""
    colleagues.end_sessions(world().db, me(), me().id, now())
    return _go_on(_("Everywhere else you are signed out."))


@room.post("/second-step")
def begin_second_step() -> ResponseReturnValue:
    """A fresh secret for an authenticator app, as a picture and as letters."""
    try:
        second_step.begin(world().db, me(), _account_name(), now())
    except NotPossible as error:
        flash(_(str(error)), "danger")
    return redirect(url_for(".show_secret"), code=303)


@room.get("/second-step")
def show_secret() -> ResponseReturnValue:
    """The picture to point the app at, while the first code has not been typed."""
    found = second_step.enrolling(world().db, me(), _account_name())
    if found is None:
        return redirect(url_for(".page"), code=303)
    return _secret_page(found)


@room.post("/second-step/confirm")
def confirm_second_step() -> ResponseReturnValue:
    """Turn it on with the app's first code; the recovery codes are shown this once."""
    try:
        codes = second_step.confirm(world().db, me(), request.form.get("code", "")[:20], now())
    except NotPossible as error:
        flash(_(str(error)), "danger")
        found = second_step.enrolling(world().db, me(), _account_name())
        if found is None:
            return redirect(url_for(".page"), code=303)
        return _secret_page(found), 422
    flash(_("The second step is on."), "success")
    return render_template("second_step_codes.html", codes=codes)


@room.post("/second-step/off")
def end_second_step() -> ResponseReturnValue:
    """Turn it off with a code."""
    try:
        if not second_step.turn_off(world().db, me(), request.form.get("code", "")[:40], now()):
            raise NotPossible(second_step.WRONG)
    except NotPossible as error:
        flash(_(str(error)), "danger")
        return _page(), 422
    flash(_("The second step is off."), "success")
    return redirect(url_for(".page"), code=303)


@room.post("/phone")
def keep_phone() -> ResponseReturnValue:
    """Name a phone of one's own; a code is texted to it."""
    slow_down(account=f"own phone of {me().id}")
    try:
        own_phone.name_it(
            world().desk,
            me(),
            our_numbers(world().settings).of(me().sample),
            request.form.get("number", "")[:40],
            lambda code: str(_("{code} is your code for Puente. It is good for ten minutes.", code=code)),
            now(),
        )
    except NotPossible as error:
        flash(_(str(error)), "danger")
        return _page(), 422
    flash(_("We have texted a code to this phone. Type it below."), "success")
    return redirect(url_for(".page"), code=303)


@room.post("/phone/confirm")
def confirm_phone() -> ResponseReturnValue:
    """The code that was texted to it."""
    slow_down(account=f"own phone of {me().id}")
    if not own_phone.confirm(world().db, me(), request.form.get("code", "")[:20], now()):
        flash(_("That code does not fit. Look at the newest text we sent."), "danger")
        return _page(), 422
    flash(_("This phone is yours: you can try prompts on it now."), "success")
    return redirect(url_for(".page"), code=303)


@room.post("/phone/forget")
def forget_phone() -> ResponseReturnValue:
    """Take the phone out again."""
    own_phone.forget(world().db, me(), now())
    flash(_("The phone is forgotten."), "success")
    return redirect(url_for(".page"), code=303)


def _go_on(said: Markup) -> ResponseReturnValue:
    member = staff.member(world().db, me().id)
    if member is not None:
        keep_in(member)
    flash(said, "success")
    return redirect(url_for(".page"), code=303)


def _account_name() -> str:
    person = colleagues.colleague(world().db, me(), me().id)
    return person.email if person else me().name


def _secret_page(found: second_step.Enrolling) -> str:
    picture = segno.make(found.uri, error="m").svg_inline(scale=5, border=3, light="#fff")
    grouped = " ".join(found.secret[start : start + 4] for start in range(0, len(found.secret), 4))
    # Dark and light squares of our own making: no text of anybody is in the markup.
    return render_template("second_step_begin.html", picture=Markup(picture), secret=grouped)  # noqa: S704


def _page() -> str:
    db = world().db
    person = colleagues.colleague(db, me(), me().id)
    return render_template(
        "account.html",
        person=person,
        has_password=person is not None and not person.invited,
        second_step_on=second_step.is_on(db, me().id),
        recovery_left=second_step.recovery_left(db, me().id),
        providers=len(identities.issuers_of(db, me().id)),
        phone=own_phone.of(db, me().id),
    )
