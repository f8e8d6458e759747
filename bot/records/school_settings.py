"""What an administrator decides for one school: the lines families are given in danger, caps, the school day.

What an installation decides for all its schools (`bot.settings`) is shown on the same page and changed where the server runs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.records import audit
from bot.records.colleagues import NotPossible
from bot.records.staff import Member
from bot.store.database import Database
from bot.store.people import School

_LINE = re.compile(r"[0-9][0-9 +*#-]{1,19}")


@dataclass(frozen=True, slots=True)
class SchoolSettings:
    """A school's own settings, as the form has them."""

    name: str
    time_zone: str
    emergency_number: str
    crisis_line: str
    crisis_texts: bool
    weekly_cap: int
    announcements_a_week: int
    day_begins: time
    day_ends: time


def school_settings(db: Database, who: Member) -> SchoolSettings:
    """The settings of this person's school."""
    with db.reading() as session:
        row = session.get_one(School, who.school_id)
        return SchoolSettings(
            row.name,
            row.time_zone,
            row.emergency_number,
            row.crisis_line,
            row.crisis_texts,
            row.weekly_cap,
            row.announcements_a_week,
            row.day_begins,
            row.day_ends,
        )


def change(db: Database, who: Member, wanted: dict[str, str], now: datetime) -> None:
    """Change what the form says. Raises `NotPossible` with what is wrong; then nothing was changed."""
    try:
        zone = str(ZoneInfo(wanted.get("time_zone", "")))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise NotPossible("This is no time zone: write one like America/Chicago.") from None
    lines = [wanted.get(name, "").strip() for name in ("emergency_number", "crisis_line")]
    if not all(_LINE.fullmatch(line) for line in lines):
        raise NotPossible("A phone line is written in digits, like 911 or 116 123.")
    caps = [wanted.get(name, "") for name in ("weekly_cap", "announcements_a_week")]
    if not all(cap.isascii() and cap.isdigit() and int(cap) <= 7 for cap in caps):
        raise NotPossible("Texts a week are a number from 0 to 7.")
    try:
        begins, ends = (time.fromisoformat(wanted.get(name, "")) for name in ("day_begins", "day_ends"))
    except ValueError:
        raise NotPossible("The school day is written like 08:00.") from None
    if begins >= ends:
        raise NotPossible("The school day must end after it begins.")
    with db.writing() as session:
        row = session.get_one(School, who.school_id)
        row.time_zone = zone
        row.emergency_number, row.crisis_line = lines
        row.crisis_texts = wanted.get("crisis_texts") == "yes"
        row.weekly_cap, row.announcements_a_week = map(int, caps)
        row.day_begins, row.day_ends = begins, ends
        audit.record_in(session.connection(), now, who.id, "school_settings_changed", "school", who.school_id)
