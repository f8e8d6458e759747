"""Where a family is in a conversation: plain data, saved and re-read at every wait."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from bot.flow.lines import Value
from bot.flow.script import CannotRead, Script

Status = Literal["new", "waiting", "handed_off", "ended"]
"""`new`: nothing has happened yet. `waiting`: for a reply or a timer. `handed_off`: a person has taken over and the
bot keeps quiet. `ended`: over; `outcome` says how."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One conversation on the stack: which, at which step, and what its caller gave it."""

    conversation: str
    step: str
    given: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Session:
    """One guardian in one conversation, pinned to the revision it began with.

    `visit` counts the times the session has come to rest; every question and timer carries the number of its own
    visit, so that a timer that belongs to an earlier one can be told apart. `asked_at` is when the last question was
    asked (ISO 8601, UTC): recency decides between two open questions.
    """

    script: str
    sha: str
    stack: tuple[Frame, ...] = ()
    visit: int = 0
    tries: int = 0
    saved: dict[str, Value] = field(default_factory=dict)
    known: dict[str, Value] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    """The family's languages, first the one it prefers: only a help to understanding, never a limit."""
    awake: tuple[str, str] = ("08:00", "21:00")
    """Between these local times the family may be written to (HH:MM)."""
    status: Status = "new"
    outcome: str | None = None
    asked_at: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data with a fixed order of keys: the same session is the same bytes."""
        return {
            "script": self.script,
            "sha": self.sha,
            "stack": [
                {
                    "conversation": frame.conversation,
                    "step": frame.step,
                    "given": dict(sorted(frame.given.items())),
                }
                for frame in self.stack
            ],
            "visit": self.visit,
            "tries": self.tries,
            "saved": dict(sorted(self.saved.items())),
            "known": dict(sorted(self.known.items())),
            "languages": list(self.languages),
            "awake": list(self.awake),
            "status": self.status,
            "outcome": self.outcome,
            "asked_at": self.asked_at,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Session:
        """Read what `to_json` gave. Raises `CannotRead` for anything else."""
        try:
            return cls(
                script=data["script"],
                sha=data["sha"],
                stack=tuple(
                    Frame(frame["conversation"], frame["step"], dict(frame["given"]))
                    for frame in data["stack"]
                ),
                visit=int(data["visit"]),
                tries=int(data["tries"]),
                saved=dict(data["saved"]),
                known=dict(data["known"]),
                languages=tuple(data["languages"]),
                awake=(data["awake"][0], data["awake"][1]),
                status=data["status"],
                outcome=data["outcome"],
                asked_at=data["asked_at"],
            )
        except (KeyError, TypeError, IndexError, ValueError) as error:
            raise CannotRead(f"This is not a stored session: {type(error).__name__} at {error}.") from error


def new_session(script: Script) -> Session:
    """A session that has not begun: the first thing it must hear is `Began`."""
    return Session(script=script.name, sha=script.sha256)
