"""Clever-style exports and the lists schools really keep: one row a student, whatever the columns are called."""

from __future__ import annotations

import pytest

from bot.records.roster import files_of, read
from bot.records.roster_model import Roster
from tests.records.rosters import School, options, told


def plain(text: str, **more: object) -> Roster:
    return read(files_of([("list.csv", text.encode())], "list.csv"), options(**more))


def guardians(roster: Roster) -> dict[str, tuple[str | None, str | None]]:
    return {one.name: (one.phone, one.home_language) for one in roster.guardians.values()}


# --- Clever ---------------------------------------------------------------------------------------------------------


def test_a_clever_export() -> None:
    roster = School("clever").read()
    assert roster.format == "Clever"
    assert roster.faults == []
    assert set(guardians(roster)) == {"Juliana Ferreira", "Carmen Morales", "Héctor Morales", "Elena Xol"}
    assert guardians(roster)["Juliana Ferreira"] == ("+14155550123", "pt")
    assert guardians(roster)["Elena Xol"] == ("+14155550138", None)
    assert sorted(set(filter(None, roster.related.values()))) == ["father", "mother"]
    assert roster.taught == {("501", "9001"): True}
    assert len(roster.enrolled) == 4


def test_emergency_contacts_and_the_student_itself_get_no_texts() -> None:
    school = School("clever")
    school.row("students.csv", Student_id="104")["Contact_relationship"] = "Self"
    roster = school.read()
    assert "Rosa Morales" not in guardians(roster)
    assert "Elena Xol" not in guardians(roster)
    assert {notice.field for notice in roster.notices} == {"Contact_type", "Contact_relationship"}


@pytest.mark.parametrize(
    ("file", "where", "column", "cell", "fault"),
    [
        ("students.csv", {"Student_id": "101"}, "Student_id", "", ("students.csv", 2, "Student_id")),
        ("students.csv", {"Student_id": "101"}, "First_name", "", ("students.csv", 2, "First_name")),
        ("students.csv", {"Student_id": "101"}, "School_id", "9", ("students.csv", 2, "School_id")),
        (
            "students.csv",
            {"Student_id": "101"},
            "Contact_phone",
            "415555",
            ("students.csv", 2, "Contact_phone"),
        ),
        ("students.csv", {"Student_id": "101"}, "Contact_name", "", ("students.csv", 2, "Contact_name")),
        ("students.csv", {"Student_id": "103"}, "Student_id", "101", ("students.csv", 6, "Student_id")),
        ("sections.csv", {"Section_id": "9001"}, "Teacher_id", "777", ("sections.csv", 2, "Teacher_id")),
        ("enrollments.csv", {"Student_id": "101"}, "Section_id", "777", ("enrollments.csv", 2, "Section_id")),
        ("enrollments.csv", {"Student_id": "101"}, "Student_id", "777", ("enrollments.csv", 2, "Student_id")),
        ("enrollments.csv", {"Student_id": "101"}, "Student_id", "", ("enrollments.csv", 2, "Student_id")),
        (
            "teachers.csv",
            {"Teacher_id": "501"},
            "Teacher_email",
            "none yet",
            ("teachers.csv", 2, "Teacher_email"),
        ),
        ("schools.csv", {"School_id": "1"}, "School_name", "", ("schools.csv", 2, "School_name")),
    ],
)
def test_one_wrong_cell_of_clever(
    file: str, where: dict[str, str], column: str, cell: str, fault: tuple[str, int, str]
) -> None:
    school = School("clever")
    school.row(file, **where)[column] = cell
    found = told(school.read())
    assert fault in found
    later = ("Student_id", "Teacher_id") if column in ("Student_id", "Teacher_id") else ()
    assert all(one == fault or one[2] in later for one in found)


def test_two_contacts_of_one_child_with_one_number_and_two_names_are_both_there() -> None:
    school = School("clever")
    school.row("students.csv", Contact_name="Héctor Morales")["Contact_phone"] = "4155550131"
    plan = school.look(None)
    assert told(plan) == [("students.csv", 4, "Contact_phone")]


def test_clever_without_a_column_it_needs() -> None:
    school = School("clever")
    school.titles["students.csv"].remove("Last_name")
    for row in school.tables["students.csv"]:
        del row["Last_name"]
    roster = school.read()
    assert roster.unusable
    assert told(roster) == [("students.csv", 1, "Last_name")]


