"""A mother says at the door: not on Fridays, and not while we fast. Her teacher writes it down, and it holds."""

from __future__ import annotations

from datetime import date, time

import pytest
from sqlalchemy import select

from bot.outreach.audience import Audience
from bot.outreach.plans import plan_of
from bot.outreach.scheduling import NewPrompt, create
from bot.store.people import Guardian, School
from tests.web.conftest import Site, text_of
from tests.web.test_staff import thread_of

pytestmark = pytest.mark.model


def days_of(site: Site, name: str) -> list[str]:
    with site.town.world.db.reading() as session:
        return list(session.scalars(select(Guardian.quiet_days).where(Guardian.name.contains(name))).one())


def whether_asked_on(site: Site, day: date) -> tuple[bool, str]:
    """Would Juliana get a prompt on `day`, and if not, why not."""
    desk = site.town.world.desk
    with desk.db.reading() as session:
        school = session.scalars(select(School.id)).one()
    prompt = create(
        desk,
        school,
        NewPrompt("Reading", Audience(everyone=True), day, time(17, 30), "reading_checkin"),
        None,
    )
    [line] = [line for line in plan_of(desk, prompt) if line.guardian.startswith("Juliana")]
    return line.included, str(line.why)


def test_what_a_teacher_wrote_down_holds_for_prompts(any_site: Site) -> None:
    site = any_site
    site.town.guardian("Juliana").texts("Oi!")
    visitor, thread = site.enter(), thread_of(site, "Juliana")
    assert f'href="{thread}/quiet-days"' in visitor.get(thread).text
    page = visitor.post(
        f"{thread}/quiet-days",
        {"weekday": "fri", "dates": "2026-05-01, 2026-03-10..2026-04-08"},
        follow_redirects=True,
    )
    assert "On these days nothing begins with this family." in text_of(page)
    assert "Friday · 2026-03-10 – 2026-04-08 · 2026-05-01" in text_of(page)
    assert days_of(site, "Juliana") == ["fri", "2026-03-10..2026-04-08", "2026-05-01"]
    assert whether_asked_on(site, date(2026, 3, 9)) == (True, "")
    fasting, why = whether_asked_on(site, date(2026, 3, 11))
    assert not fasting
    assert why == "A day on which the family wants to be left alone."
    assert len(site.audit("changed_quiet_days")) == 1


def test_what_was_there_is_shown_and_can_be_taken_back(site: Site) -> None:
    site.town.guardian("Juliana").texts("Oi!")
    visitor, address = site.enter(), f"{thread_of(site, 'Juliana')}/quiet-days"
    visitor.post(address, {"weekday": "sun", "dates": "2026-03-20"})
    page = visitor.get(address).text
    assert 'value="sun" checked' in page
    assert ">2026-03-20</textarea>" in page
    visitor.post(address, {"dates": ""})
    assert days_of(site, "Juliana") == []


@pytest.mark.parametrize(
    ("dates", "said"),
    [
        ("2026-03-20, next Ramadan", "“next Ramadan” is no day"),
        ("2026-03-29..2026-03-01", "is no day"),
        ("sat, sun, mon, tue, wed, thu", "Leave one weekday at least"),
        ("2026-03-20, " * 200, "That is too much"),
    ],
)
def test_what_is_no_day_is_said_and_nothing_is_lost(site: Site, dates: str, said: str) -> None:
    site.town.guardian("Juliana").texts("Oi!")
    visitor, address = site.enter(), f"{thread_of(site, 'Juliana')}/quiet-days"
    page = visitor.post(address, {"weekday": "fri", "dates": dates})
    assert page.status_code == 422
    assert said in text_of(page)
    assert dates.strip() in page.text
    assert 'value="fri" checked' in page.text
    assert days_of(site, "Juliana") == []


def test_only_her_own_teachers(site: Site) -> None:
    site.town.guardian("Juliana").texts("Oi!")
    address = f"{thread_of(site, 'Juliana')}/quiet-days"
    stranger = site.visitor().enters_as(site.town.teacher("Osei"))
    assert stranger.get(address).status_code == 404
    assert stranger.post(address, {"weekday": "fri"}).status_code == 404
    assert days_of(site, "Juliana") == []
