"""The days a family wants to be left alone: a page on which staff write down what they heard."""

from __future__ import annotations

import re

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from bot.delivery.quiet_days import WEEKDAYS, NoSuchDay, in_order, read_day
from bot.records import audit, quiet_days, threads
from bot.records.quiet_days import QuietDays
from bot.web.here import me, now, world
from bot.web.words import translate as _
from bot.web.words import weekday_name

room = Blueprint("quiet_days", __name__, url_prefix="/staff")

LONGEST = 1000
"""Most characters of the dates as they are typed: some forty spans, more than a year's holidays of every calendar."""

DATE, SPAN = (
    Markup('<bdi class="typed" dir="ltr">{}</bdi>').format(one)
    for one in ("2026-03-20", "2026-03-01..2026-03-29")
)
"""Examples: left to right on every page, since an Arabic line turns the year to the other end."""

_BETWEEN = re.compile(r"[,;،、\n]+")


@room.get("/families/<row_id:conversation_id>/quiet-days")
def page(conversation_id: int) -> ResponseReturnValue:
    """The days as they stand."""
    whose = _whose(conversation_id)
    dates = ", ".join(day for day in whose.days if day not in WEEKDAYS)
    audit.record(world().db, now(), me().id, "saw_quiet_days", "conversation", conversation_id)
    return _show(conversation_id, whose, [day for day in whose.days if day in WEEKDAYS], dates)


@room.post("/families/<row_id:conversation_id>/quiet-days")
def keep(conversation_id: int) -> ResponseReturnValue:
    """Keep them as they were written; when one is no day that is said, and what was typed stays."""
    whose = _whose(conversation_id)
    weekdays = [day for day in request.form.getlist("weekday") if day in WEEKDAYS]
    written = request.form.get("dates", "").replace("\0", "").strip()
    days, trouble = _read(weekdays, written)
    if trouble is not None:
        flash(trouble, "danger")
        return _show(conversation_id, whose, weekdays, written), 422
    quiet_days.keep(world().db, conversation_id, in_order(days))
    audit.record(world().db, now(), me().id, "changed_quiet_days", "conversation", conversation_id)
    flash(_("Kept. On these days nothing begins with this family."), "success")
    return redirect(url_for("thread.family", conversation_id=conversation_id), 303)


def _read(weekdays: list[str], written: str) -> tuple[list[str], Markup | None]:
    """The days, and what is wrong with them."""
    if len(written) > LONGEST:
        return [], _("That is too much: write neighbouring days as a span, {span}.", span=SPAN)
    days = list(weekdays)
    for one in filter(None, map(str.strip, _BETWEEN.split(written))):
        try:
            days.append(read_day(one))
        except NoSuchDay:
            return [], _(
                "“{day}” is no day: write {date}, or {span} for a span.", day=one, date=DATE, span=SPAN
            )
    if set(WEEKDAYS) <= set(days):
        return [], _(
            "Leave one weekday at least. A family that wants no texts at all can text PAUSE or STOP."
        )
    return days, None


def _whose(conversation_id: int) -> QuietDays:
    if not threads.can_see(world().db, me(), conversation_id):
        abort(404)
    found = quiet_days.quiet_days_of(world().db, conversation_id)
    if found is None:
        abort(404)
    return found


def _show(conversation_id: int, whose: QuietDays, weekdays: list[str], dates: str) -> str:
    names = [(code, weekday_name(number)) for number, code in enumerate(WEEKDAYS)]
    return render_template(
        "quiet_days.html",
        conversation_id=conversation_id,
        whose=whose,
        names=names,
        weekdays=weekdays,
        dates=dates,
        date=DATE,
        span=SPAN,
    )
