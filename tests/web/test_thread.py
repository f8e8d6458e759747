"""More of a thread: words that are not right, conversations that staff begin, families who never wrote."""

from __future__ import annotations

import re

from sqlalchemy import select, update

from bot.language.glossary import GlossaryBook
from bot.store.people import Guardian
from bot.store.talk import Conversation, FlowSession, Inbox
from tests.web.conftest import Site, text_of
from tests.web.test_staff import thread_of


def test_a_wrong_translation_is_told_to_a_reviewer(any_site: Site) -> None:
    mother = any_site.town.guardian("Juliana")
    text = mother.texts("O Lucas está com saudade da professora")
    visitor, thread = any_site.enter(), thread_of(any_site, "Juliana")
    remark = "“saudade” is missing somebody"
    visitor.post(f"{thread}/texts/in/{text}/flag", {"remark": remark}, page=thread)
    world = any_site.town.world
    [open_one] = GlossaryBook(world.db, world.clock).open_corrections(any_site.staff("teacher").school_id)
    assert (open_one.original, open_one.remark) == ("O Lucas está com saudade da professora", remark)
    assert (open_one.source, open_one.target) == ("pt", "en")
    assert any_site.audit("flagged")


def test_a_flag_without_a_word_or_on_a_text_of_others_is_none(site: Site) -> None:
    text = site.town.guardian("Juliana").texts("Bom dia, professora")
    other = site.town.guardian("Rami").texts("صباح الخير")
    visitor, thread = site.enter(), thread_of(site, "Juliana")
    answer = visitor.post(
        f"{thread}/texts/in/{text}/flag", {"remark": "  "}, page=thread, follow_redirects=True
    )
    assert "in a few words" in text_of(answer)
    assert visitor.post(f"{thread}/texts/in/{other}/flag", {"remark": "x"}, page=thread).status_code == 404
    assert visitor.post(f"{thread}/texts/out/{text}/flag", {"remark": "x"}, page=thread).status_code == 404


def test_a_teacher_begins_a_conversation_with_a_family(any_site: Site) -> None:
    mother = any_site.town.guardian("Juliana")
    mother.texts("Oi")
    mother.texts("Que ele seja feliz na escola")
    visitor, thread = any_site.enter(), thread_of(any_site, "Juliana")
    for _press in range(2):
        visitor.post(f"{thread}/begin", {"script": "reading_checkin", "once": "a"}, page=thread)
    any_site.town.settle()
    with any_site.town.world.db.reading() as session:
        causes = session.scalars(select(FlowSession.cause)).all()
    assert len([cause for cause in causes if cause.startswith("staff.")]) == 1
    assert "Reading together" in text_of(visitor.get(thread))


def test_what_a_conversation_wants_to_be_told_is_asked_for_on_the_page(site: Site) -> None:
    mother = site.town.guardian("Juliana")
    mother.texts("Oi")
    mother.texts("Que ele seja feliz na escola")
    visitor, thread = site.enter(), thread_of(site, "Juliana")
    asked = visitor.post(f"{thread}/begin", {"script": "share_practice"}, page=thread)
    assert asked.status_code == 422
    assert 'name="told_practice"' in asked.text
    assert "Say this too before it begins: What the family does, in its words" in text_of(asked)
    told = {"script": "share_practice", "told_practice": "Contamos os degraus"}
    visitor.post(f"{thread}/begin", told, page=thread)
    site.town.settle()
    assert "Contamos os degraus" in mother.last.body


def test_a_conversation_nobody_wrote_is_not_begun(site: Site) -> None:
    site.town.guardian("Juliana").texts("Oi")
    visitor, thread = site.enter(), thread_of(site, "Juliana")
    answer = visitor.post(f"{thread}/begin", {"script": "no-such"}, page=thread, follow_redirects=True)
    assert "choose a conversation" in text_of(answer)


def test_the_first_word_to_a_family_that_never_wrote(any_site: Site) -> None:
    visitor = any_site.enter()
    page = visitor.get("/staff").text
    action = re.search(
        r'action="(/staff/guardians/\d+/write)"[^>]*>(?:(?!</form>).)*to James Carter', page, re.S
    )
    assert action
    thread = visitor.post(action.group(1), page="/staff").headers["Location"]
    assert "James Carter" in text_of(visitor.get(thread))
    visitor.post(f"{thread}/reply", {"text": "Good morning, Mr. Carter!", "do": "send"}, page=thread)
    any_site.town.settle()
    assert any_site.town.guardian("James").last.body == "Good morning, Mr. Carter!"


def test_nobody_writes_first_to_families_of_others(site: Site) -> None:
    with site.town.world.db.reading() as session:
        paulo = session.scalars(select(Guardian.id).where(Guardian.name == "Paulo Andrade")).one()
        before = session.scalars(select(Conversation.id)).all()
    assert site.enter().post(f"/staff/guardians/{paulo}/write", page="/staff").status_code == 404
    with site.town.world.db.reading() as session:
        assert session.scalars(select(Conversation.id)).all() == before


def test_pace_pause_and_quiet_days_stand_beside_the_thread(site: Site) -> None:
    mother = site.town.guardian("Juliana")
    mother.texts("Oi")
    with site.town.world.db.writing() as session:
        session.execute(update(Guardian).values(quiet_days=["fri", "2026-03-01..2026-03-29"]))
        session.execute(
            update(Conversation).values(weekly_cap=1, paused_until=site.town.clock.forward(days=7))
        )
    page = text_of(site.enter().get(thread_of(site, "Juliana")))
    assert "Friday" in page
    assert "2026-03-01 – 2026-03-29" in page
    assert "at most 1 learning text a week" in page
    assert "no texts until Mar 11" in page


def test_what_was_noticed_is_said_in_words_and_unknown_codes_are_not(site: Site) -> None:
    site.town.guardian("Juliana").texts("Oi")
    with site.town.world.db.writing() as session:
        session.execute(update(Inbox).values(notes=["question", "keyword_forget_me", "some_new_code"]))
    page = text_of(site.enter().get(thread_of(site, "Juliana")))
    assert "a question for you" in page
    assert "asked to be forgotten" in page
    assert "some_new_code" not in page
