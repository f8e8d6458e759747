"""The fourth of the five functions: claim within the sender's rate, send, record.

`sending` is committed before the HTTP call, and each answer is recorded in a transaction of its own after it. A
process that dies in between leaves a row in `sending` whose lease runs out; the sweep then asks the provider.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, update

from bot.channels.base import Accepted, Channel, Medium, Outgoing, Refused, TryLater, Unclear
from bot.channels.whatsapp import Way
from bot.delivery.consent import opt_out
from bot.delivery.outbox import Claimed, claim
from bot.delivery.states import move
from bot.delivery.ways import other_way
from bot.observe import metrics
from bot.store.database import Database
from bot.store.talk import Conversation, Outbox

MAX_ATTEMPTS = 12
"""Tries for a text that the provider certainly did not take; at the backoff below they span about 3 hours."""

PARALLEL = 8
"""Calls to the provider at once. With BATCH = 40 rows a batch takes at most 5 time-outs."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What a batch did. `wait`: when it is worth looking again (None: nothing is due)."""

    count: int
    wait: timedelta | None


def send_batch(
    db: Database,
    channels: Mapping[str, Channel],
    sender: str,
    medium: str,
    clock: Callable[[], datetime],
    jitter: Callable[[], float],
    lease: timedelta,
) -> Sent:
    """Send what one sender may send now. `jitter` gives numbers in [0, 1) for the backoff; rows are ours for
    `lease`, and one that is not under way by the half of it goes back: somebody else may take it soon."""
    channel = channels.get(medium)
    if channel is None:
        return Sent(0, None)
    with db.connection() as tx:
        batch = claim(tx, db.vault, sender, medium, clock(), lease, shared_now=db.now(tx, clock))
    if not batch.rows:
        return Sent(0, batch.wait)

    def one(row: Claimed) -> None:
        send_one(db, channel, row, clock, jitter, lease / 2)

    if len(batch.rows) == 1:
        one(batch.rows[0])
    else:
        # Rows of one batch belong to different conversations, so their order among each other does not matter.
        with ThreadPoolExecutor(min(PARALLEL, len(batch.rows))) as pool:
            for done in [pool.submit(one, row) for row in batch.rows]:
                done.result()
    return Sent(len(batch.rows), batch.wait if batch.wait is not None else timedelta(0))


def send_one(
    db: Database,
    channel: Channel,
    row: Claimed,
    clock: Callable[[], datetime],
    jitter: Callable[[], float],
    margin: timedelta,
) -> None:
    """Send one claimed row and record the answer, unless less than `margin` is left of its lease."""
    if clock() > row.lease_until - margin:
        with db.connection() as tx:
            move(tx, row.id, "ready", clock(), seen=("sending",), lease_until=None)
        return
    message = Outgoing(row.ref, Medium(row.medium), row.sender, row.to, row.body, template=row.template)
    began = time.perf_counter()
    try:
        answer = channel.send(message)
    except TryLater as later:
        outcome = "later"
        _put_back(db, row, later, clock(), jitter())
    except Refused as refused:
        outcome = "refused"
        _give_up(db, row, refused, clock())
    except Unclear as unclear:
        outcome = "unclear"
        record_unclear(db, row.id, unclear.reason, clock())
    else:
        outcome = "accepted"
        record_accepted(db, row.id, answer, clock())
    metrics.sent(row.medium, outcome, time.perf_counter() - began)


def record_accepted(db: Database, outbox_id: int, answer: Accepted, now: datetime) -> None:
    """The provider has it. A receipt may have come first; then only its id is written down."""
    with db.connection() as tx:
        state = answer.state if answer.state in ("delivered", "undelivered", "failed") else "sent"
        if not move(tx, outbox_id, state, now, provider_id=answer.provider_id, sent_at=now, lease_until=None):
            remember_provider_id(tx, outbox_id, answer.provider_id, now)


def record_unclear(db: Database, outbox_id: int, reason: str, now: datetime) -> None:
    """The provider may have it: `unknown`, until it has been asked. From `now` on its list has time to catch up."""
    with db.connection() as tx:
        move(
            tx,
            outbox_id,
            "unknown",
            now,
            seen=("sending",),
            reason=reason,
            tried_at=now,
            lease_until=now + timedelta(seconds=2),
        )


def backoff(attempts: int, jitter: float) -> timedelta:
    """How long to wait after the n-th certain "not now": 2 s doubling to 30 min, spread over half of it."""
    return timedelta(seconds=min(2.0**attempts, 1800.0) * (0.5 + jitter / 2))


def _put_back(db: Database, row: Claimed, later: TryLater, now: datetime, jitter: float) -> None:
    with db.connection() as tx:
        if row.attempts >= MAX_ATTEMPTS:
            move(tx, row.id, "failed", now, error_code=later.code, reason=later.reason, lease_until=None)
            return
        wait = backoff(row.attempts, jitter)
        if later.after_seconds is not None:
            wait = max(wait, timedelta(seconds=min(later.after_seconds, 3600.0)))
        move(
            tx, row.id, "ready", now, seen=("sending",), error_code=later.code, reason=later.reason,
            lease_until=None, not_before=now + wait,
        )  # fmt: skip


def _give_up(db: Database, row: Claimed, refused: Refused, now: datetime) -> None:
    with db.connection() as tx:
        before = Way.FREE_TEXT if row.template is None else Way.TEMPLATE
        left = other_way(refused.code, before) if row.medium == Medium.WHATSAPP else None
        if left is not None:  # certainly not accepted: the same text may go another way
            move(
                tx, row.id, "ready", now, seen=("sending",), error_code=refused.code, lease_until=None,
                way=left.value, content_sid=None,
            )  # fmt: skip
            return
        move(tx, row.id, "failed", now, error_code=refused.code, reason=refused.reason, lease_until=None)
        if refused.opted_out:
            opt_out(tx, _index_of(tx, row.conversation_id), now, "the carrier says this number opted out")


def _index_of(tx: Connection, conversation_id: int) -> bytes:
    return tx.execute(
        select(Conversation.address_index).where(Conversation.id == conversation_id)
    ).scalar_one()


def remember_provider_id(tx: Connection, outbox_id: int, provider_id: str, now: datetime) -> None:
    """Write down the provider's id of a row that a receipt has moved on already."""
    tx.execute(
        update(Outbox)
        .where(Outbox.id == outbox_id, Outbox.provider_id.is_(None))
        .values(provider_id=provider_id, sent_at=func.coalesce(Outbox.sent_at, now), lease_until=None)
    )
