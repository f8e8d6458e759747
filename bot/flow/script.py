"""A compiled conversation: everything the engine needs, and nothing it has to look up.

A `Script` holds the conversation a session begins with *and* every conversation it calls, with their texts, so
one revision pins a family's whole path. `canonical()` is the exact text to store; `Script.from_canonical` reads
it back identically, and `sha256` names it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from bot.flow.lines import Kind, Line

END = "end"
"""The word for "this conversation is over" wherever a step names its next one."""

FORMAT = 1
"""Version of the compiled form. A reader refuses what it does not know instead of guessing."""

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class CannotRead(ValueError):
    """A stored script or session that this version cannot read; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer a question knows. `means` are concepts of the built-in lexicon (yes, a_little …) that bring
    the words of every language with them; `match` are the author's own words, by language."""

    name: str
    next: str
    means: tuple[str, ...] = ()
    match: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class ChoiceWanted:
    """One of a few answers."""

    answers: tuple[Answer, ...]
    kind: Literal["choice"] = "choice"


@dataclass(frozen=True, slots=True)
class NumberWanted:
    """A whole number from `least` to `most`, both allowed. `unit` helps to read "every day" or "half an hour"."""

    least: int
    most: int
    next: str
    unit: Literal["days", "times", "minutes", "hours", "books", "points"] | None = None
    answers: tuple[Answer, ...] = ()
    kind: Literal["number"] = "number"


@dataclass(frozen=True, slots=True)
class DateWanted:
    """A day: "tomorrow", "on Friday", "3 March". Stored as ISO 8601, read in the family's own zone."""

    next: str
    answers: tuple[Answer, ...] = ()
    kind: Literal["date"] = "date"


@dataclass(frozen=True, slots=True)
class WordsWanted:
    """Free words. `answers` are looked for first and only win when they are nearly all that was said ("later")."""

    next: str
    answers: tuple[Answer, ...] = ()
    kind: Literal["words"] = "words"


@dataclass(frozen=True, slots=True)
class PhotoWanted:
    """A picture. Words alone are matched against `answers` ("later") or are unclear."""

    next: str
    answers: tuple[Answer, ...] = ()
    kind: Literal["photo"] = "photo"


Wanted = Annotated[
    ChoiceWanted | NumberWanted | DateWanted | WordsWanted | PhotoWanted, Field(discriminator="kind")
]


@dataclass(frozen=True, slots=True)
class Unclear:
    """What to do with a reply we do not understand: ask again `tries` times in all, then go to `next`."""

    tries: int
    next: str
    line: Line | None = None


@dataclass(frozen=True, slots=True)
class Reminder:
    """A nudge `after` seconds of silence, moved out of the family's quiet hours."""

    after: int
    line: Line


@dataclass(frozen=True, slots=True)
class Silent:
    """Where to go when nobody has answered after `after` seconds."""

    after: int
    next: str


@dataclass(frozen=True, slots=True)
class Say:
    id: str
    line: Line
    next: str
    do: Literal["say"] = "say"


@dataclass(frozen=True, slots=True)
class Ask:
    id: str
    line: Line
    wants: Wanted
    unclear: Unclear
    save: str | None = None
    reminders: tuple[Reminder, ...] = ()
    silent: Silent | None = None
    do: Literal["ask"] = "ask"


@dataclass(frozen=True, slots=True)
class Case:
    """One way on at a branch: `when` is a value, "known", "unknown", or a span of numbers ("1..3", "4..")."""

    when: str
    next: str


@dataclass(frozen=True, slots=True)
class Branch:
    id: str
    on: str
    cases: tuple[Case, ...]
    otherwise: str
    do: Literal["branch"] = "branch"


@dataclass(frozen=True, slots=True)
class Remember:
    """Write `value` (or what `source` holds) to `field`."""

    id: str
    field: str
    next: str
    value: str | int | None = None
    source: str | None = None
    do: Literal["remember"] = "remember"


@dataclass(frozen=True, slots=True)
class Call:
    """Have another conversation and come back. `given` are names the callee can read: a field's name or a word."""

    id: str
    conversation: str
    next: str
    given: dict[str, str] = field(default_factory=dict)
    do: Literal["call"] = "call"


@dataclass(frozen=True, slots=True)
class Progress:
    id: str
    did: Literal["tried", "practised", "reached"]
    next: str
    amount: str | None = None
    do: Literal["goal_progress"] = "goal_progress"


