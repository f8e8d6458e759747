"""The counts behind the table of conditions, each one query over a period."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, case, exists, func, select
from sqlalchemy.orm import Session, aliased

from bot.insight.scope import Period, Whose
from bot.store.insight import SaidAndDone, StaffReflection
from bot.store.learning import Contribution, LearningGoal
from bot.store.outreach import Programme, Prompt
from bot.store.people import Guardian, School, Staff
from bot.store.talk import Conversation, FlowRevision, FlowSession, Outbox
from bot.store.terms import WordingCorrection

WELCOME = "welcome"
LONG = timedelta(weeks=12)
_ARRIVED = ("sent", "delivered")
Parts = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of a period. Pairs are a part and its whole."""

    families: int
    listened: Parts
    linked: Parts
    announced: Parts
    strengths: int
    ideas: int
    practices: int
    own_language: Parts
    corrections: int
    closed: Parts
    completed: Parts
    planned_goals: Parts
    schools_active: Parts
    staff_active: Parts
    reflected: Parts
    segments: int
    long_programmes: int


def counts(session: Session, whose: Whose, period: Period) -> Counts:
    """Everything the table needs that equity does not count."""
    talks = whose.talks()
    gifts = _gifts(session, talks, period)
    prompts = _prompts(session, whose, period)
    sent, own, known = _texts(session, talks, period)
    return Counts(
        families=session.scalar(select(func.count()).select_from(whose.guardians().subquery())) or 0,
        listened=_listened(session, talks, period),
        linked=prompts[0],
        announced=prompts[1],
        strengths=gifts.get("strength", 0),
        ideas=gifts.get("idea", 0) + gifts.get("vote", 0),
        practices=gifts.get("practice", 0),
        own_language=(own, known),
        corrections=session.scalar(
            select(func.count()).where(
                period.holds(WordingCorrection.id, WordingCorrection.at),
                WordingCorrection.school_id.in_(whose.schools),
            )
        )
        or 0,
        closed=_closed(session, whose, period),
        completed=_completed(session, talks, period),
        planned_goals=_planned(session, whose),
        schools_active=_schools(session, whose, period),
        staff_active=_staff(session, whose, period),
        reflected=_reflected(session, whose, period),
        segments=sent,
        long_programmes=_long(session, whose),
    )


def _pair(session: Session, query: Select[*tuple[Any, ...]]) -> Parts:
    row = session.execute(query).one()
    return int(row[0] or 0), int(row[1] or 0)


def _one(condition: Any) -> Any:
    return case((condition, 1), else_=0)


def _listened(session: Session, talks: Select[Any], period: Period) -> Parts:
    """Of the families first asked for something in the period: those who had been through the welcome by then."""
    began, earlier, welcome = aliased(FlowSession), aliased(FlowSession), aliased(FlowSession)
    welcomes = select(FlowRevision.id).where(FlowRevision.name == WELCOME)
    first = (
        select(began.conversation_id, func.min(began.began_at).label("at"))
        .where(
            began.conversation_id.in_(talks),
            began.revision_id.not_in(welcomes),
            period.holds(began.id, began.began_at),
            ~exists().where(
                earlier.conversation_id == began.conversation_id,
                earlier.revision_id.not_in(welcomes),
                earlier.began_at < period.since,
            ),
        )
        .group_by(began.conversation_id)
        .subquery()
    )
    heard = exists().where(
        welcome.conversation_id == first.c.conversation_id,
        welcome.revision_id.in_(welcomes),
        welcome.began_at < first.c.at,
    )
    return _pair(session, select(func.sum(_one(heard)), func.count()).select_from(first))


def _prompts(session: Session, whose: Whose, period: Period) -> tuple[Parts, Parts]:
    """Prompts that serve a goal among all prompts; announcements among everything begun with many."""
    rows = session.execute(
        select(Prompt.kind, func.count(), func.count(Prompt.goal_id))
        .where(
            Prompt.school_id.in_(whose.schools),
            Prompt.state != "cancelled",
            Prompt.opens_at >= period.since,
            Prompt.opens_at < period.until,
        )
        .group_by(Prompt.kind)
    )
    by_kind = {row[0]: (row[1], row[2]) for row in rows}
    prompts, linked = by_kind.get("prompt", (0, 0))
    announcements = by_kind.get("announcement", (0, 0))[0]
    return (linked, prompts), (announcements, prompts + announcements)


def _gifts(session: Session, talks: Select[Any], period: Period) -> dict[str, int]:
    rows = session.execute(
        select(Contribution.kind, func.count())
        .where(period.holds(Contribution.id, Contribution.at), Contribution.conversation_id.in_(talks))
        .group_by(Contribution.kind)
    )
    return {row[0]: row[1] for row in rows}


