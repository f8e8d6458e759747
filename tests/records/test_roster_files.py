"""Files as they come: from Excel, from a Mac of the nineties, in a zip with somebody's holiday photos."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.records.roster import RosterUnreadable, files_of, open_files, read
from bot.records.roster_files import MOST_BYTES, read_sheet
from tests.records.rosters import DATA, School, options

PLAIN = "sourcedId,name\n1,Ana\n2,Zoë\n"


def names(data: bytes) -> list[str]:
    sheet = read_sheet("x.csv", data)
    column = sheet.column("name")
    return [row.at(column) for row in sheet.rows]


@pytest.mark.parametrize(
    "data",
    [
        PLAIN.encode(),
        b"\xef\xbb\xbf" + PLAIN.encode(),
        PLAIN.replace("\n", "\r").encode(),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("\n", "\n\n").encode(),
        PLAIN.encode("utf-16"),
        PLAIN.encode("utf-16-le"),
        PLAIN.encode("cp1252"),
        PLAIN.replace(",", ";").encode(),
        PLAIN.replace(",", "\t").encode("utf-16"),
        '"sourcedId","name"\n"1","Ana"\n"2","Zoë"\n'.encode(),
        "Name , SOURCED_ID\nAna,1\nZoë,2,,,\n".encode(),
        b"\xef\xbb\xbf" + '"name","sourcedId"\r"Ana","1"\r"Zoë","2"\r'.encode(),
    ],
)
def test_one_table_in_many_disguises(data: bytes) -> None:
    assert names(data) == ["Ana", "Zoë"]


def test_a_row_has_the_number_that_a_spreadsheet_shows() -> None:
    sheet = read_sheet("x.csv", b'name,note\nAna,"two\nlines"\n\nOmar,\n')
    assert [row.number for row in sheet.rows] == [2, 4]


def test_a_file_that_had_to_be_guessed_says_so() -> None:
    assert read_sheet("x.csv", PLAIN.encode("cp1252")).notices[0].message.startswith("is not UTF-8")
    assert not read_sheet("x.csv", PLAIN.encode()).notices


def test_a_comma_without_quotation_marks_is_a_fault_of_that_row_only() -> None:
    sheet = read_sheet("x.csv", b"name,phone\nLopez, Maria,4155552345\nAna,4155552346\n")
    assert [(fault.row, "quotation marks" in fault.message) for fault in sheet.faults] == [(2, True)]
    assert len(sheet.rows) == 1


@pytest.mark.parametrize("rows", [3, 500])
def test_a_quotation_mark_that_is_never_closed_spoils_the_file(rows: int) -> None:
    text = 'name,phone\nAna,1\n"Omar,2\n' + "Lan,3\n" * rows
    sheet = read_sheet("x.csv", text.encode())
    assert sheet.broken
    assert sheet.faults[0].row == 3
    assert "never closed" in sheet.faults[0].message


def test_a_stray_quotation_mark_spoils_nothing() -> None:
    assert names(b'name,x\n"Ana" Maria,1\nO"Brien,2\n') == ["Ana Maria", 'O"Brien']


def test_empty_files_are_faults() -> None:
    for data in (b"", b"\n\n", b"\xef\xbb\xbf", b" , ,\n"):
        assert read_sheet("x.csv", data).broken


def zipped(entries: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return data.getvalue()


def test_a_zip_from_a_mac_with_a_folder_inside(tmp_path: Path) -> None:
    school = School()
    entries = {f"Export 2026/{name}": data for name, data in school.named()}
    entries |= {
        "__MACOSX/Export 2026/._users.csv": b"\0\1",
        ".DS_Store": b"x",
        "Export 2026/readme.txt": b"hi",
    }
    path = tmp_path / "roster.ZIP"
    path.write_bytes(zipped(entries))
    roster = read(open_files(path), options())
    assert len(roster.guardians) == 5
    assert not roster.faults


def test_names_of_files_in_any_case() -> None:
    named = [(name.upper(), data) for name, data in School().named()]
    assert len(read(files_of(named, "x"), options()).students) == 5


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.zip", b"not a zip", "no zip file"),
        ("a.zip", b"PK\x03\x04 cut short", "cannot be unpacked"),
        ("a.xls", b"\xd0\xcf\x11\xe0old", "old Excel"),
        ("a.xlsx", zipped({"xl/workbook.xml": b"<x/>"}), "Excel file"),
        ("a.zip", zipped({"photo.jpg": b"x"}), "no CSV file"),
    ],
)
def test_what_is_no_roster_is_said_in_a_sentence(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(RosterUnreadable, match=says):
        open_files(path)


def test_nothing_there_and_nothing_known(tmp_path: Path) -> None:
    with pytest.raises(RosterUnreadable, match="no file or folder"):
        open_files(tmp_path / "missing")
    with pytest.raises(RosterUnreadable, match="no CSV file"):
        open_files(tmp_path)
    (tmp_path / "a.csv").write_text("x\n1\n")
    (tmp_path / "b.csv").write_text("x\n1\n")
    with pytest.raises(RosterUnreadable, match="no roster we know"):
        read(open_files(tmp_path), options())


def test_a_zip_that_would_fill_the_disk_is_refused() -> None:
    bomb = zipped({"users.csv": b"sourcedId\n" + b"0" * (MOST_BYTES + 1)})
    assert len(bomb) < 1_000_000
    with pytest.raises(RosterUnreadable, match="holds more than"):
        files_of([("bomb.zip", bomb)], "bomb.zip")


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_break_a_sheet(data: bytes) -> None:
    sheet = read_sheet("x.csv", data)
    assert sheet.header or sheet.broken


CELLS = st.one_of(
    st.sampled_from(
        ["", "s1", "d1", "c1", "st1", "g1", "t1", "student", "parent", "teacher", "true", "active", "tobedeleted", "bulk", "1.2",
         "delta", "school", "4155552345", "8/25/2026", "Spanish", '"', "\x00", "=1+1", "absent", "file.users"]
    ),
    st.text(max_size=8),
)  # fmt: skip
NAMES = st.sampled_from(sorted(path.name for path in (DATA / "oneroster-1.2").glob("*.csv")))


@settings(max_examples=150, deadline=None)
@example([("classes.csv", 0, 9, "4155552345")], False)
@given(st.lists(st.tuples(NAMES, st.integers(0, 30), st.integers(0, 30), CELLS), max_size=25), st.booleans())
def test_no_cells_break_a_roster(changes: list[tuple[str, int, int, str]], shuffled: bool) -> None:
    """Any cells anywhere: faults are told, nothing is raised, and no number stands in a message."""
    school = School("oneroster-1.2")
    for name, row, column, cell in changes:
        rows, titles = school.tables[name], school.titles[name]
        rows[row % len(rows)][titles[column % len(titles)]] = cell
    if shuffled:
        for titles in school.titles.values():
            titles.reverse()
    roster = school.read()
    assert all(fault.file and fault.message for fault in roster.faults)
    assert "4155552345" not in str(roster.faults)
    assert set(roster.related) <= {(a, b) for a, b in roster.related if a and b}
    school.look(None)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(CELLS, max_size=8), max_size=8))
def test_no_table_breaks_the_reading_of_a_plain_file(rows: list[list[str]]) -> None:
    text = "\n".join(
        ",".join(cell.replace(",", " ") for cell in row)
        for row in [["Student name", "Parent", "Phone"], *rows]
    )
    roster = read(files_of([("list.csv", text.encode("utf-8", "replace"))], "list.csv"), options())
    assert all(student.given_name for student in roster.students.values())
    assert all(guardian.name for guardian in roster.guardians.values())
