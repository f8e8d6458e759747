"""The engine: `advance(script, session, heard, now) -> (session, events)`.

Pure and total: no clock, no chance, no I/O; the same input gives the same bytes. `now` is an aware time, best in the
family's own zone: reminders and weekdays are reckoned in the zone `now` carries.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta

from bot.flow.answers import Understanding, understand
from bot.flow.happenings import (
    Ask,
    Began,
    CancelTimers,
    Entered,
    Event,
    Finished,
    GoalProgress,
    HandedBack,
    HandOff,
    Heard,
    LeftOver,
    QuestionAsked,
    RaiseAlert,
    Record,
    Remind,
    Save,
    Say,
    SetTimer,
    TakenOver,
    Text,
    TimerRang,
)
from bot.flow.lines import Line, Value
from bot.flow.script import (
    END,
    Alarm,
    Branch,
    Call,
    CannotRead,
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
from bot.flow.session import Frame, Session, new_session

MOST_STEPS = 100
"""Steps between two waits. More means the file runs in circles (the linter finds that): the session ends, a person
is told."""

DEFAULT_GIVE_UP = 7 * 86_400
"""Seconds of silence after which a session ends when nothing else was said."""

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

__all__ = [
    "DEFAULT_GIVE_UP",
    "MOST_STEPS",
    "WrongRevision",
    "advance",
    "claims",
    "new_session",
    "open_question",
    "understood",
]


class WrongRevision(CannotRead):
    """A session was stepped with a script it is not pinned to."""


def advance(
    script: Script, session: Session, heard: Heard, now: datetime
) -> tuple[Session, tuple[Event, ...]]:
    """Let `session` hear something at `now` (aware). Returns the session after it and what it caused, in order.

    Raises `WrongRevision` when `session` is pinned to another revision than `script`, and ValueError for a `now`
    without a zone; never anything because of what a family wrote. A text that answers nothing here comes back as
    `LeftOver`, so that no word is lost.
    """
    if session.sha != script.sha256:
        raise WrongRevision(
            f"This session is in revision {session.sha[:12]} of {session.script}; it was given {script.sha256[:12]}."
        )
    if now.tzinfo is None:
        raise ValueError("advance() needs a time with a zone.")
    run = _Run(script, session, now)
    match heard:
        case Began():
            _begin(run, heard)
        case Text():
            _text(run, heard)
        case TimerRang():
            _timer(run, heard)
        case TakenOver():
            if run.session.status == "waiting":
                run.emit(CancelTimers())
                run.set(status="handed_off")
        case HandedBack():
            if run.session.status == "handed_off":
                run.set(status="waiting")
                _resume(run)
    return run.session, tuple(run.events)


def claims(script: Script, session: Session, heard: Text, now: datetime | None = None) -> float:
    """How much `heard` looks like an answer to this session's open question: 0 (nothing is asked) to 1.

    For one phone with several open questions; see `bot.flow.routing`. Free words are claimed weakly: every text is
    some words.
    """
    step = open_question(script, session)
    if step is None:
        return 0.0
    found = _understood(session, step, heard, now)
    if found.clear:
        return min(found.confidence, 0.4) if found.why == "free words" else found.confidence
    return 0.05


def open_question(script: Script, session: Session) -> AskStep | None:
    """The question this session waits for an answer to, if it does."""
    if session.status != "waiting" or not session.stack or session.sha != script.sha256:
        return None
    top = session.stack[-1]
    step = script.step(top.conversation, top.step)
    return step if isinstance(step, AskStep) else None


# --- the run of one call ----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Run:
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


def _begin(run: _Run, heard: Began) -> None:
    if run.session.status != "new":
        return
    first = run.script.conversations[run.script.name]
    run.set(
        known=dict(sorted(heard.known.items())),
        languages=tuple(heard.languages),
        awake=heard.awake,
        stack=(Frame(first.name, first.first),),
        status="waiting",
    )
    _walk(run, first.first)


def _text(run: _Run, heard: Text) -> None:
    step = open_question(run.script, run.session)
    if step is None:
        run.emit(LeftOver(heard.original, heard.message_ref))
        return
    found = _understood(run.session, step, heard, run.now)
    if found.question_inside:
        run.emit(QuestionAsked(heard.original, heard.message_ref))
    if found.clear:
        _answered(run, step, found, heard)
    else:
        _not_understood(run, step, heard, found)


def understood(script: Script, session: Session, heard: Text, now: datetime | None) -> Understanding | None:
    """How `heard` would be read by this session's open question; None when nothing is asked."""
    step = open_question(script, session)
    return None if step is None else _understood(session, step, heard, now)


def _understood(session: Session, step: AskStep, heard: Text, now: datetime | None) -> Understanding:
    languages = dict.fromkeys((*session.languages, *((heard.language,) if heard.language else ())))
    return understand(
        step.wants,
        heard.original,
        heard.english,
        tuple(code for code in languages if code != "und"),
        now.date() if now is not None else None,
        heard.has_media,
    )


