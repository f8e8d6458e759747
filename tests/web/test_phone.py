"""The phone simulator: what a family types goes the carriers' own way, and the page shows what reaches the phone."""

from __future__ import annotations

import re

from sqlalchemy import func, select

from bot.store.talk import Inbox
from tests.web.conftest import Site, Visitor, text_of


def pick_up(visitor: Visitor, name: str) -> str:
    """The address of somebody's phone, from the page where phones are chosen."""
    found = re.search(rf'href="(/phone/[^"]+)"><bdi>{name}', visitor.get("/phone").text)
    assert found, f"no phone of {name}"
    return found.group(1)


def stored(site: Site) -> int:
    with site.town.world.db.reading() as session:
        return session.scalar(select(func.count()).select_from(Inbox)) or 0


def test_a_mother_texts_in_portuguese_and_reads_portuguese(any_site: Site) -> None:
    visitor = any_site.visitor()
    phone = pick_up(visitor, "Juliana Ferreira")
    answer = visitor.post(phone, {"text": "Oi! O Lucas pode levar um lanche na sexta-feira?"}, page=phone)
    assert answer.status_code == 303
    any_site.town.settle()
    page = visitor.get(phone)
    assert "O Lucas pode levar um lanche" in text_of(page)
    assert re.search(r'class="said" lang="pt" dir="ltr">[^<]*Olá', page.text)
    assert "Hello" not in text_of(page)


def test_the_page_without_scripts_looks_again_until_the_answer_is_there(site: Site) -> None:
    visitor = site.visitor()
    phone = pick_up(visitor, "Juliana Ferreira")
    sent = visitor.post(phone, {"text": "Bom dia"}, page=phone)
    waiting = visitor.get(sent.headers["Location"])
    again = re.search(r'<noscript><meta http-equiv="refresh" content="3;url=([^"]+)"', waiting.text)
    assert again
    site.town.settle()
    assert 'http-equiv="refresh"' not in visitor.get(again.group(1)).text


def test_a_button_pressed_twice_sends_one_text(site: Site) -> None:
    visitor = site.visitor()
    phone = pick_up(visitor, "Juliana Ferreira")
    for _press in range(2):
        visitor.post(phone, {"text": "Bom dia", "once": "the-same-form"}, page=phone)
    assert stored(site) == 1


def test_a_picture_without_a_word(site: Site) -> None:
    visitor = site.visitor()
    phone = pick_up(visitor, "Juliana Ferreira")
    visitor.post(phone, {"text": "", "photo": "1"}, page=phone)
    site.town.settle()
    page = text_of(visitor.get(phone))
    assert "A picture" in page
    assert "The school:" in page  # and it is answered


def test_an_empty_text_is_a_text_too(site: Site) -> None:
    visitor = site.visitor()
    phone = pick_up(visitor, "Juliana Ferreira")
    visitor.post(phone, {"text": ""}, page=phone)
    assert "(an empty text)" in text_of(visitor.get(phone))


def test_somebody_the_school_does_not_know(site: Site) -> None:
    visitor = site.visitor()
    answer = visitor.post("/phone", {"number": "+1 (555) 555-0199"}, page="/phone")
    phone = answer.headers["Location"]
    assert "15555550199" not in phone
    visitor.post(phone, {"text": "Hello, who is this?"}, page=phone)
    site.town.settle()
    assert "We do not know this number yet" in text_of(visitor.get(phone))


def test_real_numbers_are_not_played_with(site: Site) -> None:
    visitor = site.visitor()
    for number in ("+1 415 555 2671", "555", "+44 20 7946 0000", "١٥٥٥٥٥٥٠١٩٩", "", "+1555555019９"):
        answer = visitor.post("/phone", {"number": number}, page="/phone", follow_redirects=True)
        assert "made-up number" in text_of(answer), number


def test_a_line_nobody_signed_is_no_phone(site: Site) -> None:
    assert site.visitor().get("/phone/IisxNTU1NTU1MDEyMyI.forged").status_code == 404


def test_arabic_texts_say_so_to_the_browser(site: Site) -> None:
    visitor = site.visitor()
    phone = pick_up(visitor, "Rami Haddad")
    visitor.post(phone, {"text": "صباح الخير، متى تبدأ الرحلة؟"}, page=phone)
    site.town.settle()
    assert re.search(r'class="said" lang="ar" dir="rtl">صباح الخير', visitor.get(phone).text)


def test_the_script_gets_the_texts_alone(site: Site) -> None:
    visitor = site.visitor()
    phone = pick_up(visitor, "Juliana Ferreira")
    visitor.post(phone, {"text": "Bom dia"}, page=phone)
    part = visitor.get(f"{phone}/texts").text
    assert part.lstrip().startswith("<ol")
    assert "<html" not in part
