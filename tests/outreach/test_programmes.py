"""Three weeks of FACT, TIP and GROWTH: in order, on their weekdays, and no part lost to a holiday."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.quiet_days import WEEKDAYS
from bot.outreach.audience import Audience
from bot.outreach.planning import plan_due
from bot.outreach.programmes import NewProgramme, Part, cancel_programme, create_programme, laid_out
from bot.outreach.reach import our_numbers
from bot.outreach.scheduling import CannotPrompt, listed
from bot.outreach.school_days import add_holidays
from bot.store.outreach import Prompt
from tests.outreach.conftest import Office

READING = Part("reading_checkin")
BEGINS = date(2026, 3, 9)


def _programme(**more: object) -> NewProgramme:
    given_ = {
        "name": "Spring reading", "audience": Audience(everyone=True), "begins": BEGINS,
        "weekdays": ("mon", "wed", "fri"), "at": time(17, 30), "parts": (READING,), "weeks": 2,
    }  # fmt: skip
    return NewProgramme(**(given_ | more))  # type: ignore[arg-type]


def _days(office: Office) -> list[str]:
    return [row.day.strftime("%a %d") for row in listed(office.town.world.db)]


def test_two_weeks_of_three_days(either_office: Office) -> None:
    office = either_office
    made = create_programme(office.town.world.desk, office.school_id, _programme(), office.coordinator.id)
    assert len(made.prompt_ids) == 6
    assert _days(office) == ["Mon 09", "Wed 11", "Fri 13", "Mon 16", "Wed 18", "Fri 20"]


def test_a_holiday_moves_the_rest_of_a_sequence_on(office: Office) -> None:
    add_holidays(
        office.town.world.db, office.school_id, {date(2026, 3, 11): "Storm day"}, office.town.clock()
    )
    sequence = _programme(parts=(READING, READING, READING), weeks=None, holidays=(date(2026, 3, 13),))
    create_programme(office.town.world.desk, office.school_id, sequence, None)
    assert _days(office) == ["Mon 09", "Mon 16", "Wed 18"]


def test_a_holiday_declared_later_is_skipped_when_the_plan_is_written(office: Office) -> None:
    made = create_programme(office.town.world.desk, office.school_id, _programme(), None)
    add_holidays(office.town.world.db, office.school_id, {BEGINS: "Snow"}, office.town.clock())
    office.town.clock.forward(days=4)
    plan_due(office.town.world.desk, our_numbers(office.town.world.settings))
    with office.town.world.db.reading() as session:
        first = session.get_one(Prompt, made.prompt_ids[0])
    assert (first.state, first.why) == ("skipped", "holiday")


def test_a_programme_is_called_off_as_a_whole(office: Office) -> None:
    made = create_programme(office.town.world.desk, office.school_id, _programme(), None)
    cancel_programme(office.town.world.desk, made.id)
    assert _days(office) == []
    with pytest.raises(CannotPrompt, match="called off already"):
        cancel_programme(office.town.world.desk, made.id)


@pytest.mark.parametrize(
    "more",
    [
        {"name": " "},
        {"parts": ()},
        {"weekdays": ()},
        {"weekdays": ("someday",)},
        {"weeks": 61},
        {"audience": Audience()},
        {"parts": (Part("welcome"),)},
    ],
)
def test_a_programme_that_cannot_be_made_leaves_nothing_behind(
    office: Office, more: dict[str, object]
) -> None:
    with pytest.raises(CannotPrompt):
        create_programme(office.town.world.desk, office.school_id, _programme(**more), None)
    assert _days(office) == []


@given(
    st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=5, unique=True),
    st.sets(st.integers(0, 60).map(lambda ahead: BEGINS + timedelta(days=ahead)), max_size=20),
    st.integers(1, 12),
)
def test_every_part_comes_once_in_order_on_a_free_day(
    weekdays: list[str], holidays: set[date], count: int
) -> None:
    parts = tuple(Part(f"part {number}") for number in range(count))
    plan = laid_out(_programme(parts=parts, weeks=None, weekdays=tuple(weekdays)), holidays)
    assert [part for _, part in plan] == list(parts)
    days = [day for day, _ in plan]
    assert days == sorted(set(days))
    assert not set(days) & holidays
    assert {WEEKDAYS[day.weekday()] for day in days} <= set(weekdays)
