"""The third of the five functions, as far as conversations go: what is due now, 500 at a time.

Quiet hours, pauses, days to leave alone, caps and opt-outs are looked at again when a timer rings, whatever was true
when it was set. What it causes and its `fired` are written together; a timer whose conversation has moved on is
cancelled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

import structlog
from sqlalchemy import select, update

from bot.conversation import initiative
from bot.conversation.desk import Desk
from bot.conversation.effects import MovedOn, write
from bot.conversation.initiative import Pace
from bot.conversation.snapshot import Running, look
from bot.conversation.step import Step
from bot.delivery.caps import occasion
from bot.delivery.outbox import PROMPT
from bot.flow.happenings import TimerRang
from bot.store.talk import Timer

log = structlog.get_logger()

AT_ONCE = 500
REMINDER = "remind:"


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
    if seen is None:
        return 0
    if seen.inbound is not None:
        return 0  # the family has just written: its text comes first, and may make the timer pointless
    pace = initiative.pace_of(desk, seen)
    allowed = pace.first_moment(desk, now)
    if not seen.opted_out and allowed > now:
        return _put_off(desk, timers, allowed)
    step = Step(desk, seen, f"t{timers[0].id}", now, priority=PROMPT)
    running = {run.id: run for run in seen.running}
    dealt_with = 0
    for timer in timers:
        run = running.get(timer.session_id) if timer.session_id is not None else None
        dealt_with += 1
        if run is None or seen.opted_out:
            step.effects.dropped.add(timer.id)
        elif run.id not in step.effects.sessions:
            room = _room(desk, pace, run, timer, now)
            if not room and timer.kind.startswith(REMINDER):
                step.effects.dropped.add(timer.id)
                continue
            events = step.advance(run, TimerRang(timer.kind, timer.visit))
            if not room and (timer.kind == "wait" or run.id in step.effects.asked) and step.effects.drafts:
                # It goes on with something the family has not heard yet: that can wait for a day with room.
                return _put_off(desk, [timer], pace.first_moment(desk, now + timedelta(days=1)))
            (step.effects.fired if events else step.effects.dropped).add(timer.id)
            if step.effects.drafts:
                _count(desk, pace, step, run, timer, now, room)
                break  # one thing at a time: the others are judged again after this text
    try:
        with desk.db.connection() as tx:
            write(tx, desk.db.vault, conversation_id, seen.version, step.effects, now, desk.wake)
    except MovedOn:
        return 0  # a text came first; the next round looks again
    return dealt_with


def _what(run: Running, timer: Timer) -> str:
    return f"{run.script.name}/{timer.kind}"


def _room(desk: Desk, pace: Pace, run: Running, timer: Timer, now: datetime) -> bool:
    return not initiative.is_learning(run) or initiative.has_room(
        desk, pace, pace.day(now), _what(run, timer)
    )


def _count(desk: Desk, pace: Pace, step: Step, run: Running, timer: Timer, now: datetime, room: bool) -> None:
    """What this timer says counts as one text; without room (a kind word at the end) it is kept for staff to see."""
    learning = initiative.is_learning(run)
    counted = occasion(pace.day(now), _what(run, timer)) if learning else None
    drafts = initiative.one_text(step.effects.drafts, counted, initiative.too_late_at(desk, pace, now))
    step.effects.drafts = [
        draft if room or draft.withheld else replace(draft, withheld=initiative.CAP_REACHED)
        for draft in drafts
    ]


def _put_off(desk: Desk, timers: Sequence[Timer], until: datetime) -> int:
    with desk.db.connection() as tx:
        tx.execute(
            update(Timer)
            .where(Timer.id.in_([timer.id for timer in timers]), Timer.state == "pending")
            .values(due_at=until)
        )
    return len(timers)
