"""A second step, a password changed, tries that are counted by every web process, and a phone of one's own."""

from __future__ import annotations

import re

import pyotp
import pytest
from sqlalchemy import select, text

from bot.app import create_app
from bot.store.signin import SecondStep, SignInWindow
from tests.web.conftest import Site, Visitor, text_of

SECRET = "four teachers carry a bridge"
ACCOUNT = "/staff/account"


def turn_on(site: Site, visitor: Visitor) -> tuple[pyotp.TOTP, list[str]]:
    """Set an authenticator app up; returns the app and the recovery codes."""
    assert visitor.post(f"{ACCOUNT}/second-step", page=ACCOUNT).status_code == 303
    page = visitor.get(f"{ACCOUNT}/second-step").text
    assert "<svg" in page
    assert "<image" not in page
    assert " style=" not in page
    letters = re.search(r'class="letters"[^>]*>([A-Z2-7 ]+)<', page)
    assert letters
    app = pyotp.TOTP(letters[1].replace(" ", ""))
    done = visitor.post(
        f"{ACCOUNT}/second-step/confirm", {"code": app.at(site.town.clock.at)}, page=f"{ACCOUNT}/second-step"
    )
    codes = re.findall(r"<li>([a-z2-7]{4}(?:-[a-z2-7]{4}){3})</li>", done.text)
    assert len(codes) == 10
    return app, codes


def first_step(site: Site) -> Visitor:
    """Somebody who has typed the teacher's password."""
    visitor = site.visitor()
    answer = visitor.post(
        "/sign-in", {"email": site.staff("teacher").email, "password": SECRET, "next": "/staff?q=Ana"}
    )
    assert answer.status_code == 303
    return visitor


def test_with_a_second_step_a_password_is_not_enough(any_site: Site) -> None:
    any_site.set_password(any_site.staff("teacher"), SECRET)
    app, recovery = turn_on(any_site, any_site.enter())
    clock = any_site.town.clock
    visitor = first_step(any_site)
    assert visitor.get("/staff").status_code == 303  # not in yet
    used = app.at(clock.at)
    step = "/sign-in/second-step"
    assert visitor.post(step, {"code": used}, page=step).status_code == 422  # it confirmed the app: not twice
    clock.forward(seconds=30)
    answer = visitor.post(step, {"code": f"{app.at(clock.at)[:3]} {app.at(clock.at)[3:]}"}, page=step)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/staff?q=Ana")
    # The same code on another browser, the same minute: somebody looked over her shoulder.
    other = first_step(any_site)
    assert other.post(step, {"code": app.at(clock.at)}, page=step).status_code == 422
    # She lost her phone: a recovery code, once.
    assert other.post(step, {"code": recovery[3].upper()}, page=step).status_code == 303
    clock.forward(minutes=2)
    third = first_step(any_site)
    assert third.post(step, {"code": recovery[3]}, page=step).status_code == 422
    assert "9 recovery codes are left" in text_of(other.get(ACCOUNT))


def test_neither_secret_nor_recovery_codes_are_kept_in_clear(site: Site) -> None:
    app, recovery = turn_on(site, site.enter())
    with site.town.world.db.reading() as session:
        row = session.scalars(select(SecondStep)).one()
        kept = bytes(row.secret) + repr(row.recovery).encode()
    assert app.secret.encode() not in kept
    assert not any(code.replace("-", "").encode() in kept for code in recovery)


def test_codes_cannot_be_guessed(site: Site) -> None:
    site.set_password(site.staff("teacher"), SECRET)
    turn_on(site, site.enter())
    visitor, step = first_step(site), "/sign-in/second-step"
    fields = {"csrf_token": visitor.token(step), "code": "000000"}
    statuses = [visitor.client.post(step, data=fields).status_code for _ in range(6)]
    assert statuses == [422, 422, 422, 422, 429, 429]  # the first try of the minute turned it on


def test_the_second_step_does_not_wait_for_ever(site: Site) -> None:
    site.set_password(site.staff("teacher"), SECRET)
    app, _recovery = turn_on(site, site.enter())
    visitor = first_step(site)
    token = visitor.token("/sign-in/second-step")
    now = site.town.clock.forward(minutes=6)
    answer = visitor.client.post("/sign-in/second-step", data={"csrf_token": token, "code": app.at(now)})
    assert answer.headers["Location"] == "/sign-in"
    assert visitor.get("/staff").status_code == 303


