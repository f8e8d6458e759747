"""What the pages of numbers share: how far back, about whom, and the numbers in the reader's own digits and words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from babel import Locale
from babel.numbers import format_decimal, format_percent
from flask import Response, abort, request
from markupsafe import Markup

from bot.insight.csv_cells import as_csv
from bot.insight.reckoning import ALL, PERIODS, SAMPLE, Kept, Question, answer, district_schools
from bot.language.codes import LANGUAGES
from bot.records.staff import Member
from bot.web.here import me, now, world
from bot.web.words import language_name, ui_language
from bot.web.words import translate as _


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page of numbers is asked for. `schools`: those a district office may choose among."""

    days: int
    whom: str
    schools: tuple[tuple[int, str], ...]
    everybody: str = ""
    """Whom a district office is shown unless it chooses a school."""

    @property
    def school_id(self) -> int | None:
        """The one school it is about; None when it is about several."""
        return int(self.whom) if self.whom.isdecimal() else None

    @property
    def link(self) -> dict[str, Any]:
        """What an address says to ask the same again."""
        return {"days": self.days} | ({"school": self.whom} if self.schools else {})

    def of(self, what: str) -> Kept:
        """The numbers."""
        return answer(world().db, self.question(what), now())

    def question(self, what: str) -> Question:
        """The question to the numbers."""
        return Question(what, self.whom, self.days)


def asked() -> Asked:
    """The period and the school an address asks for: one's own school, or for a district office any or all of them."""
    given = request.values.get("days", "")
    days = int(given) if given in map(str, PERIODS) else PERIODS[0]
    who = me()
    if who.role != "district":
        return Asked(days, str(who.school_id), ())
    return Asked(days, *_of_the_district(who))


def _of_the_district(who: Member) -> tuple[str, tuple[tuple[int, str], ...], str]:
    schools = tuple(district_schools(world().db, who.sample))
    everybody = (SAMPLE if who.sample else ALL) if len(schools) > 1 else str(who.school_id)
    wish = request.values.get("school", everybody)
    if wish != everybody and wish not in {str(row_id) for row_id, _name in schools}:
        abort(404)
    return wish, schools, everybody


def download(name: str, header: tuple[str, ...], rows: list[list[object]]) -> Response:
    """A table as a file for a spreadsheet, in which no cell is a formula."""
    made = Response(as_csv(header, rows).encode("utf-8", "replace"), mimetype="text/csv")
    made.headers["Content-Disposition"] = f"attachment; filename={name}.csv"
    return made


def _locale() -> Locale:
    return Locale.parse(LANGUAGES[ui_language()].babel or "en_US")


def percent(value: float | None) -> str:
    """A share between 0 and 1."""
    return "–" if value is None else str(format_percent(value, locale=_locale()))


def number(value: float | None, digits: int = 0) -> str:
    """A number, with so many digits after the point at most."""
    pattern = "#,##0" + ("." + "#" * digits if digits else "")
    return "–" if value is None else str(format_decimal(value, pattern, locale=_locale()))


def period_name(days: int) -> Markup:
    """How far back, in words."""
    match days:
        case 7:
            return _("one week")
        case 28:
            return _("four weeks")
        case 84:
            return _("a term (twelve weeks)")
        case _year:
            return _("a year")


def group_name(dimension: str, name: str) -> str:
    """A group of families in a table."""
    if not name:
        return str(_("smaller groups together"))
    if dimension == "language":
        return str(_("not known yet")) if name == "unknown" else language_name(name)
    if dimension == "channel":
        return str(channel_name(name))
    return name


def families_of(dimension: str, name: str) -> Markup:
    """A group of families in a sentence."""
    match dimension:
        case "language" if name == "unknown":
            return _("families whose language is not known")
        case "language":
            return _("families who read {tongue}", tongue=language_name(name))
        case "channel":
            return _("families on {channel}", channel=channel_name(name))
        case _school:
            return _("families of {school}", school=name)


def channel_name(channel: str) -> Markup:
    """How texts travel."""
    match channel:
        case "sms":
            return _("text message (SMS)")
        case "whatsapp":
            return Markup("WhatsApp")
        case "simulator":
            return _("the phone simulator")
        case _unknown:
            return _("no conversation yet")
