"""Does the school reach and answer every family alike? Rates by language, school and channel.

One query makes facts of families and groups them in the database, another reads how long families waited for a
person; everything else is arithmetic. Groups under ten families are never shown, nor to be reckoned (`small_groups`).
A gap is about the school's practice: families are never ranked or scored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median

from bot.insight.equity_facts import Facts, Waited, facts, waited
from bot.insight.scope import Period, Whose
from bot.insight.small_groups import Shown, show
from bot.store.database import Database

DIMENSIONS = ("language", "school", "channel")


@dataclass(slots=True)
class Group:
    """A group of families with everything counted in it."""

    families: int = 0
    reached: int = 0
    replied: int = 0
    tried: int = 0
    waiting: int = 0
    opted_out: int = 0
    machine_texts: int = 0
    doubtful_texts: int = 0
    waits: list[float] = field(default_factory=list)

    def __add__(self, other: Group) -> Group:
        return Group(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))

    def rate(self, measure: str) -> float | None:
        """A share between 0 and 1; None when there is nothing to take a share of."""
        part, whole = self.parts(measure)
        return part / whole if whole else None

    def parts(self, measure: str) -> tuple[int, int]:
        """What a share is made of."""
        if measure == "doubts":
            return self.doubtful_texts, self.machine_texts
        # Who was never written to can neither have replied nor tried.
        whole = self.reached if measure in ("replied", "tried") else self.families
        return min(int(getattr(self, measure)), whole), whole

    @property
    def median_hours(self) -> float | None:
        """Half of the answers of people took longer than this, hours."""
        return median(self.waits) / 3600 if self.waits else None


@dataclass(frozen=True, slots=True)
class Equity:
    """The rates of a period, group by group, as far as they may be shown."""

    period: Period
    tables: dict[str, Shown[Group]]
    """By dimension."""

    @property
    def families(self) -> int | None:
        """All families; None when they are too few to say anything."""
        total = next(iter(self.tables.values())).total
        return total.families if total else None


MEASURES = ("reached", "replied", "tried", "waiting", "opted_out", "doubts")


def equity(db: Database, whose: Whose, period: Period) -> Equity:
    """The rates of these families in a period."""
    with db.reading() as session:
        counted, waits = facts(session, whose, period), waited(session, whose, period)
    return tables(counted, waits, period)


def tables(counted: Iterable[Facts], waits: Iterable[Waited], period: Period) -> Equity:
    """Facts as tables by dimension, without small groups."""
    counted, waits = list(counted), list(waits)
    made = {}
    for dimension in DIMENSIONS:
        groups: dict[str, Group] = defaultdict(Group)
        for one in counted:
            group = Group(
                one.families, one.reached, one.replied, one.tried, one.waiting, one.opted_out, one.machine_texts,
                one.doubtful_texts,
            )  # fmt: skip
            groups[getattr(one, dimension)] += group
        for wait in waits:
            groups[getattr(wait, dimension)].waits.append(wait.seconds)
        made[dimension] = show(groups, lambda group: group.families, lambda one, other: one + other)
    return Equity(period, made)


def rows(found: Equity, dimension: str) -> list[tuple[str, Group]]:
    """A dimension's groups for a table or bars: the largest first, the small ones together ("") last."""
    table = found.tables[dimension]
    named = sorted(table.groups.items(), key=lambda item: (-item[1].families, item[0]))
    return named + ([("", table.together)] if table.together is not None else [])
