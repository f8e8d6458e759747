"""Signing in: what works, what does not, and when a session ends."""

from __future__ import annotations

from sqlalchemy import update

from bot.store.people import Staff
from tests.web.conftest import Site, text_of

SECRET = "four teachers carry a bridge"


def sign_in(site: Site, email: str, password: str, **fields: str) -> tuple[int, str]:
    visitor = site.visitor()
    answer = visitor.post("/sign-in", {"email": email, "password": password, **fields})
    return answer.status_code, answer.headers.get("Location", "")


def test_a_teacher_signs_in_with_her_password(any_site: Site) -> None:
    teacher = any_site.staff("teacher")
    any_site.set_password(teacher, SECRET)
    assert sign_in(any_site, f" {teacher.email.upper()} ", SECRET) == (303, "/staff")
    assert [event.staff_id for event in any_site.audit("signed_in")] == [teacher.id]


def test_she_arrives_at_the_page_she_wanted_and_nowhere_else(site: Site) -> None:
    teacher = site.staff("teacher")
    site.set_password(teacher, SECRET)
    assert sign_in(site, teacher.email, SECRET, next="/staff?q=Ana")[1] == "/staff?q=Ana"
    assert sign_in(site, teacher.email, SECRET, next="//evil.example/")[1] == "/staff"


def test_what_does_not_fit_is_told_in_one_sentence(any_site: Site) -> None:
    teacher, reviewer = any_site.staff("teacher").email, any_site.staff("reviewer").email
    any_site.set_password(any_site.staff("teacher"), SECRET)
    for email, password in (
        ("", ""), ("nobody@school.example", SECRET), (teacher, "wrong"), (teacher, "x" * 5000), (reviewer, ""),
        ("\x00", "\x00"), (f"{teacher}\x00", SECRET), ("' OR 1=1 --", SECRET),
    ):  # fmt: skip
        answer = any_site.visitor().post("/sign-in", {"email": email, "password": password})
        assert answer.status_code == 422, email
        assert "do not fit together" in text_of(answer)


def test_guessing_is_slowed_down(site: Site) -> None:
    visitor = site.visitor()
    fields = {
        "csrf_token": visitor.token("/sign-in"),
        "email": site.staff("teacher").email,
        "password": "guess",
    }
    statuses = [visitor.client.post("/sign-in", data=fields).status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]


def test_a_form_of_another_site_is_refused(site: Site) -> None:
    teacher = site.staff("teacher")
    site.set_password(teacher, SECRET)
    answer = site.visitor().client.post("/sign-in", data={"email": teacher.email, "password": SECRET})
    assert answer.status_code == 400


def test_signing_out_ends_it(site: Site) -> None:
    visitor = site.enter()
    assert visitor.post("/sign-out", page="/staff").status_code == 303
    assert visitor.get("/staff").status_code == 303


def test_a_session_ends_after_a_school_day_however_busy(site: Site) -> None:
    visitor = site.enter()
    site.town.clock.forward(hours=11, minutes=59)
    assert visitor.get("/staff").status_code == 200
    site.town.clock.forward(minutes=2)
    assert visitor.get("/staff").status_code == 303


def test_somebody_who_left_the_school_is_out_at_the_next_click(site: Site) -> None:
    visitor, teacher = site.enter(), site.staff("teacher")
    with site.town.world.db.writing() as session:
        session.execute(update(Staff).where(Staff.id == teacher.id).values(active=False))
    assert visitor.get("/staff").status_code == 303


def test_all_sessions_end_when_the_epoch_grows(site: Site) -> None:
    visitor = site.enter()
    with site.town.world.db.writing() as session:
        session.execute(update(Staff).values(session_epoch=1))
    assert visitor.get("/staff").status_code == 303


def test_a_cookie_nobody_signed_is_nothing(site: Site) -> None:
    visitor = site.visitor()
    visitor.client.set_cookie("puente", "eyJfdXNlcl9pZCI6IjE6MCJ9.forged.signature")
    assert visitor.get("/staff").status_code == 303


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(site: Site) -> None:
    cookie = site.visitor().get("/sign-in?lang=ar").headers.getlist("Set-Cookie")
    assert cookie
    assert all("HttpOnly" in one and "SameSite=Lax" in one for one in cookie)
