"""Gaps between groups of families, and the alert each of them is to the school's practice.

A gap is told when a group's rate is worse than that of everybody else by more than `WIDE` and chance alone would make
such a difference less than once in twenty (two-proportion z-test). The sentence is about what the school does.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bot.insight.equity import DIMENSIONS, Equity, Group
from bot.insight.equity_facts import UNKNOWN
from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.insight import PracticeAlert

WIDE = 0.1
"""Percentage points, as a share."""

Z = 1.96
SLOW_HOURS = 8.0
"""A median answer that takes so many hours longer than that of others is a gap too."""

_WORSE_WHEN_LOWER = frozenset({"reached", "replied", "tried"})
PRACTICE = {
    "reached": "Texts do not reach {group} as they reach others ({here} of families, {others} elsewhere). Check numbers, "
    "channels and whether there is a language we can write in.",
    "replied": "{group} write back less ({here}, {others} elsewhere). Look at what we send: is it a question, is it in words "
    "they use, at an hour that suits?",
    "tried": "Fewer of {group} tell of having tried something ({here}, {others} elsewhere). Ask some of them what would help.",
    "waiting": "More of {group} wait for an answer of a person ({here}, {others} elsewhere). Who answers them, and when?",
    "opted_out": "More of {group} have stopped our texts ({here}, {others} elsewhere). Look at how often and what we write.",
    "doubts": "More of what machines translate for {group} is doubtful ({here}, {others} elsewhere). Have more of it written or "
    "checked by people.",
    "median_hours": "{group} wait longer for a person's answer ({here} hours in the middle, {others} elsewhere). Who could "
    "answer them sooner?",
}
"""What a gap asks of the school, by measure. `{group}` is filled in by the page, which knows names of languages."""


@dataclass(frozen=True, slots=True)
class Gap:
    """One group's rate beside everybody else's."""

    dimension: str
    group: str
    measure: str
    here: float
    others: float
    families: int

    def says(self, group: str) -> str:
        """The gap as a sentence about practice."""
        if self.measure == "median_hours":
            here, others = f"{self.here:.0f}", f"{self.others:.0f}"
        else:
            here, others = f"{self.here:.0%}", f"{self.others:.0%}"
        return PRACTICE[self.measure].format(group=group, here=here, others=others)


@dataclass(frozen=True, slots=True)
class Alert:
    """A gap that waits for somebody at the school."""

    id: int
    gap: Gap
    first_seen: datetime
    last_seen: datetime


def gaps(found: Equity) -> list[Gap]:
    """The gaps between groups that may be shown, the widest first. Groups taken together are not named."""
    wide: list[Gap] = []
    for dimension in DIMENSIONS:
        table = found.tables[dimension]
        everybody = [*table.groups.values(), *([table.together] if table.together else [])]
        for name, group in table.groups.items():
            if (dimension, name) == ("channel", UNKNOWN):
                continue  # nobody has begun a conversation: that no text arrives says nothing new
            others = sum((one for one in everybody if one is not group), Group())
            wide += _of(dimension, name, group, others)
    return sorted(wide, key=lambda gap: (-abs(gap.here - gap.others), gap.dimension, gap.group, gap.measure))


def _of(dimension: str, name: str, group: Group, others: Group) -> Iterable[Gap]:
    for measure in ("reached", "replied", "tried", "waiting", "opted_out", "doubts"):
        here, elsewhere = group.rate(measure), others.rate(measure)
        if here is None or elsewhere is None:
            continue
        worse = elsewhere - here if measure in _WORSE_WHEN_LOWER else here - elsewhere
        if worse > WIDE and _unlikely(group.parts(measure), others.parts(measure)):
            yield Gap(dimension, name, measure, here, elsewhere, group.families)
    slow, usual = group.median_hours, others.median_hours
    enough = min(len(group.waits), len(others.waits)) >= 10
    if slow is not None and usual is not None and enough and slow - usual > SLOW_HOURS:
        yield Gap(dimension, name, "median_hours", slow, usual, group.families)


def _unlikely(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two shares differ by more than chance: the two-proportion z-test, pooled."""
    (a, n), (b, m) = one, other
    if not n or not m:
        return False
    pooled = (a + b) / (n + m)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    return spread > 0 and abs(a / n - b / m) / spread >= Z


def raise_alerts(db: Database, school_id: int, found: Iterable[Gap], now: datetime) -> list[int]:
    """Write alerts for gaps: a new one once, a known one with today's numbers; one that was settled is raised again
    only when it is seen 28 days later or after. Returns the ids of those that are new or raised again."""
    fresh = []
    with db.writing() as session:
        known = {
            (row.dimension, row.family_group, row.measure): row
            for row in session.scalars(select(PracticeAlert).where(PracticeAlert.school_id == school_id))
        }
        for gap in found:
            row = known.get((gap.dimension, gap.group, gap.measure))
            if row is None:
                row = PracticeAlert(
                    id=new_id(), school_id=school_id, dimension=gap.dimension, family_group=gap.group, measure=gap.measure,
                    here=gap.here, others=gap.others, first_seen=now, last_seen=now,
                )  # fmt: skip
                session.add(row)
                fresh.append(row.id)
                continue
            if row.settled_at is not None and (now - row.settled_at).days >= 28:
                row.settled_at = row.settled_by = row.outcome = None
                row.first_seen = now
                fresh.append(row.id)
            row.here, row.others, row.last_seen = gap.here, gap.others, now
    return fresh


def open_alerts(db: Database, school_id: int) -> list[Alert]:
    """What waits for somebody, the oldest first. Without counts of families: the page shows today's."""
    with db.reading() as session:
        rows = session.scalars(
            select(PracticeAlert)
            .where(PracticeAlert.school_id == school_id, PracticeAlert.settled_at.is_(None))
            .order_by(PracticeAlert.first_seen, PracticeAlert.id)
        ).all()
    return [
        Alert(
            row.id, Gap(row.dimension, row.family_group, row.measure, row.here, row.others, 0), row.first_seen, row.last_seen
        )
        for row in rows
    ]  # fmt: skip


def settle(db: Database, alert_id: int, outcome: str, staff_id: int | None, now: datetime) -> bool:
    """Say what the school does about an alert; False when it is settled already or not there."""
    with db.writing() as session:
        row = session.get(PracticeAlert, alert_id)
        if row is None or row.settled_at is not None:
            return False
        row.settled_at, row.settled_by, row.outcome = now, staff_id, outcome.strip()
        return True
