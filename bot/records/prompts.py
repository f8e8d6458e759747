"""Prompts as staff list them: what goes out, what went out, what families did with it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from bot.records.staff import Member
from bot.store.database import Database
from bot.store.learning import LearningGoal
from bot.store.outreach import Programme, Prompt, PromptRecipient
from bot.store.people import Staff

PAGE = 30


@dataclass(frozen=True, slots=True)
class PromptLine:
    """One prompt. `getting` and `left_out` count families once its plan is written."""

    id: int
    title: str
    kind: str
    script: str | None
    goal: str | None
    goal_code: str | None
    goal_standard: str | None
    state: str
    why: str | None
    day: date
    at: time
    author: str | None
    created_at: datetime
    getting: int
    left_out: int
    programme_id: int | None = None


@dataclass(frozen=True, slots=True)
class ProgrammeLine:
    """A programme in a list: its days, and how many prompts are still to come of how many."""

    id: int
    name: str
    begins: date
    ends: date
    prompts: int
    to_come: int


@dataclass(frozen=True, slots=True)
class PromptPage:
    """A page of prompts; `next` is where the following page begins, or None."""

    lines: tuple[PromptLine, ...]
    next: tuple[date, int] | None


def prompts(
    db: Database, who: Member, after: tuple[date, int] | None = None, limit: int = PAGE
) -> PromptPage:
    """The prompts this person may see, latest day first: a teacher her own, others their school's."""
    query = _prompts(who).limit(limit + 1)
    if after is not None:
        query = query.where(or_(Prompt.day < after[0], and_(Prompt.day == after[0], Prompt.id < after[1])))
    lines = _read(db, query)
    more, lines = len(lines) > limit, lines[:limit]
    return PromptPage(lines, (lines[-1].day, lines[-1].id) if more else None)


def going_out(db: Database, who: Member, today: date, limit: int = 5) -> list[PromptLine]:
    """What goes out today."""
    query = _prompts(who).where(Prompt.day == today, Prompt.state.in_(("scheduled", "planned")))
    return list(_read(db, query.limit(limit)))


def _prompts(who: Member) -> Select[*tuple[Any, ...]]:
    return (
        select(Prompt, LearningGoal.title, LearningGoal.code, LearningGoal.standard, Staff.name)
        .outerjoin(LearningGoal, LearningGoal.id == Prompt.goal_id)
        .outerjoin(Staff, Staff.id == Prompt.created_by)
        .where(_mine(who))
        .order_by(Prompt.day.desc(), Prompt.id.desc())
    )


def _read(db: Database, query: Select[*tuple[Any, ...]]) -> tuple[PromptLine, ...]:
    with db.reading() as session:
        rows = session.execute(query).all()
        getting: Counter[int] = Counter()
        left_out: Counter[int] = Counter()
        for prompt_id, state, number in session.execute(
            select(PromptRecipient.prompt_id, PromptRecipient.state, func.count())
            .where(PromptRecipient.prompt_id.in_([row[0].id for row in rows]))
            .group_by(PromptRecipient.prompt_id, PromptRecipient.state)
        ):
            (getting if state in ("planned", "fired") else left_out)[prompt_id] += number
    return tuple(
        PromptLine(
            prompt.id,
            prompt.title,
            prompt.kind,
            prompt.script,
            goal,
            code,
            standard,
            prompt.state,
            prompt.why,
            prompt.day,
            prompt.at,
            author,
            prompt.created_at,
            getting[prompt.id],
            left_out[prompt.id],
            prompt.programme_id,
        )
        for prompt, goal, code, standard, author in rows
    )


def can_see_prompt(db: Database, who: Member, prompt_id: int) -> bool:
    """Whether this prompt is one this person may look at and call off."""
    with db.reading() as session:
        return (
            session.execute(select(Prompt.id).where(Prompt.id == prompt_id, _mine(who))).one_or_none()
            is not None
        )


def programmes_of(db: Database, who: Member, limit: int = PAGE) -> list[ProgrammeLine]:
    """What this person may see that goes on over weeks, the one that ends first on top."""
    return _programmes(db, _mine(who), limit)


def programmes_in(db: Database, school_id: int, limit: int = PAGE) -> list[ProgrammeLine]:
    """As `programmes_of`, everything of a school."""
    return _programmes(db, Prompt.school_id == school_id, limit)


def _programmes(db: Database, which: ColumnElement[bool], limit: int) -> list[ProgrammeLine]:
    coming = Prompt.state.in_(("scheduled", "planned"))
    with db.reading() as session:
        rows = session.execute(
            select(
                Programme.id, Programme.name, func.min(Prompt.day), func.max(Prompt.day), func.count(Prompt.id),
                func.count(Prompt.id).filter(coming),
            )
            .join(Prompt, Prompt.programme_id == Programme.id)
            .where(which, Programme.cancelled_at.is_(None))
            .group_by(Programme.id)
            .having(func.count(Prompt.id).filter(coming) > 0)
            .order_by(func.max(Prompt.day), Programme.id)
            .limit(limit)
        ).all()  # fmt: skip
    return [ProgrammeLine(*row) for row in rows]


def can_see_programme(db: Database, who: Member, programme_id: int) -> bool:
    """Whether this programme is one this person may call off."""
    with db.reading() as session:
        return (
            session.execute(
                select(Prompt.id).where(Prompt.programme_id == programme_id, _mine(who)).limit(1)
            ).one_or_none()
            is not None
        )


def _mine(who: Member) -> ColumnElement[bool]:
    if who.sees_whole_school:
        return Prompt.school_id == who.school_id
    return and_(Prompt.school_id == who.school_id, Prompt.created_by == who.id)
