"""One comparison of a roster with the database: what is looked up by every kind of record, and the entries made so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.records.roster_model import Kind, Options, Place, Roster, Tie
from bot.records.roster_plan import Entry, Link, Turn
from bot.records.roster_state import Found, Stored


@dataclass(slots=True)
class Comparison:
    """`index`: the blind index of a number. `new_id`: makes row ids. `open_phone`: opens the number of a stored row.

    `entries` are by kind and row id; `ids` is the row of each record of the files, `school_ids` that of each school.
    """

    roster: Roster
    found: Stored
    options: Options
    now: datetime
    index: Callable[[str], bytes]
    new_id: Callable[[], int]
    open_phone: Callable[[Found], str | None]
    school_name: str
    time_zone: str
    entries: dict[tuple[Kind, int], Entry] = field(default_factory=dict)
    ids: dict[tuple[Kind, str], int] = field(default_factory=dict)
    school_ids: dict[str, int] = field(default_factory=dict)

    def compare(
        self, kind: Kind, row: Found, label: str, place: Place | None, wanted: Mapping[str, Any]
    ) -> Entry:
        """An entry for a row that is here, with the values that differ."""
        different = {name: value for name, value in wanted.items() if getattr(row, name) != value}
        before = {name: getattr(row, name) for name in different}
        entry = Entry(kind, row.id, label, Turn.STAY, place, before, different)
        self.entries[(kind, row.id)] = entry
        return entry

    def add(self, kind: Kind, label: str, place: Place, values: dict[str, Any]) -> Entry:
        """An entry for a record that is new."""
        row_id = self.new_id()
        entry = Entry(kind, row_id, label, Turn.ADD, place, {}, values)
        self.entries[(kind, row_id)] = entry
        return entry

    def back(self, entry: Entry, row: Found, *, timed: bool) -> None:
        """Who had left by an earlier import is there again; whom a person has taken out stays out."""
        if row.active or (timed and row.left_at is None):
            return
        entry.turn = Turn.BACK
        entry.before |= {"active": False} | ({"left_at": row.left_at} if timed else {})
        entry.after |= {"active": True} | ({"left_at": None} if timed else {})

    def leave(self, kind: Kind, rows: Iterable[Found], covered: frozenset[int], *, timed: bool) -> None:
        """Records of the covered schools that the files do not have any more."""
        for row in rows:
            if not row.active or row.source_id is None or (kind, row.id) in self.entries:
                continue
            listed = (kind, row.source_id) in self.roster.gone
            missing = self.roster.whole and kind in self.roster.speaks and row.school_id in covered
            if not (listed or missing) or (kind, row.source_id) in self.roster.held:
                continue
            entry = self.compare(kind, row, label_of(row), None, {})
            entry.turn = Turn.GONE
            entry.before |= {"active": True} | ({"left_at": row.left_at} if timed else {})
            entry.after |= {"active": False} | ({"left_at": self.now} if timed else {})

    def covered(self, records: Iterable[Any]) -> frozenset[int]:
        """The schools that these records are of: a school the files say nothing about is left alone."""
        return frozenset(self.school_ids[record.school] for record in records)

    def turn(self, kind: Kind, row_id: int) -> Turn:
        """What becomes of a row."""
        entry = self.entries.get((kind, row_id))
        return entry.turn if entry else Turn.STAY

    def link(
        self,
        tie: Tie,
        ends: tuple[Kind, Kind],
        key: tuple[int, int],
        before: dict[str, Any] | None,
        after: dict[str, Any] | None,
    ) -> None:
        """Write a tie with the end it belongs to: the one that is new, comes back or goes, else the first."""
        turns = [self.turn(kind, row_id) for kind, row_id in zip(ends, key, strict=True)]
        owner = next((number for number, turn in enumerate(turns) if turn is not Turn.STAY), 0)
        entry = self.entries.get((ends[owner], key[owner]))
        if entry is None:
            entry = Entry(ends[owner], key[owner], "", Turn.STAY, Place("", 0))
            self.entries[(ends[owner], key[owner])] = entry
        entry.links.append(Link(tie, key, before, after))


def label_of(row: Found) -> str:
    """The name of a stored record."""
    named = row._mapping
    return str(named["name"] if "name" in named else f"{named['given_name']} {named['family_name']}")


def by_source(rows: Iterable[Found]) -> Callable[[int, str], Found | None]:
    """Look a row up by its identifier, at its school first, then wherever it is (a child that changes schools)."""
    exact: dict[tuple[int, str], Found] = {}
    anywhere: dict[str, Found] = {}
    for row in rows:
        if row.source_id is not None:
            exact[(row.school_id, row.source_id)] = row
            anywhere.setdefault(row.source_id, row)
    return lambda school_id, source_id: exact.get((school_id, source_id)) or anywhere.get(source_id)
