"""What a session can hear, and what it can cause. Both are plain, frozen data; the world outside applies events."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.flow.lines import Line, Value

# --- what a session hears ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Began:
    """The conversation starts. `known` are values its texts may use (child, guardian, teacher, school, goal …);
    `languages` the family's, preferred first; `awake` the local times between which it may be written to."""

    known: dict[str, Value] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    awake: tuple[str, str] = ("08:00", "21:00")


@dataclass(frozen=True, slots=True)
class Text:
    """A text from the family. `english` is its translation when there is one; `language` what was detected;
    `proposed` the answer a model of meaning proposes where words fail (`bot.flow.meaning.with_proposal`)."""

    original: str
    english: str | None = None
    language: str | None = None
    has_media: bool = False
    message_ref: str | None = None
    proposed: str | None = None


@dataclass(frozen=True, slots=True)
class TimerRang:
    """A timer set by this session: `kind` is "remind:1", "silent", "wait" or "give_up", `visit` the one it was set
    in. A timer of an earlier visit does nothing."""

    kind: str
    visit: int


@dataclass(frozen=True, slots=True)
class TakenOver:
    """A person writes to the family: the bot keeps quiet until `HandedBack`."""


@dataclass(frozen=True, slots=True)
class HandedBack:
    """The person is done: a question that was open is asked again."""


Heard = Began | Text | TimerRang | TakenOver | HandedBack

# --- what a session causes --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Say:
    """Send this. (`step` is "conversation.step"; with `visit` it names what caused the message.)"""

    line: Line
    values: dict[str, Value]
    step: str
    visit: int


@dataclass(frozen=True, slots=True)
class Ask:
    """Send this and expect an answer. `again` counts earlier tries of the same question (0: the first time)."""

    line: Line
    values: dict[str, Value]
    step: str
    visit: int
    again: int = 0


@dataclass(frozen=True, slots=True)
class Remind:
    """Send this nudge about a question that is still open."""

    line: Line
    values: dict[str, Value]
    step: str
    visit: int
    number: int


@dataclass(frozen=True, slots=True)
class Save:
    """Keep `value` in `field`; `raw` is what the family wrote (None when a step, not a person, said so)."""

    field: str
    value: Value
    raw: str | None
    message_ref: str | None = None


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Ring at `at` (aware, UTC, already outside the family's quiet hours) with `TimerRang(kind, visit)`."""

    kind: str
    visit: int
    at: datetime


@dataclass(frozen=True, slots=True)
class CancelTimers:
    """All timers of this session that have not rung are void. (Ringing anyway does no harm.)"""


@dataclass(frozen=True, slots=True)
class HandOff:
    """A person of the role `to` (teacher, coordinator, office …) is asked to take care of it; `note` tells why."""

    to: str
    note: Line
    values: dict[str, Value]
    step: str
    visit: int


@dataclass(frozen=True, slots=True)
class RaiseAlert:
    """Page a person. `kind` is urgent, concern or need; "stuck" when a conversation ran in circles (a fault in the
    file, which the linter finds)."""

    kind: Literal["urgent", "concern", "need", "stuck"]
    note: Line | None
    values: dict[str, Value]
    step: str
    visit: int


@dataclass(frozen=True, slots=True)
class GoalProgress:
    """The child tried, practised or reached the goal; `amount` as the family told it."""

    goal: str | None
    did: Literal["tried", "practised", "reached"]
    amount: int | None


@dataclass(frozen=True, slots=True)
class Record:
    """Keep a strength, idea, vote or practice in the family's own words."""

    kind: Literal["strength", "idea", "vote", "practice"]
    text: str
    message_ref: str | None = None


@dataclass(frozen=True, slots=True)
class QuestionAsked:
    """The reply held a question: it goes to the teacher, whatever else the reply said."""

    text: str
    message_ref: str | None = None


@dataclass(frozen=True, slots=True)
class LeftOver:
    """This text answered nothing here. It must reach a person: nothing a family writes is lost."""

    text: str
    message_ref: str | None = None


@dataclass(frozen=True, slots=True)
class Entered:
    """The session came to this step: the path, for tests, statistics and `bot flows play`."""

    conversation: str
    step: str


@dataclass(frozen=True, slots=True)
class Finished:
    """Over. `outcome`: "done", the word of an `end` step, "gave_up" (silence) or "stuck"."""

    outcome: str


Event = (
    Say
    | Ask
    | Remind
    | Save
    | SetTimer
    | CancelTimers
    | HandOff
    | RaiseAlert
    | GoalProgress
    | Record
    | QuestionAsked
    | LeftOver
    | Entered
    | Finished
)
