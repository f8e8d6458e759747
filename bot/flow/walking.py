"""Walking through a script from one wait to the next: what every step does."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta

from bot.flow.happenings import (
    Ask,
    CancelTimers,
    Entered,
    Event,
    Finished,
    GoalProgress,
    HandOff,
    RaiseAlert,
    Record,
    Save,
    Say,
    SetTimer,
)
from bot.flow.lines import Line, Value
from bot.flow.script import (
    END,
    Alarm,
    Branch,
    Call,
    Case,
    Conversation,
    End,
    HandOver,
    Note,
    Progress,
    Remember,
    Script,
    Step,
    Wait,
)
from bot.flow.script import Ask as AskStep
from bot.flow.script import Say as SayStep
from bot.flow.session import Frame, Session

MOST_STEPS = 100
"""Steps between two waits. More means the file runs in circles (the linter finds that): the session ends, a person
is told."""

DEFAULT_GIVE_UP = 7 * 86_400
"""Seconds of silence after which a session ends when nothing else was said."""

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(slots=True)
class Run:
    """What one call to `advance` builds up. Nothing of it outlives the call."""

    script: Script
    session: Session
    now: datetime
    events: list[Event] = field(default_factory=list)

    def emit(self, event: Event) -> None:
        self.events.append(event)

    def set(self, **changes: object) -> None:
        self.session = replace(self.session, **changes)  # type: ignore[arg-type]  # names are checked by replace

    @property
    def top(self) -> Frame:
        return self.session.stack[-1]

    @property
    def conversation(self) -> Conversation:
        return self.script.conversations[self.top.conversation]

    @property
    def place(self) -> str:
        return f"{self.top.conversation}.{self.top.step}"

    def here(self) -> Step:
        return self.script.step(self.top.conversation, self.top.step)

    def value(self, name: str) -> Value:
        """What `name` stands for: given by the caller, saved before, or known from the start."""
        if name in self.top.given:
            return self.top.given[name]
        if name in self.session.saved:
            return self.session.saved[name]
        return self.session.known.get(name)

    def values(self, line: Line) -> dict[str, Value]:
        found = {name: self.value(name) for name in line.placeholders}
        return {name: value for name, value in found.items() if value is not None}


def walk(run: Run, way: str) -> None:
    """Go to `way` and on, until the session waits or ends."""
    for _ in range(MOST_STEPS):
        if way == END:
            back = _leave(run)
            if back is None:
                finish(run, "done")
                return
            way = back
            continue
        run.set(stack=(*run.session.stack[:-1], replace(run.top, step=way)), tries=0)
        run.emit(Entered(run.top.conversation, way))
        onward = _step(run, run.here())
        if onward is None:
            return
        way = onward
    run.emit(RaiseAlert("stuck", None, {}, run.place, run.session.visit))
    finish(run, "stuck")


def _leave(run: Run) -> str | None:
    """End the conversation on top; the way on in its caller, or None when it was the last."""
    below = run.session.stack[:-1]
    if not below:
        return None
    run.set(stack=below)
    caller = run.here()
    return caller.next if isinstance(caller, Call) else END


def _step(run: Run, step: Step) -> str | None:
    """Do one step. Returns where to go next, or None when the session now waits or has ended."""
    visit = run.session.visit
    match step:
        case SayStep():
            run.emit(Say(step.line, run.values(step.line), run.place, visit))
            return step.next
        case AskStep():
            ask(run, step, step.line, 0)
            return None
        case Branch():
            return _branch(run, step)
        case Remember():
            value = run.value(step.source) if step.source is not None else step.value
            if value is not None:
                run.set(saved={**run.session.saved, step.field: value})
                run.emit(Save(step.field, value, None))
            return step.next
        case Call():
            given = {name: _given(run, source) for name, source in step.given.items()}
            callee = run.script.conversations[step.conversation]
            run.set(stack=(*run.session.stack, Frame(callee.name, callee.first, given)))
            return callee.first
        case Progress():
            amount = run.value(step.amount) if step.amount is not None else None
            whole = amount if isinstance(amount, int) and not isinstance(amount, bool) else None
            run.emit(GoalProgress(_goal(run), step.did, whole))
            return step.next
        case Note():
            words = run.value(step.source)
            if words is not None:
                run.emit(Record(step.kind, str(words)))
            return step.next
        case HandOver():
            run.emit(HandOff(step.to, step.note, run.values(step.note), run.place, visit))
            return step.next
        case Alarm():
            run.emit(RaiseAlert(step.kind, step.note, run.values(step.note), run.place, visit))
            return step.next
        case Wait():
            rest(run, step)
            return None
        case End():
            if len(run.session.stack) > 1:
                return END
            finish(run, step.outcome)
            return None


def _goal(run: Run) -> str | None:
    """The goal this progress is about: the nearest conversation on the stack that names one, or the one known."""
    for frame in reversed(run.session.stack):
        goal = run.script.conversations[frame.conversation].goal
        if goal is not None:
            return goal
    known = run.session.known.get("goal")
    return str(known) if known is not None else None


def _given(run: Run, source: str) -> Value:
    value = run.value(source)
    return source if value is None and "." not in source else value


def _branch(run: Run, step: Branch) -> str:
    value = run.value(step.on)
    return next((case.next for case in step.cases if _fits(case, value)), step.otherwise)


def _fits(case: Case, value: Value) -> bool:
    if case.when in ("known", "unknown"):
        return (value is not None) == (case.when == "known")
    if value is None:
        return False
    low, dots, high = case.when.partition("..")
    if dots:
        if not isinstance(value, int | float):
            return False
        return (not low or float(low) <= value) and (not high or value <= float(high))
    return str(value) == case.when


def ask(run: Run, step: AskStep, line: Line, again: int) -> None:
    visit = run.session.visit + 1
    asked_at = run.now.astimezone(UTC).isoformat()
    run.set(visit=visit, tries=again, asked_at=asked_at)
    run.emit(Ask(line, run.values(line), run.place, visit, again))
    for number, reminder in enumerate(step.reminders, start=1):
        run.emit(SetTimer(f"remind:{number}", visit, _awake(run, _after(run, reminder.after))))
    if step.silent is not None:
        run.emit(SetTimer("silent", visit, _awake(run, _after(run, step.silent.after))))
    else:
        give_up = run.conversation.give_up_after or DEFAULT_GIVE_UP
        run.emit(SetTimer("give_up", visit, _after(run, give_up).astimezone(UTC)))


def rest(run: Run, step: Wait) -> None:
    visit = run.session.visit + 1
    run.set(visit=visit)
    at = _after(run, step.seconds) if step.seconds is not None else _next_time(run, step)
    run.emit(SetTimer("wait", visit, _awake(run, at)))


def _after(run: Run, seconds: int) -> datetime:
    """`seconds` later on the clock that never jumps, shown in the family's zone."""
    return (run.now.astimezone(UTC) + timedelta(seconds=seconds)).astimezone(run.now.tzinfo)


