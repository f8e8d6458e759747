"""The promise clock: a family that asks gets an answer from a person, and is told honestly when it takes longer.

A question that nobody answered for four school hours reminds the teachers of the family's children; after a whole school
day the coordinator is asked to help, and the family is told so, once. The clock runs while school is: a question of
Friday evening is not late on Saturday. Every reminder is a row that staff see until somebody has answered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.conversation.desk import Desk
from bot.conversation.effects import MovedOn, write
from bot.conversation.snapshot import look
from bot.conversation.step import Step
from bot.delivery.caps import in_lists
from bot.delivery.outbox import NOTICE
from bot.delivery.pacing import end_of_waking, next_allowed
from bot.outreach.school_days import SchoolDays, school_days
from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.outreach import StaffNudge
from bot.store.people import Enrollment, Guardian, Guardianship, School, Staff, Teaching
from bot.store.talk import Conversation, Outbox

log = structlog.get_logger()

TEACHER_AFTER = timedelta(hours=4)
"""School hours after which the teacher is reminded."""

AT_ONCE = 500
_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True, slots=True)
class Ticked:
    """What one look at the clock did."""

    nudged: int = 0
    told: int = 0
    settled: int = 0


@dataclass(frozen=True, slots=True)
class _Waiting:
    conversation_id: int
    guardian_id: int | None
    school_id: int
    since: datetime

    @property
    def cause(self) -> str:
        """Names this wait: the family is told once of it, whoever looks, however often."""
        return f"promise.{self.conversation_id}.{int(self.since.timestamp())}"


def tick(desk: Desk) -> Ticked:
    """Look at every family that waits. Safe to repeat, to run twice at once, and to be killed at any line: each reminder
    is there once, each family is told once."""
    now = desk.clock()
    settled = _settle_answered(desk.db, now)
    with desk.db.reading() as session:
        waiting = _waiting(session, now)
        days = {school: school_days(session, school) for school in {one.school_id for one in waiting}}
    late = [one for one in waiting if days[one.school_id].open_between(one.since, now) >= TEACHER_AFTER]
    nudged = told = 0
    for some in in_lists(late, AT_ONCE):
        a_day = [
            one
            for one in some
            if days[one.school_id].open_between(one.since, now) >= _whole_day(days[one.school_id])
        ]
        nudged += _nudge(desk.db, some, a_day, now)
        told += sum(_tell_family(desk, one, now) for one in _untold(desk.db, a_day))
    return Ticked(nudged, told, settled)


def _whole_day(days: SchoolDays) -> timedelta:
    return max(days.one_day, TEACHER_AFTER)


def _waiting(session: Session, now: datetime) -> list[_Waiting]:
    """Families that wait at least as long as the clock on the wall says; of unknown numbers the first school asks."""
    fallback = session.scalar(select(func.min(School.id)))
    rows = session.execute(
        select(
            Conversation.id,
            Conversation.guardian_id,
            Guardian.school_id,
            Conversation.awaits_staff_since.label("since"),
        )
        .outerjoin(Guardian, Guardian.id == Conversation.guardian_id)
        .where(
            Conversation.awaits_staff_since <= now - TEACHER_AFTER,
            Conversation.opted_out_at.is_(None),  # nobody can answer by text who wants none
        )
        .order_by(Conversation.awaits_staff_since, Conversation.id)
    ).all()
    found = []
    for row in rows:
        school_id = row.school_id if row.school_id is not None else fallback
        if school_id is not None:
            found.append(_Waiting(row.id, row.guardian_id, school_id, row.since))
    return found


def _settle_answered(db: Database, now: datetime) -> int:
    """Reminders of questions that somebody has answered since, that are about an earlier one, or whose family wants no
    texts any more, are done."""
    same = select(Conversation.id).where(
        Conversation.id == StaffNudge.conversation_id,
        Conversation.awaits_staff_since == StaffNudge.waits_since,
        Conversation.opted_out_at.is_(None),
    )
    with db.reading() as session:
        done = session.scalars(
            select(StaffNudge.id).where(StaffNudge.done_at.is_(None), ~same.exists()).limit(AT_ONCE)
        ).all()
    if not done:
        return 0
    with db.connection() as tx:
        return tx.execute(
            update(StaffNudge)
            .where(StaffNudge.id.in_(done), StaffNudge.done_at.is_(None))
            .values(done_at=now)
        ).rowcount


def _nudge(db: Database, late: Sequence[_Waiting], a_day: Sequence[_Waiting], now: datetime) -> int:
    """Write the reminders that are missing."""
    with db.reading() as session:
        there = {
            (row.conversation_id, row.step, row.waits_since)
            for row in session.execute(
                select(StaffNudge.conversation_id, StaffNudge.step, StaffNudge.waits_since).where(
                    StaffNudge.conversation_id.in_([one.conversation_id for one in late])
                )
            )
        }
        first = [one for one in late if (one.conversation_id, "teacher", one.since) not in there]
        second = [one for one in a_day if (one.conversation_id, "coordinator", one.since) not in there]
        if not first and not second:
            return 0
        teachers = _teachers_of(session, first)
        helpers = _coordinators_of(session, {one.school_id for one in (*first, *second)})
    rows = [
        {
            "id": new_id(), "conversation_id": one.conversation_id, "staff_id": staff, "step": step,
            "waits_since": one.since, "at": now,
        }
        for step, waiting in (("teacher", first), ("coordinator", second))
        for one in waiting
        for staff in (teachers.get(one.guardian_id) if step == "teacher" else None) or helpers[one.school_id]
    ]  # fmt: skip
    if not rows:
        return 0
    with db.connection() as tx:
        made = tx.execute(
            _INSERT[tx.dialect.name](StaffNudge)
            .on_conflict_do_nothing(index_elements=["conversation_id", "staff_id", "step", "waits_since"])
            .returning(StaffNudge.id),
            rows,
        )
        return len(made.all())


def _teachers_of(session: Session, waiting: Sequence[_Waiting]) -> dict[int | None, list[int]]:
    """Guardian → who leads the classes of its children; a family without a teacher is the coordinator's."""
    found: dict[int | None, list[int]] = defaultdict(list)
    for guardian, staff in session.execute(
        select(Guardianship.guardian_id, Staff.id)
        .join(Enrollment, Enrollment.student_id == Guardianship.student_id)
        .join(Teaching, Teaching.section_id == Enrollment.section_id)
        .join(Staff, Staff.id == Teaching.staff_id)
        .where(
            Guardianship.guardian_id.in_([one.guardian_id for one in waiting if one.guardian_id is not None]),
            Guardianship.active,
            Enrollment.active,
            Teaching.lead,
            Staff.active,
        )
        .distinct()
        .order_by(Guardianship.guardian_id, Staff.id)
    ):
        found[guardian].append(staff)
    return found


