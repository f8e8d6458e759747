"""The pages in a real Chromium: accessible, reachable by keyboard, and never calling out."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.people import Town
from tests.web.conftest import Served

expect.set_options(timeout=30_000)  # a worker on a busy machine may take its time; nothing is measured here

pytestmark = pytest.mark.browser

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text("utf-8")
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDTHS = (1280, 320)
INSIGHT = ("/staff/equity", "/staff/equity?by=channel&days=84", "/staff/partnership", "/staff/my-week", "/staff/quiet", "/staff/rounds",
           "/staff/summaries?days=365", "/staff/summaries/answers?field=family.hopes&choice=x")  # fmt: skip
"""Pages about families and the school, as a coordinator sees them."""
FIND_FAULTS = """async standards => (await axe.run(document, {runOnly: standards})).violations
    .map(fault => fault.id + ": " + fault.nodes.map(node => node.html + " " + node.failureSummary).join(" | "))"""


@contextmanager
def window(browser: Browser, url: str, *, scripts: bool = True) -> Iterator[Page]:
    """A browser window that fails the test on any console error, blocked content, or call to another host."""
    context = browser.new_context(viewport={"width": 1280, "height": 860}, java_script_enabled=scripts)
    page = context.new_page()
    page.set_default_timeout(10_000)
    trouble: list[str] = []
    page.on(
        "console",
        lambda message: trouble.append(message.text) if message.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on(
        "request",
        lambda request: None if request.url.startswith((url, "data:")) else trouble.append(request.url),
    )
    yield page
    context.close()
    assert trouble == []


@pytest.fixture
def working(served: Served) -> Iterator[Town]:
    """The town, with everything handled as it comes in, as by `bot worker`."""
    stop = threading.Event()
    town = served.site.town

    def work() -> None:
        while not stop.wait(0.05):
            town.settle()

    worker = threading.Thread(target=work)
    worker.start()
    yield town
    stop.set()
    worker.join()


def assert_accessible(page: Page) -> None:
    """axe finds nothing at either width, and nothing sticks out sideways (WCAG 1.4.10)."""
    page.evaluate(AXE)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 860})
        assert page.evaluate(FIND_FAULTS, STANDARDS) == [], f"{page.url} at {width} px"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{page.url} at {width} px"
    page.set_viewport_size({"width": 1280, "height": 860})


def each_page(page: Page, served: Served) -> Iterator[Callable[[], object]]:
    """Every kind of page, with people on it."""
    town, url = served.site.town, served.url
    thread = f"{url}/staff/families/{town.guardian('Juliana').conversation}"
    yield lambda: page.goto(f"{url}/")
    yield lambda: page.goto(f"{url}/phone")
    yield lambda: page.get_by_role("link", name="Juliana Ferreira").click()
    yield lambda: page.goto(f"{url}/sign-in")
    yield lambda: page.locator(
        f"form[action='/sign-in/sample/{served.site.staff('coordinator').id}'] button"
    ).click()
    yield lambda: page.goto(f"{url}/staff/account")
    yield lambda: page.locator("form[action$='/account/second-step'] button").click()
    yield lambda: (
        page.locator("#code").fill(
            pyotp.TOTP(page.locator(".letters").inner_text().replace(" ", "")).at(town.clock.at)
        ),
        page.locator("form[action$='/confirm'] button").click(),
    )
    page.goto(f"{url}/staff/account")
    page.locator("#number").fill("+1 555 555 0177")
    yield lambda: page.locator("form[action$='/account/phone'] button").click()
    yield lambda: page.goto(f"{url}/staff/prompts")
    yield lambda: page.locator("form[action='/staff/prompts/new'] button").click()
    yield lambda: (
        page.locator("#title").fill("Reading"),
        page.locator("#script").select_option("reading_checkin"),
        page.locator("#goal").select_option(index=1),
        page.locator("#day").fill("2026-03-05"),
        page.locator("[value=look]").click(),
    )
    yield lambda: page.locator("[value=make]").click()
    yield lambda: page.goto(f"{url}/staff/calendar")
    yield lambda: page.goto(f"{url}/staff/emergencies")
    yield lambda: page.goto(f"{url}/staff?q=nobody-is-called-this")
    yield lambda: page.goto(f"{url}/staff/unknown-numbers")
    yield lambda: page.goto(f"{url}/staff/safety")
    yield lambda: page.locator(".wait a").first.click()
    yield lambda: page.goto(f"{thread}/quiet-days")
    yield lambda: page.goto(thread)
    yield lambda: (
        page.locator("#text").fill("See you on Friday at 9."),
        page.locator("[value=preview]").click(),
    )
    yield lambda: page.goto(f"{thread}?before=1.1")
    yield lambda: page.goto(f"{thread}/summary?days=365")
    for path in INSIGHT:
        yield lambda path=path: page.goto(f"{url}{path}")  # type: ignore[misc]
    page.goto(f"{url}/staff/rounds")
    page.locator("details summary").first.click()
    page.locator("#title").fill("Spring")
    yield lambda: page.locator("form[action='/staff/rounds'] button").click()
    page.get_by_role("button", name=re.compile("Sign out|تسجيل الخروج")).click()
    page.goto(f"{url}/sign-in")
    yield lambda: page.locator(
        f"form[action='/sign-in/sample/{served.site.staff('administrator').id}'] button"
    ).click()
    yield lambda: page.goto(f"{url}/staff/standards?q=nothing")
    yield lambda: page.goto(f"{url}/staff/roster")
    page.locator("#files").set_input_files(
        {
            "name": "spring.csv",
            "mimeType": "text/csv",
            "buffer": b"Student ID,First Name,Last Name\n1,Ada,Byron\n",
        }
    )
    yield lambda: page.locator("form[action$='/upload'] button").click()
    yield lambda: page.goto(f"{url}/staff/log")
    yield lambda: page.goto(f"{url}/staff/safety/on-call")
    yield lambda: page.goto(f"{url}/staff/office/settings")
    yield lambda: page.goto(f"{url}/staff/office/senders")
    yield lambda: page.goto(f"{url}/staff/office/models")
    yield lambda: page.goto(f"{url}/staff/office/consent?q=Juliana&day=2026-03-04")
    yield lambda: page.goto(f"{thread}/rights")
    yield lambda: page.goto(f"{url}/staff/review")
    yield lambda: page.locator("a[href*='/staff/review/text/']").first.click()
    yield lambda: page.goto(f"{url}/staff/review/catalogs/pt/bot")
    yield lambda: page.goto(f"{url}/staff/people")
    yield lambda: page.goto(f"{url}/staff/people/new")
    yield lambda: page.goto(f"{url}/staff/people/{served.site.staff('teacher').id}")
    yield lambda: page.locator("form[action$='/link'] button").click()
    yield lambda: page.goto(page.locator("#link").input_value().replace("http://127.0.0.1:8000", url))


@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_page_is_accessible(browser: Browser, served: Served, language: str) -> None:
    town = served.site.town
    town.guardian("Juliana").texts("Oi! Espero que o Lucas faça amigos 😀")
    town.guardian("Juliana").texts("<b>Ele</b> pode levar um lanche? " + "muito" * 40)
    town.guardian("Rami").texts("صباح الخير، متى الرحلة؟")
    town.phone("+15555550199").texts("Who is this?")
    town.guardian("Mirlande").texts("Bonjou, pitit mwen an malad jodi a")
    town.guardian("Mirlande").texts("I found her with cuts all over her arms")
    with window(browser, served.url) as page:
        page.goto(f"{served.url}/?lang={language}")
        for go in each_page(page, served):
            go()
            assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
            assert_accessible(page)


def test_error_pages_are_accessible(browser: Browser, served: Served) -> None:
    context = browser.new_context()
    page = context.new_page()  # a 404 is a console message by itself, so not `window`
    page.goto(f"{served.url}/no-such-page")
    assert_accessible(page)
    context.close()


def press_until(page: Page, name: str, *, most: int = 40) -> None:
    """Press Tab until the focus is on the link, button or field called `name`, and seen to be there."""
    for _press in range(most):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "() => { const e = document.activeElement; const l = e.labels && e.labels[0];"
            " return (e.getAttribute('aria-label') || (l ? l.innerText : '') || e.innerText || '').trim(); }"
        )
        if name in focused:
            ring = page.evaluate(
                "() => [document.activeElement, '::after'].map(x => x === '::after'"
                " ? getComputedStyle(document.activeElement, '::after').outlineStyle"
                " : getComputedStyle(x).outlineStyle).some(style => style !== 'none')"
            )
            assert ring, f"the focus on {name} cannot be seen"
            return
    raise AssertionError(f"Tab never reaches {name!r}")


def follow(page: Page) -> None:
    """Press Enter and wait for the page it leads to."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_by_keyboard_alone_from_the_first_page_to_a_sent_reply(
    browser: Browser, served: Served, working: Town
) -> None:
    with window(browser, served.url) as page:
        page.goto(served.url)
        press_until(page, "Pick up a family")
        follow(page)
        press_until(page, "Juliana Ferreira")
        follow(page)
        expect(page.locator("#text")).to_be_focused()
        page.keyboard.type("O Lucas pode levar um lanche na sexta-feira?")
        follow(page)
        expect(page.locator(".texts .bubble:not(.bubble-mine)").first).to_be_visible()
        page.goto(served.url)
        press_until(page, "or sit at the teacher")
        follow(page)
        press_until(page, "Enter as Ms. Rachel Bennett")
        follow(page)
        press_until(page, "Juliana Ferreira")
        follow(page)
        press_until(page, "Your answer, in English")
        page.keyboard.type("Yes, he may. No nuts, please.")
        press_until(page, "Send", most=1)
        follow(page)
        expect(page.get_by_role("status")).to_contain_text("on its way")
        expect(page.locator(".text-school .side-home").first).to_contain_text("Sim")
    working.settle()
    assert working.guardian("Juliana").last.body.startswith("Sim")


