"""Numbers that many people look at are reckoned once a day, in the background, and kept: a page only reads them.

A question is what (`equity`, `partnership`), about whom (one school, or all schools of a kind for the district office) and
how many days back. Only what may be shown is kept: counts and rates of groups of ten families or more. Reckoning the same
question twice writes the same row. Gaps between groups become alerts here, so that they are found though nobody looks.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from bot.insight.equity import DIMENSIONS, MEASURES, Equity, Group, equity, rows
from bot.insight.gaps import gaps, raise_alerts
from bot.insight.partnership import partnership
from bot.insight.pulse import pulse
from bot.insight.scope import Period, Whose
from bot.insight.summary_counts import Counts, counts_of
from bot.store.database import Database
from bot.store.insight import Reckoned
from bot.store.people import School

EQUITY, PARTNERSHIP, SUMMARY = "equity", "partnership", "summary"
WHAT: Final = (EQUITY, PARTNERSHIP, SUMMARY)
PERIODS: Final = (28, 84, 365)
"""Days back: a month, a term, a year."""

ALERT_DAYS: Final = 84
"""Gaps are looked for in a term: a month of a small school says little."""

FRESH: Final = timedelta(hours=20)
"""A little less than a day, so that the hour of reckoning does not wander into the school day."""

PATIENCE: Final = timedelta(minutes=1)
"""Who asks for new numbers by hand gets them when the last ones are older than this."""

CHEAP_SECONDS: Final = 0.04
"""Counts that take no longer are reckoned for each look: a small school's page is never a day old."""

