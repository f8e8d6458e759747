"""What a school's files say, in one shape for every format: schools, staff, sections, students, guardians, and who
belongs to whom. Records are known by the files' own identifiers; rows of the database come later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from bot.records.roster_files import Fault

LanguageOf = Callable[[str], str | None]
"""The BCP-47 tag a cell of a home-language column means; None when it is not known."""


class Kind(StrEnum):
    """The kinds of records a roster has, in the order they are written."""

    SCHOOL = "school"
    STAFF = "staff"
    SECTION = "section"
    STUDENT = "student"
    GUARDIAN = "guardian"


class Tie(StrEnum):
    """The kinds of ties between records."""

    ENROLLED = "enrollment"
    TAUGHT = "teaching"
    RELATED = "guardianship"


@dataclass(frozen=True, slots=True)
class Options:
    """How to read. `home_language`: the title of that column where it is not one of the usual ones. `columns`: for a
    plain CSV, our field → the file's title. `region`: where numbers without a country code are from. `ask_first`:
    languages that many speak and do not read: we ask such a family before we write in one."""

    today: date
    language_of: LanguageOf
    home_language: str | None = None
    ask_first: frozenset[str] = frozenset()
    columns: dict[str, str] = field(default_factory=dict)
    region: str = "US"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record was read."""

    file: str
    row: int

    def fault(self, column: str, message: str) -> Fault:
        """A fault at this place."""
        return Fault(self.file, self.row, column, message)


@dataclass(frozen=True, slots=True)
class SchoolRecord:
    """A school. `source_id` "": the one school of files that name none."""

    source_id: str
    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class StaffRecord:
    """Somebody who teaches. `email` None: not given."""

    source_id: str
    school: str
    name: str
    email: str | None
    place: Place
    email_title: str = "email"


@dataclass(frozen=True, slots=True)
class SectionRecord:
    """A class as it is taught."""

    source_id: str
    school: str
    name: str
    grade: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class StudentRecord:
    """A child."""

    source_id: str
    school: str
    given_name: str
    family_name: str
    grade: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class GuardianRecord:
    """An adult who answers for a child.

    `source_ids` are several when the files list one person several times. `phone` None: the files give none, or none
    that can be texted; what we have then stays. `home_language` None: not known, and then what we have stays.
    `derived`: the identifier is ours, made from the child and the name, because the files have none.
    """

    source_ids: tuple[str, ...]
    school: str
    name: str
    phone: str | None
    home_language: str | None
    place: Place
    phone_title: str
    derived: bool = False


@dataclass(slots=True)
class Roster:
    """Everything the files say.

    `speaks`: what the files speak of at all. Files without classes say nothing about classes, and none is touched.
    `whole`: records that are not in it are to be deactivated (a bulk exchange); else only what is listed changes.
    `held`: records whose row has a fault; what we have of them stays as it is. `gone`: records the files say are over.
    """

    format: str
    source: str
    whole: bool = True
    speaks: set[Kind | Tie] = field(default_factory=set)
    schools: dict[str, SchoolRecord] = field(default_factory=dict)
    staff: dict[str, StaffRecord] = field(default_factory=dict)
    sections: dict[str, SectionRecord] = field(default_factory=dict)
    students: dict[str, StudentRecord] = field(default_factory=dict)
    guardians: dict[str, GuardianRecord] = field(default_factory=dict)
    enrolled: dict[tuple[str, str], bool] = field(default_factory=dict)
    """(student, section) → whether it counts today."""
    taught: dict[tuple[str, str], bool] = field(default_factory=dict)
    """(staff, section) → whether this person leads it."""
    related: dict[tuple[str, str], str | None] = field(default_factory=dict)
    """(guardian, student) → relationship."""
    held: set[tuple[Kind, str]] = field(default_factory=set)
    held_links: set[tuple[str, str]] = field(default_factory=set)
    """(person, section): the row that says so has a fault."""
    gone: set[tuple[Kind, str]] = field(default_factory=set)
    gone_links: set[tuple[str, str]] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    notices: list[Fault] = field(default_factory=list)
    unusable: bool = False
    """A file or a column is missing or broken: nothing may be applied."""
