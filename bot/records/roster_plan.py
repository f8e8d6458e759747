"""What an import would do: one entry for every record that is added, changed, deactivated or only tidied."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.records.roster_files import Fault
from bot.records.roster_model import Kind, Place, Tie


class Turn(StrEnum):
    """What becomes of a record."""

    ADD = "add"
    BACK = "back"
    """It had left, and is there again."""
    GONE = "gone"
    STAY = "stay"


@dataclass(frozen=True, slots=True)
class Link:
    """A tie to write. `before` None: it is new; `after` None: it is taken out."""

    tie: Tie
    key: tuple[int, int]
    before: dict[str, Any] | None
    after: dict[str, Any] | None


@dataclass(slots=True)
class Entry:
    """One record: its values before (those that change) and after. A guardian's `phone` is E.164 or None."""

    kind: Kind
    row_id: int
    label: str
    turn: Turn
    place: Place | None = None
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)

    @property
    def what(self) -> str:
        """In which of the four numbers it counts. Bookkeeping that no person would call a change does not."""
        if self.turn is Turn.ADD:
            return "add"
        if self.turn is Turn.GONE:
            return "deactivate"
        seen = self.after.keys() - BOOKKEEPING
        return "change" if self.turn is Turn.BACK or seen or self.links else "unchanged"

    @property
    def writes(self) -> bool:
        """Whether there is anything to write."""
        return self.turn is not Turn.STAY or bool(self.after) or bool(self.links)


BOOKKEEPING = frozenset({"source_id"})
COUNTS = ("add", "change", "deactivate", "unchanged")


@dataclass(slots=True)
class Plan:
    """What an import would do, and what is wrong with its files."""

    format: str
    source: str
    entries: list[Entry] = field(default_factory=list)
    """Only those that write something."""
    counts: dict[Kind, Counter[str]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    notices: list[Fault] = field(default_factory=list)
    unusable: bool = False
    doubtful: str = ""
    """Why a person must say yes first: so much would be deactivated that the files are likely not whole."""
    last_import: int | None = None
    """The newest import when this was planned: another one since then makes the plan stale."""

    def count(self, what: str) -> int:
        """Records of all kinds."""
        return sum(counter[what] for counter in self.counts.values())

    def as_json(self) -> dict[str, Any]:
        """As `bot import roster --json` prints it."""
        return {
            **{what: self.count(what) for what in COUNTS},
            "errors": [_fault(one) for one in self.faults],
            "warnings": [_fault(one) for one in self.notices],
            "by_kind": {
                kind.value: {what: counter[what] for what in COUNTS} for kind, counter in self.counts.items()
            },
            "format": self.format,
        }


def _fault(fault: Fault) -> dict[str, Any]:
    return {"file": fault.file, "row": fault.row, "field": fault.field, "message": fault.message}