ALL, SAMPLE = "all", "sample"
_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, about whom (a school's id; "all": every real school; "sample": the invented ones), how far back."""

    what: str
    whom: str
    days: int

    @property
    def key(self) -> str:
        """The row it is kept in."""
        return f"{self.what}:{self.whom}:{self.days}"


@dataclass(frozen=True, slots=True)
class Kept:
    """Numbers, and from when they are."""

    numbers: dict[str, Any]
    made_at: datetime


def answer(db: Database, question: Question, now: datetime) -> Kept:
    """The numbers as they were reckoned last; reckoned now only when they never were. One short query otherwise."""
    return kept(db, question) or reckon(db, question, now)


def kept(db: Database, question: Question) -> Kept | None:
    """The numbers as they were reckoned last, if ever."""
    with db.reading() as session:
        row = session.get(Reckoned, question.key)
    return None if row is None else Kept(row.numbers, row.made_at)


def reckon(db: Database, question: Question, now: datetime) -> Kept:
    """Reckon a question and keep the answer. For one school's equity of a term, gaps become alerts too."""
    schools = _schools(db, question.whom)
    whose, period = Whose(schools), Period.last(question.days, now)
    if question.what == SUMMARY:
        return _keep(db, question.key, _timed_counts(db, whose, period)[1], now)
    if question.what == PARTNERSHIP:
        numbers = partnership_numbers(db, whose, period)
    else:
        found = equity(db, whose, period)
        numbers = equity_numbers(found)
        if question.days == ALERT_DAYS and question.whom.isdecimal():
            raise_alerts(db, int(question.whom), gaps(found), now)
    return _keep(db, question.key, numbers, now)


def summary_counts(
    db: Database,
    whose: Whose,
    period: Period,
    question: Question,
    now: datetime,
    cheap_seconds: float = CHEAP_SECONDS,
) -> tuple[Counts, datetime]:
    """The counts of a summary and from when they are: as kept, when they are of today and counting takes more than
    `cheap_seconds`; else counted now (and kept, when it took more)."""
    known = kept(db, question)
    if known is not None and known.numbers["seconds"] > cheap_seconds and now - known.made_at < 2 * FRESH:
        return Counts.from_json(known.numbers), known.made_at
    counts, numbers = _timed_counts(db, whose, period)
    if numbers["seconds"] > cheap_seconds:
        _keep(db, question.key, numbers, now)
    return counts, now


def _timed_counts(db: Database, whose: Whose, period: Period) -> tuple[Counts, dict[str, Any]]:
    began = time.perf_counter()
    counts = counts_of(db, whose, period)
    return counts, counts.to_json() | {"seconds": round(time.perf_counter() - began, 3)}


def _keep(db: Database, key: str, numbers: dict[str, Any], now: datetime) -> Kept:
    with db.connection() as tx:
        row = {"question": key, "made_at": now, "numbers": numbers}
        made = _INSERT[tx.dialect.name](Reckoned).values(row)
        tx.execute(made.on_conflict_do_update(index_elements=["question"], set_=row))
    return Kept(numbers, now)


def next_due(db: Database, now: datetime) -> Question | None:
    """The question whose numbers are oldest, when they are not fresh any more; one nobody has reckoned comes first."""
    with db.reading() as session:
        schools = session.execute(select(School.id, School.sample).order_by(School.id)).all()
        made = dict(session.execute(select(Reckoned.question, Reckoned.made_at)).all())
    whom = [str(row.id) for row in schools]
    for name, sample in ((ALL, False), (SAMPLE, True)):
        if sum(row.sample is sample for row in schools) > 1:
            whom.append(name)
    due = [
        question
        for question in (Question(what, one, days) for one in whom for what in WHAT for days in PERIODS)
        if (question.what != SUMMARY or question.whom.isdecimal())
        and (question.key not in made or now - made[question.key] >= FRESH)
    ]
    never = datetime.min.replace(tzinfo=now.tzinfo)
    return min(due, key=lambda question: made.get(question.key, never), default=None)


def reckon_next(db: Database, now: datetime) -> Question | None:
    """Reckon one question that is due; None when all numbers are fresh. For a scheduler's tick: one at a time, so that
    nobody waits for it, and again tomorrow."""
    question = next_due(db, now)
    if question is not None:
        reckon(db, question, now)
    return question


def _schools(db: Database, whom: str) -> tuple[int, ...]:
    if whom.isdecimal():
        return (int(whom),)
    with db.reading() as session:
        return tuple(
            session.scalars(select(School.id).where(School.sample.is_(whom == SAMPLE)).order_by(School.id))
        )


def equity_numbers(found: Equity) -> dict[str, Any]:
    """Equity as it is kept: by dimension the groups that may be shown, each measure as a part and its whole."""
    return {
        "families": found.families,
        "tables": {
            dimension: [_group_numbers(name, group) for name, group in rows(found, dimension)]
            for dimension in DIMENSIONS
        },
    }


def _group_numbers(name: str, group: Group) -> dict[str, Any]:
    return {
        "name": name,
        "families": group.families,
        "hours": group.median_hours,
        "answers": len(group.waits),
        **{measure: list(group.parts(measure)) for measure in MEASURES},
    }


def partnership_numbers(db: Database, whose: Whose, period: Period) -> dict[str, Any]:
    """The table of conditions as it is kept, and the four Cs: the first third of the period beside the last."""
    found = partnership(db, whose, period)
    third = (period.until - period.since) / 3
    start, end = Period(period.since, period.since + third), Period(period.until - third, period.until)
    return {
        "measures": [asdict(one) for one in found.measures],
        "roles": [list(one) for one in found.roles],
        "pulse": [asdict(one) for one in pulse(db, whose, start, end)],
    }


def share(parts: Sequence[int]) -> float | None:
    """A part of a whole as a share; None of nothing."""
    part, whole = parts
    return part / whole if whole else None


def equity_csv(numbers: Mapping[str, Any]) -> tuple[tuple[str, ...], list[list[Any]]]:
    """Every dimension of kept equity as one table: header and rows. Cells are made safe by `csv_cells.as_csv`."""
    header = ("dimension", "group", "families", *MEASURES, "median_hours_to_answer")
    lines: list[list[Any]] = []
    for dimension in DIMENSIONS:
        for group in numbers["tables"][dimension]:
            rates = (share(group[measure]) for measure in MEASURES)
            shown = ["" if rate is None else f"{rate:.3f}" for rate in rates]
            hours = "" if group["hours"] is None else f"{group['hours']:.1f}"
            name = group["name"] or "smaller groups together"
            lines.append([dimension, name, group["families"], *shown, hours])
    return header, lines


def partnership_csv(numbers: Mapping[str, Any]) -> tuple[tuple[str, ...], list[list[Any]]]:
    """The kept table of conditions: header and rows."""
    header = ("condition", "asks", "unit", "now", "the period before", "part", "whole", "why not")
    return header, [
        [
            one["condition"],
            one["asks"],
            one["unit"],
            one["value"],
            one["before"],
            one["part"],
            one["whole"],
            one["why"],
        ]
        for one in numbers["measures"]
    ]


def district_schools(db: Database, sample: bool) -> list[tuple[int, str]]:
    """The schools a district office compares: id and name."""
    with db.reading() as session:
        rows = session.execute(
            select(School.id, School.name).where(School.sample.is_(sample)).order_by(School.name)
        )
        return [(row.id, row.name) for row in rows]
