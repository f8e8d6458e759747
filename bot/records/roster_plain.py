"""A plain CSV: one row a student (or a student and a guardian), whatever the columns are called.

The usual titles are recognised; a column map says the rest: our field → the file's title. A student without a number
of its own is known by its name, as long as no two share it.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.records.roster_cells import BadCell, clean, fold, grade_in, name_in, says_nothing
from bot.records.roster_contacts import ContactColumns, contact_columns, read_contacts, turned
from bot.records.roster_files import HEADER, WHOLE_FILE, Column, Files, Row, Sheet, fold_title
from bot.records.roster_languages import HomeLanguages, language_column
from bot.records.roster_model import (
    Kind,
    Options,
    Place,
    Roster,
    SchoolRecord,
    SectionRecord,
    StaffRecord,
    StudentRecord,
    Tie,
)

FIELDS = {
    "student_id": ("student id", "student number", "student no", "pupil id", "sis id", "local id", "sourcedId", "id"),
    "student_first_name": ("student first name", "student given name", "child first name", "first name", "given name"),
    "student_last_name": ("student last name", "student family name", "child last name", "last name", "family name",
                          "surname"),
    "student_name": ("student name", "student full name", "child name", "child", "student", "pupil", "name"),
    "grade": ("grade", "grade level", "student grade"),
    "section": ("class", "class name", "section", "section name", "homeroom", "room", "course"),
    "section_id": ("section id", "class id"),
    "teacher_name": ("teacher", "teacher name", "homeroom teacher"),
    "teacher_email": ("teacher email", "teacher e-mail"),
    "school": ("school", "school name"),
    "school_id": ("school id",),
}  # fmt: skip
"""Our fields and what they are usually called. Guardians: see `roster_contacts`."""

GUARDIAN_FIELDS = ("guardian_name", "guardian_first", "guardian_last", "guardian_phone", "guardian_relationship",
                   "guardian_language", "guardian_id")  # fmt: skip


def is_field(name: str) -> bool:
    """Whether a column map may name this field: `guardian_phone`, `guardian_2_phone`, `grade` …"""
    parts = name.split("_")
    plain = "_".join(part for part in parts if not part.isdigit())
    return name in FIELDS or plain in GUARDIAN_FIELDS or name == "home_language"


def read_plain(files: Files, options: Options) -> Roster:
    """The roster in one CSV file. Faults are in it."""
    sheet = next(iter(files.sheets.values()))
    roster = Roster("CSV", files.source)
    found = _Plain.of(sheet, options, roster)
    if not sheet.broken and found.complete():
        roster.speaks = found.speaks()
        for row in sheet.rows:
            found.read(row)
    roster.faults += sheet.faults
    roster.notices += sheet.notices
    roster.unusable |= sheet.broken
    return roster


@dataclass(slots=True)
class _Plain:
    sheet: Sheet
    options: Options
    roster: Roster
    columns: dict[str, Column]
    contacts: list[ContactColumns]
    language: Column
    languages: HomeLanguages

    @classmethod
    def of(cls, sheet: Sheet, options: Options, roster: Roster) -> _Plain:
        contacts = contact_columns(sheet, options)
        taken = {
            column.index
            for contact in contacts
            for column in (contact.name, contact.first, contact.last, contact.phone, contact.id)
        }
        columns = {}
        for name, titles in FIELDS.items():
            told = options.columns.get(name)
            column = sheet.column(*((told,) if told else titles))
            columns[name] = column if told or column.index not in taken else Column(name, None)
        if "home_language" in options.columns:
            language = sheet.column(options.columns["home_language"])
        else:
            language = language_column(sheet, options)
        return cls(sheet, options, roster, columns, contacts, language, HomeLanguages(options, roster, {}))

    def complete(self) -> bool:
        """Whether there are the columns without which nothing can be read; a fault for each that is not."""
        before = len(self.sheet.faults)
        titles = {fold_title(title) for title in self.sheet.header}
        told = self.options.columns | (
            {"home_language": self.options.home_language} if self.options.home_language else {}
        )
        for name, title in told.items():
            if fold_title(title) not in titles:
                self.sheet.faults.append(
                    self.sheet.fault(HEADER, title, f"is missing: no such column for {name}.")
                )
        named = self.columns["student_name"].there or self.columns["student_first_name"].there
        for there, name in ((named, "student_name"), (bool(self.contacts), "guardian_phone")):
            if not there:
                self.sheet.faults.append(
                    self.sheet.fault(HEADER, name, f"is missing: say which column it is with {name}=TITLE.")
                )
        if len(self.sheet.faults) > before:
            self.roster.unusable = True
        return not self.roster.unusable

    def speaks(self) -> set[Kind | Tie]:
        """What the columns are about."""
        found: set[Kind | Tie] = {Kind.STUDENT, Kind.GUARDIAN, Tie.RELATED}
        if self.columns["section"].there or self.columns["section_id"].there:
            found |= {Kind.SECTION, Tie.ENROLLED}
            if self.columns["teacher_name"].there or self.columns["teacher_email"].there:
                found |= {Kind.STAFF, Tie.TAUGHT}
        return found

    def read(self, row: Row) -> None:
        """Everything in one row."""
        name = self._student_name(row)
        if name is None:
            given = row.at(self.columns["student_id"])
            if given and given not in self.roster.students:
                self.roster.held.add((Kind.STUDENT, given))
            return
        school = self._school(row)
        student = self._student(row, name, school)
        if student is None:
            return
        self._section(row, student)
        home = self.languages.tag_of(self.sheet, row, self.language) if self.language.there else None
        read_contacts(
            self.sheet, row, self.contacts, student.source_id, student.school, self.roster, self.options, home,
            self.languages,
        )  # fmt: skip

    def _student_name(self, row: Row) -> tuple[str, str] | None:
        first, last = self.columns["student_first_name"], self.columns["student_last_name"]
        whole = self.columns["student_name"]
        try:
            if first.there and (clean(row.raw(first)) or not clean(row.raw(whole))):
                column = first
                given = name_in(row.raw(first))
                column = last
                return given, name_in(row.raw(last)) if last.there else ""
            column = whole
            given, _, family = name_in(turned(clean(row.raw(whole)))).partition(" ")
            return given, family
        except BadCell as bad:
            self.sheet.faults.append(self.sheet.fault(row.number, column, str(bad)))
            return None

    def _school(self, row: Row) -> str:
        name, own = row.at(self.columns["school"]), row.at(self.columns["school_id"])
        source_id = own or (f"school:{fold(name)}" if name else "")
        if source_id not in self.roster.schools:
            self.roster.schools[source_id] = SchoolRecord(
                source_id,
                (name or own)[:120],
                Place(self.sheet.name, row.number if source_id else WHOLE_FILE),
            )
        return source_id

    def _student(self, row: Row, name: tuple[str, str], school: str) -> StudentRecord | None:
        """The student of a row: a new one, or the one an earlier row has begun."""
        grade = grade_in(row.raw(self.columns["grade"]))
        own = row.at(self.columns["student_id"])
        source_id = own or f"{school}name:{fold(' '.join(name))}"
        before = self.roster.students.get(source_id)
        if before is None:
            before = StudentRecord(source_id, school, *name, grade, Place(self.sheet.name, row.number))
            self.roster.students[source_id] = before
            self.roster.held.discard((Kind.STUDENT, source_id))
            return before
        if own and (before.given_name, before.family_name) != name:
            wrong = f"is the same as in row {before.place.row}, but the name is another."
            self.sheet.faults.append(self.sheet.fault(row.number, self.columns["student_id"], wrong))
            return None
        if not own and before.grade != grade:
            column = self.columns[
                "student_name" if self.columns["student_name"].there else "student_first_name"
            ]
            wrong = f"is the same as in row {before.place.row}: two students of one name need a student_id column."
            self.sheet.faults.append(self.sheet.fault(row.number, column, wrong))
            return None
        return before

    def _section(self, row: Row, student: StudentRecord) -> None:
        name, own = row.at(self.columns["section"]), row.at(self.columns["section_id"])
        if says_nothing(name) and not own:
            return
        source_id = own or f"{student.school}class:{fold(name)}"
        place = Place(self.sheet.name, row.number)
        self.roster.sections.setdefault(
            source_id, SectionRecord(source_id, student.school, (name or own)[:120], None, place)
        )
        self.roster.enrolled[(student.source_id, source_id)] = True
        teacher, email = row.at(self.columns["teacher_name"]), row.at(self.columns["teacher_email"])
        if not teacher and not email:
            return
        address = email.casefold()
        if address and "@" not in address:
            self.sheet.faults.append(
                self.sheet.fault(row.number, self.columns["teacher_email"], "is no e-mail address.")
            )
            address = ""
        staff_id = address or f"{student.school}teacher:{fold(teacher)}"
        self.roster.staff.setdefault(
            staff_id,
            StaffRecord(
                staff_id,
                student.school,
                turned(teacher or email)[:120],
                address or None,
                place,
                self.columns["teacher_email"].title,
            ),
        )
        self.roster.taught[(staff_id, source_id)] = True
