"""A coordinator brings the roster in, every week of the year: what changes, what stays, and what can be taken back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from bot.records.roster import Applied, CannotApply, NothingToUndo, WhichSchool, apply, undo
from bot.records.roster_model import Kind
from bot.store.base import Base
from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.keeping import Forgotten, RosterChange, RosterImport
from bot.store.people import (
    AuditEvent,
    Enrollment,
    Guardian,
    Guardianship,
    Section,
    Staff,
    Student,
    Teaching,
)  # fmt: skip
from bot.store.people import (
    School as SchoolRow,
)
from bot.store.tables import metadata
from bot.store.talk import ConsentEvent, Conversation, FlowRevision, FlowSession, Timer
from tests.records.rosters import NOW, School, told

COUNTS = ("add", "change", "deactivate", "unchanged")


def counts(plan: Any) -> tuple[int, ...]:
    return tuple(plan.count(what) for what in COUNTS)


def rows(db: Database, table: type[Base]) -> list[Any]:
    with db.reading() as session:
        return list(session.scalars(select(table)))


def one(db: Database, table: type[Base], **where: Any) -> Any:
    with db.reading() as session:
        return session.scalars(select(table).filter_by(**where)).one()


def number_of(db: Database, name: str) -> str | None:
    row = one(db, Guardian, name=name)
    return None if row.phone is None else db.vault.open(Guardian.phone, row.id, row.phone)


def everything(db: Database) -> dict[str, int]:
    with db.reading() as session:
        return {
            name: session.scalar(select(func.count()).select_from(table)) or 0
            for name, table in metadata.tables.items()
        }


def a_conversation(db: Database, number: str, guardian_id: int | None = None, **more: Any) -> int:
    row_id = new_id()
    with db.connection() as tx:
        tx.execute(
            insert(Conversation),
            {
                "id": row_id, "guardian_id": guardian_id, "medium": "sms", "sender": "+15555550100",
                "address": db.vault.seal(Conversation.address, row_id, number), "address_index": db.vault.index(number),
                "created_at": NOW,
            } | more,
        )  # fmt: skip
    return row_id


def test_the_first_import_adds_a_school_and_the_second_changes_nothing(db: Database) -> None:
    school = School()
    plan, applied = school.brings(db)
    assert counts(plan) == (15, 0, 0, 0)
    assert applied.changes == 15
    before = everything(db)
    again, nothing = school.brings(db)
    assert counts(again) == (0, 0, 0, 15)
    assert nothing == Applied(None, 0)
    assert everything(db) == before
    other, _ = School("oneroster-1.2").brings(db)
    assert counts(other) == (0, 0, 0, 15)


def test_everything_of_a_family_is_there(db: Database) -> None:
    School().brings(db)
    mother = one(db, Guardian, name="Carmen Morales")
    assert number_of(db, "Carmen Morales") == "+14155550131"
    assert mother.phone_index == db.vault.index("+14155550131")
    assert (mother.language, mother.spoken_language) == ("es", "es")
    assert one(db, Guardian, name="Elena Xol").language is None
    children = [row.student_id for row in rows(db, Guardianship) if row.guardian_id == mother.id]
    assert {row.given_name for row in rows(db, Student) if row.id in children} == {"Ana", "Diego"}
    assert len(rows(db, Enrollment)) == 5
    assert {row.lead for row in rows(db, Teaching)} == {True}
    assert one(db, SchoolRow).time_zone == "America/Los_Angeles"


def test_teachers_of_a_file_cannot_sign_in_until_somebody_invites_them(db: Database) -> None:
    School().brings(db)
    for teacher in rows(db, Staff):
        assert teacher.role == "teacher"
        assert teacher.password_hash is None


def test_why_a_number_may_be_texted_is_written_down_once(db: Database) -> None:
    School().brings(db)
    School("oneroster-1.2").brings(db)
    events = rows(db, ConsentEvent)
    assert len(events) == 5
    assert {event.kind for event in events} == {"opt_in"}
    assert "roster" in events[0].basis


def test_an_import_does_not_undo_a_stop(db: Database) -> None:
    with db.connection() as tx:
        tx.execute(
            insert(ConsentEvent),
            {"id": new_id(), "address_index": db.vault.index("+14155550123"), "at": NOW, "kind": "opt_out", "basis": "STOP"},
        )  # fmt: skip
    School().brings(db)
    kinds = [
        event.kind
        for event in rows(db, ConsentEvent)
        if event.address_index == db.vault.index("+14155550123")
    ]
    assert kinds == ["opt_out"]


def test_a_new_number_a_new_name_a_new_class(db: Database) -> None:
    school = School()
    school.brings(db)
    school.row("users.csv", sourcedId="g1")["sms"] = "(415) 555-0177"
    school.row("users.csv", sourcedId="st1")["familyName"] = "Ferreira Lima"
    school.row("enrollments.csv", sourcedId="e2")["classSourcedId"] = "c2"
    plan, _ = school.brings(db)
    assert counts(plan) == (0, 3, 0, 12)
    assert number_of(db, "Juliana Ferreira") == "+14155550177"
    assert one(db, Student, source_id="st1").family_name == "Ferreira Lima"
    ana, room14 = one(db, Student, source_id="st2").id, one(db, Section, source_id="c2").id
    active = {row.section_id for row in rows(db, Enrollment) if row.student_id == ana and row.active}
    assert active == {room14}
    assert counts(school.look(db)) == (0, 0, 0, 15)


def test_who_is_not_in_the_files_any_more_leaves_and_may_come_back(db: Database) -> None:
    school = School()
    school.brings(db)
    gone = dict(school.row("users.csv", sourcedId="st1")), dict(school.row("enrollments.csv", sourcedId="e1"))
    school.drop("users.csv", sourcedId="st1")
    school.drop("enrollments.csv", sourcedId="e1")
    plan, _ = school.brings(db)
    assert counts(plan) == (0, 0, 2, 13)  # Lucas, and his mother, who has no other child here
    lucas = one(db, Student, source_id="st1")
    assert not lucas.active
    assert lucas.left_at == NOW
    assert not any(row.active for row in rows(db, Enrollment) if row.student_id == lucas.id)
    assert not one(db, Guardian, source_id="g1").active
    school.add("users.csv", **gone[0])
    school.add("enrollments.csv", **gone[1])
    back, _ = school.brings(db)
    assert counts(back) == (0, 2, 0, 13)
    assert one(db, Student, source_id="st1").left_at is None
    assert all(row.active for row in rows(db, Enrollment))
    assert number_of(db, "Juliana Ferreira") == "+14155550123"


def test_one_guardian_of_two_leaves(db: Database) -> None:
    school = School()
    school.brings(db)
    school.drop("users.csv", sourcedId="g3")
    for child in ("st2", "st3"):
        school.row("users.csv", sourcedId=child)["agentSourcedIds"] = "g2"
    plan, _ = school.brings(db)
    assert counts(plan) == (0, 0, 1, 14)


def test_whom_a_person_has_taken_out_the_roster_does_not_bring_back(db: Database) -> None:
    School().brings(db)
    with db.connection() as tx:
        tx.execute(update(Guardian).where(Guardian.name == "Héctor Morales").values(active=False))
        tx.execute(update(Staff).where(Staff.name == "Samuel Osei").values(active=False))
    plan, _ = School().brings(db)
    assert counts(plan) == (0, 0, 0, 15)
    assert not one(db, Guardian, name="Héctor Morales").active
    assert not one(db, Staff, name="Samuel Osei").active


def test_a_row_with_a_fault_changes_nothing_of_what_it_is_about(db: Database) -> None:
    school = School()
    school.brings(db)
    school.row("users.csv", sourcedId="st1")["givenName"] = ""
    school.row("users.csv", sourcedId="g2")["sms"] = "415-555-0131 / 415-555-0199"
    school.row("enrollments.csv", sourcedId="e3")["endDate"] = "June"
    plan, applied = school.brings(db)
    assert counts(plan)[:3] == (0, 0, 0)
    assert applied.import_id is None
    assert len(plan.faults) == 3
    assert one(db, Student, source_id="st1").active
    assert one(db, Guardian, source_id="g1").active
    assert number_of(db, "Carmen Morales") == "+14155550131"


def test_an_empty_cell_takes_no_number_and_no_language_away(db: Database) -> None:
    school = School()
    school.brings(db)
    school.row("users.csv", sourcedId="g1")["sms"] = ""
    school.row("users.csv", sourcedId="st1")["metadata.homeLanguage"] = ""
    assert counts(school.look(db)) == (0, 0, 0, 15)


def test_the_language_a_family_has_chosen_stays(db: Database) -> None:
    school = School()
    school.brings(db)
    with db.connection() as tx:
        tx.execute(update(Guardian).where(Guardian.name == "Carmen Morales").values(language="en"))
    assert counts(school.look(db)) == (0, 0, 0, 15)
    for child in ("st2", "st3"):
        school.row("users.csv", sourcedId=child)["metadata.homeLanguage"] = "Mam"
    school.brings(db)
    mother = one(db, Guardian, name="Carmen Morales")
    assert (mother.language, mother.spoken_language) == ("en", "mam")


def test_a_language_that_is_mostly_spoken_is_not_taken_for_one_that_is_read(db: Database) -> None:
    school = School()
    school.row("users.csv", sourcedId="g5")["metadata.homeLanguage"] = "Mam"
    school.brings(db)
    mother = one(db, Guardian, name="Elena Xol")
    assert (mother.language, mother.spoken_language) == (None, "mam")
    assert counts(school.look(db)) == (0, 0, 0, 15)


def test_a_mother_listed_once_for_each_child_is_one_guardian(db: Database) -> None:
    school = School()
    school.row("users.csv", sourcedId="st3")["agentSourcedIds"] = "g2b"
    school.add("users.csv", sourcedId="g2b", orgSourcedIds="s1", role="parent", givenName="CARMEN", familyName="Morales Ruiz",
               sms="4155550131")  # fmt: skip
    plan, _ = school.brings(db)
    assert told(plan) == []
    assert plan.counts[Kind.GUARDIAN]["add"] == 5
    mother = one(db, Guardian, source_id="g2")
    assert len([row for row in rows(db, Guardianship) if row.guardian_id == mother.id]) == 2
    assert counts(school.look(db)) == (0, 0, 0, 15)
    school.tables["users.csv"].reverse()
    assert counts(school.look(db))[:3] == (0, 0, 0)


def test_two_people_with_one_number_are_reported_and_not_merged(db: Database) -> None:
    school = School()
    school.row("users.csv", sourcedId="g3")["sms"] = "415-555-0131"
    plan, _ = school.brings(db)
    assert told(plan) == [("users.csv", school.number("users.csv", sourcedId="g3"), "sms")]
    assert "row 10" in plan.faults[0].message
    assert number_of(db, "Carmen Morales") == "+14155550131"
    assert number_of(db, "Héctor Morales") is None
    school.tables["users.csv"].reverse()
    assert counts(school.look(db))[:3] == (0, 0, 0)  # she keeps it, whoever comes first


def test_two_guardians_swap_their_phones(db: Database) -> None:
    school = School()
    school.brings(db)
    school.row("users.csv", sourcedId="g2")["sms"] = "+1 415 555 0140"
    school.row("users.csv", sourcedId="g3")["sms"] = "+1 415 555 0131"
    plan, _ = school.brings(db)
    assert counts(plan) == (0, 2, 0, 13)
    assert number_of(db, "Carmen Morales") == "+14155550140"
    assert number_of(db, "Héctor Morales") == "+14155550131"


def test_the_number_of_somebody_who_left_goes_to_somebody_new(db: Database) -> None:
    school = School()
    school.brings(db)
    talk = a_conversation(
        db, "+14155550123", one(db, Guardian, source_id="g1").id, language="pt", weekly_cap=1
    )
    school.drop("users.csv", sourcedId="g1")
    school.add(
        "users.csv",
        sourcedId="g9",
        orgSourcedIds="s1",
        role="guardian",
        givenName="Bruno",
        familyName="Lima",
        sms="4155550123",
    )
    school.row("users.csv", sourcedId="st1")["agentSourcedIds"] = "g9"
    plan, _ = school.brings(db)
    assert counts(plan) == (1, 0, 1, 14)
    assert number_of(db, "Bruno Lima") == "+14155550123"
    assert number_of(db, "Juliana Ferreira") is None
    conversation = one(db, Conversation, id=talk)
    assert conversation.guardian_id == one(db, Guardian, name="Bruno Lima").id
    assert (conversation.language, conversation.weekly_cap) == (None, None)  # those were Juliana's


def test_a_number_nobody_knew_gets_its_family(db: Database) -> None:
    talk = a_conversation(db, "+14155550138", language="es")
    School().brings(db)
    conversation = one(db, Conversation, id=talk)
    assert conversation.guardian_id == one(db, Guardian, name="Elena Xol").id
    assert conversation.language == "es"


def test_somebody_added_by_hand_is_found_and_not_doubled(db: Database) -> None:
    school_id, guardian_id, staff_id = new_id(), new_id(), new_id()
    with db.connection() as tx:
        tx.execute(
            insert(SchoolRow),
            {"id": school_id, "name": "riverside elementary (INVENTED)", "time_zone": "America/Denver"},
        )
        tx.execute(
            insert(Guardian),
            {
                "id": guardian_id, "school_id": school_id, "name": "Juliana F. Ferreira", "language": "pt",
                "phone": db.vault.seal(Guardian.phone, guardian_id, "+14155550123"), "phone_index": db.vault.index("+14155550123"),
            },
        )  # fmt: skip
        tx.execute(
            insert(Staff),
            {"id": staff_id, "school_id": school_id, "name": "R. Bennett", "email": "Rachel.Bennett@riverside.invalid",
             "role": "coordinator"},
        )  # fmt: skip
    plan, _ = School().brings(db)
    assert counts(plan)[0] == 12
    assert len(rows(db, SchoolRow)) == 1
    assert one(db, SchoolRow).time_zone == "America/Denver"
    assert one(db, Guardian, id=guardian_id).source_id == "g1"
    teacher = one(db, Staff, id=staff_id)
    assert (teacher.source_id, teacher.role) == ("t1", "coordinator")  # a file changes nobody's rights
    assert counts(School().look(db)) == (0, 0, 0, 15)


def test_a_number_that_is_somebody_elses_here_is_reported(db: Database) -> None:
    School().brings(db)
    guardian_id = new_id()
    with db.connection() as tx:
        tx.execute(
            insert(Guardian),
            {
                "id": guardian_id, "school_id": one(db, SchoolRow).id, "name": "Aunt Rosa", "source_id": None,
                "phone": db.vault.seal(Guardian.phone, guardian_id, "+14155550188"), "phone_index": db.vault.index("+14155550188"),
            },
        )  # fmt: skip
    school = School()
    school.row("users.csv", sourcedId="g1")["sms"] = "415-555-0188"
    plan, applied = school.brings(db)
    assert told(plan) == [("users.csv", 9, "sms")]
    assert applied.import_id is None
    assert number_of(db, "Juliana Ferreira") == "+14155550123"


def test_a_child_that_has_left_is_not_asked_about(db: Database) -> None:
    school = School()
    school.brings(db)
    talk = a_conversation(db, "+14155550131", one(db, Guardian, source_id="g2").id)
    revision, sessions = new_id(), {"st2": new_id(), "st3": new_id()}
    with db.connection() as tx:
        tx.execute(
            insert(FlowRevision), {"id": revision, "name": "x", "sha256": "x", "yaml": "x", "created_at": NOW}
        )
        for source_id, row_id in sessions.items():
            tx.execute(
                insert(FlowSession),
                {"id": row_id, "conversation_id": talk, "revision_id": revision, "cause": source_id, "began_at": NOW,
                 "student_id": one(db, Student, source_id=source_id).id, "state": db.vault.seal(FlowSession.state, row_id, "{}")},
            )  # fmt: skip
            tx.execute(
                insert(Timer),
                {
                    "id": new_id(),
                    "conversation_id": talk,
                    "session_id": row_id,
                    "kind": "reminder",
                    "visit": 1,
                    "due_at": NOW,
                },
            )
    school.drop("users.csv", sourcedId="st2")
    school.drop("enrollments.csv", sourcedId="e2")
    school.brings(db)
    assert not one(db, FlowSession, id=sessions["st2"]).open
    assert one(db, FlowSession, id=sessions["st3"]).open
    assert {row.session_id: row.state for row in rows(db, Timer)} == {
        sessions["st2"]: "cancelled", sessions["st3"]: "pending",
    }  # fmt: skip


def test_a_file_that_was_cut_short_does_not_empty_the_school(db: Database) -> None:
    school = School()
    for number in range(40):
        school.add(
            "users.csv",
            sourcedId=f"x{number}",
            orgSourcedIds="s1",
            role="student",
            givenName="Kim",
            familyName=f"N{number}",
        )
    school.brings(db)
    short = School()
    plan = short.look(db)
    assert plan.count("deactivate") == 40
    assert "40 of 45 students would leave" in plan.doubtful
    with pytest.raises(CannotApply, match="files whole"):
        apply(db, plan, NOW)
    assert len([row for row in rows(db, Student) if row.active]) == 45
    assert short.look(db, partial=True).count("deactivate") == 0
    short.brings(db, sure=True)
    assert len([row for row in rows(db, Student) if row.active]) == 5


def test_files_that_cannot_be_used_change_nothing(db: Database) -> None:
    School().brings(db)
    school = School()
    school.titles["users.csv"].remove("givenName")
    for row in school.tables["users.csv"]:
        del row["givenName"]
    before = everything(db)
    with pytest.raises(CannotApply, match="nothing was changed"):
        school.brings(db)
    assert everything(db) == before


def test_a_school_that_the_files_do_not_speak_of_is_left_alone(db: Database) -> None:
    School().brings(db)
    other = School()
    for row in other.tables["orgs.csv"]:
        if row["sourcedId"] == "s1":
            row |= {"sourcedId": "s2", "name": "Hillside (invented)"}
    for name, column in (("users.csv", "orgSourcedIds"), ("classes.csv", "schoolSourcedId"), ("enrollments.csv", "schoolSourcedId"),
                         ("courses.csv", "orgSourcedId")):  # fmt: skip
        for row in other.tables[name]:
            row[column] = "s2"
    plan, _ = other.brings(db)
    assert plan.count("deactivate") == 0
    assert len(rows(db, SchoolRow)) == 2
    assert len([row for row in rows(db, Student) if row.active]) == 10


def test_a_delta_adds_and_takes_out_what_it_names(db: Database) -> None:
    School().brings(db)
    delta = School()
    for row in delta.tables["manifest.csv"]:
        row["value"] = "delta" if row["value"] == "bulk" else row["value"]
    keep = {"st5", "g5"}
    delta.tables["users.csv"] = [row for row in delta.tables["users.csv"] if row["sourcedId"] in keep]
    delta.row("users.csv", sourcedId="st5")["grades"] = "04"
    delta.add(
        "users.csv",
        sourcedId="st1",
        status="tobedeleted",
        orgSourcedIds="s1",
        role="student",
        givenName="Lucas",
        familyName="F",
    )
    delta.tables["enrollments.csv"] = [delta.row("enrollments.csv", sourcedId="e5")]
    delta.row("enrollments.csv", sourcedId="e5")["status"] = "tobedeleted"
    delta.add(
        "enrollments.csv",
        sourcedId="e9",
        classSourcedId="c1",
        schoolSourcedId="s1",
        userSourcedId="st5",
        role="student",
    )
    delta.tables["classes.csv"] = []
    plan, _ = delta.brings(db)
    assert told(plan) == []
    assert counts(plan)[:3] == (0, 1, 1)
    mateo = one(db, Student, source_id="st5")
    assert mateo.grade == "4"
    at = {row.section_id: row.active for row in rows(db, Enrollment) if row.student_id == mateo.id}
    assert at == {one(db, Section, source_id="c1").id: True, one(db, Section, source_id="c2").id: False}
    assert len([row for row in rows(db, Student) if row.active]) == 4


# --- undo -----------------------------------------------------------------------------------------------------------


def test_undoing_the_first_import_leaves_nothing_of_it(db: Database) -> None:
    School().brings(db)
    undone = undo(db, NOW)
    assert (undone.removed, undone.kept_inactive, undone.restored) == (15, 0, 0)
    left = {name for name, count in everything(db).items() if count}
    assert left <= {"roster_import", "audit_event", "consent_event", "alembic_version"}
    with pytest.raises(NothingToUndo, match="undone already"):
        undo(db, NOW)
    plan, _ = School().brings(db)
    assert counts(plan) == (15, 0, 0, 0)


def test_undoing_puts_back_what_was_there(db: Database) -> None:
    school = School()
    school.brings(db)

    def state() -> list[Any]:
        with db.reading() as session:
            people = session.execute(select(Guardian.id, Guardian.name, Guardian.phone_index, Guardian.active, Guardian.language,
                                            Guardian.left_at).order_by(Guardian.id)).all()  # fmt: skip
            children = session.execute(select(Student.id, Student.given_name, Student.grade, Student.active, Student.left_at)
                                       .order_by(Student.id)).all()  # fmt: skip
            ties = session.execute(select(Enrollment.student_id, Enrollment.section_id, Enrollment.active).order_by(
                Enrollment.student_id, Enrollment.section_id)).all()  # fmt: skip
            teaching = session.execute(select(Teaching.staff_id, Teaching.section_id, Teaching.lead).order_by(
                Teaching.staff_id, Teaching.section_id)).all()  # fmt: skip
            return [people, children, ties, teaching]

    before = state()
    school.row("users.csv", sourcedId="g2")["sms"] = "+1 415 555 0140"
    school.row("users.csv", sourcedId="g3")["sms"] = "+1 415 555 0131"
    school.row("users.csv", sourcedId="st1")["grades"] = "04"
    school.row("enrollments.csv", sourcedId="e2")["classSourcedId"] = "c2"
    school.row("enrollments.csv", sourcedId="e6")["userSourcedId"] = "t2"
    school.drop("users.csv", sourcedId="st4")
    school.drop("users.csv", sourcedId="g4")
    school.drop("enrollments.csv", sourcedId="e4")
    school.add(
        "users.csv",
        sourcedId="g7",
        orgSourcedIds="s1",
        role="parent",
        givenName="Nadia",
        familyName="Xol",
        sms="4155550190",
    )
    school.row("users.csv", sourcedId="st5")["agentSourcedIds"] = "g5,g7"
    school.brings(db)
    assert state() != before
    undo(db, NOW + timedelta(minutes=5))
    assert [row for row in state()[2] if row.active] == [row for row in before[2] if row.active]
    assert [state()[0], state()[1], state()[3]] == [before[0], before[1], before[3]]
    assert number_of(db, "Carmen Morales") == "+14155550131"
    assert counts(School().look(db)) == (0, 0, 0, 15)


def test_undoing_leaves_what_somebody_has_changed_since(db: Database) -> None:
    school = School()
    school.brings(db)
    school.row("users.csv", sourcedId="g1")["familyName"] = "Lima"
    school.row("users.csv", sourcedId="g2")["familyName"] = "Ruiz"
    school.brings(db)
    with db.connection() as tx:
        tx.execute(update(Guardian).where(Guardian.source_id == "g1").values(name="Juliana Lima Ferreira"))
    assert undo(db, NOW).restored == 1
    assert one(db, Guardian, source_id="g1").name == "Juliana Lima Ferreira"
    assert one(db, Guardian, source_id="g2").name == "Carmen Morales"


def test_a_family_that_has_written_since_is_kept_when_its_import_is_undone(db: Database) -> None:
    School().brings(db)
    a_conversation(db, "+14155550123", one(db, Guardian, source_id="g1").id)
    undone = undo(db, NOW)
    assert undone.kept_inactive >= 1
    mother = one(db, Guardian, source_id="g1")
    assert not mother.active
    assert mother.phone is None
    assert [row.name for row in rows(db, Guardian)] == ["Juliana Ferreira"]


def test_a_number_that_changed_hands_goes_back(db: Database) -> None:
    talk = a_conversation(db, "+14155550138", language="es")
    School().brings(db)
    undo(db, NOW)
    assert one(db, Conversation, id=talk).guardian_id is None


def test_only_what_undoes_the_newest_import_is_kept(db: Database) -> None:
    school = School()
    school.brings(db)
    school.row("users.csv", sourcedId="g1")["familyName"] = "Lima"
    school.brings(db)
    assert len(rows(db, RosterChange)) == 1
    assert len(rows(db, RosterImport)) == 2
    undo(db, NOW)
    with pytest.raises(NothingToUndo):
        undo(db, NOW)


def test_nothing_to_undo(db: Database) -> None:
    with pytest.raises(NothingToUndo, match="No roster"):
        undo(db, NOW)


# --- together, forgotten, which school ------------------------------------------------------------------------------


def test_two_people_import_at_once_and_one_of_them_looks_again(db: Database) -> None:
    plans = [School().look(db) for _ in range(3)]

    def bring(plan: Any) -> str:
        try:
            apply(db, plan, NOW)
        except CannotApply as error:
            return str(error)
        return "applied"

    with ThreadPoolExecutor(3) as pool:
        said = list(pool.map(bring, plans))
    assert sorted(said)[-1] == "applied"
    assert said.count("applied") == 1
    assert len(rows(db, Student)) == 5


def test_a_family_that_asked_to_be_forgotten_is_not_brought_back(db: Database) -> None:
    with db.connection() as tx:
        for mark in ("+14155550123", "roster:g4"):
            tx.execute(insert(Forgotten), {"mark": db.vault.index(mark), "at": NOW})
    plan, _ = School().brings(db)
    assert plan.counts[Kind.GUARDIAN]["add"] == 3
    assert sum("forgotten" in notice.message for notice in plan.notices) == 2
    with db.connection() as tx:
        tx.execute(
            insert(ConsentEvent),
            {"id": new_id(), "address_index": db.vault.index("+14155550123"), "at": NOW + timedelta(days=1), "kind": "opt_in",
             "basis": "START"},
        )  # fmt: skip
    assert School().look(db).counts[Kind.GUARDIAN]["add"] == 1


def test_a_list_without_a_school_goes_to_the_only_one_there_is(db: Database) -> None:
    plan, _ = School("families.csv").brings(db)
    assert one(db, SchoolRow).name == "Riverside"
    assert counts(plan)[0] == 12
    assert counts(School("families.csv").look(db)) == (0, 0, 0, 12)
    with db.connection() as tx:
        tx.execute(insert(SchoolRow), {"id": new_id(), "name": "Hillside", "time_zone": "America/Denver"})
    with pytest.raises(WhichSchool, match="Hillside, Riverside"):
        School("families.csv").look(db)
    assert counts(School("families.csv").look(db, into=one(db, SchoolRow, name="Riverside").id)) == (
        0,
        0,
        0,
        12,
    )


def test_clever_files_come_in_and_come_again(db: Database) -> None:
    plan, _ = School("clever").brings(db)
    assert counts(plan) == (11, 0, 0, 0)
    assert counts(School("clever").look(db)) == (0, 0, 0, 11)
    mother = one(db, Guardian, name="Carmen Morales")
    assert len([row for row in rows(db, Guardianship) if row.guardian_id == mother.id]) == 2
    school = School("clever")
    for row in school.tables["students.csv"]:
        if row["Contact_name"] in ("Carmen Morales", "Morales, Carmen"):
            row["Contact_phone"] = "4155550177"
    changed, _ = school.brings(db)
    assert counts(changed) == (0, 1, 0, 10)
    school.tables["students.csv"] = [
        row for row in school.tables["students.csv"] if row["Student_id"] != "102"
    ]
    school.tables["enrollments.csv"] = [
        row for row in school.tables["enrollments.csv"] if row["Student_id"] != "102"
    ]
    left, _ = school.brings(db)
    assert left.counts[Kind.STUDENT]["deactivate"] == 1
    assert (
        left.counts[Kind.GUARDIAN]["deactivate"] == 1
    )  # Héctor; Carmen still has Diego, known by another row now
    assert one(db, Guardian, name="Carmen Morales").active


def test_every_import_is_in_the_audit_log_without_a_name_or_number(db: Database) -> None:
    School().brings(db)
    undo(db, NOW)
    events = rows(db, AuditEvent)
    assert [event.action for event in events] == ["roster_imported", "roster_undone"]
    assert "415" not in str([event.detail for event in events])
