"""The sample school with a coordinator who plans."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.outreach.audience import Audience
from bot.outreach.plans import Planned, plan_of
from bot.outreach.scheduling import NewPrompt, create
from bot.store.outreach import PromptRecipient
from bot.store.people import Guardian, School, Section, Staff
from bot.store.talk import Conversation, Outbox
from tests.conftest import Clock
from tests.people import Town, town

EVERYONE = Audience(everyone=True)


@dataclass
class Office:
    """The coordinator's desk in the sample school. Wednesday 4 March 2026, 10:00 in New York."""

    town: Town
    school_id: int

    @property
    def today(self) -> date:
        return self.town.clock.at.date()

    def prompt(
        self, *, day: date | None = None, at: str = "17:30", audience: Audience = EVERYONE, **more: object
    ) -> int:
        """A prompt (by default the reading conversation for everybody today at 17:30)."""
        if "words" not in more:
            more.setdefault("script", "reading_checkin")
        new = NewPrompt(
            title=str(more.pop("title", "Reading together")),
            audience=audience,
            day=day or self.today,
            at=time.fromisoformat(at),
            **more,  # type: ignore[arg-type]  # the rest of NewPrompt's own fields
        )
        return create(self.town.world.desk, self.school_id, new, self.coordinator.id)

    @property
    def coordinator(self) -> Staff:
        return self.town.teacher("Whitfield")

    def plan(self, prompt_id: int) -> dict[str, Planned]:
        """The plan by guardian's name."""
        return {line.guardian: line for line in plan_of(self.town.world.desk, prompt_id)}

    def who(self, prompt_id: int) -> set[str]:
        return {name for name, line in self.plan(prompt_id).items() if line.included}

    def section(self, grade: str) -> int:
        with self.town.world.db.reading() as session:
            return session.scalars(select(Section.id).where(Section.grade == grade)).one()

    def rows(self, prompt_id: int) -> list[PromptRecipient]:
        with self.town.world.db.reading() as session:
            return list(
                session.scalars(
                    select(PromptRecipient)
                    .where(PromptRecipient.prompt_id == prompt_id)
                    .order_by(PromptRecipient.guardian_id)
                )
            )

    def change(self, name: str, **values: object) -> None:
        """Change a guardian's record."""
        with self.town.world.db.writing() as session:
            row = next(one for one in session.scalars(select(Guardian)) if name in one.name)
            for field, value in values.items():
                setattr(row, field, value)

    def change_school(self, **values: object) -> None:
        with self.town.world.db.writing() as session:
            school = session.get_one(School, self.school_id)
            for field, value in values.items():
                setattr(school, field, value)

    def texts(self, *states: str) -> list[Outbox]:
        """Everything in the outbox, in order of its making."""
        with self.town.world.db.reading() as session:
            rows = session.scalars(select(Outbox).order_by(Outbox.id)).all()
        return [row for row in rows if not states or row.state in states]

    def texts_to(self, name: str) -> list[Outbox]:
        with self.town.world.db.reading() as session:
            return list(
                session.scalars(
                    select(Outbox)
                    .join(Conversation, Conversation.id == Outbox.conversation_id)
                    .join(Guardian, Guardian.id == Conversation.guardian_id)
                    .where(Guardian.name.contains(name))
                    .order_by(Outbox.id)
                )
            )

    def body(self, row: Outbox) -> str:
        return self.town.world.db.vault.open_or(Outbox.body, row.id, row.body)

    def until(self, hours: float) -> None:
        """Time passes, four hours at a time, and what becomes due happens."""
        while hours > 0:
            step = min(hours, 4.0)
            self.town.clock.at += timedelta(hours=step)
            self.town.settle()
            hours -= step


@contextmanager
def an_office(url: str, folder: Path, clock: Clock, **more: str) -> Iterator[Office]:
    with town(url, folder, clock, **more) as place:
        with place.world.db.reading() as session:
            school = session.scalars(select(School.id)).one()
        yield Office(place, school)


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path, clock: Clock) -> Iterator[Office]:
    """On SQLite: for stories where the kind of database makes no difference."""
    with an_office(sqlite_url, tmp_path, clock) as found:
        yield found


@pytest.fixture
def either_office(database_url: str, tmp_path: Path, clock: Clock) -> Iterator[Office]:
    """Once on each kind of database."""
    with an_office(database_url, tmp_path, clock) as found:
        yield found
