"""OneRoster exchanges as information systems really make them, and what is said about each kind of mistake."""

from __future__ import annotations

from typing import Any

import pytest

from bot.records.roster_model import Kind, Tie
from tests.records.rosters import School, told


def test_both_versions_tell_of_the_same_school() -> None:
    one, two = School("oneroster-1.1").read(), School("oneroster-1.2").read()
    assert (one.format, two.format) == ("OneRoster 1.1", "OneRoster 1.2")
    assert one.faults == two.faults == []
    assert one.students == two.students
    assert one.related == two.related
    assert one.enrolled == two.enrolled
    assert one.taught == two.taught == {("t1", "c1"): True, ("t2", "c2"): True}
    assert {guardian.name: guardian.phone for guardian in one.guardians.values()} == {
        guardian.name: guardian.phone for guardian in two.guardians.values()
    }


def test_a_family_as_the_files_tell_of_it() -> None:
    roster = School().read()
    mother = roster.guardians["g2"]
    assert (mother.name, mother.phone, mother.home_language) == ("Carmen Morales", "+14155550131", "es")
    assert roster.related[("g2", "st2")] == roster.related[("g2", "st3")] == "parent"
    assert roster.students["st2"].grade == "3"
    assert roster.sections["c1"].name == "Grade 3, Room 12"


def test_the_home_language_is_the_guardians_own_then_the_childs_and_else_unknown() -> None:
    roster = School().read()
    known = {source_id: guardian.home_language for source_id, guardian in roster.guardians.items()}
    assert known == {"g1": "pt", "g2": "es", "g3": "en", "g4": "ht", "g5": None}


def test_children_with_different_languages_leave_it_unknown() -> None:
    school = School()
    school.row("users.csv", sourcedId="st3")["metadata.homeLanguage"] = "Mam"
    roster = school.read()
    assert roster.guardians["g2"].home_language is None
    assert any("different home languages" in notice.message for notice in roster.notices)


def test_the_column_of_languages_can_be_any_and_a_wrong_one_is_said() -> None:
    school = School()
    school.add_title("users.csv", "Lang@Home")
    school.row("users.csv", sourcedId="g5")["Lang@Home"] = "mam"
    assert school.read(home_language="lang@home").guardians["g5"].home_language == "mam"
    assert school.read(home_language="lang@home").guardians["g1"].home_language is None
    wrong = school.read(home_language="Sprache")
    assert wrong.unusable
    assert told(wrong) == [("users.csv", 1, "Sprache")]


def test_a_language_we_do_not_know_is_a_notice_and_stays_unknown() -> None:
    school = School()
    school.row("users.csv", sourcedId="g5")["metadata.homeLanguage"] = "Quenya"
    roster = school.read()
    assert roster.guardians["g5"].home_language is None
    assert roster.faults == []
    assert [(one.row, one.field) for one in roster.notices] == [(13, "metadata.homeLanguage")]


