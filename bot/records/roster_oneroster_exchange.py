"""What the readers of OneRoster's files share: which identifiers are known, which rows are faulty, which are going."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bot.records.roster_cells import BadCell, date_in, quoted
from bot.records.roster_files import HEADER, Column, Files, Row, Sheet
from bot.records.roster_model import Kind, Options, Place, Roster

_STATUS = {"": False, "active": False, "tobedeleted": True, "inactive": True}
PERSON = (Kind.STAFF, Kind.STUDENT, Kind.GUARDIAN)


@dataclass(slots=True)
class User:
    """A row of users.csv. Its roles may come from another file."""

    row: Row
    sheet: Sheet
    roles: set[str]
    orgs: tuple[str, ...]
    agents: tuple[str, ...]
    given: str
    family: str

    @property
    def is_student(self) -> bool:
        """Whether this is a child."""
        return "student" in self.roles

    @property
    def place(self) -> Place:
        """Where it was read."""
        return Place(self.sheet.name, self.row.number)

    @property
    def name(self) -> str:
        """The whole name."""
        return f"{self.given} {self.family}"


@dataclass(slots=True)
class Exchange:
    """A OneRoster exchange while it is read."""

    files: Files
    options: Options
    roster: Roster
    modes: dict[str, str]
    is_1_2: bool
    orgs: set[str] = field(default_factory=set)
    """Every org of orgs.csv; empty when there is no such file."""
    users: dict[str, User] = field(default_factory=dict)
    faulty: set[str] = field(default_factory=set)
    """Identifiers whose own row has a fault or is to be deleted: a reference to one of them is no fault by itself."""

    def sheet(self, name: str, *needed: str) -> Sheet | None:
        """A file that has the columns we need; None when there is none, and a fault for each missing column."""
        sheet = self.files.get(f"{name}.csv")
        if sheet is None or sheet.broken:
            return None
        for title in needed:
            if not sheet.column(title).there:
                sheet.faults.append(sheet.fault(HEADER, title, "is missing: the file needs this column."))
                self.roster.unusable = True
        return None if self.roster.unusable else sheet

    def identified(self, sheet: Sheet, *kinds: Kind) -> Iterator[tuple[Row, str, bool]]:
        """Rows with their identifier and whether they are to be deleted; faults for missing and doubled ones."""
        column, status = sheet.column("sourcedId"), sheet.column("status")
        seen: dict[str, int] = {}
        for row in sheet.rows:
            source_id = row.at(column)
            if column.there and not source_id:
                sheet.faults.append(sheet.fault(row.number, column, "is missing: every row needs its own."))
                continue
            first = seen.setdefault(source_id, row.number)
            if column.there and first != row.number:
                sheet.faults.append(
                    sheet.fault(
                        row.number, column, f"is the same as in row {first}: every row needs its own."
                    )
                )
                continue
            over = _STATUS.get(row.at(status).casefold())
            if over is None:
                sheet.faults.append(
                    sheet.fault(row.number, status, "must be active or tobedeleted (or empty).")
                )
                self.hold(source_id, *kinds)
                continue
            if over and kinds:
                self.roster.gone |= {(kind, source_id) for kind in kinds}
                self.faulty.add(source_id)
            yield row, source_id, over

    def hold(self, source_id: str, *kinds: Kind) -> None:
        """This record's row has a fault: what we have of it stays, and references to it are not faults too."""
        self.faulty.add(source_id)
        self.roster.held |= {(kind, source_id) for kind in kinds}

    def school_of(self, orgs: Iterable[str]) -> str | None:
        """The first school among these orgs; the only one there is when the files name none at all."""
        if set(self.roster.schools) == {""}:
            return ""
        return next((org for org in orgs if org in self.roster.schools), None)

    def known_orgs(self, sheet: Sheet, row: Row, column: Column, orgs: Iterable[str]) -> bool:
        """Whether every org is in orgs.csv; a fault for each that is not."""
        if not self.orgs or self.modes.get("orgs") == "delta":
            return True
        unknown = [org for org in orgs if org not in self.orgs]
        for org in unknown:
            sheet.faults.append(sheet.fault(row.number, column, not_in(org, "orgs.csv")))
        return not unknown

    def counts_today(self, sheet: Sheet, row: Row) -> bool | None:
        """Whether `beginDate` to `endDate` (the day after the last) has today in it; None when one is no date."""
        begin, end = sheet.column("beginDate"), sheet.column("endDate")
        days = []
        for column in (begin, end):
            try:
                days.append(date_in(row.raw(column)))
            except BadCell as bad:
                sheet.faults.append(sheet.fault(row.number, column, str(bad)))
        if len(days) < 2:
            return None
        today = self.options.today
        return (days[0] is None or days[0] <= today) and (days[1] is None or days[1] > today)


def not_in(source_id: str, file: str) -> str:
    """What is wrong with a reference to something that is not there."""
    return f"{quoted(source_id)} is not in {file}."


def one_of(said: str, allowed: Iterable[str]) -> str | None:
    """What is wrong with a word outside a vocabulary; None when it is one of it."""
    allowed = sorted(allowed)
    if said.casefold() in allowed:
        return None
    return f"must be one of {', '.join(allowed)}." if said else "is missing."
