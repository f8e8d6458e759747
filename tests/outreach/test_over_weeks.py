"""Six weeks of reading in one conversation: what is foretold is what happens, and nothing comes on a holiday."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bot.outreach.audience import Audience
from bot.outreach.plans import plan_page
from bot.outreach.school_days import NotADay, add_holidays, holidays, read_calendar, remove_holidays
from bot.store.learning import Answer
from bot.store.talk import FlowSession
from tests.outreach.conftest import Office

pytestmark = pytest.mark.model
ENGLISH = Audience(languages=("en",), grades=("3",))
"""James Carter alone."""


def test_a_programme_is_foretold_as_it_comes_and_leaves_a_holiday_out(office: Office) -> None:
    monday, friday = date(2026, 3, 9), date(2026, 3, 13)
    db, now = office.town.world.db, office.town.clock()
    add_holidays(db, office.school_id, {monday: "Storm day", friday: "Teachers learn"}, now)
    prompt = office.prompt(script="reading_programme", audience=ENGLISH)
    foretold = office.plan(prompt)["James Carter"].then
    days = [one.when.date() for one in foretold]
    assert len(foretold) >= 18, "a fact, something to try and how it went, for six weeks"
    assert not {monday, friday} & set(days)
    assert {(one.when.hour, one.when.minute) for one in foretold if not one.reminder} == {(17, 30)}
    assert max(sum(day <= other < day + timedelta(days=7) for other in days) for day in days) <= 3
    office.until(24 * 13)
    lines = [row for row in office.texts_to("James") if row.state == "delivered"][1:]
    came = [(row.line, row.not_before.date()) for row in lines]
    assert came == [(one.line, one.when.date()) for one in foretold[: len(came)]]
    assert len(came) == 3, "Tuesday for Monday, Wednesday, and Monday for Friday"


def test_a_snow_day_declared_in_the_morning_calls_todays_prompt_off(either_office: Office) -> None:
    office = either_office
    prompt = office.prompt()
    office.until(1)
    db, today = office.town.world.db, office.today
    assert add_holidays(db, office.school_id, {today: "Snow"}, office.town.clock()) == 1
    office.until(9)
    assert office.texts() == []
    assert office.plan(prompt)["Juliana Ferreira"].why == "A day without school."
    assert remove_holidays(db, office.school_id, [today]) == 1
    office.town.settle()
    assert office.texts() == [], "what was called off stays called off"


def test_a_school_year_from_a_file() -> None:
    lines = [
        "first,last,name\r\n",
        "2026-03-20,,Teachers learn\n",
        "2026-04-06,2026-04-10,Spring break\n",
        "\n",
    ]
    days = read_calendar(lines)
    assert len(days) == 6
    assert days[date(2026, 4, 8)] == "Spring break"
    for wrong, says in (
        (["day,name\n"], "first,last,name"),
        (["first,last,name\n", "20.3.2026,,x\n"], "Line 2: write days as"),
        (["first,last,name\n", "2026-03-20,2026-03-19,x\n"], "Line 2: .*ends before it begins"),
        (["first,last,name\n", "2026-03-20,,\n"], "Line 2: Give the holiday a name"),
        (["first,last,name\n", "2026-03-20,2027-03-19,x\n"], "120 days are the most"),
    ):
        with pytest.raises(NotADay, match=says):
            read_calendar(wrong)


def test_days_are_kept_and_told(either_office: Office) -> None:
    office = either_office
    db, day = office.town.world.db, date(2026, 4, 6)
    for name in ("Spring", "Spring break"):
        add_holidays(db, office.school_id, {day: name}, office.town.clock())
    assert holidays(db, office.school_id, office.today) == [(day, "Spring break")]


def test_a_family_that_said_mornings_gets_it_in_the_morning(either_office: Office) -> None:
    office = either_office
    juliana = office.town.guardian("Juliana")
    juliana.texts("Oi!")
    with office.town.world.db.writing() as session:
        session.add(
            Answer(
                id=7,
                session_id=session.scalars(select(FlowSession.id)).one(), conversation_id=juliana.conversation, field="guardian.best_time", choice="morning",
                at=office.town.clock(),
            )
        )  # fmt: skip
    tomorrow = office.today + timedelta(days=1)
    asked = office.prompt(day=tomorrow, best_time=True)
    plan = office.plan(asked)
    assert plan["Juliana Ferreira"].when.isoformat() == "2026-03-05T09:00:00-05:00"
    assert plan["Carmen Morales"].when.isoformat() == "2026-03-05T17:30:00-05:00"
    fixed = office.prompt(day=tomorrow)
    assert office.plan(fixed)["Juliana Ferreira"].when.hour == 17


def test_a_long_plan_comes_a_page_at_a_time(either_office: Office) -> None:
    office = either_office
    office.town.guardian("Carmen").texts("STOP")
    prompt = office.prompt()
    first = plan_page(office.town.world.desk, prompt, limit=4)
    assert (len(first.lines), first.going) == (4, None), "not written yet: nobody is counted"
    office.until(1)
    seen, after = [], None
    while True:
        page = plan_page(office.town.world.desk, prompt, after, limit=4)
        seen += [line.guardian for line in page.lines]
        if page.next is None:
            break
        after = page.next
    assert (len(seen), len(set(seen)), page.going) == (9, 9, 9)
    assert dict(page.whys)["The family asked for no more texts."] == 1
    out = plan_page(office.town.world.desk, prompt, out=True)
    assert {line.guardian for line in out.lines} == {"Carmen Morales", "Elena Xol"}
