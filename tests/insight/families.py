"""Schools full of families for tests of the numbers: rows as the product writes them, without the talking."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from bot.insight.scope import Period, Whose
from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.learning import Answer, Contribution, GoalProgress
from bot.store.people import Guardian, School, Staff
from bot.store.talk import Conversation, FlowRevision, FlowSession, Inbox, Outbox

NOW = datetime.now(UTC).replace(microsecond=0)
"""The real clock: ids grow with it, and periods are ranges of ids."""

MONTH = Period.last(28, NOW + timedelta(minutes=1))


@dataclass
class Place:
    """A school and what happens in it."""

    db: Database
    name: str = "Riverside"
    school: int = field(default_factory=new_id)
    teacher: int = field(default_factory=new_id)
    revision: int = field(default_factory=new_id)
    texts: int = 0

    def __post_init__(self) -> None:
        self.add(School, id=self.school, name=self.name, time_zone="America/New_York")
        self.add(
            Staff,
            id=self.teacher,
            school_id=self.school,
            name="Ms. Bennett",
            email=f"{self.teacher}@x.invalid",
            role="teacher",
        )
        self.add(
            FlowRevision,
            id=self.revision,
            name="reading",
            sha256=str(self.revision),
            yaml="{}",
            created_at=NOW,
        )

    @property
    def whose(self) -> Whose:
        return Whose((self.school,))

    def add(self, table: Any, **values: Any) -> None:
        with self.db.connection() as tx:
            tx.execute(insert(table), values)

    def family(
        self, language: str | None = "es", *, talks: bool = True, name: str = "Ana Ruiz", **more: Any
    ) -> int:
        """A guardian; returns the id of the conversation with her (or hers, without one)."""
        guardian, talk = new_id(), new_id()
        self.add(Guardian, id=guardian, school_id=self.school, name=name, language=language)
        if not talks:
            return guardian
        seal = self.db.vault.seal
        self.add(
            Conversation,
            **{
                "id": talk, "guardian_id": guardian, "medium": "sms", "sender": "+15555550100", "created_at": NOW,
                "address": seal(Conversation.address, talk, "+1"), "address_index": self.db.vault.index(str(talk)),
            } | more,
        )  # fmt: skip
        return talk

    def writes(
        self,
        talk: int,
        words: str,
        english: str | None = None,
        *,
        language: str = "es",
        at: datetime = NOW,
        **more: Any,
    ) -> int:
        row, seal = new_id(), self.db.vault.seal
        self.texts += 1
        self.add(
            Inbox,
            **{
                "id": row, "provider_id": f"T{row}", "conversation_id": talk, "seq": self.texts, "received_at": at,
                "body": seal(Inbox.body, row, words), "language": language, "state": "done",
                "body_en": None if english is None else seal(Inbox.body_en, row, english),
            } | more,
        )  # fmt: skip
        return row

    def gets(self, talk: int, words: str = "Hi", *, at: datetime = NOW, **more: Any) -> int:
        row, seal = new_id(), self.db.vault.seal
        self.texts += 1
        self.add(
            Outbox,
            **{
                "id": row, "conversation_id": talk, "seq": self.texts, "ref": f"r{row}", "kind": "flow", "priority": 1,
                "sender": "+1", "medium": "sms", "to": seal(Outbox.to, row, "+1"), "body": seal(Outbox.body, row, words),
                "language": "es", "origin": "catalog", "segments": 1, "not_before": at, "state": "delivered",
                "created_at": at,
            } | more,
        )  # fmt: skip
        return row

    def teacher_writes(self, talk: int, words: str, *, at: datetime = NOW) -> int:
        row = self.gets(talk, words, at=at, kind="staff", author_id=self.teacher, language="en")
        return row

    def session(self, talk: int, **more: Any) -> int:
        row = new_id()
        self.add(
            FlowSession,
            **{
                "id": row, "conversation_id": talk, "revision_id": self.revision, "cause": f"c{row}", "began_at": NOW,
                "state": self.db.vault.seal(FlowSession.state, row, "{}"),
            } | more,
        )  # fmt: skip
        return row

    def answers(self, talk: int, about: str, words: str = "", *, choice: str | None = None, number: float | None = None,
                english: str | None = None, at: datetime = NOW, language: str = "es") -> int:  # fmt: skip
        row = new_id()
        text = self.writes(talk, words or str(choice or number), english, at=at, language=language)
        self.add(
            Answer, id=row, conversation_id=talk, session_id=self.session(talk), inbox_id=text, field=about, choice=choice,
            number=number, words=self.db.vault.seal(Answer.words, row, words) if words else None, at=at,
        )  # fmt: skip
        return text

    def gives(self, talk: int, kind: str, words: str, english: str | None = None) -> int:
        row = new_id()
        text = self.writes(talk, words, english)
        self.add(
            Contribution,
            id=row,
            conversation_id=talk,
            inbox_id=text,
            kind=kind,
            words=self.db.vault.seal(Contribution.words, row, words),
            at=NOW,
        )
        return text

    def tries(self, talk: int, goal: str = "reading", did: str = "tried") -> None:
        self.add(GoalProgress, id=new_id(), session_id=self.session(talk), goal=goal, did=did, at=NOW)
