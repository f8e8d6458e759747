"""The fifth of the five functions, as far as sends go: leases that ran out, unclear sends, receipts that never came."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from bot.channels.base import Channel, Medium, Outgoing, TryLater
from bot.delivery.receipts import apply_receipt
from bot.delivery.states import move
from bot.delivery.ways import wording_of
from bot.store.database import Database
from bot.store.talk import Conversation, Outbox

AT_ONCE = 200
SILENT_AFTER = timedelta(hours=1)
"""An accepted text without a receipt for this long is asked about; then after a day; then it is left as sent."""

ASK_AGAIN = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep did, for the log and for tests."""

    lapsed: int = 0
    found: int = 0
    resent: int = 0
    asked: int = 0


def sweep_sends(
    db: Database,
    channels: Mapping[str, Channel],
    now: datetime,
    list_lag: timedelta,
    clock: Callable[[], datetime],
) -> Swept:
    """Look after the outbox. `list_lag`: how old an attempt must be before "the provider has no such message" is
    believed; before that the message may merely not be listed yet."""
    lapsed = _lapse(db, now)
    found, resent = _ask_about_unknown(db, channels, now, list_lag)
    asked = _ask_about_silent(db, channels, now, clock)
    return Swept(lapsed, found, resent, asked)


def _lapse(db: Database, now: datetime) -> int:
    """A row in `sending` whose sender is gone may or may not have been sent: from now on it is `unknown`, and the
    provider's list has time to catch up (the sender may have asked at the very end of its lease)."""
    with db.connection() as tx:
        late = tx.execute(
            select(Outbox.id).where(Outbox.state == "sending", Outbox.lease_until <= now).limit(AT_ONCE)
        ).scalars()
        return sum(
            move(
                tx,
                row,
                "unknown",
                now,
                seen=("sending",),
                reason="the sender stopped",
                tried_at=now,
                lease_until=now,
            )
            for row in list(late)
        )


def _ask_about_unknown(
    db: Database, channels: Mapping[str, Channel], now: datetime, list_lag: timedelta
) -> tuple[int, int]:
    with db.reading() as session:
        rows = session.scalars(
            select(Outbox)
            .where(Outbox.state == "unknown", Outbox.lease_until <= now)
            .order_by(Outbox.lease_until)
            .limit(AT_ONCE)
        ).all()
    found = resent = 0
    for row in rows:
        channel = channels.get(row.medium)
        if channel is None or not _mine_to_ask(db, row.id, now):
            continue
        message = _outgoing(db, row)
        tried = row.tried_at or row.created_at
        try:
            asked = channel.find(message, row.created_at, _known(db, row))
        except TryLater:
            continue  # asked again when the short lease that `_mine_to_ask` took has run out
        with db.connection() as tx:
            if asked.found is not None:
                state = asked.receipt.state if asked.receipt else asked.found.state
                code = asked.receipt.error_code if asked.receipt else None
                found += move(
                    tx, row.id, state, now, error_code=code, provider_id=asked.found.provider_id,
                    sent_at=tried, lease_until=None,
                )  # fmt: skip
            elif now - tried >= list_lag:
                resent += move(tx, row.id, "ready", now, seen=("unknown",), lease_until=None, reason=None)
    return found, resent


def _mine_to_ask(db: Database, row_id: int, now: datetime) -> bool:
    """Two sweepers must not both decide to resend: the one whose UPDATE counts asks."""
    with db.connection() as tx:
        return (
            tx.execute(
                update(Outbox)
                .where(Outbox.id == row_id, Outbox.state == "unknown", Outbox.lease_until <= now)
                .values(lease_until=now + ASK_AGAIN)
            ).rowcount
            == 1
        )


def _known(db: Database, row: Outbox) -> frozenset[str]:
    """Provider ids that belong to other texts to the same number."""
    number = select(Conversation.address_index).where(Conversation.id == row.conversation_id)
    theirs = select(Conversation.id).where(Conversation.address_index == number.scalar_subquery())
    with db.reading() as session:
        ids = session.scalars(
            select(Outbox.provider_id).where(
                Outbox.conversation_id.in_(theirs),
                Outbox.id != row.id,
                Outbox.provider_id.is_not(None),
            )
        )
        return frozenset(one for one in ids if one is not None)


def _outgoing(db: Database, row: Outbox) -> Outgoing:
    body, template = db.vault.open_or(Outbox.body, row.id, row.body), None
    if row.content_sid is not None:
        with db.reading() as session:
            wording = wording_of(session.connection(), row.content_sid)
        if wording is not None:
            body, template = wording.filled(body)
    to = db.vault.open(Outbox.to, row.id, row.to)
    return Outgoing(row.ref, Medium(row.medium), row.sender, to, body, template=template)


def _ask_about_silent(
    db: Database, channels: Mapping[str, Channel], now: datetime, clock: Callable[[], datetime]
) -> int:
    with db.reading() as session:
        rows = session.execute(
            select(Outbox.id, Outbox.medium, Outbox.provider_id, Outbox.sent_at, Outbox.lease_until)
            .where(
                Outbox.state == "sent",
                Outbox.provider_id.is_not(None),
                Outbox.sent_at <= now - SILENT_AFTER,
                Outbox.sent_at >= now - timedelta(days=3),
                (Outbox.lease_until.is_(None)) | (Outbox.lease_until <= now),
            )
            .limit(AT_ONCE)
        ).all()
    asked = 0
    for row in rows:
        channel = channels.get(row.medium)
        if channel is None:
            continue
        with db.connection() as tx:  # next time in a day, whatever comes of it
            tx.execute(update(Outbox).where(Outbox.id == row.id).values(lease_until=now + timedelta(days=1)))
        try:
            receipt = channel.look_up(row.provider_id)
        except TryLater:
            continue
        asked += 1
        if receipt.state != "sent":
            apply_receipt(db, receipt, clock())
    return asked