def _next_time(run: Run, step: Wait) -> datetime:
    """The next `day` at `at` by the family's clock, at least a minute ahead."""
    at = _clock(step.at or "08:00")
    day = run.now.date()
    for ahead in range(15):
        candidate = datetime.combine(day + timedelta(days=ahead), at, run.now.tzinfo)
        right_day = step.day is None or _WEEKDAYS[candidate.weekday()] == step.day
        if right_day and candidate.astimezone(UTC) >= run.now.astimezone(UTC) + timedelta(minutes=1):
            return candidate
    return _after(run, 7 * 86_400)


def _awake(run: Run, at: datetime) -> datetime:
    """`at`, or the next moment the family may be written to when `at` falls in its quiet hours; in UTC."""
    opens, closes = _clock(run.session.awake[0]), _clock(run.session.awake[1])
    local = at.timetz().replace(tzinfo=None)
    if opens < closes and not opens <= local < closes:
        day = at.date() + timedelta(days=1 if local >= closes else 0)
        at = datetime.combine(day, opens, at.tzinfo)
    return at.astimezone(UTC)


def _clock(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        return time(8, 0)


def finish(run: Run, outcome: str) -> None:
    run.emit(CancelTimers())
    run.set(status="ended", outcome=outcome, stack=())
    run.emit(Finished(outcome))