def _answered(run: _Run, step: AskStep, found: Understanding, heard: Text) -> None:
    run.emit(CancelTimers())
    saving = found.answer is None or step.wants.kind in ("choice", "photo")
    if step.save is not None and saving and found.value is not None:
        run.set(saved={**run.session.saved, step.save: found.value})
        run.emit(Save(step.save, found.value, heard.original, heard.message_ref))
    if found.answer is not None:
        way = next(answer.next for answer in step.wants.answers if answer.name == found.answer)
    elif step.wants.kind == "choice":
        way = END
    else:
        way = step.wants.next
    _walk(run, way)


def _not_understood(run: _Run, step: AskStep, heard: Text, found: Understanding) -> None:
    if found.question_inside:
        # They asked us something: answering "I did not understand" would be rude. The question stays open, its
        # timers keep running, and a person has the text.
        return
    run.emit(CancelTimers())
    tries = run.session.tries + 1
    if tries < step.unclear.tries:
        line = step.unclear.line or step.line
        _ask(run, step, line, tries)
        return
    run.emit(LeftOver(heard.original, heard.message_ref))
    _walk(run, step.unclear.next)


def _timer(run: _Run, heard: TimerRang) -> None:
    if run.session.status != "waiting" or heard.visit != run.session.visit:
        return
    step = run.here()
    match step, heard.kind.partition(":"):
        case Wait(), ("wait", _, _):
            _walk(run, step.next)
        case AskStep(), ("remind", _, number) if number.isdecimal() and 0 < int(number) <= len(
            step.reminders
        ):
            line = step.reminders[int(number) - 1].line
            run.emit(Remind(line, run.values(line), run.place, run.session.visit, int(number)))
        case AskStep(silent=silent), ("silent", _, _) if silent is not None:
            run.emit(CancelTimers())
            _walk(run, silent.next)
        case AskStep(silent=None), ("give_up", _, _):
            _finish(run, "gave_up")
        case _:
            return


def _resume(run: _Run) -> None:
    step = run.here()
    if isinstance(step, AskStep):
        _ask(run, step, step.line, run.session.tries)
    elif isinstance(step, Wait):
        _rest(run, step)


# --- walking from wait to wait ----------------------------------------------------------------------------------


def _walk(run: _Run, way: str) -> None:
    """Go to `way` and on, until the session waits or ends."""
    for _ in range(MOST_STEPS):
        if way == END:
            back = _leave(run)
            if back is None:
                _finish(run, "done")
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
    _finish(run, "stuck")


def _leave(run: _Run) -> str | None:
    """End the conversation on top; the way on in its caller, or None when it was the last."""
    below = run.session.stack[:-1]
    if not below:
        return None
    run.set(stack=below)
    caller = run.here()
    return caller.next if isinstance(caller, Call) else END


def _step(run: _Run, step: Step) -> str | None:
    """Do one step. Returns where to go next, or None when the session now waits or has ended."""
    visit = run.session.visit
    match step:
        case SayStep():
            run.emit(Say(step.line, run.values(step.line), run.place, visit))
            return step.next
        case AskStep():
            _ask(run, step, step.line, 0)
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
            _rest(run, step)
            return None
        case End():
            if len(run.session.stack) > 1:
                return END
            _finish(run, step.outcome)
            return None


def _goal(run: _Run) -> str | None:
    """The goal this progress is about: the nearest conversation on the stack that names one, or the one known."""
    for frame in reversed(run.session.stack):
        goal = run.script.conversations[frame.conversation].goal
        if goal is not None:
            return goal
    known = run.session.known.get("goal")
    return str(known) if known is not None else None


def _given(run: _Run, source: str) -> Value:
    value = run.value(source)
    return source if value is None and "." not in source else value


def _branch(run: _Run, step: Branch) -> str:
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


def _ask(run: _Run, step: AskStep, line: Line, again: int) -> None:
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


def _rest(run: _Run, step: Wait) -> None:
    visit = run.session.visit + 1
    run.set(visit=visit)
    at = _after(run, step.seconds) if step.seconds is not None else _next_time(run, step)
    run.emit(SetTimer("wait", visit, _awake(run, at)))


def _after(run: _Run, seconds: int) -> datetime:
    """`seconds` later on the clock that never jumps, shown in the family's zone."""
    return (run.now.astimezone(UTC) + timedelta(seconds=seconds)).astimezone(run.now.tzinfo)


def _next_time(run: _Run, step: Wait) -> datetime:
    """The next `day` at `at` by the family's clock, at least a minute ahead."""
    at = _clock(step.at or "08:00")
    day = run.now.date()
    for ahead in range(15):
        candidate = datetime.combine(day + timedelta(days=ahead), at, run.now.tzinfo)
        right_day = step.day is None or _WEEKDAYS[candidate.weekday()] == step.day
        if right_day and candidate.astimezone(UTC) >= run.now.astimezone(UTC) + timedelta(minutes=1):
            return candidate
    return _after(run, 7 * 86_400)


def _awake(run: _Run, at: datetime) -> datetime:
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


def _finish(run: _Run, outcome: str) -> None:
    run.emit(CancelTimers())
    run.set(status="ended", outcome=outcome, stack=())
    run.emit(Finished(outcome))
