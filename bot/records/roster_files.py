"""The files of a roster as tables of rows: a folder, a zip or one CSV, however a spreadsheet has treated it.

A byte-order mark, UTF-16, Windows-1252, bare carriage returns, semicolons or tabs between cells, columns in any
order, columns nobody asked for: all of these are read. What cannot be read is said with file and row. A row's number
is the one a spreadsheet shows: the header is row 1.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from bot.records.roster_cells import clean

MOST_BYTES = 400 * 1024 * 1024
"""Of all files together, unpacked: a district of 200,000 students stays far below; a zip bomb does not."""

WHOLE_FILE = 0
"""The row number of a fault that is about a file as a whole."""

HEADER = 1
_LINES_IN_A_CELL = 40
"""A record over more lines than this has swallowed others: a quotation mark was not closed."""

_ZIP_TROUBLE = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError,
)  # fmt: skip
_NOT_A_LETTER = re.compile(r"[\W_]+")


class RosterUnreadable(Exception):
    """There is nothing to read at this place. The message says what was looked for and what to do."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something a person must look at in a file. Never holds a phone number."""

    file: str
    row: int
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column of one sheet: its title as the file writes it (as the standard does when it is missing)."""

    title: str
    index: int | None

    @property
    def there(self) -> bool:
        """Whether the file has this column."""
        return self.index is not None


@dataclass(frozen=True, slots=True)
class Row:
    """One record with the number a spreadsheet shows for it."""

    number: int
    cells: tuple[str, ...]

    def at(self, column: Column) -> str:
        """The cell, cleaned of invisible characters and spaces at its ends; "" when it is missing."""
        return clean(self.raw(column))

    def raw(self, column: Column) -> str:
        """The cell as it is in the file."""
        index = column.index
        return self.cells[index] if index is not None and index < len(self.cells) else ""


@dataclass(slots=True)
class Sheet:
    """One file as a table."""

    name: str
    header: tuple[str, ...] = ()
    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notices: list[Fault] = field(default_factory=list)
    broken: bool = False
    """Nothing of it can be trusted: a quotation mark that is never closed has swallowed rows."""
    _columns: dict[tuple[str, ...], Column] = field(default_factory=dict)

    def column(self, *names: str) -> Column:
        """The first of these columns that is there, whatever its case, spaces and underscores."""
        known = self._columns.get(names)
        if known is None:
            known = self._columns[names] = self._find(names)
        return known

    def _find(self, names: tuple[str, ...]) -> Column:
        titles = {fold_title(title): index for index, title in reversed(list(enumerate(self.header)))}
        for name in names:
            index = titles.get(fold_title(name))
            if index is not None:
                return Column(clean(self.header[index]), index)
        return Column(names[0], None)

    def fault(self, row: int, column: Column | str, message: str) -> Fault:
        """A fault of this sheet."""
        return Fault(self.name, row, column if isinstance(column, str) else column.title, message)


@dataclass(frozen=True, slots=True)
class Files:
    """The CSV files at a place, by lower-case name."""

    source: str
    sheets: Mapping[str, Sheet]

    def get(self, name: str) -> Sheet | None:
        """The sheet of this name, whatever its case."""
        return self.sheets.get(name.lower())


def fold_title(title: str) -> str:
    """A column's title without case, spaces, underscores and signs: "Home_language" is "home language"."""
    return _NOT_A_LETTER.sub("", clean(title).casefold())


def open_files(path: Path) -> Files:
    """Every CSV file of a folder, a zip, or a file by itself. Raises `RosterUnreadable` when there is none."""
    if path.is_dir():
        return Files(path.name, _sheets(_of_folder(path)))
    if not path.is_file():
        raise RosterUnreadable(f"There is no file or folder {str(path)!r}.")
    try:
        with path.open("rb") as file:
            begins = file.read(4)
        if begins.startswith(b"PK\x03\x04"):
            return Files(path.name, _sheets(of_zip(path.read_bytes(), path.name)))
        if path.suffix.lower() == ".zip":
            raise RosterUnreadable(f"{path.name} is no zip file: make it again, or give the folder itself.")
        if begins.startswith(b"\xd0\xcf\x11\xe0"):
            raise RosterUnreadable(f"{path.name} is an old Excel file: save it as CSV (UTF-8) first.")
        if path.stat().st_size > MOST_BYTES:
            raise RosterUnreadable(f"{path.name} is larger than {MOST_BYTES // 1024 // 1024} MB.")
        return Files(path.name, _sheets([(path.name, path.read_bytes())]))
    except OSError as error:
        raise RosterUnreadable(f"{path.name} cannot be read: {error.strerror or 'no access'}.") from error


def files_of(named: Iterable[tuple[str, bytes]], source: str) -> Files:
    """As `open_files`, of files that are in memory already (an upload). A zip among them is opened."""
    found: list[tuple[str, bytes]] = []
    for name, data in named:
        found += of_zip(data, name) if data.startswith(b"PK\x03\x04") else [(name, data)]
    if not found:
        raise RosterUnreadable("There is no CSV file in what was given.")
    return Files(source, _sheets(found))


