"""The five functions, bound to a World. Everything that happens in the background is one of these calls, each
idempotent, each safe to run twice or to be killed at any line; `local` and `cluster` only decide when to call."""

from __future__ import annotations

from datetime import timedelta

import structlog
from sqlalchemy import func, select

from bot.channels.base import Incoming
from bot.conversation import receive as receiving
from bot.conversation import timers, turn
from bot.conversation.receive import Received
from bot.conversation.turn import Turn
from bot.delivery.sender import Sent, send_batch
from bot.delivery.sweep import Swept, sweep_sends
from bot.jobs.wiring import World
from bot.store.talk import Inbox, Outbox

log = structlog.get_logger()

AT_ONCE = 200


def receive(world: World, incoming: Incoming) -> Received:
    """Store one incoming text; returns after the commit."""
    return receiving.receive(world.db, incoming, world.clock(), world.wake)


def take_turns(world: World, conversation_id: int) -> int:
    """Handle a conversation's texts, oldest first, until none is left. Returns how many."""
    handled = 0
    while True:
        outcome = turn.take_turn(world.desk, conversation_id)
        if outcome in (Turn.DONE, Turn.STUCK):
            handled += 1
        elif outcome is not Turn.OVERTAKEN:
            return handled


def fire_timers(world: World) -> int:
    """Ring what is due."""
    return timers.fire_timers(world.desk)


def send(world: World, sender: str, medium: str) -> Sent:
    """Send what one sender may send now."""
    lease = timedelta(seconds=world.settings.send_lease_seconds)
    return send_batch(world.db, world.channels, sender, medium, world.clock, world.jitter, lease)


def sweep(world: World) -> Swept:
    """Look after what dead processes and silent providers left behind."""
    lag = timedelta(seconds=world.settings.provider_list_lag_seconds)
    return sweep_sends(world.db, world.channels, world.clock(), lag, world.clock)


def conversations_waiting(world: World, limit: int = AT_ONCE) -> list[int]:
    """Conversations with a text to handle now, the longest waiting first."""
    now = world.clock()
    with world.db.reading() as session:
        rows = session.execute(
            select(Inbox.conversation_id)
            .where(Inbox.state == "new")
            .group_by(Inbox.conversation_id)
            .having(func.max(func.coalesce(Inbox.retry_at, Inbox.received_at)) <= now)
            .order_by(func.min(Inbox.received_at))
            .limit(limit)
        )
        return list(rows.scalars())


def senders_waiting(world: World) -> list[tuple[str, str]]:
    """Senders with something to send now."""
    with world.db.reading() as session:
        rows = session.execute(
            select(Outbox.sender, Outbox.medium)
            .where(Outbox.state == "ready", Outbox.not_before <= world.clock())
            .distinct()
        )
        return [(sender, medium) for sender, medium in rows if medium in world.channels]
