"""The server sleeps, the clocks change, a family moves, the wall clock is set back: each prompt once, never at night."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update

from bot.jobs import work
from bot.jobs.wiring import World
from bot.store.outreach import Prompt
from bot.store.talk import Conversation, SenderRow
from tests.outreach.conftest import Office

pytestmark = pytest.mark.model


def test_three_hours_down_and_each_prompt_goes_once_when_the_server_is_back(either_office: Office) -> None:
    office = either_office
    prompt = office.prompt(at="15:00")
    office.until(4)  # 14:00, and the server goes down until 17:00
    office.town.later(hours=3)
    assert len(office.texts("delivered")) == 10
    assert [row.state for row in office.rows(prompt)].count("fired") == 10
    office.town.later(hours=1)
    assert len(office.texts()) == 10
    with office.town.world.db.reading() as session:
        assert session.get_one(Prompt, prompt).state == "planned", "somewhere it is still that day"
    office.town.clock.forward(hours=24)
    work.keep_plans(office.town.world)
    with office.town.world.db.reading() as session:
        assert session.get_one(Prompt, prompt).state == "done"


def test_what_was_late_keeps_to_the_senders_rate(either_office: Office) -> None:
    """One text a second: the server comes back after three hours, and the backlog leaves one by one."""
    office = either_office
    with office.town.world.db.writing() as session:
        session.execute(update(SenderRow).values(rate=1.0, burst=1))
    office.prompt(at="15:00")
    office.until(4)
    office.town.clock.forward(hours=3)
    work.fire_timers(office.town.world)
    [sender] = work.senders_waiting(office.town.world)
    for second in range(1, 4):
        work.send(office.town.world, *sender)
        gone = len([row for row in office.texts() if row.state != "ready"])
        assert gone <= second
        office.town.clock.forward(seconds=1)
    assert gone >= 1, "PostgreSQL reckons by its own clock, which does not jump with ours"


def test_down_until_the_families_sleep_then_it_is_recorded_as_expired(either_office: Office) -> None:
    office = either_office
    prompt = office.prompt(at="18:30")
    office.until(8)  # 18:00, and the server goes down until 21:00
    office.town.later(hours=3)
    assert office.texts() == []
    assert {row.state for row in office.rows(prompt)} == {"expired", "left_out"}
    assert office.plan(prompt)["Juliana Ferreira"].why == "The day was over before it could go."
    office.town.later(hours=12)
    assert office.texts() == [], "nor on the next morning"


def test_a_prompt_nobody_planned_while_the_server_slept_is_recorded_too(office: Office) -> None:
    prompt = office.prompt(day=office.today + timedelta(days=3))
    office.town.clock.forward(days=3, hours=14)  # midnight of that day
    office.town.settle()
    assert office.texts() == []
    assert {row.state for row in office.rows(prompt)} == {"expired", "left_out"}


def test_a_slow_sender_does_not_carry_a_prompt_into_the_night(office: Office) -> None:
    office.prompt(at="19:50")
    office.town.clock.at = datetime(2026, 3, 5, 0, 50, tzinfo=UTC)  # 19:50 in New York
    work.fire_timers(office.town.world)
    assert {row.state for row in office.texts()} == {"ready"}
    office.town.clock.forward(minutes=11)  # the sender comes to them at 20:01
    office.town.settle()
    assert {row.state for row in office.texts()} == {"expired"}


@pytest.mark.parametrize(
    ("day", "hour_utc"), [(date(2026, 3, 7), 22), (date(2026, 3, 8), 21), (date(2026, 11, 1), 22)]
)
def test_half_past_five_stays_half_past_five_when_the_clocks_change(
    office: Office, day: date, hour_utc: int
) -> None:
    prompt = office.prompt(day=day)
    when = office.plan(prompt)["Juliana Ferreira"].when
    assert (when.hour, when.minute) == (17, 30)
    assert when.astimezone(UTC).hour == hour_utc
    office.town.clock.at = when.astimezone(UTC) - timedelta(minutes=1)
    office.town.settle()
    assert office.texts() == []
    office.town.later(minutes=2)
    assert len(office.texts_to("Juliana")) == 1


def test_a_family_that_moves_gets_the_prompt_at_its_new_clocks_hour(office: Office) -> None:
    prompt = office.prompt()
    office.until(1)
    office.change("Juliana", time_zone="America/Los_Angeles")
    office.change("Carmen", time_zone="America/Halifax")
    with office.town.world.db.writing() as session:
        session.execute(update(Conversation).values(time_zone=None))
    assert work.keep_plans(office.town.world) == 2
    assert work.keep_plans(office.town.world) == 0
    plan = office.plan(prompt)
    assert plan["Juliana Ferreira"].when.isoformat() == "2026-03-04T17:30:00-08:00"
    assert plan["Carmen Morales"].when.isoformat() == "2026-03-04T17:30:00-04:00"


def test_a_family_that_moved_unnoticed_is_not_texted_by_its_old_clock(office: Office) -> None:
    office.prompt()
    office.until(7)
    with office.town.world.db.writing() as session:
        session.execute(update(Conversation).values(time_zone="Pacific/Honolulu"))
    office.until(1)  # 18:00 in New York, 13:00 in Honolulu
    assert office.texts() == []
    office.until(5)
    assert len(office.texts("delivered")) == 10


def test_the_wall_clock_set_back_sends_nothing_twice(either_office: Office) -> None:
    office = either_office
    office.prompt()
    office.until(8)
    assert len(office.texts()) == 10
    office.town.clock.forward(hours=-2)
    office.town.settle()
    office.until(4)
    assert len(office.texts()) == 10


def test_two_schedulers_at_once_fire_each_prompt_once(either_office: Office) -> None:
    office = either_office
    office.prompt()
    office.until(7)
    office.town.clock.forward(hours=1)
    other = World.build(office.town.world.settings, office.town.clock)
    try:
        both = [threading.Thread(target=work.fire_timers, args=(one,)) for one in (office.town.world, other)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
    finally:
        other.close()
    office.town.settle()
    assert len(office.texts("delivered")) == 10
    assert len({row.ref for row in office.texts()}) == 10
