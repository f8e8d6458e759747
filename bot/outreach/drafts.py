"""Prompts that are still being written: kept at every press of a button, seen by their author only."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import delete, select

from bot.delivery.quiet_days import WEEKDAYS
from bot.outreach.audience import Audience
from bot.outreach.programmes import NewProgramme, Part
from bot.outreach.scheduling import CannotPrompt, NewPrompt
from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.drafts import PromptDraft

ONCE, WEEKLY, PROGRAMME = "once", "weekly", "programme"
RHYTHMS = (ONCE, WEEKLY, PROGRAMME)


@dataclass(frozen=True, slots=True)
class Fields:
    """The form as it stands: nothing here need be right yet."""

    title: str = ""
    script: str = ""
    words: str = ""
    goal: int | None = None
    sections: tuple[int, ...] = ()
    languages: tuple[str, ...] = ()
    not_heard_days: int | None = None
    everyone: bool = False
    day: str = ""
    at: str = ""
    topic: str = ""
    reason: str = ""
    grades: tuple[str, ...] = ()
    rhythm: str = ONCE
    weekdays: tuple[str, ...] = ()
    weeks: str = ""
    parts: tuple[str, ...] = ()
    """Conversations that take turns with `script`, in their order."""
    best_time: bool = False
    told: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draft:
    """A kept form."""

    id: int
    updated_at: datetime
    fields: Fields = field(default_factory=Fields)


def begin(db: Database, staff_id: int, now: datetime, fields: Fields | None = None) -> int:
    """Begin a draft; returns its id."""
    row_id = new_id()
    kept = db.vault.seal(PromptDraft.fields, row_id, _dumped(fields or Fields()))
    with db.writing() as session:
        session.add(PromptDraft(id=row_id, staff_id=staff_id, fields=kept, updated_at=now))
    return row_id


def keep(db: Database, staff_id: int, draft_id: int, fields: Fields, now: datetime) -> bool:
    """Keep the form as it stands; False when this person has no such draft."""
    kept = db.vault.seal(PromptDraft.fields, draft_id, _dumped(fields))
    with db.writing() as session:
        row = session.get(PromptDraft, draft_id)
        if row is None or row.staff_id != staff_id:
            return False
        row.fields, row.updated_at = kept, now
        return True


def drafts(db: Database, staff_id: int, limit: int = 50) -> list[Draft]:
    """This person's drafts, newest first."""
    with db.reading() as session:
        rows = session.scalars(
            select(PromptDraft)
            .where(PromptDraft.staff_id == staff_id)
            .order_by(PromptDraft.updated_at.desc(), PromptDraft.id.desc())
            .limit(limit)
        ).all()
    return [_opened(db, row) for row in rows]


def draft(db: Database, staff_id: int, draft_id: int) -> Draft | None:
    """One of this person's drafts."""
    with db.reading() as session:
        row = session.get(PromptDraft, draft_id)
    return _opened(db, row) if row is not None and row.staff_id == staff_id else None


def drop(db: Database, staff_id: int, draft_id: int) -> None:
    """Throw a draft away."""
    with db.writing() as session:
        session.execute(
            delete(PromptDraft).where(PromptDraft.id == draft_id, PromptDraft.staff_id == staff_id)
        )


def as_prompt(fields: Fields, own_sections: Collection[int], whole_school: bool) -> NewPrompt:
    """The prompt a form means. Raises `CannotPrompt` saying what is missing, or not this person's to address."""
    if fields.script and fields.words.strip():
        fields = replace(fields, words="")  # the form shows one of the two; the conversation wins
    if not whole_school:
        strange = set(fields.sections) - set(own_sections)
        if strange or fields.everyone or not fields.sections:
            raise CannotPrompt("Choose at least one of your sections.")
    try:
        day = date.fromisoformat(fields.day)
    except ValueError:
        raise CannotPrompt("Choose the day on which it should go out.") from None
    try:
        at = time.fromisoformat(fields.at)
    except ValueError:
        raise CannotPrompt("Choose the time at which it should go out.") from None
    return NewPrompt(
        title=fields.title,
        audience=Audience(
            sections=fields.sections,
            grades=fields.grades,
            languages=fields.languages,
            not_heard_days=fields.not_heard_days,
            everyone=fields.everyone,
        ),
        day=day,
        at=at.replace(second=0, microsecond=0, tzinfo=None),
        script=fields.script or None,
        words=fields.words.strip() or None,
        goal_id=fields.goal,
        topic=fields.topic or None,
        reason=fields.reason.strip() or None,
        best_time=fields.best_time,
        told={name: words for name, words in fields.told.items() if words.strip()},
    )


def as_programme(fields: Fields, first: NewPrompt) -> NewProgramme | None:
    """The programme a form means whose first prompt is `first`; None: it goes out once. Raises `CannotPrompt`."""
    if fields.rhythm not in (WEEKLY, PROGRAMME):
        return None
    if first.script is None:
        raise CannotPrompt("Over weeks only conversations go out. Choose one from the library.")
    if not fields.weeks.isdecimal() or len(fields.weeks) > 3:
        raise CannotPrompt("Say for how many weeks.")
    own_day = (WEEKDAYS[first.day.weekday()],)
    scripts = (first.script, *fields.parts) if fields.rhythm == PROGRAMME else (first.script,)
    return NewProgramme(
        name=fields.title,
        audience=first.audience,
        begins=first.day,
        weekdays=own_day if fields.rhythm == WEEKLY else fields.weekdays,
        at=first.at,
        parts=tuple(Part(script, first.goal_id, first.reason) for script in scripts),
        weeks=int(fields.weeks),
        best_time=first.best_time,
    )


def _dumped(fields: Fields) -> str:
    return json.dumps({name: getattr(fields, name) for name in Fields.__slots__})


def _opened(db: Database, row: PromptDraft) -> Draft:
    data: dict[str, Any] = json.loads(db.vault.open(PromptDraft.fields, row.id, row.fields))
    known: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in data.items()
        if name in Fields.__slots__
    }
    return Draft(row.id, row.updated_at, Fields(**known))
