"""An administrator invites colleagues; a colleague chooses a password; somebody leaves."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from bot.records.passwords import weakness
from bot.store.people import School, Section, Staff, Teaching
from tests.web.conftest import Site, Visitor, text_of

SECRET = "four teachers carry a bridge"


def link_in(page: str) -> str:
    found = re.search(r'value="http://127.0.0.1:8000(/sign-in/choose/[^"]+)"', page)
    assert found, text_of(page)
    return found.group(1)


def invite(site: Site, admin: Visitor, **fields: str) -> str:
    """Invite somebody; returns the way of the link."""
    wanted = {"name": "Mr. Luis Ortega", "email": "luis@school.example", "role": "teacher"} | fields
    answer = admin.post("/staff/people/new", wanted, page="/staff/people/new")
    assert answer.status_code == 200, text_of(answer)
    return link_in(answer.text)


def row(site: Site, email: str) -> Staff:
    with site.town.world.db.reading() as session:
        return session.scalars(select(Staff).where(Staff.email == email)).one()


def test_a_new_colleague_gets_a_link_chooses_a_password_and_comes_in(any_site: Site) -> None:
    with any_site.town.world.db.reading() as session:
        section = session.scalars(select(Section.id).where(Section.name.contains("Room 8"))).one()
    link = invite(any_site, any_site.enter("administrator"), section=str(section))
    luis = any_site.visitor()
    assert "Welcome, Mr. Luis Ortega" in text_of(luis.get(link))
    answer = luis.post(link, {"password": SECRET, "again": SECRET}, page=link)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/staff")
    assert "Grade 5, Room 8" in text_of(luis.get("/staff"))
    again = any_site.visitor()
    assert again.post("/sign-in", {"email": "luis@school.example", "password": SECRET}).status_code == 303
    assert [event.action for event in any_site.audit("invited")] == ["invited"]


def test_a_link_works_once(site: Site) -> None:
    link = invite(site, site.enter("administrator"))
    site.visitor().post(link, {"password": SECRET, "again": SECRET}, page=link)
    late = site.visitor().get(link)
    assert late.status_code == 410
    assert "does not work any more" in text_of(late)


def test_a_link_ends_after_a_week_and_when_a_newer_one_is_made(site: Site) -> None:
    admin = site.enter("administrator")
    link = invite(site, admin)
    site.town.clock.forward(days=7, minutes=1)
    assert site.visitor().get(link).status_code == 410
    admin = site.enter("administrator")
    person = row(site, "luis@school.example")
    newer = link_in(admin.post(f"/staff/people/{person.id}/link", page="/staff/people/new").text)
    assert site.visitor().get(newer).status_code == 200
    admin.post(f"/staff/people/{person.id}/link", page="/staff/people/new")
    assert site.visitor().get(newer).status_code == 410


@pytest.mark.parametrize("token", ["", "x", "WzEsMCw5OTk5OTk5OTk5XQ.forged"])
def test_a_link_nobody_made_opens_nothing(site: Site, token: str) -> None:
    assert site.visitor().get(f"/sign-in/choose/{token}").status_code in (404, 410)


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "aaaaaaaaaaaaaaaa",
        "password1234",
        "Luis Ortega 1234",
        "qwertyuiop123456",
        "Puente school 12",
        "x" * 2000,
        "",
    ],
)
def test_what_somebody_would_try_first_is_not_kept(site: Site, password: str) -> None:
    link = invite(site, site.enter("administrator"))
    visitor = site.visitor()
    assert visitor.post(link, {"password": password, "again": password}, page=link).status_code == 422
    assert row(site, "luis@school.example").password_hash is None


@pytest.mark.parametrize(
    "password", [SECRET, "Großer-Bär-über-Köln", "пять мостов через реку", "xK9#mQ2$vL5&"]
)
def test_long_or_random_ones_are(password: str) -> None:
    assert weakness(password, ["Mr. Luis Ortega", "luis@school.example", "Lincoln School"]) is None


def test_two_different_entries_are_not_kept(site: Site) -> None:
    link = invite(site, site.enter("administrator"))
    answer = site.visitor().post(link, {"password": SECRET, "again": SECRET + "s"}, page=link)
    assert "not the same" in text_of(answer)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"name": " "}, "name"),
        ({"email": "nobody"}, "e-mail"),
        ({"email": "RACHEL.BENNETT@sample.invalid"}, "already"),
        ({"role": "emperor"}, "roles"),
    ],
)
def test_an_invitation_that_cannot_be_made_says_why(site: Site, fields: dict[str, str], says: str) -> None:
    admin = site.enter("administrator")
    wanted = {"name": "Luis", "email": "luis@school.example", "role": "teacher"} | fields
    answer = admin.post("/staff/people/new", wanted, page="/staff/people/new")
    assert answer.status_code == 422
    assert says in text_of(answer)


def test_closing_an_account_ends_its_sessions(site: Site) -> None:
    teacher, person = site.enter(), site.staff("teacher")
    admin = site.enter("administrator")
    page = f"/staff/people/{person.id}"
    assert admin.post(page, {"name": person.name, "role": "teacher"}, page=page).status_code == 303
    assert teacher.get("/staff").status_code == 303
    assert "account closed" in text_of(admin.get("/staff/people"))


def test_another_role_ends_the_session_and_counts_from_the_next_one(site: Site) -> None:
    teacher, person = site.enter(), site.staff("teacher")
    admin = site.enter("administrator")
    page = f"/staff/people/{person.id}"
    admin.post(page, {"name": person.name, "role": "leader", "active": "yes"}, page=page)
    assert teacher.get("/staff").status_code == 303
    teacher.enters_as(person)
    assert "numbers without names" in text_of(teacher.get("/staff"))
    with site.town.world.db.reading() as session:
        assert session.scalars(select(Teaching).where(Teaching.staff_id == person.id)).all() == []


def test_nobody_takes_away_their_own_role(site: Site) -> None:
    admin, person = site.enter("administrator"), site.staff("administrator")
    page = f"/staff/people/{person.id}"
    for fields in ({"role": "teacher", "active": "yes"}, {"role": "administrator"}):
        assert admin.post(page, {"name": person.name, **fields}, page=page).status_code == 422
    assert admin.get("/staff/people").status_code == 200


def test_colleagues_of_another_school_are_not_there(site: Site) -> None:
    admin = site.enter("administrator")
    with site.town.world.db.writing() as session:
        other = School(id=1, name="Elsewhere", time_zone="America/Chicago")
        session.add(other)
        session.flush()
        session.add(Staff(id=2, school_id=1, name="Far Away", email="far@away.example", role="teacher"))
    assert "Far Away" not in text_of(admin.get("/staff/people"))
    assert admin.get("/staff/people/2").status_code == 404
    for path in ("", "/link", "/sign-out"):
        assert (
            admin.post(
                f"/staff/people/2{path}", {"name": "x", "role": "teacher"}, page="/staff/people/new"
            ).status_code
            == 404
        )
