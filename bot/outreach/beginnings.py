"""One script begun with thousands of families: the engine runs once for all who differ only in what is merely said.

A beginning depends on the script, the languages, the hour and on the values that *steer* it (a branch looks at them,
a step copies them). A child's name steers nothing: it is only said. So the engine runs with a mark in place of every
value that is only said, and the marks are exchanged for each family's own values afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, cached_property

from bot.flow.engine import advance, new_session
from bot.flow.happenings import Ask, Began, CancelTimers, Entered, Event, Finished, Say, SetTimer
from bot.flow.lines import Line, Value
from bot.flow.script import Branch, Call, Note, Progress, Remember, Script, Step
from bot.flow.session import Session

_PLAIN = (Say, Ask, SetTimer, Entered, Finished, CancelTimers)
"""What a beginning usually causes: texts and timers. Anything else is applied by the long way, family by family."""


@dataclass(frozen=True, slots=True)
class Said:
    """A text of a beginning. `values` are its placeholders' values, or the names of what each family has for them."""

    line: Line
    fixed: dict[str, Value]
    named: dict[str, str]

    def values(self, known: Mapping[str, Value]) -> dict[str, Value]:
        """The placeholders' values for one family."""
        return self.fixed | {place: known[name] for place, name in self.named.items()}


@dataclass(frozen=True)
class Beginning:
    """What a script does when it begins, for every family of one kind."""

    session: Session
    said: tuple[Said, ...]
    timers: tuple[SetTimer, ...]
    asks: bool
    plain: bool
    """Whether this is all of it; if not, only the engine itself tells the rest."""

    def state(self, known: Mapping[str, Value]) -> str:
        """The session of a family that knows `known`, as it is stored."""
        head, tail = self._around_known
        pairs = ", ".join([f"{_name(name)}: {_value(value)}" for name, value in sorted(known.items())])
        return f"{head}{{{pairs}}}{tail}"

    @cached_property
    def _around_known(self) -> tuple[str, str]:
        data = replace(self.session, known={_MARK: ""}).to_json()
        head, _, tail = json.dumps(data, ensure_ascii=False).partition(
            json.dumps({_MARK: ""}, ensure_ascii=False)
        )
        return head, tail

    @property
    def over(self) -> bool:
        """Whether it ended as soon as it began (nothing is asked, nothing is awaited)."""
        return self.session.status == "ended"


_MARK = "\ue000"
_ENCODE = json.JSONEncoder(ensure_ascii=False).encode
_STRING = json.encoder.encode_basestring
_name = cache(_STRING)


def _value(value: Value) -> str:
    """As `json.dumps` has it; nearly all values are texts, and an encoder for each of 100,000 families costs seconds."""
    return _STRING(value) if type(value) is str else _ENCODE(value)


class Beginnings:
    """Beginnings of one script, worked out once a kind of family."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self._steering = steering(script)
        self._known_kinds: dict[object, Beginning] = {}

    def of(
        self, known: Mapping[str, Value], languages: tuple[str, ...], awake: tuple[str, str], local: datetime
    ) -> Beginning:
        """How the script begins for a family that knows `known`, at `local` (aware, in the family's zone)."""
        kind = (
            languages,
            awake,
            local,
            str(local.tzinfo),  # equal instants in two zones are equal datetimes
            tuple((name, known.get(name)) for name in self._steering),
            frozenset(name for name, value in known.items() if value is not None),
        )
        found = self._known_kinds.get(kind)
        if found is None:
            found = self._known_kinds[kind] = self._run(known, languages, awake, local)
        return found

    def _run(
        self, known: Mapping[str, Value], languages: tuple[str, ...], awake: tuple[str, str], local: datetime
    ) -> Beginning:
        marked = {
            name: value if value is None or name in self._steering else _MARK + name
            for name, value in known.items()
        }
        session, events = advance(
            self.script, new_session(self.script), Began(marked, languages, awake), local
        )
        return Beginning(
            session=session,
            said=tuple(_said(event) for event in events if isinstance(event, Say | Ask)),
            timers=_standing(events),
            asks=any(isinstance(event, Ask) for event in events),
            plain=all(isinstance(event, _PLAIN) for event in events),
        )


def steering(script: Script) -> tuple[str, ...]:
    """The names whose values a script does more with than say them."""
    names = {"goal"}
    for conversation in script.conversations.values():
        for step in conversation.steps.values():
            names |= _steers(step)
    return tuple(sorted(names))


def _steers(step: Step) -> set[str]:
    match step:
        case Branch(on=name):
            return {name}
        case Remember(source=str(name)) | Note(source=name):
            return {name}
        case Progress(amount=str(name)):
            return {name}
        case Call(given=given):
            return set(given.values())
        case _:
            return set()


def _said(event: Say | Ask) -> Said:
    fixed: dict[str, Value] = {}
    named: dict[str, str] = {}
    for place, value in event.values.items():
        if isinstance(value, str) and value.startswith(_MARK):
            named[place] = value.removeprefix(_MARK)
        else:
            fixed[place] = value
    return Said(event.line, fixed, named)


def _standing(events: tuple[Event, ...]) -> tuple[SetTimer, ...]:
    """The timers that are still set when everything has happened."""
    timers: list[SetTimer] = []
    for event in events:
        if isinstance(event, CancelTimers):
            timers.clear()
        elif isinstance(event, SetTimer):
            timers.append(event)
    return tuple(timers)
