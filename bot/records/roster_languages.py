"""The home language of a family, from whatever column a school keeps it in. Not known stays not known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.records.roster_cells import clean, quoted, says_nothing
from bot.records.roster_files import HEADER, Column, Fault, Files, Row, Sheet
from bot.records.roster_model import Options, Place, Roster

TITLES = (
    "home_language", "homeLanguage", "metadata.homeLanguage", "metadata.home_language", "ext.homeLanguage",
    "home language code", "primary home language", "primary language", "household language", "family language",
    "language spoken at home", "language of the home", "parent language", "guardian language", "contact language",
    "preferred language", "metadata.language", "correspondence language", "language",
)  # fmt: skip
"""What the column is called in the systems we have met; neither OneRoster 1.1 nor 1.2 has one of its own."""

_NOT_A_LANGUAGE = frozenset(
    {"other", "und", "mul", "mis", "zxx", "xx", "undetermined", "unspecified", "declined", "decline to state",
     "other non-english languages", "not listed", "multiple languages", "no linguistic content"}
)  # fmt: skip


@dataclass(slots=True)
class HomeLanguages:
    """What the files say, person by person."""

    options: Options
    roster: Roster
    said: dict[str, str]

    @classmethod
    def of(cls, files: Files, options: Options, roster: Roster) -> HomeLanguages:
        """Read the column from users.csv, else from demographics.csv."""
        found = cls(options, roster, {})
        for name in ("users.csv", "demographics.csv"):
            sheet = files.get(name)
            if sheet is None or sheet.broken:
                continue
            column = language_column(sheet, options)
            if column.there:
                who = sheet.column("sourcedId")
                for row in sheet.rows:
                    tag = found.tag_of(sheet, row, column)
                    if tag is not None:
                        found.said.setdefault(row.at(who), tag)
                return found
        if options.home_language:
            roster.faults.append(
                Fault("users.csv", HEADER, options.home_language, "is missing: no such column.")
            )
            roster.unusable = True
        return found

    def tag_of(self, sheet: Sheet, row: Row, column: Column) -> str | None:
        """The language of a cell; a notice when it has a word that means none we know."""
        cell = clean(row.raw(column))
        if says_nothing(cell) or cell.casefold() in _NOT_A_LANGUAGE:
            return None
        tag = self.options.language_of(cell)
        if tag is None:
            self.roster.notices.append(
                sheet.fault(
                    row.number,
                    column,
                    f"{quoted(cell, 40)} is no language we know: it stays unknown, and we ask.",
                )
            )
        return tag

    def of_guardian(self, source_id: str, children: Iterable[str], place: Place) -> str | None:
        """The guardian's own, else the one all its children's rows agree on."""
        own = self.said.get(source_id)
        if own is not None:
            return own
        theirs = {self.said[child] for child in children if child in self.said}
        if len(theirs) > 1:
            self.roster.notices.append(
                place.fault("", "has children with different home languages: it stays unknown, and we ask.")
            )
        return theirs.pop() if len(theirs) == 1 else None


def language_column(sheet: Sheet, options: Options) -> Column:
    """The column of home languages: the one that was named, else one that is usually called so."""
    if options.home_language:
        return sheet.column(options.home_language)
    return sheet.column(*TITLES)
