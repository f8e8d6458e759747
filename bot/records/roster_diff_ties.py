"""Who is in which class, who teaches it, and whose guardian somebody is: the files beside the database.

A tie that the files do not have is over only when both of its ends are in them, or when one of its ends leaves.
"""

from __future__ import annotations

from bot.records.roster_comparison import Comparison
from bot.records.roster_model import Kind, Tie
from bot.records.roster_plan import Turn

Ends = tuple[Kind, Kind]
Key = tuple[int, int]

_ENROLLED: Ends = (Kind.STUDENT, Kind.SECTION)
_TAUGHT: Ends = (Kind.STAFF, Kind.SECTION)
_RELATED: Ends = (Kind.GUARDIAN, Kind.STUDENT)


def compare_enrollments(comparison: Comparison) -> None:
    """Students in sections."""
    wanted: dict[Key, bool] = {}
    for pair, counts in comparison.roster.enrolled.items():
        key = _key(comparison, _ENROLLED, pair)
        if key is not None:
            wanted[key] = counts
    for key, counts in wanted.items():
        before = comparison.found.enrolled.get(key)
        if before is None and counts:
            comparison.link(Tie.ENROLLED, _ENROLLED, key, None, {"active": True})
        elif before is not None and before != counts:
            comparison.link(Tie.ENROLLED, _ENROLLED, key, {"active": before}, {"active": counts})
    over = _Over(comparison, Tie.ENROLLED, _ENROLLED)
    for key, active in comparison.found.enrolled.items():
        if active and key not in wanted and over.is_over(key):
            comparison.link(Tie.ENROLLED, _ENROLLED, key, {"active": True}, {"active": False})


def compare_teaching(comparison: Comparison) -> None:
    """Who teaches which section. What somebody without an identifier of the files teaches was said by hand: it stays."""
    wanted: dict[Key, bool] = {}
    for pair, leads in comparison.roster.taught.items():
        key = _key(comparison, _TAUGHT, pair)
        if key is not None:
            wanted[key] = leads
    for key, leads in wanted.items():
        before = comparison.found.taught.get(key)
        if before != leads:
            said = None if before is None else {"lead": before}
            comparison.link(Tie.TAUGHT, _TAUGHT, key, said, {"lead": leads})
    by_hand = {row.id for row in comparison.found.staff if row.source_id is None}
    over = _Over(comparison, Tie.TAUGHT, _TAUGHT)
    for key, leads in comparison.found.taught.items():
        if key[0] not in by_hand and key not in wanted and over.is_over(key):
            comparison.link(Tie.TAUGHT, _TAUGHT, key, {"lead": leads}, None)


def compare_guardianships(comparison: Comparison) -> None:
    """Guardians of students."""
    wanted: dict[Key, str | None] = {}
    for pair, relationship in comparison.roster.related.items():
        key = _key(comparison, _RELATED, pair)
        if key is not None:
            wanted[key] = relationship
    for key, relationship in wanted.items():
        said = comparison.found.related.get(key)
        if said is None:
            after = {"relationship": relationship, "active": True}
            comparison.link(Tie.RELATED, _RELATED, key, None, after)
            continue
        before = {"relationship": said[0], "active": said[1]}
        after = {"relationship": relationship or said[0], "active": True}
        if before != after:
            comparison.link(Tie.RELATED, _RELATED, key, before, after)
    by_hand = {row.id for row in comparison.found.guardians if row.source_id is None}
    over = _Over(comparison, Tie.RELATED, _RELATED)
    for key, (known_as, active) in comparison.found.related.items():
        if active and key not in wanted and key[0] not in by_hand and over.is_over(key):
            before = {"relationship": known_as, "active": True}
            comparison.link(Tie.RELATED, _RELATED, key, before, before | {"active": False})


class _Over:
    """Whether a tie that the files do not have is over."""

    def __init__(self, comparison: Comparison, tie: Tie, ends: Ends) -> None:
        roster = comparison.roster
        self._comparison, self._ends = comparison, ends
        self._spoken = roster.whole and tie in roster.speaks
        linked = tie is not Tie.RELATED
        self._held = {_key(comparison, ends, pair) for pair in roster.held_links} if linked else set()
        self._gone = {_key(comparison, ends, pair) for pair in roster.gone_links} if linked else set()

    def is_over(self, key: Key) -> bool:
        both = list(zip(self._ends, key, strict=True))
        if any(self._comparison.turn(kind, row_id) is Turn.GONE for kind, row_id in both):
            return True
        if key in self._gone:
            return True
        entries = [self._comparison.entries.get(end) for end in both]
        listed = all(entry is not None and entry.place is not None for entry in entries)
        return self._spoken and listed and key not in self._held


def _key(comparison: Comparison, ends: Ends, pair: tuple[str, str]) -> Key | None:
    """The rows of both ends; in a delta an end may be one that is here and not in the files."""
    found = [
        comparison.ids.get((kind, source_id)) or _known(comparison, kind, source_id)
        for kind, source_id in zip(ends, pair, strict=True)
    ]
    first, second = found
    return None if first is None or second is None else (first, second)


def _known(comparison: Comparison, kind: Kind, source_id: str) -> int | None:
    if comparison.roster.whole:
        return None
    rows = {
        Kind.STAFF: comparison.found.staff,
        Kind.SECTION: comparison.found.sections,
        Kind.STUDENT: comparison.found.students,
        Kind.GUARDIAN: comparison.found.guardians,
    }[kind]
    row_id = next((int(row.id) for row in rows if row.source_id == source_id), None)
    if row_id is not None:
        comparison.ids[(kind, source_id)] = row_id
    return row_id
