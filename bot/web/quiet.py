"""The coordinator's Friday: one list of the families nobody has heard from, with a next step each."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from flask import Blueprint, abort, render_template, request
from markupsafe import Markup

from bot.insight.quiet import Quiet, counted, quiet
from bot.insight.scope import Whose
from bot.records import audit, families
from bot.records.staff import sections_of
from bot.web import numbers
from bot.web.here import me, now, world
from bot.web.teacher import instant_place
from bot.web.words import moment
from bot.web.words import translate as _

room = Blueprint("quiet", __name__, url_prefix="/staff/quiet")

PERIODS: Final = (14, 28, 84)


@room.get("")
def page() -> str:
    """Families not heard from for so many days, the longest silence first."""
    given, wish = request.args.get("days", ""), request.args.get("section", "")
    days = int(given) if given in map(str, PERIODS) else PERIODS[0]
    sections = sections_of(world().db, me())
    section = int(wish) if wish.isdecimal() and len(wish) < 19 else None
    if section is not None and section not in {row_id for row_id, _name in sections}:
        abort(404)
    place = instant_place("after")
    after = None if place is None else (datetime.fromisoformat(place[0]), place[1])
    whose = _whose(section, [row_id for row_id, _name in sections])
    lines, following = quiet(world().db, whose, days, now(), after)
    shown = [line.guardian_id for line in lines]
    if shown:
        audit.record(world().db, now(), me().id, "saw_quiet", "staff", me().id, guardians=shown)
    return render_template(
        "quiet.html",
        lines=lines,
        children=families.children(world().db, shown),
        counted=counted(world().db, whose, days, now()) if after is None else None,
        following=following,
        days=days,
        periods=PERIODS,
        section=section,
        sections=sections,
        numbers=numbers,
        step=step,
    )


def _whose(section: int | None, own: list[int]) -> Whose:
    who = me()
    if section is not None:
        return Whose((who.school_id,), (section,))
    return Whose((who.school_id,), None if who.sees_whole_school else tuple(own))


def step(line: Quiet) -> Markup:
    """What to try next with a family, in words."""
    match line.next_step:
        case "number":
            return _("We have no number for texts. Ask at pick-up, or by a letter home in their language.")
        case "call":
            return _("They asked for no more texts. Call, or meet them at school.")
        case "answer":
            return _("They wrote, and nobody has answered yet. Answer first.")
        case "paused" if line.paused_until is not None:
            return _(
                "They asked for a pause until {when}. Leave them in peace until then.",
                when=moment(line.paused_until),
            )
        case "language":
            return _("Nobody knows which language they read. Ask the child or the office, then write.")
        case "write":
            return _("Nobody has written to them yet. Say hello.")
        case "check":
            return _("Our last text did not arrive. Check the number with the office.")
        case "ask":
            return _(
                "Our texts arrive, but they have never written. Call with an interpreter, or ask one easy question."
            )
        case _again:
            return _("Write one personal line: something the child did well.")