def test_it_is_turned_off_with_a_code_or_taken_away_by_an_administrator(site: Site) -> None:
    teacher, person = site.enter(), site.staff("teacher")
    app, _recovery = turn_on(site, teacher)
    now = site.town.clock.forward(seconds=30)
    assert teacher.post(f"{ACCOUNT}/second-step/off", {"code": "123"}, page=ACCOUNT).status_code == 422
    assert teacher.post(f"{ACCOUNT}/second-step/off", {"code": app.at(now)}, page=ACCOUNT).status_code == 303
    site.town.clock.forward(minutes=1)
    turn_on(site, teacher)
    admin, page = site.enter("administrator"), f"/staff/people/{person.id}"
    assert admin.post(f"{page}/second-step", page=page).status_code == 303
    assert teacher.get("/staff").status_code == 303  # her sessions have ended
    site.set_password(person, SECRET)
    assert first_step(site).get("/staff").status_code == 200


def test_tries_are_counted_by_all_web_processes_together(any_site: Site) -> None:
    """A second process on the same database: what was tried at one counts at the other."""
    other = Visitor(create_app(any_site.town.world).test_client())
    email, statuses = any_site.staff("teacher").email, []
    for visitor in (any_site.visitor(), other):
        fields = {"csrf_token": visitor.token("/sign-in"), "email": email, "password": "guess"}
        statuses += [visitor.client.post("/sign-in", data=fields).status_code for _ in range(6)]
    assert statuses == [422] * 10 + [429] * 2
    with any_site.town.world.db.reading() as session:
        kept = repr(session.execute(text("SELECT * FROM sign_in_window")).all())
        assert session.scalars(select(SignInWindow)).first() is not None
    assert email not in kept
    assert "127.0.0.1" not in kept
    any_site.town.clock.forward(minutes=1)
    assert any_site.visitor().post("/sign-in", {"email": email, "password": "guess"}).status_code == 422


def test_another_password_ends_every_other_session(site: Site) -> None:
    person = site.staff("teacher")
    site.set_password(person, SECRET)
    at_school, at_home = site.enter(), site.enter()
    wrong = {
        "present": "not it",
        "password": "seven herons cross a river",
        "again": "seven herons cross a river",
    }
    assert at_home.post(f"{ACCOUNT}/password", wrong, page=ACCOUNT).status_code == 422
    assert at_home.post(f"{ACCOUNT}/password", wrong | {"present": SECRET}, page=ACCOUNT).status_code == 303
    assert at_home.get("/staff").status_code == 200
    assert at_school.get("/staff").status_code == 303
    again = site.enter()
    assert at_home.post(f"{ACCOUNT}/sign-out-elsewhere", page=ACCOUNT).status_code == 303
    assert (at_home.get("/staff").status_code, again.get("/staff").status_code) == (200, 303)


@pytest.mark.parametrize("number", ["", "12", "+1 617 555 0123", "not a number"])
def test_in_the_sample_school_only_invented_phones_are_texted(site: Site, number: str) -> None:
    assert site.enter().post(f"{ACCOUNT}/phone", {"number": number}, page=ACCOUNT).status_code == 422


def test_a_phone_is_hers_when_she_has_typed_the_code_it_got(any_site: Site) -> None:
    teacher, town = any_site.enter(), any_site.town
    assert teacher.post(f"{ACCOUNT}/phone", {"number": "(555) 555-0177"}, page=ACCOUNT).status_code == 303
    town.settle()
    phone = town.phone("+15555550177")
    code = re.search(r"\d{6}", phone.last.body)
    assert code
    assert teacher.post(f"{ACCOUNT}/phone/confirm", {"code": "1"}, page=ACCOUNT).status_code == 422
    town.clock.forward(minutes=11)
    assert teacher.post(f"{ACCOUNT}/phone/confirm", {"code": code[0]}, page=ACCOUNT).status_code == 422
    teacher.post(f"{ACCOUNT}/phone", {"number": "+15555550177"}, page=ACCOUNT)
    town.settle()
    newer = re.search(r"\d{6}", phone.last.body)
    assert newer
    assert teacher.post(f"{ACCOUNT}/phone/confirm", {"code": newer[0]}, page=ACCOUNT).status_code == 303
    assert "Yours ends in 0177" in text_of(teacher.get(ACCOUNT))
    # What she texts back from it is no unknown number's word.
    phone.texts("testing, testing")
    assert "0177" not in any_site.enter("coordinator").get("/staff/unknown-numbers").text
    teacher.post(f"{ACCOUNT}/phone/forget", page=ACCOUNT)
    assert "Yours ends" not in text_of(teacher.get(ACCOUNT))
