"""A bilingual colleague says once what no machine could, and is never asked the same again."""

from __future__ import annotations

import html
import re

import pytest
from sqlalchemy import select, update

from bot.language.catalog import read_catalog
from bot.language.glossary import GlossaryBook
from bot.language.memory import TranslationMemory
from bot.store.people import Guardian, School, Staff
from bot.store.talk import Conversation, Inbox, Outbox
from bot.store.terms import CatalogApproval
from tests.web.conftest import Site, Visitor, text_of


def reviewer(site: Site, *languages: str) -> Visitor:
    """Somebody who reviews these languages, signed in."""
    person = site.staff("reviewer")
    with site.town.world.db.writing() as session:
        session.execute(
            update(Staff).where(Staff.id == person.id).values(language="en", reviews=list(languages))
        )
    return site.visitor().enters_as(person)


def first(visitor: Visitor, kind: str) -> str:
    found = re.search(rf'href="(/staff/review/{kind}/\d+)"', visitor.get("/staff/review").text)
    assert found, text_of(visitor.get("/staff/review"))
    return found.group(1)


def test_a_reply_that_no_machine_could_say_goes_out_in_her_words(any_site: Site) -> None:
    mother = any_site.town.guardian("Mirlande")
    mother.texts("Bonjou!")
    any_site.town.teacher_writes(mother, "The bus leaves at 7:30.")
    visitor = reviewer(any_site, "ht")
    page = first(visitor, "reply")
    assert "The bus leaves at 7:30." in text_of(visitor.get(page))
    answer = visitor.post(page, {"wording": "Bis la ap pati a 7:30.", "do": "approve"}, page=page)
    assert answer.status_code == 303
    any_site.town.settle()
    assert mother.last.body == "Bis la ap pati a 7:30."
    assert (mother.last.language, mother.last.origin) == ("ht", "reviewed")
    again = visitor.post(
        page, {"wording": "Bis la ap pati.", "do": "approve"}, page="/staff/review", follow_redirects=True
    )
    assert "done already" in text_of(again)
    with any_site.town.world.db.reading() as session:
        assert len(session.scalars(select(Outbox).where(Outbox.origin == "reviewed")).all()) == 1


def test_what_a_family_wrote_is_read_by_her(any_site: Site) -> None:
    text = any_site.town.guardian("Mirlande").texts("Pitit mwen an malad jodi a")
    visitor = reviewer(any_site, "ht")
    page = first(visitor, "text")
    visitor.post(page, {"wording": "My child is sick today", "do": "approve"}, page=page)
    assert any_site.town.guardian("Mirlande").english(text) == "My child is sick today"
    thread = any_site.enter().get(f"/staff/families/{any_site.town.guardian('Mirlande').conversation}")
    assert "reviewed by a person" in text_of(thread)
    assert any_site.audit("approved")


def test_a_wrong_translation_is_put_right_for_everybody(site: Site) -> None:
    world = site.town.world
    book, memory = GlossaryBook(world.db, world.clock), TranslationMemory(world.db, world.clock)
    school = site.staff("teacher").school_id
    book.correct(
        "Report cards come home on Friday.",
        "Cartões de relatório voltam.",
        "não é “cartões”",
        "en",
        "pt",
        school,
    )
    visitor = reviewer(site, "pt")
    page = first(visitor, "correction")
    assert "não é “cartões”" in text_of(visitor.get(page))
    visitor.post(page, {"wording": "Os boletins chegam na sexta-feira.", "do": "approve"}, page=page)
    found = memory.recall("Report cards come home on Friday.", "en", "pt", school)
    assert found
    assert (found.text, found.reviewed) == ("Os boletins chegam na sexta-feira.", True)
    assert book.open_corrections(school) == []


