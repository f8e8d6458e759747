"""The facts behind the equity tables, counted in the database.

What is older than the period is not walked through: texts are found by the range of their ids. Each table is read
once; families are grouped by language, school and channel before anything comes back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, and_, case, cast, func, select
from sqlalchemy.orm import Session

from bot.insight.scope import Period, Whose
from bot.store.learning import GoalProgress
from bot.store.people import Guardian, School
from bot.store.talk import Conversation, FlowSession, Inbox, Outbox

UNKNOWN = "unknown"
"""A family whose language is not known yet, or with whom there is no conversation yet."""

ARRIVED = ("sent", "delivered")
MACHINE = "machine"
TRIED = ("tried", "practised", "reached")
LOOK_BACK = timedelta(days=14)
STAFF = "staff"
"""The kind of a text that a person wrote to a family."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Families of one language, school and channel, counted."""

    language: str
    school: str
    channel: str
    families: int
    reached: int
    """To whom at least one text was delivered."""
    replied: int
    tried: int
    """Who told that they tried or practised something."""
    waiting: int
    """Who wrote and wait for a person now."""
    opted_out: int
    machine_texts: int
    """Texts to them that a machine translated."""
    doubtful_texts: int
    """Those of them with a doubt."""


@dataclass(frozen=True, slots=True)
class Waited:
    """One answer of a person: to whom (by group), and how long the family had waited, in seconds."""

    language: str
    school: str
    channel: str
    seconds: float


def facts(session: Session, whose: Whose, period: Period) -> list[Facts]:
    """Families by language, school and channel, counted."""
    told = (
        select(
            Outbox.conversation_id.label("talk"),
            func.max(_one(Outbox.state.in_(ARRIVED))).label("reached"),
            func.sum(_one(Outbox.origin == MACHINE)).label("machine"),
            func.sum(_one(and_(Outbox.origin == MACHINE, Outbox.doubts != []))).label("doubtful"),
        )
        .where(period.holds(Outbox.id, Outbox.created_at))
        .group_by(Outbox.conversation_id)
        .cte("told")
    )
    heard = (
        select(Inbox.conversation_id.label("talk"))
        .where(period.holds(Inbox.id, Inbox.received_at))
        .group_by(Inbox.conversation_id)
        .cte("heard")
    )
    tried = (
        select(FlowSession.conversation_id.label("talk"))
        .join(GoalProgress, GoalProgress.session_id == FlowSession.id)
        .where(period.holds(GoalProgress.id, GoalProgress.at), GoalProgress.did.in_(TRIED))
        .group_by(FlowSession.conversation_id)
        .cte("tried")
    )
    family = (
        select(
            Guardian.id,
            func.coalesce(Guardian.language, func.max(Conversation.language), UNKNOWN).label("language"),
            Guardian.school_id,
            func.coalesce(func.max(Conversation.medium), UNKNOWN).label("channel"),
            func.coalesce(func.max(told.c.reached), 0).label("reached"),
            func.max(_one(heard.c.talk.is_not(None))).label("replied"),
            func.max(_one(tried.c.talk.is_not(None))).label("tried"),
            func.max(_one(Conversation.awaits_staff_since.is_not(None))).label("waiting"),
            func.max(_one(Conversation.opted_out_at.is_not(None))).label("opted_out"),
            func.coalesce(func.sum(told.c.machine), 0).label("machine"),
            func.coalesce(func.sum(told.c.doubtful), 0).label("doubtful"),
        )
        .select_from(Guardian)
        .outerjoin(Conversation, Conversation.guardian_id == Guardian.id)
        .outerjoin(told, told.c.talk == Conversation.id)
        .outerjoin(heard, heard.c.talk == Conversation.id)
        .outerjoin(tried, tried.c.talk == Conversation.id)
        .where(_these(whose))
        .group_by(Guardian.id)
        .cte("family")
    )
    counts = [
        cast(func.sum(getattr(family.c, name)), Integer)
        for name in ("reached", "replied", "tried", "waiting", "opted_out", "machine", "doubtful")
    ]
    query = (
        select(family.c.language, School.name, family.c.channel, func.count(), *counts)
        .join(School, School.id == family.c.school_id)
        .group_by(family.c.language, School.name, family.c.channel)
    )
    return [Facts(*row) for row in session.execute(query)]


def _these(whose: Whose) -> Any:
    """The guardians, as plainly as can be said: a database plans a list of schools better than a list of guardians."""
    if whose.sections is None and whose.conversations is None:
        return and_(Guardian.active, Guardian.school_id.in_(whose.schools))
    return Guardian.id.in_(whose.guardians())


def waited(session: Session, whose: Whose, period: Period) -> list[Waited]:
    """How long families waited for each answer of a person in the period.

    Two ranges of ids are walked through, never a family's whole history: a wait of more than `LOOK_BACK` before the
    period begins is counted from there.
    """
    wide = Period(period.since - LOOK_BACK, period.until)
    told = session.execute(
        select(
            Outbox.conversation_id,
            Outbox.created_at,
            func.coalesce(Guardian.language, Conversation.language, UNKNOWN),
            School.name,
            Conversation.medium,
        )
        .join(Conversation, Conversation.id == Outbox.conversation_id)
        .join(Guardian, Guardian.id == Conversation.guardian_id)
        .join(School, School.id == Guardian.school_id)
        .where(Outbox.kind == STAFF, wide.holds(Outbox.id, Outbox.created_at), _these(whose))
        .order_by(Outbox.created_at, Outbox.id)
    ).all()
    answered = (
        select(Outbox.conversation_id)
        .where(Outbox.kind == STAFF, wide.holds(Outbox.id, Outbox.created_at))
        .distinct()
        .cte("answered")
    )
    heard = session.execute(
        select(Inbox.conversation_id, Inbox.received_at)
        .join(answered, answered.c.conversation_id == Inbox.conversation_id)
        .where(wide.holds(Inbox.id, Inbox.received_at))
    ).all()
    found = waits([(row[0], row[1]) for row in heard], [(row[0], row[1]) for row in told])
    return [
        Waited(row[2], row[3], row[4], seconds)
        for row, seconds in zip(told, found, strict=True)
        if seconds is not None and row[1] >= period.since
    ]


def waits(heard: Iterable[tuple[int, datetime]], told: Sequence[tuple[int, datetime]]) -> list[float | None]:
    """For each answer, in its order: the seconds since the family's first text after the answer before it; None when
    the family had written nothing since. Pure. (conversation, when), `told` in the order of time."""
    texts: dict[int, list[datetime]] = defaultdict(list)
    for talk, at in heard:
        texts[talk].append(at)
    for some in texts.values():
        some.sort(reverse=True)
    found: list[float | None] = []
    for talk, at in told:
        mine, first = texts.get(talk, []), None
        while mine and mine[-1] <= at:
            said = mine.pop()
            first = first or said
        found.append(None if first is None else (at - first).total_seconds())
    return found


def _one(condition: Any) -> Any:
    return case((condition, 1), else_=0)
