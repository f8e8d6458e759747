"""Guardians of a roster beside those of the database: who is who, what changes, and whose number it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot.records.roster_comparison import Comparison
from bot.records.roster_guardians import alike
from bot.records.roster_model import GuardianRecord, Kind, Place
from bot.records.roster_plan import Entry, Turn
from bot.records.roster_state import Found


def forget(comparison: Comparison) -> None:
    """Who asked to be forgotten is not brought back by tomorrow's roster, unless it has written START since."""
    forgotten, returned = comparison.found.forgotten, comparison.found.returned
    if not forgotten:
        return
    for source_id, guardian in list(comparison.roster.guardians.items()):
        number = comparison.index(guardian.phone) if guardian.phone else None
        marks = {comparison.index(roster_mark(one)) for one in guardian.source_ids} | {number}
        if marks & forgotten and number not in returned:
            del comparison.roster.guardians[source_id]
            comparison.roster.held.add((Kind.GUARDIAN, source_id))
            comparison.roster.notices.append(
                guardian.place.fault("", "has asked to be forgotten: left out, until a text with START.")
            )


def roster_mark(source_id: str) -> str:
    """What the blind index of a forgotten guardian's identifier is made of."""
    return f"roster:{source_id}"


def holders(comparison: Comparison) -> dict[str, frozenset[str]]:
    """For each number of the files: the identifiers of whoever has it here today."""
    by_index: dict[bytes, set[str]] = {}
    for row in comparison.found.guardians:
        if row.phone_index is not None and row.active and row.source_id is not None:
            by_index.setdefault(row.phone_index, set()).add(row.source_id)
    phones = {guardian.phone for guardian in comparison.roster.guardians.values() if guardian.phone}
    return {
        phone: frozenset(by_index[index])
        for phone in phones
        if (index := comparison.index(phone)) in by_index
    }


def compare_guardians(comparison: Comparison) -> None:
    """Entries for every guardian."""
    matched = _matched(comparison)
    numbers: dict[int, bytes] = {}
    for source_id, guardian in comparison.roster.guardians.items():
        row = matched.get(source_id)
        number = comparison.index(guardian.phone) if guardian.phone else (row.phone_index if row else None)
        entry = _entry(comparison, guardian, row, number)
        comparison.ids |= {(Kind.GUARDIAN, one): entry.row_id for one in guardian.source_ids}
        if number is not None:
            numbers[entry.row_id] = number
    held = {
        row.id
        for row in comparison.found.students
        if row.source_id is not None and (Kind.STUDENT, row.source_id) in comparison.roster.held
    }
    # The row of a student has a fault: where guardians stand in that row, they are not known today.
    kept = {guardian for guardian, student in comparison.found.related if student in held}
    leaving = [row for row in comparison.found.guardians if row.id not in kept]
    covered = comparison.covered(comparison.roster.students.values())
    comparison.leave(Kind.GUARDIAN, leaving, covered, timed=True)
    _one_number_each(comparison, numbers)


def _matched(comparison: Comparison) -> dict[str, Found]:
    """The row of each guardian who is here already; each row for one guardian only."""
    roster, found = comparison.roster, comparison.found
    by_id = {row.id: row for row in found.guardians}
    by_source: dict[str, list[Found]] = {}
    by_number: dict[bytes, list[Found]] = {}
    for row in found.guardians:
        if row.source_id is not None:
            by_source.setdefault(row.source_id, []).append(row)
        if row.phone_index is not None:
            by_number.setdefault(row.phone_index, []).append(row)
    near: dict[int, list[Found]] = {}
    for (guardian_id, student_id), (_, active) in found.related.items():
        if active and guardian_id in by_id:
            near.setdefault(student_id, []).append(by_id[guardian_id])
    children: dict[str, list[int]] = {}
    for source_id, student in roster.related:
        child = comparison.ids.get((Kind.STUDENT, student))
        if child is not None:
            children.setdefault(source_id, []).append(child)
    taken: set[int] = set()
    matched: dict[str, Found] = {}

    def take(source_id: str, candidates: Iterable[Found]) -> None:
        row = next((row for row in candidates if row.id not in taken), None)
        if row is not None and source_id not in matched:
            matched[source_id] = row
            taken.add(row.id)

    for source_id, guardian in roster.guardians.items():
        same = [row for one in guardian.source_ids for row in by_source.get(one, ())]
        take(source_id, sorted(same, key=lambda row: (not row.active, row.id)))
    for source_id, guardian in roster.guardians.items():
        if guardian.phone:
            same = by_number.get(comparison.index(guardian.phone), [])
            take(source_id, [row for row in same if alike(row.name, guardian.name)])
    for source_id, guardian in roster.guardians.items():
        if guardian.derived:
            same = [row for one in children.get(source_id, ()) for row in near.get(one, ())]
            take(source_id, [row for row in same if alike(row.name, guardian.name)])
    return matched


