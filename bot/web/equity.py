"""Equity: does the school reach and answer every family alike? Bars and the table they draw; gaps as the school's tasks."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from bot.insight.equity import DIMENSIONS, MEASURES
from bot.insight.gaps import PRACTICE, Alert, open_alerts, settle
from bot.insight.reckoning import EQUITY, PATIENCE, PERIODS, equity_csv, kept, reckon, share
from bot.records import audit
from bot.web import numbers
from bot.web.here import me, now, world
from bot.web.words import translate as _

room = Blueprint("equity", __name__, url_prefix="/staff/equity")

LONGEST_OUTCOME: Final = 500
BETTER_WHEN_LOWER: Final = frozenset({"waiting", "opted_out", "doubts", "hours"})


@room.get("")
def page() -> str:
    """The rates by language, school or channel, and what to look at."""
    asked = numbers.asked()
    by = request.args.get("by", "")
    dimension = by if by in DIMENSIONS else DIMENSIONS[0]
    found = asked.of(EQUITY)
    return render_template(
        "equity.html",
        asked=asked,
        periods=PERIODS,
        dimension=dimension,
        dimensions=DIMENSIONS,
        families=found.numbers["families"],
        made_at=found.made_at,
        bars=[
            _bars(measure, found.numbers["tables"][dimension])
            for measure in (*MEASURES[:4], "hours", *MEASURES[4:])
        ],
        alerts=_alerts(asked),
        may_settle=me().role != "district",
        longest=LONGEST_OUTCOME,
        numbers=numbers,
        says=says,
        title_of=title_of,
        explains=explains,
    )


@room.get("/equity.csv")
def file() -> Response:
    """Every table as a file."""
    return numbers.download("equity", *equity_csv(numbers.asked().of(EQUITY).numbers))


@room.post("/reckon")
def again() -> ResponseReturnValue:
    """Reckon the numbers again, now."""
    asked = numbers.asked()
    known = kept(world().db, asked.question(EQUITY))
    if known is None or now() - known.made_at > PATIENCE:
        reckon(world().db, asked.question(EQUITY), now())
    return redirect(url_for(".page", **asked.link), code=303)


@room.post("/alerts/<row_id:alert_id>")
def answer(alert_id: int) -> ResponseReturnValue:
    """Say what the school does about a gap."""
    if alert_id not in {alert.id for alert in open_alerts(world().db, me().school_id)}:
        abort(404)
    outcome = request.form.get("outcome", "").replace("\0", "").strip()[:LONGEST_OUTCOME]
    if not outcome:
        flash(_("Please write what the school does about it."), "danger")
    elif settle(world().db, alert_id, outcome, me().id, now()):
        audit.record(world().db, now(), me().id, "settled_alert", "practice_alert", alert_id)
        flash(_("Noted. If the gap is still there in four weeks, you will see it here again."), "success")
    return redirect(url_for(".page"), code=303)


def _bars(measure: str, groups: list[dict[str, Any]]) -> dict[str, Any]:
    """One measure, group by group: what stands in the table, and how long the bar beside it is (of 100)."""
    values = {
        group["name"]: group["hours"] if measure == "hours" else share(group[measure]) for group in groups
    }
    longest = max((value for value in values.values() if value), default=1.0) if measure == "hours" else 1.0
    return {
        "measure": measure,
        "lower": measure in BETTER_WHEN_LOWER,
        "rows": [
            {
                "name": group["name"],
                "families": group["families"],
                "shown": numbers.number(values[group["name"]], 1)
                if measure == "hours"
                else numbers.percent(values[group["name"]]),
                "length": round(100 * (values[group["name"]] or 0) / longest, 1),
                "of": group["answers"] if measure == "hours" else group[measure][1],
            }
            for group in groups
        ],
    }


def _alerts(asked: numbers.Asked) -> list[Alert]:
    return [] if asked.school_id is None else open_alerts(world().db, asked.school_id)


def says(alert: Alert) -> Markup:
    """A gap as a sentence about practice, and what to do."""
    gap = alert.gap
    hours = gap.measure == "median_hours"
    here, others = (
        numbers.number(value) if hours else numbers.percent(value) for value in (gap.here, gap.others)
    )
    said = _(
        PRACTICE[gap.measure], group=numbers.families_of(gap.dimension, gap.group), here=here, others=others
    )
    return Markup(said[:1].upper()) + Markup(said[1:])  # noqa: S704  (both parts are of one escaped sentence)


def title_of(measure: str) -> Markup:
    """A measure, as a heading."""
    match measure:
        case "reached":
            return _("Our texts arrive")
        case "replied":
            return _("Families write to us")
        case "tried":
            return _("Families tried it")
        case "waiting":
            return _("Wait for a person now")
        case "hours":
            return _("Hours until a person answered")
        case "opted_out":
            return _("Stopped our texts")
        case _doubts:
            return _("Doubtful translations")


def explains(measure: str) -> Markup:
    """What a measure is a share of."""
    match measure:
        case "reached":
            return _("Families to whom at least one text was delivered, of all families.")
        case "replied":
            return _("Of the families our texts reach.")
        case "tried":
            return _("Told us that they tried or practised something, of the families our texts reach.")
        case "waiting":
            return _("Families who wrote and whom no person has answered, of all families. Lower is better.")
        case "hours":
            return _("Half of the answers took longer. Lower is better.")
        case "opted_out":
            return _("Families who asked for no more texts, of all families. Lower is better.")
        case _doubts:
            return _("Of the texts a machine translated for them, those with a doubt. Lower is better.")
