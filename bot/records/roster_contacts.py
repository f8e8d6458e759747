"""The contacts in a student's row, as Clever and most spreadsheets write them: one, or several side by side."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.records.roster_cells import BadCell, clean, fold, name_in, says_nothing
from bot.records.roster_files import Column, Row, Sheet
from bot.records.roster_languages import HomeLanguages
from bot.records.roster_model import GuardianRecord, Options, Place, Roster
from bot.records.roster_phones import phone_in

MOST = 6
"""Contacts that may stand side by side in one row."""

_WORDS = ("contact", "guardian", "parent", "parent/guardian", "parent guardian")
_PARTS = {
    "name": ("name", "full name", ""),
    "first": ("first name", "given name", "firstname"),
    "last": ("last name", "family name", "lastname", "surname"),
    "phone": ("phone", "mobile", "cell", "phone number", "cell phone", "mobile phone", "sms", "text number", "tel"),
    "relationship": ("relationship", "relation"),
    "type": ("type",),
    "id": ("sis id", "id"),
    "language": ("language", "home language", "preferred language"),
}  # fmt: skip
_ALONE = {
    "phone": ("phone", "phone number", "mobile", "mobile phone", "cell", "cell phone", "parent cell", "primary phone"),
    "relationship": ("relationship", "relation to student", "relationship to student"),
}  # fmt: skip
_NOT_GUARDIANS = frozenset({"emergency", "other", "doctor", "physician", "childcare"})
_SELF = frozenset({"self", "student"})


@dataclass(frozen=True, slots=True)
class ContactColumns:
    """Where one contact of a row stands."""

    name: Column
    first: Column
    last: Column
    phone: Column
    relationship: Column
    type: Column
    id: Column
    language: Column

    @property
    def there(self) -> bool:
        """Whether there is a name or a number to read."""
        return self.name.there or self.first.there or self.last.there or self.phone.there


def contact_columns(sheet: Sheet, options: Options) -> list[ContactColumns]:
    """The contacts a file has room for, in order. A column map goes before the usual titles."""
    found = []
    taken: set[int] = set()
    for number in range(MOST + 1):
        columns = {part: _find(sheet, options, part, number, taken) for part in _PARTS}
        contact = ContactColumns(**columns)
        if contact.there:
            taken |= {column.index for column in columns.values() if column.index is not None}
            found.append(contact)
    return found


def _find(sheet: Sheet, options: Options, part: str, number: int, taken: set[int]) -> Column:
    """The column of one part of the contact with this number; 0 is the contact without one."""
    ours = f"guardian_{part}" if number == 0 else f"guardian_{number}_{part}"
    for key in (ours, f"{ours}_name"):
        if key in options.columns:
            return sheet.column(options.columns[key])
    titles = []
    for word in _WORDS:
        for name in _PARTS[part]:
            if number == 0:
                titles.append(f"{word} {name}")
            else:
                titles += [f"{word} {number} {name}", f"{word} {name} {number}", f"{word}{number} {name}"]
    if number == 0:
        titles += _ALONE.get(part, ())
    column = sheet.column(*titles)
    return column if column.index not in taken else Column(column.title, None)


def read_contacts(
    sheet: Sheet,
    row: Row,
    contacts: list[ContactColumns],
    student: str,
    school: str,
    roster: Roster,
    options: Options,
    language: str | None,
    languages: HomeLanguages,
) -> None:
    """Add the guardians of one row. A contact without a name is a fault; one without a usable number is kept."""
    for contact in contacts:
        name = _name(sheet, row, contact, roster)
        if name is None:
            continue
        place = Place(sheet.name, row.number)
        if _left_out(row, contact, roster, place):
            continue
        given = row.at(contact.id)
        source_id = given or f"{student}/{fold(name)}"
        number: str | None = None
        try:
            number = phone_in(row.raw(contact.phone), options.region)
        except BadCell as bad:
            sheet.faults.append(sheet.fault(row.number, contact.phone, str(bad)))
        own = languages.tag_of(sheet, row, contact.language) if contact.language.there else None
        before = roster.guardians.get(source_id)
        roster.guardians[source_id] = GuardianRecord(
            (source_id,),
            before.school if before else school,
            before.name if before else name,
            (before.phone if before else None) or number,
            _agreed(roster, place, before, own or language),
            before.place if before else place,
            contact.phone.title,
            derived=not given,
        )
        relationship = row.at(contact.relationship).casefold()
        roster.related[(source_id, student)] = None if says_nothing(relationship) else relationship[:40]


def _name(sheet: Sheet, row: Row, contact: ContactColumns, roster: Roster) -> str | None:
    """The contact's name; None when there is no contact here, or (a fault) only a number."""
    parts = [row.raw(contact.first), row.raw(contact.last)]
    written = row.raw(contact.name) if clean(row.raw(contact.name)) else " ".join(parts)
    column = contact.name if contact.name.there else contact.first
    if says_nothing(clean(written)):
        if row.at(contact.phone) and not says_nothing(row.at(contact.phone)):
            sheet.faults.append(sheet.fault(row.number, column, "is missing: whose number is it?"))
        return None
    try:
        return name_in(turned(written))
    except BadCell as bad:
        sheet.faults.append(sheet.fault(row.number, column, str(bad)))
        return None


def turned(name: str) -> str:
    """ "Lopez, Maria" as Maria Lopez."""
    match = re.fullmatch(r"\s*([^,]+),\s*([^,]+)", name)
    return f"{match[2]} {match[1]}" if match else name


def _left_out(row: Row, contact: ContactColumns, roster: Roster, place: Place) -> bool:
    if row.at(contact.type).casefold() in _NOT_GUARDIANS:
        roster.notices.append(
            place.fault(contact.type.title, "is no parent or guardian: left out, we write to families only.")
        )
        return True
    if row.at(contact.relationship).casefold() in _SELF:
        roster.notices.append(
            place.fault(contact.relationship.title, "is the student: left out, we write to adults only.")
        )
        return True
    return False


def _agreed(roster: Roster, place: Place, before: GuardianRecord | None, language: str | None) -> str | None:
    """The one language all rows of a guardian agree on."""
    if before is None or before.home_language is None:
        return language
    if language is not None and language != before.home_language:
        roster.notices.append(
            place.fault("", "has children with different home languages: it stays unknown, and we ask.")
        )
        return None
    return before.home_language
