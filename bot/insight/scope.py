"""What a number is about: which families, and from when to when. Who may ask is for the caller to decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute

from bot.store.columns import first_id_at
from bot.store.people import Enrollment, Guardian, Guardianship
from bot.store.talk import Conversation

_SLACK = timedelta(minutes=10)
"""Clocks of two machines may differ; ids are made on the one that writes."""


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` (in it) to `until` (not in it)."""

    since: datetime
    until: datetime

    @classmethod
    def last(cls, days: int, now: datetime) -> Period:
        """The last `days` days."""
        return cls(now - timedelta(days=days), now)

    def before(self) -> Period:
        """The period of the same length just before."""
        return Period(self.since - (self.until - self.since), self.since)

    def holds(self, row_id: InstrumentedAttribute[int], at: InstrumentedAttribute[datetime]) -> Any:
        """The condition that a row is of this period. Ids grow with time, so the range of ids is what the database
        walks through, however many rows are older."""
        return (row_id >= first_id_at(self.since - _SLACK)) & (at >= self.since) & (at < self.until)


@dataclass(frozen=True, slots=True)
class Whose:
    """Which families: of these schools; with `sections` only of those; with `conversations` only those."""

    schools: tuple[int, ...]
    sections: tuple[int, ...] | None = None
    conversations: tuple[int, ...] | None = None

    def guardians(self) -> Select[Any]:
        """The ids of their active guardians."""
        query = select(Guardian.id).where(Guardian.active, Guardian.school_id.in_(self.schools))
        if self.sections is not None:
            query = query.where(
                Guardian.id.in_(
                    select(Guardianship.guardian_id)
                    .join(Enrollment, Enrollment.student_id == Guardianship.student_id)
                    .where(Guardianship.active, Enrollment.active, Enrollment.section_id.in_(self.sections))
                )
            )
        if self.conversations is not None:
            query = query.where(
                Guardian.id.in_(
                    select(Conversation.guardian_id).where(Conversation.id.in_(self.conversations))
                )
            )
        return query

    def talks(self) -> Select[Any]:
        """The ids of their conversations."""
        query = select(Conversation.id).where(Conversation.guardian_id.in_(self.guardians()))
        if self.conversations is not None:
            query = query.where(Conversation.id.in_(self.conversations))
        return query