@pytest.mark.parametrize("newline", ["\r", "\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_same_school_from_any_machine(newline: str, encoding: str) -> None:
    assert School().read(newline, encoding).guardians == School().read().guardians


def test_columns_in_another_order_with_others_between_and_in_another_case() -> None:
    school = School()
    for name in school.tables:
        school.add_title(name, "Locker")
        school.titles[name].reverse()
    mixed = school.read()
    assert mixed.guardians == School().read().guardians
    named = [(name, data.replace(b"sourcedId", b"SourcedID", 1)) for name, data in school.named()]
    assert named != school.named()


def test_without_manifest_orgs_courses_and_sessions_it_is_still_a_school() -> None:
    school = School()
    for name in ("manifest.csv", "orgs.csv", "courses.csv", "academicSessions.csv"):
        del school.tables[name]
    roster = school.read()
    assert roster.faults == []
    assert len(roster.students) == 5
    assert set(roster.schools) == {""}


def test_guardians_may_name_the_children_instead_of_the_other_way_round() -> None:
    school = School()
    for row in school.tables["users.csv"]:
        row["agentSourcedIds"] = ""
    school.row("users.csv", sourcedId="g2")["agentSourcedIds"] = "st2,st3"
    roster = school.read()
    assert {pair for pair in roster.related if pair[0] == "g2"} == {("g2", "st2"), ("g2", "st3")}
    assert sum("no student" in notice.message for notice in roster.notices) == 4


def test_a_teacher_can_be_a_mother_at_the_same_school() -> None:
    school = School()
    school.row("users.csv", sourcedId="st5")["agentSourcedIds"] = "g5,t1"
    school.row("users.csv", sourcedId="t1")["sms"] = "415-555-0150"
    roster = school.read()
    assert roster.guardians["t1"].phone == "+14155550150"
    assert "t1" in roster.staff


def test_a_principal_who_teaches_a_class_is_named_to_families_and_becomes_no_administrator() -> None:
    school = School("oneroster-1.2")
    school.row("roles.csv", userSourcedId="t2")["role"] = "principal"
    roster = school.read()
    assert roster.faults == []
    assert roster.taught[("t2", "c2")]
    assert "t2" in roster.staff


def test_the_name_a_child_uses_at_school_is_not_told_to_the_family() -> None:
    assert School("oneroster-1.2").read().students["st3"].given_name == "Diego"


def test_a_person_has_several_roles_in_1_2() -> None:
    school = School("oneroster-1.2")
    school.add(
        "roles.csv",
        sourcedId="r20",
        userSourcedId="t1",
        roleType="secondary",
        role="parent",
        orgSourcedId="s1",
    )
    school.row("users.csv", sourcedId="st5")["agentSourcedIds"] = "t1"
    roster = school.read()
    assert "t1" in roster.staff
    assert roster.related[("t1", "st5")] == "parent"


def test_enrollments_count_from_their_first_day_to_the_day_before_their_last() -> None:
    school = School()
    school.row("enrollments.csv", sourcedId="e1")["endDate"] = "3/4/2026"
    school.row("enrollments.csv", sourcedId="e3")["endDate"] = "2026-03-05"
    school.row("enrollments.csv", sourcedId="e4")["beginDate"] = "2026-03-05"
    roster = school.read()
    assert roster.faults == []
    counts = {student: active for (student, _), active in roster.enrolled.items()}
    assert counts == {"st1": False, "st2": True, "st3": True, "st4": False, "st5": True}


FAULTS: list[tuple[str, str, str, str, str, tuple[str, int, str]]] = [
    # version, file, row's sourcedId, column, new cell → where the fault is
    ("1.1", "orgs.csv", "s1", "type", "academy", ("orgs.csv", 3, "type")),
    ("1.1", "orgs.csv", "s1", "type", "", ("orgs.csv", 3, "type")),
    ("1.1", "orgs.csv", "d1", "name", "", ("orgs.csv", 2, "name")),
    ("1.1", "orgs.csv", "s1", "parentSourcedId", "d9", ("orgs.csv", 3, "parentSourcedId")),
    ("1.1", "users.csv", "st1", "sourcedId", "", ("users.csv", 4, "sourcedId")),
    ("1.1", "users.csv", "g5", "sourcedId", "g4", ("users.csv", 13, "sourcedId")),
    ("1.1", "users.csv", "st1", "givenName", " ", ("users.csv", 4, "givenName")),
    ("1.1", "users.csv", "g1", "familyName", "", ("users.csv", 9, "familyName")),
    ("1.1", "users.csv", "g1", "role", "mother", ("users.csv", 9, "role")),
    ("1.1", "users.csv", "g1", "role", "", ("users.csv", 9, "role")),
    ("1.1", "users.csv", "g1", "status", "sleeping", ("users.csv", 9, "status")),
    ("1.1", "users.csv", "st1", "orgSourcedIds", "", ("users.csv", 4, "orgSourcedIds")),
    ("1.1", "users.csv", "st1", "orgSourcedIds", "s9", ("users.csv", 4, "orgSourcedIds")),
    ("1.1", "users.csv", "st1", "agentSourcedIds", "g1,g9", ("users.csv", 4, "agentSourcedIds")),
    ("1.1", "users.csv", "st1", "agentSourcedIds", "g1,st2", ("users.csv", 4, "agentSourcedIds")),
    ("1.1", "users.csv", "g1", "sms", "415-555-0123 x4", ("users.csv", 9, "sms")),
    ("1.1", "users.csv", "g4", "phone", "4.15E9", ("users.csv", 12, "phone")),
    ("1.1", "users.csv", "t1", "email", "rachel at school", ("users.csv", 2, "email")),
    ("1.1", "classes.csv", "c1", "title", "", ("classes.csv", 2, "title")),
    ("1.1", "classes.csv", "c1", "schoolSourcedId", "s9", ("classes.csv", 2, "schoolSourcedId")),
    ("1.1", "classes.csv", "c1", "schoolSourcedId", "d1", ("classes.csv", 2, "schoolSourcedId")),
    ("1.1", "classes.csv", "c1", "schoolSourcedId", "", ("classes.csv", 2, "schoolSourcedId")),
    ("1.1", "classes.csv", "c1", "courseSourcedId", "co9", ("classes.csv", 2, "courseSourcedId")),
    ("1.1", "classes.csv", "c1", "termSourcedIds", "y1,y9", ("classes.csv", 2, "termSourcedIds")),
    ("1.1", "classes.csv", "c1", "classType", "zoom", ("classes.csv", 2, "classType")),
    ("1.1", "enrollments.csv", "e1", "classSourcedId", "c9", ("enrollments.csv", 2, "classSourcedId")),
    ("1.1", "enrollments.csv", "e1", "classSourcedId", "", ("enrollments.csv", 2, "classSourcedId")),
    ("1.1", "enrollments.csv", "e1", "userSourcedId", "st9", ("enrollments.csv", 2, "userSourcedId")),
    ("1.1", "enrollments.csv", "e1", "schoolSourcedId", "s9", ("enrollments.csv", 2, "schoolSourcedId")),
    ("1.1", "enrollments.csv", "e1", "role", "pupil", ("enrollments.csv", 2, "role")),
    ("1.1", "enrollments.csv", "e1", "role", "teacher", ("enrollments.csv", 2, "role")),
    ("1.1", "enrollments.csv", "e1", "beginDate", "18/8/2025", ("enrollments.csv", 2, "beginDate")),
    ("1.1", "enrollments.csv", "e1", "endDate", "June", ("enrollments.csv", 2, "endDate")),
    ("1.1", "manifest.csv", "file.users", "value", "all", ("manifest.csv", 9, "value")),
    ("1.2", "roles.csv", "r8", "role", "mother", ("roles.csv", 9, "role")),
    ("1.2", "roles.csv", "r8", "roleType", "first", ("roles.csv", 9, "roleType")),
    ("1.2", "roles.csv", "r8", "orgSourcedId", "s9", ("roles.csv", 9, "orgSourcedId")),
    ("1.2", "roles.csv", "r8", "beginDate", "31/12/2025", ("roles.csv", 9, "beginDate")),
]


@pytest.mark.parametrize(("version", "file", "source_id", "column", "cell", "where"), FAULTS)
def test_one_wrong_cell_is_one_fault_in_its_place(
    version: str, file: str, source_id: str, column: str, cell: str, where: tuple[str, int, str]
) -> None:
    school = School(f"oneroster-{version}")
    key = school.titles[file][0]
    school.row(file, **{key: source_id})[column] = cell
    roster = school.read()
    found = [one for one in told(roster) if one == where]
    assert found == [where]
    # Nothing else is wrong, but for who referred to an identifier that is not there any more.
    others = [one for one in told(roster) if one != where]
    assert all(column == "sourcedId" and one[2] in ("userSourcedId", "agentSourcedIds") for one in others)


def test_a_user_without_a_role_and_a_role_without_a_user() -> None:
    school = School("oneroster-1.2")
    school.row("roles.csv", userSourcedId="g1")["userSourcedId"] = "g99"
    assert told(school.read()) == [("users.csv", 9, "sourcedId"), ("roles.csv", 9, "userSourcedId")]


def test_what_a_faulty_row_is_about_is_held_and_is_not_a_second_fault() -> None:
    school = School()
    school.row("users.csv", sourcedId="st2")["familyName"] = ""
    roster = school.read()
    assert told(roster) == [("users.csv", 5, "familyName")]
    assert (Kind.STUDENT, "st2") in roster.held
    assert "st2" not in roster.students
    assert ("st2", "c1") not in roster.held_links  # its class is known: the student is what is missing
    assert roster.guardians["g2"].name == "Carmen Morales"


def test_a_guardian_with_an_unusable_number_is_still_a_guardian() -> None:
    school = School()
    school.row("users.csv", sourcedId="g1")["sms"] = "900-555-1234"
    guardian = school.read().guardians["g1"]
    assert guardian.phone is None
    assert guardian.name == "Juliana Ferreira"


@pytest.mark.parametrize(
    ("file", "column"),
    [("users.csv", "givenName"), ("users.csv", "role"), ("orgs.csv", "type"), ("classes.csv", "title"),
     ("enrollments.csv", "userSourcedId")],
)  # fmt: skip
def test_a_column_nothing_can_be_done_without(file: str, column: str) -> None:
    school = School()
    school.titles[file].remove(column)
    for row in school.tables[file]:
        del row[column]
    roster = school.read()
    assert roster.unusable
    assert (file, 1, column) in told(roster)


def test_a_file_the_manifest_promises() -> None:
    school = School()
    del school.tables["enrollments.csv"]
    roster = school.read()
    assert roster.unusable
    assert told(roster) == [("enrollments.csv", 0, "")]


def test_no_users_at_all() -> None:
    school = School()
    del school.tables["users.csv"]
    del school.tables["manifest.csv"]
    school.tables["manifest.csv"] = []
    school.titles["manifest.csv"] = ["propertyName", "value"]
    roster = school.read()
    assert roster.unusable
    assert told(roster) == [("users.csv", 0, "")]


def test_rows_that_are_to_be_deleted() -> None:
    school = School()
    school.row("users.csv", sourcedId="st1")["status"] = "tobedeleted"
    school.row("classes.csv", sourcedId="c2")["status"] = "ToBeDeleted"
    roster = school.read()
    assert roster.faults == []
    assert "st1" not in roster.students
    assert (Kind.STUDENT, "st1") in roster.gone
    assert (Kind.SECTION, "c2") in roster.gone
    assert "g1" not in roster.guardians  # her only child has left


def test_a_delta_speaks_of_what_changed_only() -> None:
    school = School()
    for row in school.tables["manifest.csv"]:
        if row["propertyName"].startswith("file.") and row["value"] == "bulk":
            row["value"] = "delta"
    school.tables["users.csv"] = [school.row("users.csv", sourcedId="st1")]
    school.tables["enrollments.csv"] = [school.row("enrollments.csv", sourcedId="e2")]
    school.tables["orgs.csv"] = [school.row("orgs.csv", sourcedId="s1")]
    roster = school.read()
    assert not roster.whole
    assert roster.faults == []
    assert roster.related == {("g1", "st1"): None}


def test_files_without_classes_say_nothing_about_classes() -> None:
    school = School()
    for name in ("classes.csv", "enrollments.csv", "manifest.csv"):
        del school.tables[name]
    roster = school.read()
    assert Kind.SECTION not in roster.speaks
    assert Tie.ENROLLED not in roster.speaks
    assert roster.faults == []


def test_a_student_of_the_district_belongs_where_its_class_is() -> None:
    school = School()
    school.row("users.csv", sourcedId="st1")["orgSourcedIds"] = "d1"
    assert school.read().students["st1"].school == "s1"
    school.drop("enrollments.csv", sourcedId="e1")
    assert told(school.read()) == [("users.csv", 4, "orgSourcedIds")]


def hostile(text: str) -> Any:
    school = School()
    school.row("users.csv", sourcedId="g1")["givenName"] = text
    return school.read().guardians["g1"].name


def test_hostile_names_are_names() -> None:
    for text in (
        "=HYPERLINK(1)",
        "<script>alert(1)</script>",
        "Robert'); DROP TABLE guardian;--",
        "{teacher}",
        "%s%n",
    ):
        assert hostile(text) == f"{text} Ferreira"
    assert hostile("A\nB\x00C\x07") == "A BC Ferreira"
