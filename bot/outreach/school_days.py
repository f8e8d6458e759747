"""When a school is at work: its day, Monday to Friday, without its holidays. The promise clock runs by it, and nothing is
begun with families on a holiday."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.delivery.pacing import at_local
from bot.store.database import Database
from bot.store.outreach import Prompt, PromptRecipient, SchoolHoliday
from bot.store.people import School

LONGEST_WAIT = timedelta(days=60)
"""A question older than this has waited long enough by any clock; nobody counts hours over a whole summer."""

LONGEST_SPAN = 120
"""Days of one holiday: longer than a summer is a slip of the pen."""


class NotADay(ValueError):
    """A holiday cannot be read; the message says which line, and how to write it."""


@dataclass(frozen=True, slots=True)
class SchoolDays:
    """A school's working hours, in its own time."""

    begins: time
    ends: time
    zone: ZoneInfo
    holidays: frozenset[date] = frozenset()

    def open_between(self, since: datetime, until: datetime) -> timedelta:
        """How long the school was at work between two instants: real time, so a clock change counts for nothing."""
        since = max(since, until - LONGEST_WAIT)
        total = timedelta(0)
        day, last = since.astimezone(self.zone).date(), until.astimezone(self.zone).date()
        while day <= last:
            if self.works_on(day):
                begins = max(at_local(day, self.begins, self.zone), since)
                ends = min(at_local(day, self.ends, self.zone), until)
                total += max(ends - begins, timedelta(0))
            day += timedelta(days=1)
        return total

    def works_on(self, day: date) -> bool:
        """Is there school on `day`?"""
        return day.weekday() < 5 and day not in self.holidays

    @property
    def one_day(self) -> timedelta:
        """The length of a school day."""
        some = date(2026, 1, 5)
        return datetime.combine(some, self.ends, UTC) - datetime.combine(some, self.begins, UTC)


def school_days(session: Session, school_id: int) -> SchoolDays:
    """The working hours of a school."""
    school = session.get_one(School, school_id)
    days = session.scalars(select(SchoolHoliday.day).where(SchoolHoliday.school_id == school_id)).all()
    return SchoolDays(school.day_begins, school.day_ends, ZoneInfo(school.time_zone), frozenset(days))


def holidays(db: Database, school_id: int, since: date | None = None) -> list[tuple[date, str]]:
    """The school's days without school, in order; from `since` on."""
    query = select(SchoolHoliday.day, SchoolHoliday.name).where(SchoolHoliday.school_id == school_id)
    if since is not None:
        query = query.where(SchoolHoliday.day >= since)
    with db.reading() as session:
        return [(row.day, row.name) for row in session.execute(query.order_by(SchoolHoliday.day))]


def add_holidays(db: Database, school_id: int, days: Mapping[date, str], now: datetime) -> int:
    """Days without school (day → its name). Safe to repeat. What is planned for them is called off at once, also what
    would go within the hour (a snow day); returns how many prompts that were. The promise clock rests."""
    if not days:
        return 0
    make = sqlite.insert if db.is_sqlite else postgresql.insert
    with db.connection() as tx:
        for day, name in days.items():
            tx.execute(
                make(SchoolHoliday)
                .values(school_id=school_id, day=day, name=name)
                .on_conflict_do_update(index_elements=["school_id", "day"], set_={"name": name})
            )
        called_off = list(
            tx.execute(
                update(Prompt)
                .where(
                    Prompt.school_id == school_id,
                    Prompt.day.in_(list(days)),
                    Prompt.state.in_(("scheduled", "planned")),
                )
                .values(state="skipped", why="holiday")
                .returning(Prompt.id)
            ).scalars()
        )
        tx.execute(
            update(PromptRecipient)
            .where(PromptRecipient.prompt_id.in_(called_off), PromptRecipient.state == "planned")
            .values(state="left_out", why="holiday", settled_at=now)
        )
    return len(called_off)


def remove_holidays(db: Database, school_id: int, days: Collection[date]) -> int:
    """There is school after all. Returns how many days were holidays. What was called off for them stays called off."""
    with db.connection() as tx:
        return tx.execute(
            delete(SchoolHoliday).where(SchoolHoliday.school_id == school_id, SchoolHoliday.day.in_(days))
        ).rowcount


def span(first: date, last: date, name: str) -> dict[date, str]:
    """Every day from `first` to `last`. Raises `NotADay`."""
    if last < first:
        raise NotADay(f"{first.isoformat()} to {last.isoformat()}: it ends before it begins.")
    count = (last - first).days + 1
    if count > LONGEST_SPAN:
        raise NotADay(f"{first.isoformat()} to {last.isoformat()}: {LONGEST_SPAN} days are the most.")
    if not name.strip():
        raise NotADay("Give the holiday a name: staff read it where a prompt is refused.")
    return {first + timedelta(days=ahead): name.strip() for ahead in range(count)}


def read_calendar(lines: Iterable[str]) -> dict[date, str]:
    """A school calendar from CSV: columns first,last,name (`last` may be empty), days as 2026-03-20.

    Raises `NotADay` naming the line.
    """
    text = io.StringIO("".join(lines), newline="")
    rows = csv.DictReader(text)
    wanted = {"first", "name"}
    if not wanted <= set(rows.fieldnames or ()):
        raise NotADay("Line 1: the columns are first,last,name (last may be left empty).")
    days: dict[date, str] = {}
    for number, row in enumerate(rows, start=2):
        first, last = (row.get("first") or "").strip(), (row.get("last") or "").strip()
        if not first and not (row.get("name") or "").strip():
            continue
        try:
            days |= span(date.fromisoformat(first), date.fromisoformat(last or first), row.get("name") or "")
        except NotADay as error:
            raise NotADay(f"Line {number}: {error}") from None
        except ValueError:
            raise NotADay(f"Line {number}: write days as 2026-03-20 (year-month-day).") from None
    return days
