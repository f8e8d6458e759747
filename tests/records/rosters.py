"""Rosters for tests: a small school's files, changed by a story one cell at a time."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path

from bot.language.codes import LANGUAGES
from bot.language.home_language import home_language
from bot.records.roster import Applied, Options, Plan, apply, files_of, look, read
from bot.records.roster_model import Roster
from bot.store.database import Database

DATA = Path(__file__).parent / "data"
TODAY = date(2026, 3, 4)
NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
Table = list[dict[str, str]]


def options(**more: object) -> Options:
    """How the tests read."""
    ask_first = frozenset(tag for tag, language in LANGUAGES.items() if language.spoken_first)
    given: dict[str, object] = {"today": TODAY, "language_of": home_language, "ask_first": ask_first}
    return Options(**(given | more))  # type: ignore[arg-type]


class School:
    """The files of one school as tables that a story can change."""

    def __init__(self, folder: str = "oneroster-1.1") -> None:
        self.source = folder
        self.tables: dict[str, Table] = {}
        self.titles: dict[str, list[str]] = {}
        path = DATA / folder
        for file in [path] if path.is_file() else sorted(path.glob("*.csv")):
            rows = list(csv.DictReader(io.StringIO(file.read_text("utf-8"))))
            self.tables[file.name] = rows
            self.titles[file.name] = next(csv.reader(io.StringIO(file.read_text("utf-8"))))

    def row(self, file: str, **where: str) -> dict[str, str]:
        """The first row with these cells."""
        return next(
            row for row in self.tables[file] if all(row[key] == value for key, value in where.items())
        )

    def number(self, file: str, **where: str) -> int:
        """Its number in a spreadsheet."""
        return self.tables[file].index(self.row(file, **where)) + 2

    def add(self, file: str, **cells: str) -> None:
        """Another row."""
        self.tables[file].append(dict.fromkeys(self.titles[file], "") | cells)

    def drop(self, file: str, **where: str) -> None:
        """Take a row out."""
        self.tables[file].remove(self.row(file, **where))

    def add_title(self, file: str, title: str) -> None:
        """Another column."""
        self.titles[file].append(title)
        for row in self.tables[file]:
            row[title] = ""

    def bytes(self, file: str, newline: str = "\r\n", encoding: str = "utf-8") -> bytes:
        """One file as a system would write it."""
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, self.titles[file], lineterminator=newline)
        writer.writeheader()
        writer.writerows(self.tables[file])
        return text.getvalue().encode(encoding)

    def named(self, newline: str = "\r\n", encoding: str = "utf-8") -> list[tuple[str, bytes]]:
        """All files."""
        return [(name, self.bytes(name, newline, encoding)) for name in self.tables]

    def read(self, newline: str = "\r\n", encoding: str = "utf-8", **more: object) -> Roster:
        """What the files say."""
        return read(files_of(self.named(newline, encoding), self.source), options(**more))

    def look(
        self, db: Database | None, *, partial: bool = False, into: int | None = None, **more: object
    ) -> Plan:
        """What importing them would do."""
        return look(
            db, files_of(self.named(), self.source), options(**more), NOW, time_zone="America/Los_Angeles",
            partial=partial, into=into, school_name="Riverside",
        )  # fmt: skip

    def brings(self, db: Database, *, sure: bool = False, **more: object) -> tuple[Plan, Applied]:
        """Import them."""
        plan = self.look(db, **more)  # type: ignore[arg-type]
        return plan, apply(db, plan, NOW, sure=sure)


def told(roster: Roster | Plan) -> list[tuple[str, int, str]]:
    """Where the faults are."""
    return [(fault.file, fault.row, fault.field) for fault in roster.faults]