def of_zip(data: bytes, name: str) -> list[tuple[str, bytes]]:
    """The CSV files of a zip, with those of a nested folder when that is where they are."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if any(entry.filename == "xl/workbook.xml" for entry in archive.infolist()):
                raise RosterUnreadable(f"{name} is an Excel file: save it as CSV (UTF-8) first.")
            entries = [entry for entry in archive.infolist() if _is_csv(entry.filename)]
            room = MOST_BYTES
            found = []
            for entry in _of_one_folder(entries):
                with archive.open(entry) as file:
                    content = file.read(room + 1)
                room -= len(content)
                if room < 0:
                    raise RosterUnreadable(
                        f"{name} holds more than {MOST_BYTES // 1024 // 1024} MB: give the folder itself."
                    )
                found.append((PurePosixPath(entry.filename).name, content))
    except _ZIP_TROUBLE as error:
        raise RosterUnreadable(
            f"{name} cannot be unpacked ({type(error).__name__}): make it again without a password, "
            "or give the folder itself."
        ) from error
    if not found:
        raise RosterUnreadable(f"There is no CSV file in {name}.")
    return found


def _is_csv(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
    return path.suffix.lower() == ".csv" and not hidden


def _of_one_folder(entries: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """The files of the folder nearest to the top that has any."""
    depths = [len(PurePosixPath(entry.filename).parts) for entry in entries]
    return [entry for entry, depth in zip(entries, depths, strict=True) if depth == min(depths)]


def _of_folder(path: Path) -> list[tuple[str, bytes]]:
    names = sorted(found for found in path.iterdir() if found.is_file() and _is_csv(found.name))
    if not names:
        inner = [found for found in path.iterdir() if found.is_dir() and not found.name.startswith(".")]
        if len(inner) == 1:
            return _of_folder(inner[0])
        raise RosterUnreadable(f"There is no CSV file in {path.name}.")
    if sum(found.stat().st_size for found in names) > MOST_BYTES:
        raise RosterUnreadable(f"The files of {path.name} are larger than {MOST_BYTES // 1024 // 1024} MB.")
    return [(found.name, found.read_bytes()) for found in names]


def _sheets(named: Iterable[tuple[str, bytes]]) -> dict[str, Sheet]:
    return {name.lower(): read_sheet(name, data) for name, data in named}


def read_sheet(name: str, data: bytes) -> Sheet:
    """The rows of one CSV file. Never raises, whatever the bytes are: faults are in the sheet."""
    text, guessed = decode(data)
    sheet = Sheet(name)
    if guessed:
        sheet.notices.append(
            sheet.fault(
                WHOLE_FILE,
                "",
                "is not UTF-8; read as Windows-1252. Look at names with accents, or save as UTF-8.",
            )
        )
    for number, cells in _records(text, sheet):
        if not any(cell.strip() for cell in cells):
            continue
        if not sheet.header:
            sheet.header = tuple(cells)
            continue
        width = len(sheet.header)
        if any(clean(cell) for cell in cells[width:]):
            sheet.faults.append(
                sheet.fault(
                    number,
                    "",
                    f"has {len(cells)} cells, the header has {width}: put quotation marks around a cell that has a comma.",
                )
            )
            continue
        sheet.rows.append(Row(number, tuple(cells[:width])))
    if not sheet.header and not sheet.broken:
        sheet.faults.append(sheet.fault(WHOLE_FILE, "", "is empty: it has not even a header row."))
        sheet.broken = True
    return sheet


def decode(data: bytes) -> tuple[str, bool]:
    """The text of a file, and whether its encoding had to be guessed."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(encoding, "replace"), False
    if data[1:2] == b"\0" and data[:1] != b"\0":
        return data.decode("utf-16-le", "replace"), False
    try:
        return data.decode("utf-8"), False
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace"), True


def _records(text: str, sheet: Sheet) -> Iterator[tuple[int, list[str]]]:
    """Numbered records. Strictly first: only so does `csv` say that a quotation mark is never closed."""
    text = text.replace("\0", "")
    between = _delimiter(text)
    csv.field_size_limit(max(csv.field_size_limit(), 1 << 20))
    strict = _read(text, between, sheet, strict=True)
    if strict is None:
        strict = _read(text, between, sheet, strict=False) or []
    return iter(strict)


def _read(text: str, between: str, sheet: Sheet, *, strict: bool) -> list[tuple[int, list[str]]] | None:
    """All records; None when the strict reading met a stray quotation mark that a lenient one can live with."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=between, strict=strict)
    found: list[tuple[int, list[str]]] = []
    lines = 0
    try:
        for number, cells in enumerate(reader, start=1):
            if reader.line_num - lines > _LINES_IN_A_CELL:
                return _unclosed(sheet, number)
            lines = reader.line_num
            found.append((number, cells))
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            return _unclosed(sheet, len(found) + 1)
        if strict:
            return None
        sheet.broken = True
        sheet.faults.append(sheet.fault(len(found) + 1, "", f"cannot be read as CSV: {error}."))
        return []
    return found


def _unclosed(sheet: Sheet, number: int) -> list[tuple[int, list[str]]]:
    sheet.broken = True
    sheet.faults.append(
        sheet.fault(
            number, "", "has a quotation mark that is never closed: the rows after it cannot be told apart."
        )
    )
    return []


def _delimiter(text: str) -> str:
    """What stands between the cells of the first line that has any."""
    line = next((line for line in re.split(r"[\r\n]", text[:20_000]) if line.strip()), "")
    line = re.sub(r'"[^"]*"', "", line)
    return max(",\t;|", key=line.count) if line else ","
