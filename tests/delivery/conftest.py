"""A conversation with one family, a sender, and Twilio: real HTTP to a provider that misbehaves when told to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.channels.base import Medium
from bot.channels.twilio import TwilioChannel, TwilioConfig
from bot.delivery.outbox import REPLY, Draft, queue
from bot.delivery.sender import Sent, send_batch
from bot.delivery.sweep import Swept, sweep_sends
from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.talk import Conversation, DeliveryEvent, Outbox, SenderRow
from bot.store.wake import NoWake
from tests.conftest import Clock
from tests.fake_twilio.server import FakeTwilio

OURS = "+15555550199"
LEASE = timedelta(seconds=30)
LIST_LAG = timedelta(seconds=60)


@dataclass
class PostOffice:
    """Queue texts, send them, sweep; the clock stands still unless it is moved."""

    db: Database
    twilio: FakeTwilio
    clock: Clock
    conversations: dict[str, int] = field(default_factory=dict)
    count: int = 0

    def __post_init__(self) -> None:
        self.config = TwilioConfig(
            self.twilio.account_sid, (self.twilio.auth_token,), api_base=self.twilio.url, timeout_seconds=0.5
        )
        self.channels = {Medium.SMS.value: TwilioChannel(self.config)}

    def family(self, number: str) -> int:
        if number not in self.conversations:
            row = new_id()
            with self.db.writing() as session:
                session.add(
                    Conversation(
                        id=row, medium="sms", sender=OURS, address=self.db.vault.seal(Conversation.address, row, number),
                        address_index=self.db.vault.index(number), created_at=self.clock(),
                    )
                )  # fmt: skip
            self.conversations[number] = row
        return self.conversations[number]

    def queue(self, number: str, *bodies: str, **more: object) -> list[int]:
        conversation = self.family(number)
        drafts = []
        for body in bodies:
            self.count += 1
            values: dict[str, object] = {
                "ref": f"cause.{self.count}", "kind": "reply", "body": body, "language": "es", "origin": "catalog",
                "not_before": self.clock(), "priority": REPLY,
            } | more  # fmt: skip
            drafts.append(Draft(**values))  # type: ignore[arg-type]  # a test's own keywords
        with self.db.connection() as tx:
            return queue(tx, self.db.vault, conversation, drafts, self.clock(), NoWake())

    def send(self) -> Sent:
        return send_batch(self.db, self.channels, OURS, "sms", self.clock, lambda: 0.5, LEASE)

    def send_all(self) -> None:
        for _ in range(30):
            if not self.send().count:
                return

    def sweep(self) -> Swept:
        return sweep_sends(self.db, self.channels, self.clock(), LIST_LAG, self.clock)

    def row(self, outbox_id: int) -> Outbox:
        with self.db.reading() as session:
            return session.get_one(Outbox, outbox_id)

    def state(self, outbox_id: int) -> str:
        return self.row(outbox_id).state

    def went(self, outbox_id: int) -> bool:
        """The provider has it, whatever it said of it since."""
        return self.state(outbox_id) in ("sent", "delivered")

    def accepted(self, outbox_id: int) -> int:
        """How many copies of this text the provider took."""
        row = self.row(outbox_id)
        to = self.db.vault.open(Outbox.to, row.id, row.to)
        body = self.db.vault.open_or(Outbox.body, row.id, row.body)
        return sum(message.body == body for message in self.twilio.ledger.messages(to=to))

    def history(self, outbox_id: int) -> list[tuple[str, bool]]:
        with self.db.reading() as session:
            rows = session.scalars(
                select(DeliveryEvent).where(DeliveryEvent.outbox_id == outbox_id).order_by(DeliveryEvent.id)
            )
            return [(row.state, row.applied) for row in rows]


@pytest.fixture
def clock() -> Clock:
    """The present: the provider's own dates are real ones."""
    return Clock(at=datetime.now().astimezone())


@pytest.fixture
def office(db: Database, clock: Clock) -> Iterator[PostOffice]:
    with db.writing() as session:
        session.add(SenderRow(number=OURS, medium="sms", rate=1000.0, burst=1000))
    with FakeTwilio() as twilio:
        yield PostOffice(db, twilio, clock)
