"""The framework's conditions as a table: what each asks, this school's number, and how it was the period before.

Mapp's Dual Capacity-Building Framework (version 2) in our own words. Every number says what it is a share of. What
nobody has measured is said to be not measured: no number is made up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.insight.equity import Equity, Group, equity
from bot.insight.partnership_counts import Counts, counts, roles_invited
from bot.insight.scope import Period, Whose
from bot.insight.small_groups import FEWEST
from bot.store.database import Database

PROMISE = timedelta(hours=24)
"""An answer within a day is inside the promise (four school hours nudge the teacher, a day the coordinator)."""


NOTHING = "nothing to take a share of in this period"
TOO_FEW = "fewer than ten families"
NO_ANSWER = "no answer of a person in this period"
NOT_NOTED, NOT_TIMED = "nobody notes this yet", "staff time is not measured"
ONE_LANGUAGE = "fewer than two languages with ten families"
WHY_NOT = (NOTHING, TOO_FEW, NO_ANSWER, NOT_NOTED, NOT_TIMED, ONE_LANGUAGE)
"""Why a number is not there."""

_OF_THE_SCHOOL = frozenset(
    {"linked_to_goal", "announcements", "corrections", "rounds_closed", "plan", "schools", "staff_active", "reflected",
     "segments", "long_programmes"}
)  # fmt: skip
"""Measures of what the school does: they tell nothing about a family."""

_OF_FAMILIES = frozenset({"listened_first", "replied", "tried"})
"""Shares of families: a whole of fewer than ten is not shown."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of a condition. `part` of `whole` for a share; `unit`: "share", "hours", "count", "per 100 families".

    `value` None: not measured, or too little to say; `why` tells which.
    """

    key: str
    condition: str
    asks: str
    unit: str
    value: float | None
    before: float | None
    part: int | None = None
    whole: int | None = None
    why: str = ""

    @property
    def change(self) -> float | None:
        """Since the period before."""
        return None if self.value is None or self.before is None else self.value - self.before


@dataclass(frozen=True, slots=True)
class Partnership:
    """The conditions with their numbers, and which roles families were invited into."""

    period: Period
    measures: tuple[Measure, ...]
    roles: tuple[tuple[str, int], ...]
    """How many conversations invited into each role; 0 for those nobody was invited into."""


ROLES = ("co_creator", "supporter", "encourager", "monitor", "advocate", "model")


def partnership(db: Database, whose: Whose, period: Period) -> Partnership:
    """The table of conditions for these families."""
    before = period.before()
    with db.reading() as session:
        now_counts, before_counts = counts(session, whose, period), counts(session, whose, before)
        roles = roles_invited(session, whose, period)
    now_equity, before_equity = equity(db, whose, period), equity(db, whose, before)
    measures = table(now_counts, before_counts, now_equity, before_equity)
    invited = tuple((role, roles.get(role, 0)) for role in (*ROLES, *sorted(roles.keys() - set(ROLES))))
    return Partnership(period, tuple(measures), invited)


def table(now: Counts, before: Counts, now_equity: Equity, before_equity: Equity) -> Sequence[Measure]:
    """The conditions with their numbers. Pure."""
    total, earlier = _everybody(now_equity), _everybody(before_equity)

    def share(key: str, condition: str, asks: str, parts: tuple[int, int], past: tuple[int, int]) -> Measure:
        part, whole = parts
        why = "" if whole else NOTHING
        return Measure(key, condition, asks, "share", _ratio(parts), _ratio(past), part, whole, why)

    def count(key: str, condition: str, asks: str, value: int, past: int) -> Measure:
        return Measure(key, condition, asks, "count", float(value), float(past))

    def unmeasured(key: str, condition: str, asks: str, why: str) -> Measure:
        return Measure(key, condition, asks, "share", None, None, why=why)

    def of_families(key: str, condition: str, asks: str, value: int, past: int) -> Measure:
        return Measure(
            key,
            condition,
            asks,
            "per 100 families",
            _per_100(value, now.families),
            _per_100(past, before.families),
        )

    def everybody(key: str, condition: str, asks: str, measure: str) -> Measure:
        if total is None:
            return unmeasured(key, condition, asks, TOO_FEW)
        past = earlier.parts(measure) if earlier else (0, 0)
        return share(key, condition, asks, total.parts(measure), past)

    measures = [
        share("listened_first", "relational", "families listened to before the first request", now.listened, before.listened),
        Measure(
            "reply_hours", "relational", "hours until a person answers, in the middle", "hours",
            total.median_hours if total else None, earlier.median_hours if earlier else None,
            why="" if total and total.waits else NO_ANSWER,
        ),
        share("in_promise", "relational", "answers of a person within a day", _kept(now_equity), _kept(before_equity)),
        share("linked_to_goal", "linked to learning", "prompts that serve a learning goal", now.linked, before.linked),
        share("announcements", "linked to learning", "announcements among all that was sent to many", now.announced, before.announced),
        of_families("strengths", "asset-based", "strengths families told us", now.strengths, before.strengths),
        unmeasured("strengths_used", "asset-based", "strengths used again in a prompt or lesson", NOT_NOTED),
        share("home_language", "culturally responsive", "texts in the family's own language", now.own_language, before.own_language),
        count("corrections", "culturally responsive", "corrections of our translations", now.corrections, before.corrections),
        _opt_out_gap(now_equity, before_equity),
        of_families("ideas", "collaborative", "ideas and votes of families", now.ideas, before.ideas),
        share("rounds_closed", "collaborative", "rounds of input that were closed with what we did", now.closed, before.closed),
        count("practices", "collaborative", "practices families shared", now.practices, before.practices),
        everybody("replied", "interactive", "reached families that wrote to us", "replied"),
        everybody("tried", "interactive", "reached families that tried something", "tried"),
        share("rounds", "interactive", "conversations that came to their end", now.completed, before.completed),
        share("plan", "systemic", "goals tied to the improvement plan", now.planned_goals, before.planned_goals),
        share("schools", "systemic", "schools that were active", now.schools_active, before.schools_active),
        share("staff_active", "integrated", "staff who wrote to a family", now.staff_active, before.staff_active),
        share("reflected", "integrated", "staff who wrote down what a family taught them", now.reflected, before.reflected),
        unmeasured("staff_minutes", "integrated", "minutes of staff time a family", NOT_TIMED),
        count("segments", "sustained", "text segments sent: multiply by your carrier's price", now.segments, before.segments),
        count("long_programmes", "sustained", "programmes of more than 12 weeks", now.long_programmes, before.long_programmes),
    ]  # fmt: skip
    return [_of_enough(one, total is None) for one in measures]


def _of_enough(one: Measure, few: bool) -> Measure:
    """The measure, unless it would tell about fewer than ten families (`few`: there are no more here)."""
    if one.key in _OF_THE_SCHOOL or one.why:
        return one
    if few or (one.key in _OF_FAMILIES and one.whole is not None and one.whole < FEWEST):
        return Measure(one.key, one.condition, one.asks, one.unit, None, None, why=TOO_FEW)
    return one


def _everybody(found: Equity) -> Group | None:
    return found.tables["school"].total


def _kept(found: Equity) -> tuple[int, int]:
    total = found.tables["school"].total
    if total is None:
        return 0, 0
    return sum(seconds <= PROMISE.total_seconds() for seconds in total.waits), len(total.waits)


def _opt_out_gap(now: Equity, before: Equity) -> Measure:
    """Between the languages with the most and the fewest families who stopped; small groups are in neither."""
    gap, past = _spread(now), _spread(before)
    why = "" if gap is not None else ONE_LANGUAGE
    return Measure(
        "opt_out_gap",
        "culturally responsive",
        "opt-outs: widest gap between languages",
        "share",
        gap,
        past,
        why=why,
    )


def _spread(found: Equity) -> float | None:
    rates = [group.rate("opted_out") for group in found.tables["language"].groups.values()]
    known = [rate for rate in rates if rate is not None]
    return max(known) - min(known) if len(known) > 1 else None


def _ratio(parts: tuple[int, int]) -> float | None:
    return parts[0] / parts[1] if parts[1] else None


def _per_100(value: int, families: int) -> float | None:
    return 100 * value / families if families else None
