"""Learning standards: bring a framework in, find one by code or words, make it a goal of the school."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.records import standards
from bot.records.goals import goals_of
from bot.records.standards_reading import StandardsUnreadable, read_standards
from bot.web.here import me, now, world
from bot.web.words import translate as _

room = Blueprint("standards", __name__, url_prefix="/staff/standards")


@room.get("")
def find() -> str:
    """Search; below it the goals the school works with."""
    words = request.args.get("q", "").replace("\0", "").strip()[:120]
    found = standards.search(world().db, words) if words else []
    return render_template(
        "standards.html",
        words=words,
        found=found,
        frameworks=standards.frameworks(world().db),
        goals=goals_of(world().db, me()),
    )


@room.post("/goal")
def make_goal() -> ResponseReturnValue:
    """Make a standard one of the school's learning goals."""
    number = request.form.get("standard", "")
    try:
        if not number.isdecimal() or len(number) > 18:
            raise LookupError("This standard is not there any more; search again.")
        standards.goal_of(world().db, me().school_id, int(number))
    except LookupError as error:
        flash(_(str(error)), "danger")
    else:
        flash(_("It is one of your goals now."), "success")
    return redirect(url_for(".find"), code=303)


@room.post("/upload")
def upload() -> ResponseReturnValue:
    """Bring a framework in: a CASE package (JSON) or a CSV with a parent column."""
    file = request.files.get("file")
    if file is None or not file.filename:
        flash(_("Please choose a file first."), "danger")
        return redirect(url_for(".find"), code=303)
    try:
        framework = read_standards(file.filename, file.read())
    except StandardsUnreadable as error:
        flash(str(error), "danger")
        return redirect(url_for(".find"), code=303)
    brought = standards.bring_in(world().db, framework, now(), me().id)
    flash(
        _(
            "{title}: {added} added, {changed} changed, {retired} retired.",
            title=framework.title,
            added=brought.added,
            changed=brought.changed,
            retired=brought.retired,
        ),
        "success",
    )
    for fault in framework.faults[:10]:
        flash(f"{fault.field}: {fault.message}", "danger")
    return redirect(url_for(".find"), code=303)