def test_a_correction_that_is_none_is_left(site: Site) -> None:
    world = site.town.world
    book, school = GlossaryBook(world.db, world.clock), site.staff("teacher").school_id
    book.correct("Hello", "Olá", "hm", "en", "pt", school)
    visitor = reviewer(site, "pt")
    page = first(visitor, "correction")
    assert (
        visitor.post(page, {"wording": "Olá", "do": "decline"}, page=page).headers["Location"]
        == "/staff/review"
    )
    assert book.open_corrections(school) == []


def test_numbers_and_signs_are_watched(site: Site) -> None:
    world = site.town.world
    school = site.staff("teacher").school_id
    world.translator.translate(
        ["Come at 5:30 pm on March 4, room 12."], "en", "pt", school=school, remember=True
    )
    visitor = reviewer(site, "pt")
    page = first(visitor, "machine")
    shown = visitor.get(page).text
    assert "⟨0⟩" in shown
    looked = text_of(visitor.post(page, {"wording": "Venha ⟨0⟩ ⟨1⟩, sala 13", "do": "look"}, page=page))
    assert "numbers are not the same" in looked
    refused = visitor.post(page, {"wording": "Venha à sala 12", "do": "approve"}, page=page)
    assert refused.status_code == 422
    assert "must stay" in text_of(refused)


def test_only_her_own_languages_and_her_own_school(site: Site) -> None:
    site.town.guardian("Mirlande").texts("Bonjou, mwen gen yon kesyon")
    page = first(reviewer(site, "ht"), "text")
    visitor = reviewer(site, "vi")
    assert "Nothing waits" in text_of(visitor.get("/staff/review"))
    assert visitor.get(page).status_code == 303
    visitor.post(page, {"wording": "x", "do": "approve"}, page="/staff/review/catalogs/vi/bot")
    with site.town.world.db.writing() as session:
        assert all(row.body_en is None for row in session.scalars(select(Inbox)))
        session.add(School(id=1, name="Elsewhere", time_zone="America/Chicago"))
        session.flush()
        session.execute(update(Staff).where(Staff.role == "reviewer").values(school_id=1, reviews=["ht"]))
    assert "Nothing waits" in text_of(visitor.get("/staff/review"))


def test_our_own_sentences_are_approved_and_exported(any_site: Site) -> None:
    visitor = reviewer(any_site, "pt")
    path = "/staff/review/catalogs/pt/bot"
    page = visitor.get(path).text
    msgid = re.search(r'<textarea name="msgid" hidden>([^<]+)</textarea>', page)
    context = re.search(r'name="context" value="([^"]*)"', page)
    assert msgid
    assert context
    fields = {"msgid": html.unescape(msgid.group(1)), "context": context.group(1)}
    entry = any_site.town.world.catalogs["bot"].entry(fields["msgid"], "pt", fields["context"])
    assert entry
    lost = visitor.post(path, fields | {"form": "sem nada"}, page=path, follow_redirects=True)
    if "{" in fields["msgid"]:
        assert "braces" in text_of(lost)
    visitor.post(path, fields | {"form": entry.forms[0] + " "}, page=path)
    with any_site.town.world.db.reading() as session:
        [kept] = session.scalars(select(CatalogApproval)).all()
    assert kept.msgid == fields["msgid"]
    answer = visitor.get(f"{path}.po")
    folder = any_site.town.world.settings.var / "bot.po"
    folder.write_bytes(answer.data)
    found = read_catalog(folder, "pt")
    message = found.get(fields["msgid"], fields["context"])
    assert message is not None
    assert "draft" not in message.flags
    assert sum("draft" not in one.flags for one in found if one.id) == 1


@pytest.mark.parametrize(
    "path",
    ["/staff/review/catalogs/xx/bot", "/staff/review/catalogs/en/bot", "/staff/review/catalogs/../web"],
)
def test_catalogs_of_no_language(site: Site, path: str) -> None:
    assert reviewer(site, "pt").get(path).status_code == 404


