"""Compare what the files say with what the database holds. Pure: rows in, a plan out.

A record is looked for by the files' identifier; a teacher also by address, a guardian also by number and name or by
child and name; somebody added by hand is taken over rather than doubled. What a row with a fault is about stays as it
is. Ties are counted with the record that is new, comes back or goes; else with the student, guardian or teacher.
"""

from __future__ import annotations

import hashlib
from collections import Counter

from bot.records.roster_comparison import Comparison, by_source
from bot.records.roster_diff_guardians import compare_guardians, forget, holders
from bot.records.roster_diff_ties import compare_enrollments, compare_guardianships, compare_teaching
from bot.records.roster_guardians import merge_guardians
from bot.records.roster_model import Kind, StaffRecord
from bot.records.roster_plan import Entry, Plan, Turn
from bot.records.roster_state import Found

NOBODYS_DOMAIN = "no-address.invalid"
"""Staff without an address get one that reaches nobody: they are named to families, and cannot sign in."""

FEW = 20
MOST_SHARE = 0.3
"""More than this share of the students or guardians here (and more than FEW) leaving at once needs a yes."""


def compare(comparison: Comparison) -> Plan:
    """The plan. Faults that only a comparison shows are added to the roster's."""
    roster = comparison.roster
    plan = Plan(roster.format, roster.source, last_import=comparison.found.last_import)
    if not roster.unusable:
        comparison.school_ids = dict(comparison.found.school_ids)
        forget(comparison)
        merge_guardians(roster, holders(comparison))
        _schools(comparison)
        _staff(comparison)
        _sections(comparison)
        _students(comparison)
        compare_guardians(comparison)
        compare_enrollments(comparison)
        compare_teaching(comparison)
        compare_guardianships(comparison)
        plan.doubtful = _doubtful(comparison)
    plan.entries = [entry for entry in comparison.entries.values() if entry.writes]
    plan.counts = {kind: Counter() for kind in Kind}
    for entry in comparison.entries.values():
        if entry.place is not None or entry.turn is Turn.GONE:
            plan.counts[entry.kind][entry.what] += 1
    files = {name: place for place, name in enumerate(dict.fromkeys(one.file for one in roster.faults))}
    plan.faults = sorted(roster.faults, key=lambda one: (files[one.file], one.row))
    plan.notices, plan.unusable = roster.notices, roster.unusable
    return plan


def _schools(comparison: Comparison) -> None:
    for source_id, school in comparison.roster.schools.items():
        known = comparison.school_ids.get(source_id)
        if known is None:
            name = school.name or comparison.school_name
            values = {"name": name, "time_zone": comparison.time_zone, "source_id": source_id or None}
            entry = comparison.add(Kind.SCHOOL, name, school.place, values)
            comparison.school_ids[source_id] = entry.row_id
        else:  # a school keeps the name and the zone it has here
            entry = Entry(Kind.SCHOOL, known, school.name, Turn.STAY, school.place)
            comparison.entries[(Kind.SCHOOL, known)] = entry


def _staff(comparison: Comparison) -> None:
    rows = comparison.found.staff
    by_id = {row.source_id: row for row in rows if row.source_id is not None}
    by_email = {row.email.casefold(): row for row in rows}
    taken: set[str] = set()
    for source_id, person in comparison.roster.staff.items():
        email = person.email
        owner = by_email.get(email) if email else None
        others = (
            owner is not None and owner.source_id != source_id and owner.source_id in comparison.roster.staff
        )
        if email and (email in taken or others):
            comparison.roster.faults.append(
                person.place.fault(
                    person.email_title, "is the address of somebody else already, who keeps it."
                )
            )
            email, owner = None, None
        if email:
            taken.add(email)
        row = by_id.get(source_id) or owner
        if row is None:
            entry = _new_staff(comparison, source_id, person, email)
        else:
            wanted = {"name": person.name, "source_id": source_id}
            if email and email != row.email.casefold():
                wanted["email"] = email
            entry = comparison.compare(Kind.STAFF, row, person.name, person.place, wanted)
            comparison.back(entry, row, timed=True)
        comparison.ids[(Kind.STAFF, source_id)] = entry.row_id
    teachers = [row for row in rows if row.role == "teacher"]
    covered = comparison.covered(comparison.roster.staff.values())
    comparison.leave(Kind.STAFF, teachers, covered, timed=True)


def _new_staff(comparison: Comparison, source_id: str, person: StaffRecord, email: str | None) -> Entry:
    """Only ever a teacher, without a password: a file makes nobody an administrator, and lets nobody in."""
    nobodys = f"{hashlib.sha256(source_id.encode()).hexdigest()[:16]}@{NOBODYS_DOMAIN}"
    values = {
        "school_id": comparison.school_ids[person.school],
        "name": person.name,
        "email": email or nobodys,
        "role": "teacher",
        "source_id": source_id,
    }
    return comparison.add(Kind.STAFF, person.name, person.place, values)


def _sections(comparison: Comparison) -> None:
    look_up = by_source(comparison.found.sections)
    for source_id, section in comparison.roster.sections.items():
        school_id = comparison.school_ids[section.school]
        wanted = {"school_id": school_id, "name": section.name, "grade": section.grade}
        row = look_up(school_id, source_id)
        if row is None:
            entry = comparison.add(
                Kind.SECTION, section.name, section.place, wanted | {"source_id": source_id}
            )
        else:
            entry = comparison.compare(Kind.SECTION, row, section.name, section.place, wanted)
            comparison.back(entry, row, timed=False)
        comparison.ids[(Kind.SECTION, source_id)] = entry.row_id
    covered = comparison.covered(comparison.roster.sections.values())
    comparison.leave(Kind.SECTION, comparison.found.sections, covered, timed=False)


def _students(comparison: Comparison) -> None:
    look_up = by_source(comparison.found.students)
    by_hand: dict[tuple[int, str, str], Found] = {
        (row.school_id, row.given_name.casefold(), row.family_name.casefold()): row
        for row in comparison.found.students
        if row.source_id is None
    }
    for source_id, student in comparison.roster.students.items():
        school_id = comparison.school_ids[student.school]
        name = f"{student.given_name} {student.family_name}".strip()
        wanted = {
            "school_id": school_id,
            "given_name": student.given_name,
            "family_name": student.family_name,
            "grade": student.grade,
            "source_id": source_id,
        }
        row = look_up(school_id, source_id) or by_hand.pop(
            (school_id, student.given_name.casefold(), student.family_name.casefold()), None
        )
        if row is None:
            entry = comparison.add(Kind.STUDENT, name, student.place, wanted)
        else:
            entry = comparison.compare(Kind.STUDENT, row, name, student.place, wanted)
            comparison.back(entry, row, timed=True)
        comparison.ids[(Kind.STUDENT, source_id)] = entry.row_id
    covered = comparison.covered(comparison.roster.students.values())
    comparison.leave(Kind.STUDENT, comparison.found.students, covered, timed=True)


def _doubtful(comparison: Comparison) -> str:
    """A file that was cut short looks like a school that half its families have left."""
    for kind, rows in (
        (Kind.STUDENT, comparison.found.students),
        (Kind.GUARDIAN, comparison.found.guardians),
    ):
        here = sum(row.active and row.source_id is not None for row in rows)
        going = sum(entry.turn is Turn.GONE for (of, _), entry in comparison.entries.items() if of is kind)
        if going > FEW and going > MOST_SHARE * here:
            return f"{going} of {here} {kind.value}s would leave at once: are these files whole?"
    return ""
