"""The school's calendar: days without school, the school day, how many texts a family gets."""

from __future__ import annotations

from datetime import date, time

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.outreach.school_days import NotADay, add_holidays, holidays, read_calendar, remove_holidays, span
from bot.records import audit
from bot.records.house import Rhythm, rhythm_of, set_rhythm
from bot.web.here import me, now, world
from bot.web.words import local_today
from bot.web.words import translate as _

room = Blueprint("calendar", __name__, url_prefix="/staff/calendar")


@room.get("")
def page() -> str:
    """Days without school from today on, and the school's rhythm."""
    return render_template(
        "calendar.html",
        days=holidays(world().db, me().school_id, local_today()),
        rhythm=rhythm_of(world().db, me().school_id),
    )


@room.post("/days")
def add() -> ResponseReturnValue:
    """Add days without school."""
    first, last = request.form.get("first", ""), request.form.get("last", "")
    try:
        begins = date.fromisoformat(first)
        days = span(begins, date.fromisoformat(last) if last else begins, _said("name"))
    except NotADay as error:
        flash(str(error), "danger")
    except ValueError:
        flash(_("Choose the day."), "danger")
    else:
        _add(days)
    return redirect(url_for(".page"), code=303)


@room.post("/upload")
def upload() -> ResponseReturnValue:
    """Add the days of a CSV file."""
    file = request.files.get("file")
    try:
        text = file.read().decode("utf-8-sig") if file is not None else ""
        days = read_calendar(text.splitlines(keepends=True))
    except UnicodeDecodeError:
        flash(_("This file is not written in UTF-8."), "danger")
    except NotADay as error:
        flash(str(error), "danger")
    else:
        _add(days)
    return redirect(url_for(".page"), code=303)


@room.post("/remove")
def remove() -> ResponseReturnValue:
    """There is school after all."""
    try:
        day = date.fromisoformat(request.form.get("day", ""))
    except ValueError:
        flash(_("Choose the day."), "danger")
    else:
        remove_holidays(world().db, me().school_id, [day])
        audit.record(world().db, now(), me().id, "holidays_changed", "school", me().school_id)
        flash(_("It is a school day again. What was called off for it stays called off."), "success")
    return redirect(url_for(".page"), code=303)


@room.post("/rhythm")
def change_rhythm() -> ResponseReturnValue:
    """Change the school day, the weekly cap or the announcement budget."""
    try:
        new = Rhythm(
            int(request.form.get("weekly_cap", "")),
            int(request.form.get("announcements", "")),
            time.fromisoformat(request.form.get("begins", "")),
            time.fromisoformat(request.form.get("ends", "")),
        )
        set_rhythm(world().db, me().school_id, new, now(), me().id)
    except ValueError:
        flash(
            _("Nothing was changed: write 0 to 7 for the numbers, and an end that is after the begin."),
            "danger",
        )
    else:
        flash(_("Saved."), "success")
    return redirect(url_for(".page"), code=303)


def _add(days: dict[date, str]) -> None:
    called_off = add_holidays(world().db, me().school_id, days, now())
    audit.record(world().db, now(), me().id, "holidays_changed", "school", me().school_id, days=len(days))
    if called_off:
        said = _(
            "Saved. {n} prompt that was planned for it is called off.",
            "Saved. {n} prompts that were planned for it are called off.",
            n=called_off,
        )
    else:
        said = _("Saved.")
    flash(said, "success")


def _said(name: str) -> str:
    return request.form.get(name, "").replace("\0", "").strip()[:80]
