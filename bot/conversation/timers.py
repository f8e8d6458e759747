"""The third of the five functions: what is due now, 500 at a time.

Quiet hours, pauses and opt-outs are looked at again when a timer rings, whatever was true when it was set. What it
causes and its `fired` are written together; a timer whose conversation has moved on is cancelled.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import select, update

from bot.conversation.desk import Desk
from bot.conversation.effects import MovedOn, write
from bot.conversation.snapshot import Seen, look
from bot.conversation.step import Step
from bot.delivery.outbox import PROMPT
from bot.delivery.pacing import next_allowed
from bot.flow.happenings import TimerRang
from bot.store.talk import Conversation, Timer

log = structlog.get_logger()

AT_ONCE = 500


def fire_timers(desk: Desk, limit: int = AT_ONCE) -> int:
    """Ring what is due, the oldest first. Returns how many timers were dealt with (fired, cancelled or put off)."""
    now = desk.clock()
    with desk.db.reading() as session:
        due = session.scalars(
            select(Timer)
            .where(Timer.state == "pending", Timer.due_at <= now)
            .order_by(Timer.due_at, Timer.id)
            .limit(limit)
        ).all()
    ordered = sorted(due, key=lambda timer: (timer.conversation_id, timer.due_at, timer.id))
    return sum(
        _ring(desk, conversation_id, list(timers), now)
        for conversation_id, timers in groupby(ordered, key=lambda timer: timer.conversation_id)
    )


def _ring(desk: Desk, conversation_id: int, timers: Sequence[Timer], now: datetime) -> int:
    with desk.db.reading() as session:
        seen = look(session, desk.db.vault, desk.scripts, conversation_id, desk.default_zone)
        paused = session.execute(
            select(Conversation.paused_until).where(Conversation.id == conversation_id)
        ).scalar_one_or_none()
    if seen is None:
        return 0
    if seen.inbound is not None:
        return 0  # the family has just written: its text comes first, and may make the timer pointless
    allowed = _first_moment(desk, seen, paused, now)
    if not seen.opted_out and allowed > now:
        return _put_off(desk, timers, allowed)
    step = Step(desk, seen, f"t{timers[0].id}", now, priority=PROMPT)
    running = {run.id: run for run in seen.running}
    for timer in timers:
        run = running.get(timer.session_id) if timer.session_id is not None else None
        if run is None or seen.opted_out or run.id in step.effects.sessions:
            # one thing at a time: a second timer of the same run is judged again after this step
            if run is None or seen.opted_out:
                step.effects.dropped.add(timer.id)
            continue
        events = step.advance(run, TimerRang(timer.kind, timer.visit))
        (step.effects.fired if events else step.effects.dropped).add(timer.id)
    try:
        with desk.db.connection() as tx:
            write(tx, desk.db.vault, conversation_id, seen.version, step.effects, now, desk.wake)
    except MovedOn:
        return 0  # a text came first; the next round looks again
    return len(timers)


def _first_moment(desk: Desk, seen: Seen, paused: datetime | None, now: datetime) -> datetime:
    start = max(now, paused) if paused is not None else now
    return next_allowed(start, ZoneInfo(seen.time_zone or desk.default_zone), desk.quiet)


def _put_off(desk: Desk, timers: Sequence[Timer], until: datetime) -> int:
    with desk.db.connection() as tx:
        tx.execute(
            update(Timer)
            .where(Timer.id.in_([timer.id for timer in timers]), Timer.state == "pending")
            .values(due_at=until)
        )
    return len(timers)
