"""The facts behind the equity tables, counted in the database.

What is older than the period is not walked through: texts are found by the range of their ids. Each table is read
once; families are grouped by language, school and channel before anything comes back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, and_, case, cast, func, literal, select
from sqlalchemy.orm import Session, aliased

from bot.insight.scope import Period, Whose
from bot.store.learning import GoalProgress
from bot.store.people import Guardian, School
from bot.store.talk import Conversation, FlowSession, Inbox, Outbox

UNKNOWN = "unknown"
"""A family whose language is not known yet, or with whom there is no conversation yet."""

ARRIVED = ("sent", "delivered")
MACHINE = "machine"
TRIED = ("tried", "practised", "reached")
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
    """How long families waited for each answer of a person: from the first text after the person's last one."""
    earlier, heard = aliased(Outbox), aliased(Inbox)
    last = (
        select(func.max(earlier.created_at))
        .where(
            earlier.conversation_id == Outbox.conversation_id,
            earlier.seq < Outbox.seq,
            earlier.kind == STAFF,
        )
        .correlate(Outbox)
        .scalar_subquery()
    )
    began = (
        select(func.min(heard.received_at))
        .where(
            heard.conversation_id == Outbox.conversation_id,
            heard.received_at <= Outbox.created_at,
            heard.received_at > func.coalesce(last, literal(_LONG_AGO, type_=Inbox.received_at.type)),
        )
        .correlate(Outbox)
        .scalar_subquery()
    )
    query = (
        select(
            func.coalesce(Guardian.language, Conversation.language, UNKNOWN),
            School.name,
            Conversation.medium,
            Outbox.created_at,
            began.label("began"),
        )
        .join(Conversation, Conversation.id == Outbox.conversation_id)
        .join(Guardian, Guardian.id == Conversation.guardian_id)
        .join(School, School.id == Guardian.school_id)
        .where(Outbox.kind == STAFF, period.holds(Outbox.id, Outbox.created_at), _these(whose))
    )
    return [
        Waited(language, school, channel, (answered - began_at).total_seconds())
        for language, school, channel, answered, began_at in session.execute(query)
        if began_at is not None
    ]


_LONG_AGO = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


def _one(condition: Any) -> Any:
    return case((condition, 1), else_=0)
