"""People for tests: a school on a real database, guardians with phones, teachers who answer.

Nothing here stands in for a part of the product: texts go through `receive`, turns through `take_turn`, and phones
show what the outbox delivered.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from bot.channels.base import Incoming, Media, Medium
from bot.conversation.reply import Queued, send_reply
from bot.jobs import work
from bot.jobs.wiring import World, ensure_senders
from bot.records.sample import seed
from bot.settings import load
from bot.store.columns import Key, new_id
from bot.store.people import Guardian, Staff
from bot.store.talk import Conversation, Inbox, Outbox
from tests.conftest import Clock


def settings_for(database_url: str, folder: Path, **more: str) -> dict[str, str]:
    """An environment for a school on `database_url`, with keys of its own."""
    import base64

    key = base64.b64encode(secrets.token_bytes(32)).decode()
    return {
        "DATABASE_URL": database_url.replace("postgresql+psycopg://", "postgresql://"),
        "VAR": str(folder),
        "DATA_KEYS": Key.new().text(),
        "INDEX_KEY": key,
        "SECRET_KEY": secrets.token_urlsafe(32),
    } | more


@dataclass(frozen=True)
class Shown:
    """One text on a phone, or withheld from it."""

    body: str
    language: str | None
    origin: str
    state: str
    kind: str
    line: str | None
    doubts: tuple[str, ...]
    original: str | None


@dataclass
class Phone:
    """A family's phone."""

    town: Town
    number: str

    def texts(
        self, body: str, *, media: tuple[Media, ...] = (), opt_out_type: str | None = None, turn: bool = True
    ) -> int:
        """Send a text to the school; returns its inbox id. With `turn`, everything it causes happens too."""
        incoming = Incoming(
            f"T{new_id()}", Medium.SIMULATOR, self.town.number, self.number, body, media, opt_out_type
        )
        received = work.receive(self.town.world, incoming)
        if turn:
            self.town.settle()
        return received.inbox_id

    @property
    def conversation(self) -> int:
        with self.town.world.db.reading() as session:
            return session.execute(
                select(Conversation.id).where(
                    Conversation.address_index == self.town.world.db.vault.index(self.number)
                )
            ).scalar_one()

    def shows(self, *states: str) -> list[Shown]:
        """What was delivered to this phone, in order (or what is in the given states)."""
        vault = self.town.world.db.vault
        with self.town.world.db.reading() as session:
            rows = session.scalars(
                select(Outbox)
                .where(
                    Outbox.conversation_id == self.conversation, Outbox.state.in_(states or ("delivered",))
                )
                .order_by(Outbox.seq)
            ).all()
        return [
            Shown(
                vault.open_or(Outbox.body, row.id, row.body), row.language, row.origin, row.state, row.kind, row.line,
                tuple(row.doubts), vault.open(Outbox.original, row.id, row.original) if row.original else None,
            )
            for row in rows
        ]  # fmt: skip

    @property
    def last(self) -> Shown:
        return self.shows()[-1]

    def sent(self, inbox_id: int) -> Inbox:
        with self.town.world.db.reading() as session:
            return session.get_one(Inbox, inbox_id)

    def english(self, inbox_id: int) -> str | None:
        row = self.sent(inbox_id)
        return self.town.world.db.vault.open(Inbox.body_en, row.id, row.body_en) if row.body_en else None

    def row(self) -> Conversation:
        with self.town.world.db.reading() as session:
            return session.get_one(Conversation, self.conversation)


@dataclass
class Town:
    """The sample school with its families, on one database, at a time the test decides."""

    world: World
    clock: Clock
    phones: dict[str, Phone] = field(default_factory=dict)

    @property
    def number(self) -> str:
        return self.world.settings.simulator_number

    def phone(self, number: str) -> Phone:
        return self.phones.setdefault(number, Phone(self, number))

    def guardian(self, name: str) -> Phone:
        """The phone of a guardian of the sample school, by given or family name."""
        with self.world.db.reading() as session:
            rows = [row for row in session.scalars(select(Guardian)) if name in row.name]
        row = rows[0]
        assert row.phone is not None
        return self.phone(self.world.db.vault.open(Guardian.phone, row.id, row.phone))

    def teacher(self, name: str = "Bennett") -> Staff:
        with self.world.db.reading() as session:
            return next(row for row in session.scalars(select(Staff)) if name in row.name)

    def teacher_writes(self, phone: Phone, words: str, token: str | None = None) -> Queued:
        queued = send_reply(
            self.world.desk, phone.conversation, self.teacher().id, words, token or secrets.token_hex(4)
        )
        self.settle()
        return queued

    def settle(self) -> None:
        """Let everything happen that is due at this moment."""
        for _ in range(50):
            turns = sum(work.take_turns(self.world, one) for one in work.conversations_waiting(self.world))
            rang = work.fire_timers(self.world)
            sent = sum(work.send(self.world, *sender).count for sender in work.senders_waiting(self.world))
            paged = work.page(self.world)
            if not turns and not rang and not sent and not paged:
                return
        raise AssertionError("the town never comes to rest")

    def later(self, **amount: float) -> datetime:
        """Time passes, and what becomes due happens."""
        self.clock.forward(**amount)
        self.settle()
        return self.clock.at


@contextmanager
def town(database_url: str, folder: Path, clock: Clock, **more: str) -> Iterator[Town]:
    """The sample school on an empty, migrated database."""
    settings = load(settings_for(database_url, folder, **more), None)
    world = World.build(settings, clock)
    try:
        ensure_senders(world.db, settings)
        seed(world.db, clock())
        yield Town(world, clock)
    finally:
        world.close()