def _coordinators_of(session: Session, schools: Iterable[int]) -> dict[int, list[int]]:
    """School → its coordinators; where there is none, its administrators."""
    found: dict[int, list[int]] = {}
    for school_id in schools:
        for role in ("coordinator", "administrator"):
            found[school_id] = list(
                session.scalars(
                    select(Staff.id)
                    .where(Staff.school_id == school_id, Staff.role == role, Staff.active)
                    .order_by(Staff.id)
                )
            )
            if found[school_id]:
                break
    return found


def _untold(db: Database, waiting: Sequence[_Waiting]) -> list[_Waiting]:
    with db.reading() as session:
        told = set(
            session.scalars(
                select(Outbox.ref).where(Outbox.ref.in_([f"{one.cause}.0" for one in waiting]))
            ).all()
        )
    return [one for one in waiting if f"{one.cause}.0" not in told]


def _tell_family(desk: Desk, one: _Waiting, now: datetime) -> int:
    """Tell the family, once for each time it waits, that a colleague was asked: not in its quiet hours (by the morning
    somebody may have answered, and it would not be true any more), and not a family that wants no texts."""
    with desk.db.reading() as session:
        seen = look(session, desk.db.vault, desk.scripts, one.conversation_id, desk.default_zone)
    if seen is None or seen.opted_out or seen.family.guardian_id is None:
        return 0
    if seen.awaits_staff_since != one.since or seen.inbound is not None:
        return 0  # answered, or writing at this moment: looked at again at the next tick
    zone = ZoneInfo(seen.time_zone or desk.default_zone)
    if next_allowed(now, zone, desk.quiet) != now:
        return 0
    step = Step(desk, seen, one.cause, now, priority=NOTICE)
    step.phrase("promise_late", kind="notice")
    step.effects.drafts = [
        replace(draft, expires_at=end_of_waking(now, zone, desk.quiet)) for draft in step.effects.drafts
    ]
    try:
        with desk.db.connection() as tx:
            write(tx, desk.db.vault, seen.id, seen.version, step.effects, now, desk.wake)
    except MovedOn:
        return 0
    log.info("promise_late", conversation=seen.id)
    return 1
