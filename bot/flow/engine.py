"""The engine: `advance(script, session, heard, now) -> (session, events)`.

Pure and total: no clock, no chance, no I/O; the same input gives the same bytes. `now` is an aware time, best in the
family's own zone: reminders and weekdays are reckoned in the zone `now` carries.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.flow.answers import PROPOSABLE, SURE, Understanding, understand
from bot.flow.happenings import (
    Began,
    CancelTimers,
    Event,
    HandedBack,
    Heard,
    LeftOver,
    QuestionAsked,
    Remind,
    Save,
    TakenOver,
    Text,
    TimerRang,
)
from bot.flow.script import (
    END,
    CannotRead,
    Script,
    Wait,
)
from bot.flow.script import Ask as AskStep
from bot.flow.session import Frame, Session, new_session
from bot.flow.walking import DEFAULT_GIVE_UP, MOST_STEPS, Run, ask, finish, rest, walk

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
    run = Run(script, session, now)
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


def _begin(run: Run, heard: Began) -> None:
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
    walk(run, first.first)


def _text(run: Run, heard: Text) -> None:
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
    found = understand(
        step.wants,
        heard.original,
        heard.english,
        tuple(code for code in languages if code != "und"),
        now.date() if now is not None else None,
        heard.has_media,
    )
    if found.clear or heard.proposed is None or found.why not in PROPOSABLE:
        return found
    if all(answer.name != heard.proposed for answer in step.wants.answers):
        return found
    return replace(found, answer=heard.proposed, value=heard.proposed, confidence=SURE, why="meaning")


def _answered(run: Run, step: AskStep, found: Understanding, heard: Text) -> None:
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
    walk(run, way)


def _not_understood(run: Run, step: AskStep, heard: Text, found: Understanding) -> None:
    if found.question_inside:
        # They asked us something: answering "I did not understand" would be rude. The question stays open, its
        # timers keep running, and a person has the text.
        return
    run.emit(CancelTimers())
    tries = run.session.tries + 1
    if tries < step.unclear.tries:
        line = step.unclear.line or step.line
        ask(run, step, line, tries)
        return
    run.emit(LeftOver(heard.original, heard.message_ref))
    walk(run, step.unclear.next)


def _timer(run: Run, heard: TimerRang) -> None:
    if run.session.status != "waiting" or heard.visit != run.session.visit:
        return
    step = run.here()
    match step, heard.kind.partition(":"):
        case Wait(), ("wait", _, _):
            walk(run, step.next)
        case AskStep(), ("remind", _, number) if number.isdecimal() and 0 < int(number) <= len(
            step.reminders
        ):
            line = step.reminders[int(number) - 1].line
            run.emit(Remind(line, run.values(line), run.place, run.session.visit, int(number)))
        case AskStep(silent=silent), ("silent", _, _) if silent is not None:
            run.emit(CancelTimers())
            walk(run, silent.next)
        case AskStep(silent=None), ("give_up", _, _):
            finish(run, "gave_up")
        case _:
            return


def _resume(run: Run) -> None:
    step = run.here()
    if isinstance(step, AskStep):
        ask(run, step, step.line, run.session.tries)
    elif isinstance(step, Wait):
        rest(run, step)
