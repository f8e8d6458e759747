"""A burst pipe at five in the morning: two people give their word, every family hears of it at once, and nobody else can."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.delivery.outbox import claim
from bot.jobs import work
from bot.jobs.wiring import World
from bot.outreach.emergencies import (
    CannotSend,
    call_off,
    confirm,
    queue_confirmed,
    write_emergency,
)
from bot.outreach.emergency_lists import emergencies, to_call
from bot.outreach.reach import our_numbers
from bot.store.people import AuditEvent, Staff
from tests.outreach.conftest import EVERYONE, Office

pytestmark = pytest.mark.model
WORDS = "The school is closed today. A water pipe broke. Everybody is safe."
FIVE_AM = datetime(2026, 3, 5, 10, 0, tzinfo=UTC)


def _staff(office: Office, role: str) -> Staff:
    with office.town.world.db.reading() as session:
        return session.scalars(select(Staff).where(Staff.role == role).order_by(Staff.id)).first()  # type: ignore[return-value]


def _written(office: Office) -> int:
    office.town.clock.at = FIVE_AM
    desk = office.town.world.desk
    return write_emergency(desk, office.school_id, office.coordinator.id, WORDS, "Water pipe", EVERYONE)


def test_two_people_and_every_family_hears_of_it_in_its_quiet_hours(either_office: Office) -> None:
    office = either_office
    office.town.guardian("Carmen").texts("STOP")
    office.change("Rami", phone=None, phone_index=None)
    office.change_school(weekly_cap=0)
    before = len(office.texts())
    emergency = _written(office)
    office.town.settle()
    assert len(office.texts()) == before, "one word is not enough"
    leader = _staff(office, "leader")
    assert confirm(office.town.world.desk, emergency, office.school_id, leader.id).complete
    office.town.settle()
    sent = [row for row in office.texts("delivered") if row.kind == "emergency"]
    assert len(sent) == 9, "eleven guardians, one said STOP, one has no phone"
    assert {(row.occasion, row.session_id, row.priority) for row in sent} == {(None, None, 0)}
    [james] = [row for row in office.texts_to("James") if row.kind == "emergency"]
    assert office.body(james) == f"Urgent message from Puente Sample School (invented):\n{WORDS}"
    [juliana] = [row for row in office.texts_to("Juliana") if row.kind == "emergency"]
    body = office.body(juliana)
    assert body.startswith("Mensagem urgente de Puente Sample School (invented):\n")
    assert body.endswith(WORDS), "nobody reviewed the machine's words, so the original stands beneath"
    assert (juliana.language, juliana.origin) == ("pt", "machine")
    calls = {one.guardian: one.why for one in to_call(office.town.world.db, emergency, office.school_id)}
    assert calls["Carmen Morales"] == "The family asked for no more texts."
    assert calls["Rami Haddad"] == "There is no phone number."
    assert calls["Faduma Warsame"] == "Nobody could translate it: the text went in English."
    [shown] = emergencies(office.town.world.desk, office.school_id)
    assert (shown.state, shown.texts) == ("gone", 9)
    with office.town.world.db.reading() as session:
        log = session.scalars(
            select(AuditEvent).where(AuditEvent.subject == "emergency").order_by(AuditEvent.id)
        ).all()
    assert [(one.action, one.staff_id) for one in log] == [
        ("emergency_written", office.coordinator.id),
        ("emergency_confirmed", leader.id),
    ]


def test_one_person_trying_twice_sets_nothing_off(either_office: Office) -> None:
    office = either_office
    emergency = _written(office)
    desk = office.town.world.desk
    for _ in range(2):
        with pytest.raises(CannotSend, match="second person"):
            confirm(desk, emergency, office.school_id, office.coordinator.id)
    office.town.settle()
    assert office.texts() == []


@pytest.mark.parametrize("role", ["teacher", "reviewer"])
def test_only_those_who_answer_for_the_school_may(office: Office, role: str) -> None:
    desk, person = office.town.world.desk, _staff(office, role)
    with pytest.raises(CannotSend, match="Only coordinators"):
        write_emergency(desk, office.school_id, person.id, WORDS, "Water pipe", EVERYONE)
    emergency = _written(office)
    with pytest.raises(CannotSend, match="Only coordinators"):
        confirm(desk, emergency, office.school_id, person.id)
    with pytest.raises(CannotSend, match="no such emergency"):
        confirm(desk, emergency, office.school_id + 1, _staff(office, "leader").id)


def test_what_was_called_off_or_is_old_cannot_be_confirmed(office: Office) -> None:
    desk, leader = office.town.world.desk, _staff(office, "leader")
    first = _written(office)
    call_off(desk, first, office.school_id, leader.id)
    with pytest.raises(CannotSend, match="called off"):
        confirm(desk, first, office.school_id, leader.id)
    second = _written(office)
    office.town.clock.forward(hours=3)
    with pytest.raises(CannotSend, match="older than two hours"):
        confirm(desk, second, office.school_id, leader.id)
    office.town.settle()
    assert office.texts() == []


def test_it_passes_what_waits_in_line_and_two_schedulers_queue_it_once(either_office: Office) -> None:
    """A backlog of prompts waits for its turn; the process that heard the second word died before it queued a text."""
    office = either_office
    office.prompt(day=FIVE_AM.date(), at="08:00")
    office.town.clock.at = FIVE_AM + timedelta(hours=3, minutes=5)
    work.fire_timers(office.town.world)
    assert {row.kind for row in office.texts("ready")} == {"flow"}
    desk = office.town.world.desk
    emergency = write_emergency(desk, office.school_id, office.coordinator.id, WORDS, "Pipe", EVERYONE)
    confirm(desk, emergency, office.school_id, _staff(office, "leader").id)
    other = World.build(office.town.world.settings, office.town.clock)
    try:
        for world in (office.town.world, other, office.town.world):
            queue_confirmed(world.desk, our_numbers(world.settings))
    finally:
        other.close()
    sender, medium = office.town.number, "simulator"
    now, lease = office.town.clock(), timedelta(seconds=20)
    db = office.town.world.db
    with db.connection() as tx:
        first = claim(tx, db.vault, sender, medium, now, lease, shared_now=now, limit=11)
    assert [row.ref.split(".")[0] for row in first.rows] == ["emergency"] * 11
    assert len({row.conversation_id for row in first.rows}) == 11
    assert len([row for row in office.texts() if row.kind == "emergency"]) == 11