def _entry(
    comparison: Comparison, guardian: GuardianRecord, row: Found | None, number: bytes | None
) -> Entry:
    home = guardian.home_language
    reads = None if home in comparison.options.ask_first else home
    if row is None:
        values = {
            "school_id": comparison.school_ids[guardian.school],
            "name": guardian.name,
            "phone": guardian.phone,
            "language": reads,
            "spoken_language": home,
            "source_id": guardian.source_ids[0],
        }
        return comparison.add(Kind.GUARDIAN, guardian.name, guardian.place, values)
    source_id = row.source_id if row.source_id in guardian.source_ids else guardian.source_ids[0]
    wanted: dict[str, Any] = {"name": guardian.name, "source_id": source_id}
    if home is not None:
        wanted["spoken_language"] = home
        if row.language in (None, row.spoken_language):  # what a family or a teacher has chosen stays
            wanted["language"] = reads or row.language
    entry = comparison.compare(Kind.GUARDIAN, row, guardian.name, guardian.place, wanted)
    if number != row.phone_index:
        entry.before["phone"], entry.after["phone"] = comparison.open_phone(row), guardian.phone
    comparison.back(entry, row, timed=True)
    return entry


def _one_number_each(comparison: Comparison, numbers: Mapping[int, bytes]) -> None:
    """A number belongs to one guardian of a school. Who has left gives it up; who is still here keeps it."""
    by_id = {row.id: row for row in comparison.found.guardians}
    holder_of = {(row.school_id, row.phone_index): row for row in by_id.values() if row.phone_index}
    for row_id, number in numbers.items():
        entry = comparison.entries[(Kind.GUARDIAN, row_id)]
        if entry.after.get("phone") is None:
            continue
        school_id = by_id[row_id].school_id if row_id in by_id else entry.after["school_id"]
        holder = holder_of.get((school_id, number))
        if holder is None or holder.id == row_id or numbers.get(holder.id, number) != number:
            continue  # nobody's, its own, or its holder gets another one in this very import
        theirs = comparison.entries.get((Kind.GUARDIAN, holder.id))
        if (theirs is None and not holder.active) or (theirs is not None and theirs.turn is Turn.GONE):
            theirs = theirs or comparison.compare(Kind.GUARDIAN, holder, holder.name, None, {})
            theirs.before["phone"], theirs.after["phone"] = comparison.open_phone(holder), None
            continue
        place = entry.place or Place("", 0)
        wrong = "is the number of another guardian here, under another name, who keeps it."
        comparison.roster.faults.append(place.fault(_phone_title(comparison, row_id), wrong))
        entry.before.pop("phone", None)
        entry.after.pop("phone")


def _phone_title(comparison: Comparison, row_id: int) -> str:
    """What the files call the column of this guardian's number."""
    return next(
        (
            guardian.phone_title
            for source_id, guardian in comparison.roster.guardians.items()
            if comparison.ids.get((Kind.GUARDIAN, source_id)) == row_id
        ),
        "phone",
    )
