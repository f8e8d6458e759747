"""The four Cs, of families and of staff, beside each other: capabilities, connections, cognition, confidence.

Both sides answer four short statements, 1 (not at all) to 5 (very much), at the start of a term and at its end
(Mapp's Dual Capacity-Building Framework: staff must grow as much as families do). Everybody's last answer of a time
counts once. Fewer than ten people of a side are not shown, nor is a change that only fewer than ten made.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from bot.insight.scope import Period, Whose
from bot.insight.small_groups import FEWEST
from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.insight import StaffPulse
from bot.store.learning import Answer
from bot.store.talk import Conversation

CS = ("capability", "connection", "cognition", "confidence")
LOWEST, HIGHEST = 1, 5
_FIELD = "family.pulse_"


@dataclass(frozen=True, slots=True)
class Said:
    """One answer: who (a conversation or a member of staff), to which C, how much."""

    who: int
    question: str
    value: float


@dataclass(frozen=True, slots=True)
class Side:
    """One side's answers to one C. None where fewer than ten people answered.

    `change` is the mean change of those who answered both times, which is not the difference of the two means: those
    may be of different people.
    """

    start: float | None
    end: float | None
    change: float | None
    people_start: int | None
    people_end: int | None
    people_both: int | None


@dataclass(frozen=True, slots=True)
class Pulse:
    """One C, both sides."""

    question: str
    families: Side
    staff: Side


def pulse(db: Database, whose: Whose, start: Period, end: Period) -> list[Pulse]:
    """The four Cs of these families and of the staff of their schools at two times. Four queries."""
    with db.reading() as session:
        families = (_of_families(session, whose, start), _of_families(session, whose, end))
        staff = (_of_staff(session, whose, start), _of_staff(session, whose, end))
    return compare(*families, *staff)


def compare(
    families_start: Iterable[Said],
    families_end: Iterable[Said],
    staff_start: Iterable[Said],
    staff_end: Iterable[Said],
) -> list[Pulse]:
    """Answers as the table of four Cs."""
    sides = [_by_question(said) for said in (families_start, families_end, staff_start, staff_end)]
    return [
        Pulse(one, side(sides[0].get(one, {}), sides[1].get(one, {})), side(sides[2].get(one, {}), sides[3].get(one, {})))
        for one in CS
    ]  # fmt: skip


def _by_question(said: Iterable[Said]) -> dict[str, dict[int, float]]:
    """Each person's last answer, by question. `said` is in the order of time."""
    found: dict[str, dict[int, float]] = {}
    for one in said:
        if LOWEST <= one.value <= HIGHEST:
            found.setdefault(one.question, {})[one.who] = one.value
    return found


def side(start: dict[int, float], end: dict[int, float], fewest: int = FEWEST) -> Side:
    """One side of one C. The change is hidden too when it would tell of fewer than ten who answered only once."""
    both = start.keys() & end.keys()
    shown_start, shown_end = len(start) >= fewest, len(end) >= fewest
    alone = [len(start) - len(both), len(end) - len(both)]
    shown_both = (
        len(both) >= fewest and shown_start and shown_end and all(n == 0 or n >= fewest for n in alone)
    )
    return Side(
        _mean(start.values()) if shown_start else None,
        _mean(end.values()) if shown_end else None,
        _mean([end[who] - start[who] for who in both]) if shown_both else None,
        len(start) if shown_start else None,
        len(end) if shown_end else None,
        len(both) if shown_both else None,
    )


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed)


def record(db: Database, school_id: int, staff_id: int, question: str, value: float, now: datetime) -> None:
    """A member of staff answers one question on a page. Raises `ValueError` for what is no answer."""
    if question not in CS or not LOWEST <= value <= HIGHEST:
        raise ValueError("A pulse is one of the four Cs, answered from 1 to 5.")
    with db.connection() as tx:
        tx.execute(
            insert(StaffPulse),
            {"id": new_id(), "school_id": school_id, "staff_id": staff_id, "question": question, "value": value, "at": now},
        )  # fmt: skip


def _of_families(session: Session, whose: Whose, period: Period) -> list[Said]:
    who: Any = func.coalesce(Conversation.guardian_id, Conversation.id)
    rows = session.execute(
        select(who, Answer.field, Answer.number)
        .join(Conversation, Conversation.id == Answer.conversation_id)
        .where(
            period.holds(Answer.id, Answer.at),
            Answer.field.in_([_FIELD + one for one in CS]),
            Answer.number.is_not(None),
            Conversation.guardian_id.in_(whose.guardians()),
        )
        .order_by(Answer.at, Answer.id)
    )
    return [Said(row[0], row[1].removeprefix(_FIELD), row[2]) for row in rows]


def _of_staff(session: Session, whose: Whose, period: Period) -> list[Said]:
    rows = session.execute(
        select(StaffPulse.staff_id, StaffPulse.question, StaffPulse.value)
        .where(period.holds(StaffPulse.id, StaffPulse.at), StaffPulse.school_id.in_(whose.schools))
        .order_by(StaffPulse.at, StaffPulse.id)
    )
    return [Said(*row) for row in rows]
