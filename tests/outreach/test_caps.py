"""A mother with three classes on her phone gets three learning texts in seven days, not nine."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.outreach.audience import Audience
from bot.outreach.prompts import CannotBegin, begin
from bot.outreach.scheduling import cancel
from bot.store.columns import new_id
from bot.store.people import Enrollment, Guardian, Guardianship, School, Section, Student
from bot.store.talk import Conversation, Outbox
from tests.outreach.conftest import Office

pytestmark = pytest.mark.model


def _learning(office: Office, name: str) -> list[Outbox]:
    return [row for row in office.texts_to(name) if row.occasion and row.state == "delivered"]


def test_the_fourth_prompt_of_a_week_is_left_out_and_the_plan_says_so(either_office: Office) -> None:
    office = either_office
    prompts = [office.prompt(day=office.today + timedelta(days=ahead)) for ahead in (0, 1, 2, 3)]
    office.until(24 * 4)
    assert "cap" in office.plan(prompts[3])["Juliana Ferreira"].why
    assert len([row for row in _learning(office, "Juliana") if row.line == "reading_checkin.ask.ask"]) == 3


def test_classes_of_brothers_and_sisters_share_the_cap(office: Office) -> None:
    third = Audience(sections=(office.section("3"),))
    fifth = Audience(sections=(office.section("5"),))
    for ahead in range(3):
        office.prompt(day=office.today + timedelta(days=2 * ahead), audience=third)
        office.prompt(day=office.today + timedelta(days=2 * ahead + 1), audience=fifth)
    office.until(24 * 6)
    assert len(_learning(office, "Carmen")) <= 3, "Ana's and Diego's class together"
    days = {str(row.occasion)[:10] for name in ("Carmen", "Héctor") for row in _learning(office, name)}
    assert len(days) <= 3, "her and his phone are one family, through Diego"


def test_a_mother_who_said_less_gets_one(office: Office) -> None:
    carmen = office.town.guardian("Carmen")
    carmen.texts("Hola")
    carmen.texts("menos mensajes")
    assert carmen.row().weekly_cap == 1
    for ahead in range(3):
        office.prompt(day=office.today + timedelta(days=ahead))
    office.until(24 * 4)
    assert len(_learning(office, "Carmen")) == 1


def test_less_said_after_the_plan_counts_too(office: Office) -> None:
    first = office.prompt(day=office.today)
    second = office.prompt(day=office.today + timedelta(days=1))
    office.until(8)
    carmen = office.town.guardian("Carmen")
    carmen.texts("menos mensajes")
    office.until(24)
    assert office.plan(first)["Carmen Morales"].state == "fired"
    assert office.plan(second)["Carmen Morales"].state == "left_out"


def test_two_prompts_on_one_day_become_one_text(either_office: Office) -> None:
    office = either_office
    third = office.prompt(title="Room 12 reads", audience=Audience(sections=(office.section("3"),)))
    fifth = office.prompt(
        title="Room 8 reads", at="18:00", audience=Audience(sections=(office.section("5"),))
    )
    office.until(1)
    assert office.plan(fifth)["Carmen Morales"].why == "One text together with “Room 12 reads”."
    assert office.plan(fifth)["Carmen Morales"].when == office.plan(third)["Carmen Morales"].when
    office.until(8)
    [text] = office.texts_to("Carmen")
    assert office.body(text).startswith("1. ¿Ana")
    assert "\n2. ¿Diego" in office.body(text)
    assert len(office.texts_to("Faduma")) == 1
    carmen = office.town.guardian("Carmen")
    carmen.texts("sí")
    assert carmen.last.line == "phrase.which_child"
    carmen.texts("Diego")
    assert carmen.last.line == "reading_checkin.days.ask"


def test_when_one_of_two_is_called_off_the_other_goes_alone(office: Office) -> None:
    third = office.prompt(audience=Audience(sections=(office.section("3"),)))
    office.prompt(at="18:00", audience=Audience(sections=(office.section("5"),)))
    office.until(1)
    cancel(office.town.world.db, [third], office.town.clock())
    office.until(9)
    [text] = office.texts_to("Carmen")
    assert office.body(text).startswith("¿Diego")


def test_reminders_count_and_never_push_a_planned_prompt_aside(office: Office) -> None:
    office.change_school(weekly_cap=1)
    prompt = office.prompt(day=office.today)
    office.prompt(day=office.today + timedelta(days=7))
    office.until(24 * 8)
    lines = [(row.line, row.state) for row in office.texts_to("Juliana")]
    assert lines == [
        ("reading_checkin.ask.ask", "delivered"),
        ("reading_checkin.bye.say", "withheld"),
        ("reading_checkin.ask.ask", "delivered"),
    ], lines
    assert office.plan(prompt)["Juliana Ferreira"].state == "fired"


def test_a_teachers_button_respects_the_cap(office: Office) -> None:
    office.change_school(weekly_cap=1)
    office.prompt()
    office.until(8)
    juliana = office.town.guardian("Juliana")
    with pytest.raises(CannotBegin, match="1 learning texts in seven days"):
        begin(office.town.world.desk, juliana.conversation, "reading_checkin", "staff.1.x")


def test_a_pause_is_kept_by_prompts_and_by_the_button(office: Office) -> None:
    juliana = office.town.guardian("Juliana")
    juliana.texts("Oi")
    juliana.texts("PAUSE")
    prompt = office.prompt()
    assert "pause" in office.plan(prompt)["Juliana Ferreira"].why
    with pytest.raises(CannotBegin, match="pause"):
        begin(office.town.world.desk, juliana.conversation, "reading_checkin", "staff.1.x")


def test_days_to_leave_alone(office: Office) -> None:
    office.change("Haddad", quiet_days=["wed"])
    office.change("Ferreira", quiet_days=["2026-03-04..2026-03-06"])
    prompt = office.prompt()
    plan = office.plan(prompt)
    assert {plan["Rami Haddad"].why, plan["Juliana Ferreira"].why} == {
        "A day on which the family wants to be left alone."
    }
    office.until(9)
    assert office.texts_to("Rami") == office.texts_to("Juliana") == []


def test_a_reminder_waits_for_a_day_that_is_not_left_alone(office: Office) -> None:
    office.prompt()
    office.until(8)
    office.change("Carter", quiet_days=["thu", "fri"])
    office.until(24 * 2)
    assert len(office.texts_to("James")) == 1, "Thursday and Friday are his own"
    office.until(24)
    later = office.texts_to("James")[1:]
    assert later
    assert {row.not_before.strftime("%a") for row in later} == {"Sat"}


def test_two_guardians_with_one_phone_get_one_text(office: Office) -> None:
    """A grandmother is on two schools' rosters, and the district's second school prompts on the same day."""
    db = office.town.world.db
    with db.writing() as session:
        paulo = session.scalars(select(Guardian).where(Guardian.name == "Paulo Andrade")).one()
        number = db.vault.open(Guardian.phone, paulo.id, paulo.phone)  # type: ignore[arg-type]
        other = School(id=new_id(), name="Second school", time_zone="America/New_York")
        session.add(other)
        session.flush()
        section = Section(id=new_id(), school_id=other.id, name="K", grade="K")
        student = Student(id=new_id(), school_id=other.id, given_name="Bia", family_name="Andrade")
        again = new_id()
        session.add_all([section, student])
        session.add(
            Guardian(
                id=again, school_id=other.id, name="P. Andrade", language="pt",
                phone=db.vault.seal(Guardian.phone, again, number), phone_index=db.vault.index(number),
            )
        )  # fmt: skip
        session.flush()
        session.add(Enrollment(student_id=student.id, section_id=section.id))
        session.add(Guardianship(guardian_id=again, student_id=student.id))
    first = office.prompt(day=office.today)
    second_school = Office(office.town, other.id)
    for ahead in range(1, 4):
        second_school.prompt(day=office.today + timedelta(days=ahead))
    office.until(24 * 5)
    with db.reading() as session:
        rows = session.scalars(
            select(Outbox)
            .join(Conversation, Conversation.id == Outbox.conversation_id)
            .where(Conversation.address_index == db.vault.index(number), Outbox.occasion.is_not(None))
        ).all()
    days = sorted(str(row.occasion)[:10] for row in rows if row.state == "delivered")
    assert len(days) <= 3, "one phone, whichever school writes"
    assert office.plan(first)["Paulo Andrade"].state == "fired"