def test_students_csv_alone_is_enough() -> None:
    school = School("clever")
    for name in ("schools.csv", "teachers.csv", "sections.csv", "enrollments.csv"):
        del school.tables[name]
    roster = school.read()
    assert roster.format == "Clever"
    assert roster.faults == []
    assert len(roster.students) == 4


# --- plain lists ----------------------------------------------------------------------------------------------------


def test_the_list_of_an_office() -> None:
    roster = School("families.csv").read()
    assert roster.format == "CSV"
    assert roster.faults == []
    assert guardians(roster)["Héctor Morales"] == ("+14155550140", "es")
    assert roster.students["102"].given_name == "Ana"
    assert roster.students["102"].family_name == "Morales"
    assert {section.name for section in roster.sections.values()} == {"Room 12", "Room 2"}
    assert {person.name for person in roster.staff.values()} == {"Ms. Bennett"}


def test_a_list_without_numbers_for_students_knows_them_by_name() -> None:
    roster = plain(
        "Child,Class,Parent,Cell\nAna Morales,3B,Carmen Morales,4155550131\nOmar Haddad,3B,Rami Haddad,4155550132\n"
    )
    assert roster.faults == []
    assert {student.given_name for student in roster.students.values()} == {"Ana", "Omar"}
    assert guardians(roster)["Rami Haddad"] == ("+14155550132", None)


def test_two_children_of_one_name_need_a_number() -> None:
    roster = plain(
        "Student,Grade,Parent,Phone\nJosé García,3,Ana García,4155550131\nJose Garcia,5,Eva Ruiz,4155550132\n"
    )
    assert told(roster) == [("list.csv", 3, "Student")]
    assert "student_id" in roster.faults[0].message


def test_a_column_map_says_what_titles_do_not() -> None:
    text = "Kind,Klasse,Mutter,Handy,Sprache\nAna Morales,3b,Carmen Morales,4155550131,spa\n"
    assert told(plain(text)) == [("list.csv", 1, "student_name"), ("list.csv", 1, "guardian_phone")]
    columns = {
        "student_name": "Kind", "section": "Klasse", "guardian_name": "Mutter", "guardian_phone": "handy",
        "home_language": "SPRACHE",
    }  # fmt: skip
    roster = plain(text, columns=columns)
    assert roster.faults == []
    assert guardians(roster) == {"Carmen Morales": ("+14155550131", "es")}
    assert next(iter(roster.sections.values())).name == "3b"


def test_a_column_map_that_names_no_column() -> None:
    roster = plain("Student,Parent,Phone\nA B,C D,4155550131\n", columns={"grade": "Jahrgang"})
    assert roster.unusable
    assert told(roster) == [("list.csv", 1, "Jahrgang")]


def test_two_guardians_side_by_side_and_a_language_of_each() -> None:
    text = (
        "Student First Name,Student Last Name,Guardian 1 First Name,Guardian 1 Last Name,Guardian 1 Mobile,Guardian 1 Language,"
        "Guardian 2 First Name,Guardian 2 Last Name,Guardian 2 Mobile,Guardian 2 Language,Home Language\n"
        "Emma,Carter,James,Carter,4155550136,English,Kim,Tran,4155550139,,Vietnamese\n"
    )
    assert guardians(plain(text)) == {
        "James Carter": ("+14155550136", "en"),
        "Kim Tran": ("+14155550139", "vi"),
    }


def test_an_empty_second_guardian_is_nobody() -> None:
    assert (
        len(School("families.csv").read().guardians) == 5
    )  # Carmen once for each child, before numbers are compared
    assert len([one for one in School("families.csv").look(None).entries if one.kind == "guardian"]) == 4


def test_rows_of_several_schools() -> None:
    roster = plain("School,Student,Parent,Phone\nNorth,A B,C D,4155550131\nSouth,A B,E F,4155550132\n")
    assert {school.name for school in roster.schools.values()} == {"North", "South"}
    assert len(roster.students) == 2


def test_a_number_without_a_name_is_a_fault_in_the_place_of_the_name() -> None:
    roster = plain("Student,Parent,Phone\nA B,,4155550131\nC D,,\n")
    assert told(roster) == [("list.csv", 2, "Parent")]
    assert len(roster.students) == 2


def test_a_child_without_a_name_is_a_fault() -> None:
    roster = plain(
        "Student ID,First Name,Last Name,Parent,Phone\n7,,Ruiz,Eva Ruiz,4155550131\n8,Leo,,Eva Ruiz,4155550131\n"
    )
    assert told(roster) == [("list.csv", 2, "First Name"), ("list.csv", 3, "Last Name")]
    assert {source_id for _, source_id in roster.held} == {"7", "8"}