def test_a_familys_word_becomes_the_glossarys_with_who_said_so(site: Site) -> None:
    mother, world = site.town.guardian("Juliana"), site.town.world
    mother.texts("Oi!")
    site.town.teacher_writes(mother, "The field day is on Friday at 3:30 pm.")
    mother.texts("Essa não é a palavra certa. Aqui é gincana")
    visitor = reviewer(site, "pt")
    page = first(visitor, "correction")
    shown = text_of(visitor.get(page))
    assert "What the family wrote about it" in shown
    assert "Aqui é gincana" in shown
    assert "numbers are not the same" not in shown, "3:30 pm is 15:30 to her"
    wording = {"wording": "A gincana é na sexta-feira às 15:30.", "do": "approve"}
    alone = visitor.post(page, wording | {"term": "field day"}, page=page)
    assert alone.status_code == 422
    assert "write both" in text_of(alone)
    strange = visitor.post(page, wording | {"term": "bus", "called": "ônibus"}, page=page)
    assert "stands in the original" in text_of(strange)
    visitor.post(page, wording | {"term": "field day", "called": "gincana"}, page=page)
    school = site.staff("teacher").school_id
    [term] = GlossaryBook(world.db, world.clock).versions("en", "pt", school)
    assert (term.wording, term.said_by) == ("gincana", "a family, by text")
    site.town.teacher_writes(mother, "The field day is on Friday at 3:30 pm.")
    assert (mother.last.body, mother.last.origin) == ("A gincana é na sexta-feira às 15:30.", "reviewed")


def test_a_familys_word_against_our_own_catalog_is_kept_for_the_catalog(site: Site) -> None:
    mother = site.town.guardian("Juliana")
    mother.texts("Oi!")
    mother.texts("HELP")
    mother.texts("tradução errada")
    visitor = reviewer(site, "pt")
    page = first(visitor, "correction")
    textarea = re.search(r'<textarea[^>]*id="wording"[^>]*>([^<]+)</textarea>', visitor.get(page).text)
    assert textarea
    wording = html.unescape(textarea.group(1))
    refused = visitor.post(page, {"wording": "sem nada", "do": "approve"}, page=page)
    assert "same placeholders" in text_of(refused)
    visitor.post(page, {"wording": f"Obrigada! {wording}", "do": "approve"}, page=page)
    mother.texts("HELP")
    assert mother.last.body.startswith("Obrigada!"), "a speaker's words come before a draft, from now on"
    assert mother.last.origin == "reviewed"
    with site.town.world.db.reading() as session:
        [kept] = session.scalars(select(CatalogApproval)).all()
    assert kept.forms == [f"Obrigada! {wording}"]


def test_she_asks_the_author_who_answers_from_today(any_site: Site) -> None:
    mother = any_site.town.guardian("Mirlande")
    mother.texts("Bonjou!")
    any_site.town.teacher_writes(mother, "Bring the blue folder.")
    visitor, teacher = reviewer(any_site, "ht"), any_site.enter()
    page = first(visitor, "reply")
    assert visitor.post(page, {"do": "ask", "question": " "}, page=page).status_code == 422
    visitor.post(page, {"do": "ask", "question": "The folder for homework, or the one for money?"}, page=page)
    assert "waits for its author’s answer" in text_of(visitor.get("/staff/review"))
    today = teacher.get("/staff")
    assert "The folder for homework, or the one for money?" in text_of(today)
    assert "Bring the blue folder." in text_of(today)
    form = re.search(r'action="(/staff/questions/\d+)"', today.text)
    assert form
    # Another class's teacher is not asked, and cannot answer.
    other = any_site.visitor().enters_as(any_site.town.teacher("Osei"))
    assert "From the reviewers" not in text_of(other.get("/staff"))
    assert other.post(form[1], {"answer": "no idea"}, page="/staff").status_code == 404
    teacher.post(form[1], {"answer": "The one for homework."}, page="/staff")
    assert "The one for homework." in text_of(visitor.get(page))
    assert "its author has answered" in text_of(visitor.get("/staff/review"))
    assert "From the reviewers" not in text_of(teacher.get("/staff"))
    assert teacher.post(form[1], {"answer": "again"}, page="/staff").status_code == 404


