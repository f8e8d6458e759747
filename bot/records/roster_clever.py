"""Clever-style files: students.csv (a row for each contact of a student), schools, teachers, sections, enrollments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.records.roster_cells import BadCell, grade_in, name_in
from bot.records.roster_contacts import contact_columns, read_contacts
from bot.records.roster_files import HEADER, WHOLE_FILE, Column, Files, Row, Sheet
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
from bot.records.roster_oneroster_exchange import not_in

_USED = ("schools", "teachers", "sections", "students", "enrollments")
_MOST_TEACHERS = 10


def read_clever(files: Files, options: Options) -> Roster:
    """The roster in Clever-style files. Faults are in it."""
    found = _Clever(files, options, Roster("Clever", files.source))
    for read in (found.schools, found.teachers, found.sections, found.students, found.enrollments):
        read()
    for name in _USED:
        sheet = files.get(f"{name}.csv")
        if sheet is not None:
            found.roster.faults += sheet.faults
            found.roster.notices += sheet.notices
            found.roster.unusable |= sheet.broken
    return found.roster


@dataclass(slots=True)
class _Clever:
    files: Files
    options: Options
    roster: Roster

    def _sheet(self, name: str, *needed: str) -> Sheet | None:
        sheet = self.files.get(f"{name}.csv")
        if sheet is None or sheet.broken:
            return None
        for title in needed:
            if not sheet.column(title).there:
                sheet.faults.append(sheet.fault(HEADER, title, "is missing: the file needs this column."))
                self.roster.unusable = True
        return None if self.roster.unusable else sheet

    def schools(self) -> None:
        sheet = self._sheet("schools", "School_id", "School_name")
        if sheet is None:
            self.roster.schools[""] = SchoolRecord("", "", Place("schools.csv", WHOLE_FILE))
            return
        for row, source_id in self._own_ids(sheet, "School_id", Kind.SCHOOL):
            name = self._name(sheet, row, "School_name")
            if name is None:
                self.roster.held.add((Kind.SCHOOL, source_id))
            else:
                self.roster.schools[source_id] = SchoolRecord(source_id, name, Place(sheet.name, row.number))

    def teachers(self) -> None:
        sheet = self._sheet("teachers", "Teacher_id", "First_name", "Last_name")
        if sheet is None:
            return
        self.roster.speaks.add(Kind.STAFF)
        email = sheet.column("Teacher_email", "Email")
        for row, source_id in self._rows(sheet, "Teacher_id", Kind.STAFF):
            first, last = self._name(sheet, row, "First_name"), self._name(sheet, row, "Last_name")
            school = self._school(sheet, row)
            if first is None or last is None or school is None:
                self.roster.held.add((Kind.STAFF, source_id))
                continue
            address = row.at(email).casefold()
            if address and "@" not in address:
                sheet.faults.append(sheet.fault(row.number, email, "is no e-mail address."))
                address = ""
            # A teacher of two schools has a row in each: the first one is where she signs in.
            self.roster.staff.setdefault(
                source_id,
                StaffRecord(
                    source_id,
                    school,
                    f"{first} {last}",
                    address or None,
                    Place(sheet.name, row.number),
                    email.title,
                ),
            )

    def sections(self) -> None:
        sheet = self._sheet("sections", "Section_id")
        if sheet is None:
            return
        titles = (
            sheet.column("Name", "Section_name"),
            sheet.column("Course_name"),
            sheet.column("Section_number"),
        )
        grade = sheet.column("Grade")
        for row, source_id in self._own_ids(sheet, "Section_id", Kind.SECTION):
            name = next((row.at(column) for column in titles if row.at(column)), source_id)
            school = self._school(sheet, row)
            if school is None:
                self.roster.held.add((Kind.SECTION, source_id))
                continue
            self.roster.sections[source_id] = SectionRecord(
                source_id, school, name[:120], grade_in(row.raw(grade)), Place(sheet.name, row.number)
            )
            for number in range(1, _MOST_TEACHERS + 1):
                column = sheet.column("Teacher_id" if number == 1 else f"Teacher_{number}_id")
                teacher = row.at(column)
                if teacher in self.roster.staff:
                    self.roster.taught[(teacher, source_id)] = number == 1
                elif teacher and self.files.get("teachers.csv") and not self._held(Kind.STAFF, teacher):
                    sheet.faults.append(sheet.fault(row.number, column, not_in(teacher, "teachers.csv")))

    def students(self) -> None:
        sheet = self._sheet("students", "Student_id", "First_name", "Last_name")
        if sheet is None:
            if self.files.get("students.csv") is None:
                place = Place("students.csv", WHOLE_FILE)
                self.roster.faults.append(place.fault("", "is missing: there is nobody to add."))
                self.roster.unusable = True
            return
        contacts = contact_columns(sheet, self.options)
        self.roster.speaks |= {Kind.STUDENT, *((Kind.GUARDIAN, Tie.RELATED) if contacts else ())}
        language = language_column(sheet, self.options)
        if self.options.home_language and not language.there:
            sheet.faults.append(
                sheet.fault(HEADER, self.options.home_language, "is missing: no such column.")
            )
            self.roster.unusable = True
            return
        languages = HomeLanguages(self.options, self.roster, {})
        for row, source_id in self._rows(sheet, "Student_id", Kind.STUDENT):
            student = self._student(sheet, row, source_id)
            if student is None:
                continue
            home = languages.tag_of(sheet, row, language) if language.there else None
            read_contacts(
                sheet, row, contacts, source_id, student.school, self.roster, self.options, home, languages
            )

    def _student(self, sheet: Sheet, row: Row, source_id: str) -> StudentRecord | None:
        """The student of a row: a new one, or the one an earlier row has begun."""
        first, last = self._name(sheet, row, "First_name"), self._name(sheet, row, "Last_name")
        school = self._school(sheet, row)
        if first is None or last is None or school is None:
            if source_id not in self.roster.students:
                self.roster.held.add((Kind.STUDENT, source_id))
            return None
        before = self.roster.students.get(source_id)
        if before is None:
            grade = grade_in(row.raw(sheet.column("Grade")))
            before = StudentRecord(source_id, school, first, last, grade, Place(sheet.name, row.number))
            self.roster.students[source_id] = before
            self.roster.held.discard((Kind.STUDENT, source_id))
        elif (before.given_name, before.family_name) != (first, last):
            sheet.faults.append(
                sheet.fault(
                    row.number,
                    sheet.column("Student_id"),
                    f"is the same as in row {before.place.row}, but the name is another.",
                )
            )
            return None
        return before

    def enrollments(self) -> None:
        sheet = self._sheet("enrollments", "Section_id", "Student_id")
        if sheet is None:
            return
        self.roster.speaks.add(Tie.ENROLLED)
        section, student = sheet.column("Section_id"), sheet.column("Student_id")
        checks: tuple[tuple[Column, Callable[[], dict[str, object]], Kind, str], ...] = (
            (section, lambda: dict(self.roster.sections), Kind.SECTION, "sections.csv"),
            (student, lambda: dict(self.roster.students), Kind.STUDENT, "students.csv"),
        )
        tables = [(column, known(), kind, file) for column, known, kind, file in checks]
        for row in sheet.rows:
            link = (row.at(student), row.at(section))
            sound = True
            for column, known, kind, file in tables:
                said = row.at(column)
                if said not in known:
                    sound = False
                    if not self._held(kind, said):
                        wrong = not_in(said, file) if said else "is missing."
                        sheet.faults.append(sheet.fault(row.number, column, wrong))
            if sound:
                self.roster.enrolled[link] = True
            else:
                self.roster.held_links.add(link)

    # --- cells ----------------------------------------------------------------------------------------------------

    def _rows(self, sheet: Sheet, title: str, kind: Kind) -> list[tuple[Row, str]]:
        column, found = sheet.column(title), []
        for row in sheet.rows:
            source_id = row.at(column)
            if source_id:
                found.append((row, source_id))
            else:
                sheet.faults.append(sheet.fault(row.number, column, "is missing: every row needs it."))
        return found

    def _own_ids(self, sheet: Sheet, title: str, kind: Kind) -> list[tuple[Row, str]]:
        """Rows of a file in which each identifier stands once."""
        seen: dict[str, int] = {}
        found = []
        for row, source_id in self._rows(sheet, title, kind):
            first = seen.setdefault(source_id, row.number)
            if first == row.number:
                found.append((row, source_id))
            else:
                wrong = f"is the same as in row {first}: every row needs its own."
                sheet.faults.append(sheet.fault(row.number, sheet.column(title), wrong))
        return found

    def _name(self, sheet: Sheet, row: Row, title: str) -> str | None:
        column = sheet.column(title)
        try:
            return name_in(row.raw(column))
        except BadCell as bad:
            sheet.faults.append(sheet.fault(row.number, column, str(bad)))
            return None

    def _school(self, sheet: Sheet, row: Row) -> str | None:
        if set(self.roster.schools) == {""}:
            return ""
        column = sheet.column("School_id")
        said = row.at(column)
        if said in self.roster.schools:
            return said
        if not self._held(Kind.SCHOOL, said):
            wrong = not_in(said, "schools.csv") if said else "is missing: at which school?"
            sheet.faults.append(sheet.fault(row.number, column, wrong))
        return None

    def _held(self, kind: Kind, source_id: str) -> bool:
        return (kind, source_id) in self.roster.held
