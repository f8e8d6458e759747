"""What a conversation that runs over weeks will still say: the engine itself, run ahead for a family that stays silent.

The six-week programmes are conversations that wait for Monday, Wednesday and Friday. Their plan is not one row but
eighteen; here they are reckoned with the rules by which timers ring: days to leave alone, holidays, the weekly cap.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.conversation.desk import Desk
from bot.conversation.initiative import Pace
from bot.delivery.caps import has_room
from bot.flow.engine import advance, new_session
from bot.flow.happenings import Ask, Began, CancelTimers, Event, Finished, Remind, Say, SetTimer, TimerRang
from bot.flow.lines import Value
from bot.flow.script import Script

MOST = 200
"""Timers that are followed: more than three a week over a school year."""


@dataclass(frozen=True, slots=True)
class Later:
    """A text that follows, on the family's own clock. `line` is the script's; `reminder`: only for who has not
    answered."""

    when: datetime
    line: str
    reminder: bool


def forecast(
    desk: Desk,
    script: Script,
    begins: datetime,
    pace: Pace,
    known: dict[str, Value],
    languages: tuple[str, ...],
) -> tuple[Later, ...]:
    """The texts after the first one, when the family answers nothing."""
    awake = (desk.quiet.end.strftime("%H:%M"), desk.quiet.start.strftime("%H:%M"))
    session, events = advance(
        script, new_session(script), Began(known, languages, awake), begins.astimezone(pace.zone)
    )
    timers = _set(events, [])
    taken, later = [pace.day(begins)], list[Later]()
    for _ in range(MOST):
        if not timers or any(isinstance(event, Finished) for event in events):
            break
        timer = min(timers, key=lambda one: (one.at, one.kind))
        at = pace.first_moment(desk, timer.at)
        timers.remove(timer)
        if at > timer.at:  # put off: what is due before then comes first
            timers.append(SetTimer(timer.kind, timer.visit, at))
            continue
        reminder = timer.kind.startswith("remind:")
        room = _room(taken, pace, at)
        if reminder and not room:
            continue
        ahead, events = advance(script, session, TimerRang(timer.kind, timer.visit), at.astimezone(pace.zone))
        said = [event for event in events if isinstance(event, Say | Ask | Remind)]
        if said and not room and (timer.kind == "wait" or any(isinstance(event, Ask) for event in said)):
            timers.append(SetTimer(timer.kind, timer.visit, pace.first_moment(desk, at + timedelta(days=1))))
            events = ()
            continue
        session, timers = ahead, _set(events, timers)
        if said and room:
            taken.append(pace.day(at))
            later.append(Later(at.astimezone(pace.zone), said[-1].line.key, reminder))
    return tuple(later)


def _set(events: tuple[Event, ...], timers: list[SetTimer]) -> list[SetTimer]:
    for event in events:
        if isinstance(event, CancelTimers):
            timers = []
        elif isinstance(event, SetTimer):
            timers = [*timers, event]
    return timers


def _room(taken: list[date], pace: Pace, at: datetime) -> bool:
    cap = pace.family_cap if pace.own_cap is None else pace.own_cap
    return has_room(taken, pace.day(at), cap)