def test_she_sends_a_text_back_and_its_author_reads_why(any_site: Site) -> None:
    mother = any_site.town.guardian("Mirlande")
    mother.texts("Bonjou!")
    any_site.town.teacher_writes(mother, "It is raining cats and dogs.")
    visitor, teacher = reviewer(any_site, "ht"), any_site.enter()
    page = first(visitor, "reply")
    assert visitor.post(page, {"do": "reject"}, page=page).status_code == 422
    visitor.post(page, {"do": "reject", "why": "Nobody says this in Creole. Say: it rains a lot."}, page=page)
    assert "/staff/review/reply/" not in visitor.get("/staff/review").text
    today = teacher.get("/staff")
    assert "Nobody says this in Creole" in text_of(today)
    form = re.search(r'action="(/staff/sent-back/\d+)"', today.text)
    assert form
    teacher.post(form[1], page="/staff")
    assert "Nobody says this in Creole" not in text_of(teacher.get("/staff"))
    assert "a reviewer sent it back" in text_of(teacher.get(f"/staff/families/{mother.conversation}"))
    assert [event.action for event in any_site.audit("rejected")] == ["rejected"]


def test_a_machine_s_wording_that_was_rejected_goes_to_nobody(site: Site) -> None:
    world, school = site.town.world, site.staff("teacher").school_id
    memory = TranslationMemory(world.db, world.clock)
    made = world.translator.translate(["Read together tonight."], "en", "pt", school=school, remember=True)[0]
    assert not made.missing
    visitor = reviewer(site, "pt")
    page = first(visitor, "machine")
    visitor.post(page, {"do": "reject", "why": "It sounds like an order."}, page=page)
    assert "/staff/review/machine/" not in visitor.get("/staff/review").text
    found = memory.recall("Read together tonight.", "en", "pt", school)
    assert found
    assert "rejected" in found.doubts


def test_what_says_the_same_is_approved_at_once(site: Site) -> None:
    town = site.town
    for name in ("Mirlande", "Faduma"):
        town.guardian(name).texts("hi")
    with town.world.db.writing() as session:
        session.execute(update(Guardian).values(language="ht"))
        session.execute(update(Conversation).values(language="ht"))
    for name in ("Mirlande", "Faduma"):
        town.teacher_writes(town.guardian(name), "No school on Monday.")
    visitor = reviewer(site, "ht")
    assert "2 that say the same" in text_of(visitor.get("/staff/review"))
    page = first(visitor, "reply")
    assert "1 more says exactly the same" in text_of(visitor.get(page))
    answer = visitor.post(
        page,
        {"wording": "Pa gen lekòl lendi.", "do": "approve", "same": "yes"},
        page=page,
        follow_redirects=True,
    )
    assert "2 approved." in text_of(answer)
    town.settle()
    assert {town.guardian(name).last.body for name in ("Mirlande", "Faduma")} == {"Pa gen lekòl lendi."}


def test_a_word_of_the_glossary_that_is_missing_is_pointed_out(site: Site) -> None:
    world, school = site.town.world, site.staff("teacher").school_id
    book = GlossaryBook(world.db, world.clock)
    book.say("report card", "boletim", "en", "pt", school=school, said_by="Dona Juliana")
    book.correct("The report card comes home.", "O cartão vem.", "boletim", "en", "pt", school)
    visitor = reviewer(site, "pt")
    page = first(visitor, "correction")
    assert "Our glossary says: boletim." in text_of(visitor.get(page))
    looked = visitor.post(page, {"wording": "O boletim chega {day}.", "do": "look"}, page=page)
    assert "Our glossary says" not in text_of(looked)
    assert "braces must stay" in text_of(looked)
