"""Prompts and programmes from a file that a person can write: YAML or JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.conversation.desk import Desk
from bot.outreach.audience import Audience
from bot.outreach.programmes import NewProgramme, Part, add_programme
from bot.outreach.scheduling import NewPrompt, add
from bot.store.learning import LearningGoal
from bot.store.people import School, Section


class WrongFile(ValueError):
    """The file does not say what is meant; the message names the field and what to write."""


def _clock(value: Any) -> Any:
    # YAML 1.1 reads an unquoted 17:30 as the number 1050 (base sixty).
    return f"{value // 60:02}:{value % 60:02}" if isinstance(value, int) and value < 1440 else value


def _as_words(value: Any) -> Any:
    value = _clock(value) if isinstance(value, int) and value > 59 else value
    return value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, int) else value


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WrittenAudience(_Part):
    """Whom it is for. Sections by name or by the roster's id."""

    sections: list[str | int] = []
    grades: list[str | int] = []
    languages: list[str] = []
    not_heard_days: int | None = None
    everyone: bool = False


class WrittenPrompt(_Part):
    """One prompt or announcement."""

    title: str
    day: date
    at: Annotated[time, BeforeValidator(_clock)]
    audience: WrittenAudience
    conversation: str | None = None
    words: str | None = None
    language: str = "en"
    goal: str | None = None
    topic: str | None = None
    reason: str | None = None
    best_time: bool = False
    told: dict[str, Annotated[str, BeforeValidator(_as_words)]] = Field(default={}, alias="with")


class WrittenPart(_Part):
    """One conversation of a programme; the parts take turns on its days."""

    conversation: str
    goal: str | None = None
    reason: str | None = None


class WrittenProgramme(_Part):
    """Prompts over weeks. One weekday and one part: a weekly prompt."""

    name: str
    begins: date
    weekdays: list[str]
    at: Annotated[time, BeforeValidator(_clock)]
    audience: WrittenAudience
    parts: list[WrittenPart] = Field(min_length=1)
    weeks: int | None = None
    holidays: list[date] = []
    best_time: bool = False


class WrittenFile(_Part):
    """A file: one prompt, several under `prompts`, or a `programme`."""

    prompts: list[WrittenPrompt] = []
    programme: WrittenProgramme | None = None

    @model_validator(mode="after")
    def _holds_something(self) -> WrittenFile:
        if not self.prompts and self.programme is None:
            raise ValueError("there is nothing in it: write title, day, at, audience and conversation")
        return self


@dataclass(frozen=True, slots=True)
class MadeFromFile:
    """What a file became: its prompts in the file's order, and the programme they belong to, if any."""

    prompts: tuple[int, ...]
    programme: int | None = None


def make_from_file(desk: Desk, name: str, text: str, school_name: str | None = None) -> MadeFromFile:
    """Make what a file describes, all of it or nothing.

    Raises `WrongFile`, and `CannotPrompt` for what cannot be begun.
    """
    written = read_file(name, text)
    with desk.db.writing() as session:
        school = school_of(session, school_name)
        singles = tuple(
            add(session, desk, school, _meant(session, school, one, name), None) for one in written.prompts
        )
        if written.programme is None:
            return MadeFromFile(singles)
        new = _programme(session, school, written.programme, name)
        made = add_programme(session, desk, school, new, None)
        return MadeFromFile((*singles, *made.prompt_ids), made.id)


def read_file(name: str, text: str) -> WrittenFile:
    """Read a file without making anything. Raises `WrongFile`."""
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        place = getattr(error, "problem_mark", None)
        line = f" line {place.line + 1}" if place is not None else ""
        raise WrongFile(f"{name}{line} is neither YAML nor JSON.") from None
    if not isinstance(data, dict):
        raise WrongFile(f"{name} holds no prompt: begin with title, day, at, audience and conversation.")
    try:
        return WrittenFile.model_validate(
            data if {"prompts", "programme"} & set(data) else {"prompts": [data]}
        )
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"] if part not in ("prompts", 0)) or "the file"
        raise WrongFile(f"{name}: {place}: {first['msg']}. docs/prompts.md shows how to write it.") from None


def school_of(session: Session, name: str | None) -> int:
    """The school of that name; without one the only school there is (a real one before the sample). Raises
    `WrongFile`."""
    rows = session.execute(select(School.id, School.name, School.sample).order_by(School.name)).all()
    chosen = (
        [row for row in rows if row.name == name] if name else [row for row in rows if not row.sample] or rows
    )
    if len(chosen) != 1:
        names = ", ".join(row.name for row in rows) or "none yet"
        raise WrongFile(f"Which school? Name one of: {names}.")
    return int(chosen[0].id)


def audience_of(session: Session, school_id: int, written: WrittenAudience, name: str) -> Audience:
    """The audience with its sections found. Raises `WrongFile`."""
    sections: list[int] = []
    for one in written.sections:
        found = session.scalars(
            select(Section.id).where(
                Section.school_id == school_id,
                Section.active,
                (Section.name == str(one)) | (Section.source_id == str(one)),
            )
        ).all()
        if len(found) != 1:
            raise WrongFile(
                f"{name}: audience.sections: {one!r} names {len(found) or 'no'} section of this school."
            )
        sections.append(found[0])
    return Audience(
        tuple(sections),
        tuple(str(one) for one in written.grades),
        tuple(written.languages),
        written.not_heard_days,
        written.everyone,
    )


def goal_of(session: Session, school_id: int, code: str | None, name: str) -> int | None:
    """The learning goal of that code. Raises `WrongFile`."""
    if code is None:
        return None
    found = session.scalar(
        select(LearningGoal.id).where(LearningGoal.school_id == school_id, LearningGoal.code == code)
    )
    if found is None:
        raise WrongFile(f"{name}: goal: this school has no learning goal {code!r}.")
    return found


def _meant(session: Session, school_id: int, one: WrittenPrompt, name: str) -> NewPrompt:
    return NewPrompt(
        title=one.title,
        audience=audience_of(session, school_id, one.audience, name),
        day=one.day,
        at=one.at,
        script=one.conversation,
        words=one.words,
        words_language=one.language,
        goal_id=goal_of(session, school_id, one.goal, name),
        topic=one.topic,
        reason=one.reason,
        best_time=one.best_time,
        told=one.told,
    )


def _programme(session: Session, school: int, one: WrittenProgramme, name: str) -> NewProgramme:
    return NewProgramme(
        name=one.name,
        audience=audience_of(session, school, one.audience, name),
        begins=one.begins,
        weekdays=tuple(day.casefold()[:3] for day in one.weekdays),
        at=one.at,
        parts=tuple(
            Part(part.conversation, goal_of(session, school, part.goal, name), part.reason)
            for part in one.parts
        ),
        weeks=one.weeks,
        holidays=tuple(one.holidays),
        best_time=one.best_time,
    )
