"""Partnership: the framework's conditions with this school's numbers and their trend, both sides' four Cs, roles."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from flask import Blueprint, Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from bot.insight.reckoning import PARTNERSHIP, PATIENCE, PERIODS, kept, partnership_csv, reckon
from bot.insight.said_and_done import ledger
from bot.web import numbers, pulses
from bot.web.here import now, world
from bot.web.words import translate as _

room = Blueprint("partnership", __name__, url_prefix="/staff/partnership")

SHOWN_ROUNDS = 3


@room.get("")
def page() -> str:
    """The table of conditions, the pulses, the roles, and the newest lines of the ledger."""
    asked = numbers.asked()
    found = asked.of(PARTNERSHIP)
    by_condition = groupby(found.numbers["measures"], key=lambda one: one["condition"])
    return render_template(
        "partnership.html",
        asked=asked,
        periods=PERIODS,
        made_at=found.made_at,
        conditions=[(name, list(measures)) for name, measures in by_condition],
        pulse=found.numbers["pulse"],
        roles=_roles(found.numbers["roles"]),
        rounds=[] if asked.school_id is None else ledger(world().db, asked.school_id, limit=SHOWN_ROUNDS)[0],
        numbers=numbers,
        value_of=value_of,
        trend=trend,
        condition_name=condition_name,
        role_invited=role_invited,
        c_name=pulses.c_name,
    )


@room.get("/partnership.csv")
def file() -> Response:
    """The table as a file."""
    return numbers.download("partnership", *partnership_csv(numbers.asked().of(PARTNERSHIP).numbers))


@room.post("/reckon")
def again() -> ResponseReturnValue:
    """Reckon the numbers again, now."""
    asked = numbers.asked()
    known = kept(world().db, asked.question(PARTNERSHIP))
    if known is None or now() - known.made_at > PATIENCE:
        reckon(world().db, asked.question(PARTNERSHIP), now())
    return redirect(url_for(".page", **asked.link), code=303)


def _roles(found: list[list[Any]]) -> list[tuple[str, int, float]]:
    most = max((count for _role, count in found), default=0) or 1
    return [(role, count, round(100 * count / most, 1)) for role, count in found]


def value_of(unit: str, value: float | None) -> Markup:
    """A measure's number with its unit."""
    match unit:
        case _ if value is None:
            return _("not measured")
        case "share":
            return Markup(numbers.percent(value))  # noqa: S704  (digits and a sign of Babel's)
        case "hours":
            return _("{count} hours", count=numbers.number(value, 1))
        case "per 100 families":
            return _("{count} per 100 families", count=numbers.number(value, 1))
        case _count:
            return Markup(numbers.number(value))  # noqa: S704


def trend(one: dict[str, Any]) -> Markup | None:
    """The same number in the period before, when both are known."""
    if one["value"] is None or one["before"] is None:
        return None
    before = value_of(one["unit"], one["before"])
    if round(one["value"], 3) == round(one["before"], 3):
        return _("as in the period before")
    if one["value"] > one["before"]:
        return _("up from {before}", before=before)
    return _("down from {before}", before=before)


def condition_name(name: str) -> Markup:
    """One of the framework's conditions."""
    match name:
        case "relational":
            return _("Relational, built on trust")
        case "linked to learning":
            return _("Linked to learning")
        case "asset-based":
            return _("Asset-based")
        case "culturally responsive":
            return _("Culturally responsive")
        case "collaborative":
            return _("Collaborative")
        case "interactive":
            return _("Interactive")
        case "systemic":
            return _("Systemic")
        case "integrated":
            return _("Integrated")
        case _sustained:
            return _("Sustained")


def role_invited(role: str) -> Markup:
    """A role that families are invited into."""
    match role:
        case "co_creator":
            return _("co-creators")
        case "supporter":
            return _("supporters of learning")
        case "encourager":
            return _("encouragers")
        case "monitor":
            return _("monitors")
        case "advocate":
            return _("advocates")
        case "model":
            return _("models of lifelong learning")
        case other:
            return Markup("{}").format(other.replace("_", " "))
