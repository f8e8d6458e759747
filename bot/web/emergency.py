"""Emergencies: one person writes, another one confirms, everybody hears of it; and whom somebody has to call."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.outreach import emergencies
from bot.outreach.audience import Audience
from bot.outreach.emergencies import CannotSend
from bot.outreach.emergency_lists import emergencies as written
from bot.outreach.emergency_lists import to_call
from bot.outreach.reach import our_numbers
from bot.records import audit
from bot.records.staff import sections_of
from bot.web.here import me, now, world
from bot.web.words import translate as _

room = Blueprint("emergency", __name__, url_prefix="/staff/emergencies")


@room.get("")
def page() -> str:
    """What waits for a second person, what has gone out, and the form for a new one."""
    return _page({})


@room.post("")
def write() -> ResponseReturnValue:
    """Write an emergency down. Nothing goes out yet."""
    fields = {
        name: request.form.get(name, "").replace("\0", "").strip()[:900] for name in ("words", "reason")
    }
    there = dict(sections_of(world().db, me())) if me().sees_whole_school else {}
    chosen = tuple(int(one) for one in request.form.getlist("section") if one.isdecimal() and len(one) < 19)
    audience = Audience(sections=tuple(one for one in chosen if one in there), everyone=not chosen)
    try:
        emergencies.write_emergency(
            world().desk, me().school_id, me().id, fields["words"], fields["reason"], audience
        )
    except CannotSend as error:
        flash(_(str(error)), "danger")
        return _page(fields), 422
    flash(_("Written down. Now a second person must confirm it: tell them."), "success")
    return redirect(url_for(".page"), code=303)


@room.post("/<row_id:emergency_id>/confirm")
def confirm(emergency_id: int) -> ResponseReturnValue:
    """The second person's word: it goes out at once."""
    try:
        emergencies.confirm(world().desk, emergency_id, me().school_id, me().id)
    except CannotSend as error:
        flash(_(str(error)), "danger")
        return redirect(url_for(".page"), code=303)
    texts = emergencies.queue_confirmed(world().desk, our_numbers(world().settings))
    flash(_("{n} text is going out.", "{n} texts are going out.", n=texts), "success")
    return redirect(url_for(".page"), code=303)


@room.post("/<row_id:emergency_id>/call-off")
def call_off(emergency_id: int) -> ResponseReturnValue:
    """Call it off, as long as nobody has confirmed it."""
    try:
        emergencies.call_off(world().desk, emergency_id, me().school_id, me().id)
    except CannotSend as error:
        flash(_(str(error)), "danger")
    else:
        flash(_("Called off."), "success")
    return redirect(url_for(".page"), code=303)


@room.get("/<row_id:emergency_id>/calls")
def calls(emergency_id: int) -> str:
    """Whom somebody has to call: who said STOP, who has no phone, whose language nobody could write."""
    after = request.args.get("after", "")
    place = int(after) if after.isdecimal() and len(after) < 19 else 0
    audit.record(world().db, now(), me().id, "saw_calls", "emergency", emergency_id)
    lines = to_call(world().db, emergency_id, me().school_id, place)
    return render_template("emergency_calls.html", lines=lines, emergency_id=emergency_id)


@room.post("/<row_id:emergency_id>/called/<row_id:guardian_id>")
def called(emergency_id: int, guardian_id: int) -> ResponseReturnValue:
    """Somebody has spoken with this guardian."""
    if not emergencies.called(world().desk, emergency_id, guardian_id, me().school_id, me().id):
        abort(404)
    return redirect(url_for(".calls", emergency_id=emergency_id), code=303)


def _page(fields: dict[str, str]) -> str:
    return render_template(
        "emergency.html",
        emergencies=written(world().desk, me().school_id),
        sections=sections_of(world().db, me()) if me().sees_whole_school else [],
        fields=fields,
    )
