"""Hostile visitors and hostile texts."""

from __future__ import annotations

from tests.web.conftest import Site
from tests.web.test_access import path_of, routes

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "javascript:alert(1)",
    "{{ 7*7 }}{% raw %}",
    "nul \x00 in the middle",
    "bell \x07 and escape \x1b[31m",
    "\u202etxeT desrever\u202c",
    "lone \ud800 surrogate",
    "e\u0301" * 500,
    "👩‍👩‍👧‍👦" * 50,
]


def test_hostile_texts_are_inert_wherever_they_are_shown(any_site: Site) -> None:
    phone = any_site.town.guardian("Juliana")
    visitor = any_site.enter()
    for text in HOSTILE:
        phone.texts(text)
        for path in ("/staff", f"/staff/families/{phone.conversation}"):
            page = visitor.get(path)
            assert page.status_code == 200
            for tag in ("<script>alert", "<img src=x", "<svg onload", "\x00", "\x1b", "\ud800"):
                assert tag not in page.text, (text, path)
    assert "{{ 7*7 }}{% raw %}" in page.text


def test_a_number_that_is_none_reaches_a_person(site: Site) -> None:
    site.town.phone("not a number <b>at all</b>").texts("hello?")
    page = site.enter("coordinator").get("/staff/unknown-numbers")
    assert page.status_code == 200
    assert "<b>at all" not in page.text


def test_every_answer_carries_the_headers(site: Site) -> None:
    for path in ("/", "/sign-in", "/no-such-page", "/static/puente.css", "/healthz", "/staff"):
        headers = site.visitor().get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"


def test_pages_with_families_are_not_kept_by_browsers(site: Site) -> None:
    assert site.enter().get("/staff").headers["Cache-Control"] == "no-store"


def test_no_form_works_without_its_token(site: Site) -> None:
    visitor = site.enter("administrator")
    for route in routes(site.app):
        if "POST" in (route.methods or ()) and not route.endpoint.startswith("webhooks."):
            assert visitor.client.post(path_of(route), data={"text": "hi"}).status_code == 400, route.rule


def test_a_huge_form_is_refused(site: Site) -> None:
    visitor = site.enter()
    answer = visitor.client.post("/staff/families/7/reply", data={"text": "x" * 100_000})
    assert answer.status_code == 413


def test_a_method_that_does_not_belong_is_a_page_too(site: Site) -> None:
    assert site.visitor().client.delete("/").status_code == 405


def test_pages_hold_no_inline_script_or_style(site: Site) -> None:
    site.town.guardian("Juliana").texts("Oi")
    visitor = site.enter()
    for path in (
        "/",
        "/phone",
        "/sign-in",
        "/staff",
        f"/staff/families/{site.town.guardian('Juliana').conversation}",
    ):
        page = visitor.get(path).text
        assert " style=" not in page
        assert "<style" not in page
        assert "onclick" not in page
        assert page.count("<script") == page.count('<script src="/static/')