def _texts(session: Session, talks: Select[Any], period: Period) -> tuple[int, int, int]:
    """Segments that were sent; texts in the family's own language, among those to families whose language is known."""
    row = session.execute(
        select(
            func.sum(Outbox.segments),
            func.sum(_one(Outbox.language == Guardian.language)),
            func.count(Guardian.language),
        )
        .join(Conversation, Conversation.id == Outbox.conversation_id)
        .join(Guardian, Guardian.id == Conversation.guardian_id)
        .where(
            period.holds(Outbox.id, Outbox.created_at),
            Outbox.state.in_(_ARRIVED),
            Outbox.conversation_id.in_(talks),
        )
    ).one()
    return int(row[0] or 0), int(row[1] or 0), int(row[2] or 0)


def _closed(session: Session, whose: Whose, period: Period) -> Parts:
    return _pair(
        session,
        select(func.count(SaidAndDone.closed_at), func.count()).where(
            SaidAndDone.school_id.in_(whose.schools),
            SaidAndDone.opened_at >= period.since,
            SaidAndDone.opened_at < period.until,
        ),
    )


def _completed(session: Session, talks: Select[Any], period: Period) -> Parts:
    return _pair(
        session,
        select(func.sum(_one(FlowSession.outcome == "done")), func.count()).where(
            period.holds(FlowSession.id, FlowSession.began_at),
            ~FlowSession.open,
            FlowSession.conversation_id.in_(talks),
        ),
    )


def _planned(session: Session, whose: Whose) -> Parts:
    return _pair(
        session,
        select(func.count(LearningGoal.improvement_goal), func.count()).where(
            LearningGoal.school_id.in_(whose.schools)
        ),
    )


def _schools(session: Session, whose: Whose, period: Period) -> Parts:
    active = session.scalar(
        select(func.count(Staff.school_id.distinct()))
        .join(Outbox, Outbox.author_id == Staff.id)
        .where(period.holds(Outbox.id, Outbox.created_at), Staff.school_id.in_(whose.schools))
    )
    there = session.scalar(select(func.count()).where(School.id.in_(whose.schools)))
    return active or 0, there or 0


def _reflected(session: Session, whose: Whose, period: Period) -> Parts:
    here = (Staff.active, Staff.school_id.in_(whose.schools), Staff.role.in_(("teacher", "coordinator")))
    wrote = session.scalar(
        select(func.count(StaffReflection.staff_id.distinct()))
        .join(Staff, Staff.id == StaffReflection.staff_id)
        .where(StaffReflection.at >= period.since, StaffReflection.at < period.until, *here)
    )
    return wrote or 0, session.scalar(select(func.count()).select_from(Staff).where(*here)) or 0


def _staff(session: Session, whose: Whose, period: Period) -> Parts:
    here = (Staff.active, Staff.school_id.in_(whose.schools), Staff.role.in_(("teacher", "coordinator")))
    wrote = session.scalar(
        select(func.count(Outbox.author_id.distinct()))
        .join(Staff, Staff.id == Outbox.author_id)
        .where(period.holds(Outbox.id, Outbox.created_at), *here)
    )
    return wrote or 0, session.scalar(select(func.count()).select_from(Staff).where(*here)) or 0


def _long(session: Session, whose: Whose) -> int:
    """Programmes whose first and last day are more than twelve weeks apart. Days are subtracted here: the two kinds of
    database do not agree how."""
    spans = session.execute(
        select(func.min(Prompt.day), func.max(Prompt.day))
        .join(Programme, Programme.id == Prompt.programme_id)
        .where(
            Programme.school_id.in_(whose.schools),
            Programme.cancelled_at.is_(None),
            Prompt.state != "cancelled",
        )
        .group_by(Programme.id)
    )
    return sum(last - first > LONG for first, last in spans)


def roles_invited(session: Session, whose: Whose, period: Period) -> dict[str, int]:
    """How many conversations of the period invited families into each role, by the role their script names."""
    rows = session.execute(
        select(FlowRevision.yaml, FlowRevision.name, func.count())
        .join(FlowSession, FlowSession.revision_id == FlowRevision.id)
        .where(
            period.holds(FlowSession.id, FlowSession.began_at), FlowSession.conversation_id.in_(whose.talks())
        )
        .group_by(FlowRevision.id, FlowRevision.yaml, FlowRevision.name)
    )
    found: dict[str, int] = {}
    for written, name, count in rows:
        role = role_of(written, name)
        if role is not None:
            found[role] = found.get(role, 0) + count
    return found


def role_of(written: str, name: str) -> str | None:
    """The role that the conversation `name` of a stored script invites into; None when it names none."""
    try:
        script = json.loads(written)
    except ValueError:
        return None  # a revision that was not stored by this product names no role
    role = script.get("conversations", {}).get(name, {}).get("role")
    return role if isinstance(role, str) else None