@dataclass(frozen=True, slots=True)
class Note:
    """Keep a family's strength, idea or vote, in its own words, from the field `source`."""

    id: str
    kind: Literal["strength", "idea", "vote", "practice"]
    source: str
    next: str
    do: Literal["record"] = "record"


@dataclass(frozen=True, slots=True)
class HandOver:
    """Ask a person to take care of this, then go on to `next`."""

    id: str
    to: str
    note: Line
    next: str
    do: Literal["hand_off"] = "hand_off"


@dataclass(frozen=True, slots=True)
class Alarm:
    id: str
    kind: Literal["urgent", "concern", "need"]
    note: Line
    next: str
    do: Literal["alert"] = "alert"


@dataclass(frozen=True, slots=True)
class Wait:
    """Rest for `seconds`, or until the next `day` at `at` (HH:MM, the family's own time)."""

    id: str
    next: str
    seconds: int | None = None
    day: Weekday | None = None
    at: str | None = None
    do: Literal["wait"] = "wait"


@dataclass(frozen=True, slots=True)
class End:
    id: str
    outcome: str
    do: Literal["end"] = "end"


Step = Annotated[
    Say | Ask | Branch | Remember | Call | Progress | Note | HandOver | Alarm | Wait | End,
    Field(discriminator="do"),
]


@dataclass(frozen=True, slots=True)
class Conversation:
    """The steps of one file, by id; `first` is where it begins."""

    name: str
    first: str
    steps: dict[str, Step]
    goal: str | None = None
    role: str | None = None
    give_up_after: int | None = None
    """Seconds of silence after a question that has no `silent` of its own, before the session ends."""


@dataclass(frozen=True)
class Script:
    """A conversation ready to be had. Make it with `bot.flow.library`, or read a stored one."""

    name: str
    title: Line
    conversations: dict[str, Conversation]
    fields: dict[str, Kind] = field(default_factory=dict)
    """The fields these conversations save to or read, and their types."""
    audience: Literal["family", "staff"] = "family"
    format: int = FORMAT

    def canonical(self) -> str:
        """The one text of this script: JSON with sorted keys, which is YAML too. Store exactly this."""
        return self._canonical

    @cached_property
    def _canonical(self) -> str:
        plain: Any = _adapter().dump_python(self, mode="json")
        return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @cached_property
    def sha256(self) -> str:
        """Names this revision: the digest of `canonical()`."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()

    @classmethod
    def from_canonical(cls, text: str) -> Script:
        """Read what `canonical` wrote. Raises `CannotRead` for anything else."""
        try:
            script = _adapter().validate_json(text)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"]) or "the text itself"
            raise CannotRead(f"This is not a stored conversation: {first['msg']} at {place}.") from error
        if script.format != FORMAT:
            raise CannotRead(
                f"Conversation {script.name} is stored in format {script.format}; this version reads {FORMAT}."
            )
        return script

    def step(self, conversation: str, step: str) -> Step:
        """Raises KeyError when the script has no such place."""
        return self.conversations[conversation].steps[step]

    def lines(self) -> Iterator[Line]:
        """Everything this script can say, titles and staff notes included."""
        yield self.title
        for conversation in self.conversations.values():
            for step in conversation.steps.values():
                yield from lines_of(step)


def lines_of(step: Step) -> Iterator[Line]:
    """Everything one step can say."""
    match step:
        case Say(line=line):
            yield line
        case Ask(line=line, unclear=unclear, reminders=reminders):
            yield line
            if unclear.line is not None:
                yield unclear.line
            for reminder in reminders:
                yield reminder.line
        case HandOver(note=note) | Alarm(note=note):
            yield note
        case _:
            return


def ways_on(step: Step) -> tuple[str, ...]:
    """The ids `step` can lead to, in the order they are written, `end` included."""
    match step:
        case Ask(wants=wants, unclear=unclear, silent=silent):
            ways = [answer.next for answer in wants.answers]
            if not isinstance(wants, ChoiceWanted):
                ways.append(wants.next)
            ways.append(unclear.next)
            if silent is not None:
                ways.append(silent.next)
            return tuple(dict.fromkeys(ways))
        case Branch(cases=cases, otherwise=otherwise):
            return tuple(dict.fromkeys([*(case.next for case in cases), otherwise]))
        case End():
            return ()
        case _:
            return (step.next,)


_ADAPTER: list[TypeAdapter[Script]] = []


def _adapter() -> TypeAdapter[Script]:
    # Building the validator costs some milliseconds; importing this module should not.
    if not _ADAPTER:
        _ADAPTER.append(TypeAdapter(Script))
    return _ADAPTER[0]