def test_by_keyboard_alone_from_sign_in_to_a_sent_prompt(browser: Browser, served: Served) -> None:
    town = served.site.town
    with window(browser, served.url) as page:
        page.goto(f"{served.url}/sign-in")
        press_until(page, "Enter as Ms. Rachel Bennett")
        follow(page)
        press_until(page, "Prompts")
        follow(page)
        press_until(page, "Write a prompt")
        follow(page)
        press_until(page, "A title, for colleagues")
        page.keyboard.type("Reading together")
        press_until(page, "Goal")
        page.keyboard.type("reading")
        press_until(page, "A conversation from the library")
        page.keyboard.type("Reading together")
        press_until(page, "Day")
        page.keyboard.type("03052026")
        press_until(page, "See what families will read", most=60)
        follow(page)
        press_until(page, "Plan it", most=80)
        follow(page)
        expect(page.get_by_role("status")).to_contain_text("It is planned")
        expect(page.locator("table").last).to_contain_text("Juliana Ferreira")
    for _ in range(32):
        town.later(hours=1)
    said = town.guardian("Juliana").shows("delivered")
    assert said, "the day came, and her phone shows it"
    assert served.site.audit("made")


def test_new_texts_appear_by_themselves_on_both_sides(
    browser: Browser, served: Served, working: Town
) -> None:
    with window(browser, served.url) as phone, window(browser, served.url) as desk:
        phone.goto(f"{served.url}/phone")
        phone.get_by_role("link", name="Juliana Ferreira").click()
        phone.locator("#text").fill("Oi, tudo bem?")
        phone.get_by_role("button", name="Send").click()
        desk.goto(f"{served.url}/sign-in")
        desk.get_by_role("button", name="Enter as Ms. Rachel Bennett").click()
        desk.get_by_role("link", name="Juliana Ferreira").click()
        desk.locator("#text").fill("The trip is on Friday.")
        desk.get_by_role("button", name="Send", exact=True).click()
        expect(phone.locator(".texts")).to_contain_text("sexta-feira")
        phone.locator("#text").fill("Obrigada, professora!")
        phone.get_by_role("button", name="Send").click()
        expect(desk.locator(".talk")).to_contain_text("Obrigada, professora!", timeout=15_000)


def test_without_scripts_the_whole_way_works(browser: Browser, served: Served) -> None:
    town = served.site.town
    with window(browser, served.url, scripts=False) as page:
        page.goto(f"{served.url}/phone")
        page.get_by_role("link", name="Juliana Ferreira").click()
        page.locator("#text").fill("Ele pode levar um lanche?")
        page.get_by_role("button", name="Send").click()
        town.settle()
        page.get_by_role("link", name="Look for new texts").click()
        expect(page.locator(".texts .bubble:not(.bubble-mine)").first).to_be_visible()
        page.goto(f"{served.url}/sign-in")
        page.get_by_role("button", name="Enter as Ms. Rachel Bennett").click()
        page.get_by_role("link", name="Juliana Ferreira").click()
        page.locator("#text").fill("Yes, he may.")
        page.get_by_role("button", name="See what the family will read").click()
        expect(page.locator("#preview")).to_contain_text("Sim")
        page.get_by_role("button", name="Send", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("on its way")
