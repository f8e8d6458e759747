"""Playing a conversation without a phone: the same engine, a clock in the hand, timers that ring when time passes.

Used by the `tests:` of every conversation file, by `bot flows play`, and by the journeys in tests/. The session is
written to JSON and read back at every step, as the world does.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.flow.engine import advance, new_session
from bot.flow.happenings import (
    Began,
    CancelTimers,
    Entered,
    Event,
    Finished,
    HandOff,
    Heard,
    QuestionAsked,
    SetTimer,
    Text,
    TimerRang,
)
from bot.flow.lines import Value
from bot.flow.script import Script
from bot.flow.session import Session
from bot.flow.written import WrittenTest

PASSING = re.compile(r"\+([1-9][0-9]{0,4})([mhdw])")
PHOTO = "[photo]"
TRANSLATED = re.compile(r"(.*?)\s*\[=\s*(.*?)\]", re.DOTALL)
"""“texto [= its English]”: a reply with the translation the world would have added."""
_SECONDS = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


@dataclass(slots=True)
class Rehearsal:
    """One conversation being played. `now` moves only when told to."""

    script: Script
    now: datetime
    session: Session = field(init=False)
    events: list[Event] = field(default_factory=list)
    timers: list[SetTimer] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.session = new_session(self.script)

    def begin(self, known: dict[str, Value], languages: tuple[str, ...] = ()) -> list[Event]:
        """Start it. Keys with a dot are fields saved before; the others are known values."""
        return self.hear(Began(known, languages))

    def says(self, words: str) -> list[Event]:
        """Let the family text `words`, or time pass ("+2d"), or a photo come ("[photo]")."""
        passing = PASSING.fullmatch(words.strip())
        if passing is not None:
            return self.passes(timedelta(seconds=int(passing.group(1)) * _SECONDS[passing.group(2)]))
        if words.strip().startswith(PHOTO):
            return self.hear(Text(words.strip().removeprefix(PHOTO).strip(), has_media=True))
        translated = TRANSLATED.fullmatch(words)
        if translated is not None:
            return self.hear(Text(translated.group(1), english=translated.group(2)))
        return self.hear(Text(words))

    def passes(self, span: timedelta) -> list[Event]:
        """Let time pass; timers ring in their order, each at its own moment."""
        until = self.now + span
        happened: list[Event] = []
        while self.timers:
            due = min(self.timers, key=lambda timer: (timer.at, timer.kind))
            if due.at > until:
                break
            self.timers.remove(due)
            self.now = max(self.now, due.at.astimezone(self.now.tzinfo))
            happened.extend(self.hear(TimerRang(due.kind, due.visit)))
        self.now = until
        return happened

    def hear(self, heard: Heard) -> list[Event]:
        """One step of the engine, with the session stored and read back around it."""
        stored = json.dumps(self.session.to_json(), ensure_ascii=False)
        self.session, events = advance(self.script, Session.from_json(json.loads(stored)), heard, self.now)
        for event in events:
            if isinstance(event, CancelTimers):
                self.timers.clear()
            elif isinstance(event, SetTimer):
                self.timers.append(event)
        self.events.extend(events)
        return list(events)

    @property
    def path(self) -> list[str]:
        """The steps so far; those of called conversations are left out."""
        return [
            event.step
            for event in self.events
            if isinstance(event, Entered) and event.conversation == self.script.name
        ]


START = datetime(2026, 3, 4, 17, 30, tzinfo=UTC)
"""When tests begin, if they do not say: a Wednesday, half past five."""


def run_test(script: Script, test: WrittenTest) -> list[str]:
    """Play one test of a file. Returns what went otherwise than told; nothing means it passed."""
    rehearsal = Rehearsal(script, START)
    rehearsal.begin(dict(test.knows), (test.language,))
    for words in test.says:
        if rehearsal.session.status == "ended":
            return [f"the conversation was over before the family said “{words}” (path: {rehearsal.path})"]
        rehearsal.says(words)
    return [
        f"{name}: expected {expected!r}, got {found!r} (path: {', '.join(rehearsal.path)})"
        for name, expected in test.expect.items()
        if (found := _found(rehearsal, name, expected)) != expected
    ]


def _found(rehearsal: Rehearsal, name: str, expected: object) -> object:
    events = rehearsal.events
    match name:
        case "path":
            return rehearsal.path
        case "outcome":
            return next((event.outcome for event in events if isinstance(event, Finished)), None)
        case "handed_to":
            return next((event.to for event in events if isinstance(event, HandOff)), None)
        case "asks_us":
            return any(isinstance(event, QuestionAsked) for event in events)
        case "says":
            texts = [text for event in events if hasattr(event, "line") for text in event.line.texts.values()]
            return expected if any(str(expected) in text for text in texts) else texts
        case _:
            return rehearsal.session.saved.get(name)
