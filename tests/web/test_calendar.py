"""The school's calendar and its emergencies, on the pages: who may, what is said, and that one person is not two."""

from __future__ import annotations

import io
import re
from datetime import timedelta

from sqlalchemy import select

from bot.outreach import promises
from bot.store.outreach import Prompt
from bot.store.people import School
from tests.web.conftest import Site, Visitor, text_of
from tests.web.test_compose import a_prompt, begin


def test_days_without_school_are_added_seen_and_taken_back(any_site: Site) -> None:
    coordinator = any_site.enter("coordinator")
    page = "/staff/calendar"
    fields = {"first": "2026-03-09", "last": "2026-03-10", "name": "Storm <days>"}
    coordinator.post(f"{page}/days", fields, page=page)
    file = (io.BytesIO(b"first,last,name\n2026-04-06,2026-04-10,Spring break\n"), "year.csv")
    coordinator.post(f"{page}/upload", {"file": file}, page=page)
    shown = text_of(any_site.enter().get(page))
    assert shown.count("Storm <days>") == 2
    assert shown.count("Spring break") == 5
    coordinator.post(f"{page}/remove", {"day": "2026-03-10"}, page=page)
    assert text_of(coordinator.get(page)).count("Storm <days>") == 1
    wrong = {"first": "2026-03-09", "last": "2026-03-01", "name": "x"}
    coordinator.post(f"{page}/days", wrong, page=page)
    assert "ends before it begins" in text_of(coordinator.get(page))
    draft = begin(coordinator)
    refused = coordinator.post(draft, a_prompt(any_site, do="make", day="2026-03-09"), page=draft)
    assert "is a holiday (Storm <days>)" in text_of(refused)


def test_the_schools_rhythm(site: Site) -> None:
    coordinator, page = site.enter("coordinator"), "/staff/calendar"
    fields = {"weekly_cap": "2", "announcements": "1", "begins": "07:30", "ends": "14:30"}
    coordinator.post(f"{page}/rhythm", fields, page=page)
    coordinator.post(f"{page}/rhythm", fields | {"weekly_cap": "40"}, page=page)
    assert "Nothing was changed" in text_of(coordinator.get(page))
    with site.town.world.db.reading() as session:
        school = session.scalars(select(School)).one()
    assert (school.weekly_cap, school.announcements_a_week, school.day_begins.hour) == (2, 1, 7)
    assert "at most 2 learning texts" in text_of(site.enter().get(page))


def test_a_programme_is_seen_day_by_day_made_and_called_off(any_site: Site) -> None:
    coordinator = any_site.enter("coordinator")
    draft = begin(coordinator)
    fields = a_prompt(
        any_site, title="Spring", rhythm="programme", weeks="2", part="goal_checkin", day="2026-03-09"
    )
    days = {"weekday": ["mon", "wed"], "grade": ["3"]}
    page = text_of(coordinator.post(draft, {**fields, **days, "do": "look"}, page=draft))
    assert "It goes out on 4 days" in page
    assert "Wednesday, March 18" in page
    assert coordinator.post(draft, {**fields, **days, "do": "make"}, page=draft).status_code == 303
    listed = coordinator.get("/staff/prompts").text
    assert "4 of 4 still to come" in text_of(listed)
    call_off = re.search(r'action="(/staff/prompts/programmes/\d+/call-off)"', listed)
    assert call_off
    assert any_site.enter().post(call_off.group(1), page="/staff/prompts").status_code == 404, "not hers"
    coordinator.post(call_off.group(1), page="/staff/prompts")
    with any_site.town.world.db.reading() as session:
        prompts = session.scalars(select(Prompt).order_by(Prompt.day)).all()
    assert [(one.script, one.state) for one in prompts] == [
        ("reading_checkin", "cancelled"),
        ("goal_checkin", "cancelled"),
    ] * 2


def test_every_week_on_the_same_weekday(site: Site) -> None:
    visitor = site.enter()
    draft = begin(visitor)
    fields = a_prompt(site, rhythm="weekly", do="make")
    assert "how many weeks" in text_of(visitor.post(draft, fields, page=draft))
    assert visitor.post(draft, fields | {"weeks": "3"}, page=draft).status_code == 303
    with site.town.world.db.reading() as session:
        days = session.scalars(select(Prompt.day).order_by(Prompt.day)).all()
    assert [str(day) for day in days] == ["2026-03-05", "2026-03-12", "2026-03-19"]


def test_the_announcement_budget_is_shown_and_kept(site: Site) -> None:
    coordinator = site.enter("coordinator")
    for number, answer in ((1, 303), (2, 303), (3, 422)):
        draft = begin(coordinator)
        fields = a_prompt(site, title=f"No. {number}", script="", words="Picture day is on Friday.", goal="",
                          reason="Dates", do="make")  # fmt: skip
        made = coordinator.post(draft, fields, page=draft)
        assert made.status_code == answer
    assert "it is used up" in text_of(made)
    assert "Announcements left for the seven days around it: 0 of 2." in text_of(made)
    assert "Announcements left this week: 0 of 2." in text_of(coordinator.get("/staff/prompts"))


def _write(visitor: Visitor, **more: str) -> None:
    fields = {"words": "The school is closed today.", "reason": "Water pipe"} | more
    visitor.post("/staff/emergencies", fields, page="/staff/emergencies")


def test_an_emergency_takes_two_people_and_one_person_is_not_two(any_site: Site) -> None:
    any_site.town.guardian("Carmen").texts("STOP")
    writer, leader = any_site.enter("coordinator"), any_site.enter("leader")
    _write(writer)
    page = writer.get("/staff/emergencies").text
    assert "A second person must give theirs" in text_of(page)
    found = re.search(r"/staff/emergencies/(\d+)/call-off", page)
    assert found
    confirm = f"/staff/emergencies/{found.group(1)}/confirm"
    writer.post(confirm, page="/staff/emergencies")
    assert "You have given your word already" in text_of(writer.get("/staff/emergencies"))
    leader.post(confirm, page="/staff/emergencies")
    any_site.town.settle()
    assert "The school is closed" in any_site.town.guardian("James").last.body
    thread = writer.get(f"/staff/families/{any_site.town.guardian('James').conversation}")
    assert "Dana Whitfield · Emergency" in re.sub(r" +", " ", text_of(thread))
    calls = f"/staff/emergencies/{found.group(1)}/calls"
    assert "Carmen Morales" in text_of(writer.get(calls))
    done = re.search(r'action="([^"]+/called/\d+)"', writer.get(calls).text)
    assert done
    assert writer.post(done.group(1), page=calls).status_code == 303
    assert "called" in text_of(writer.get(calls))
    assert [one.action for one in any_site.audit("emergency_confirmed")] == ["emergency_confirmed"]


def test_who_waits_longer_than_promised_stands_on_the_first_page(site: Site) -> None:
    site.town.guardian("Juliana").texts("Professora, o Lucas vai ter prova na sexta-feira?")
    site.town.clock.at += timedelta(hours=5)
    promises.tick(site.town.world.desk)
    page = text_of(site.enter().get("/staff"))
    assert "1 family has waited longer than we promised." in page
    assert "You were reminded" in page
    site.town.teacher_writes(site.town.guardian("Juliana"), "Yes, at nine.")
    assert "longer than we promised" not in text_of(site.enter().get("/staff"))
