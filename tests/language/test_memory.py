"""A bilingual colleague corrects once and is never asked the same again; a community's own words win."""

from __future__ import annotations

import pytest

from bot.language.catalog import Origin
from bot.language.engines.router import Router, open_router
from bot.language.exchange import Exchanged, ExchangeError, from_csv, from_tmx, to_csv, to_tmx
from bot.language.glossary import GlossaryBook
from bot.language.memory import NotKept, TranslationMemory
from bot.language.translator import Translator
from bot.store.database import Database
from bot.store.people import School
from tests.conftest import Clock


@pytest.fixture
def memory(db: Database, clock: Clock) -> TranslationMemory:
    with db.writing() as session:
        session.add(School(id=1, name="Lincoln", time_zone="America/New_York"))
        session.add(School(id=2, name="Harbor", time_zone="America/New_York"))
    return TranslationMemory(db, clock)


def test_what_a_reviewer_approved_is_never_given_to_a_machine_again(memory: TranslationMemory) -> None:
    memory.approve("Picture day is Friday.", "O dia da foto é sexta.", "en", "pt", school=1, staff=None)
    translator = Translator(Router([]), memory)
    [made] = translator.translate(["Picture day is Friday."], "en", "pt", school=1)
    assert (made.text, made.origin, made.says()) == (
        "O dia da foto é sexta.",
        Origin.REVIEWED,
        "reviewed by a person",
    )


def test_a_school_has_its_own_words_and_else_the_districts(memory: TranslationMemory) -> None:
    memory.approve("Hello", "Olá", "en", "pt", school=None, staff=None)
    memory.approve("Hello", "Oi", "en", "pt", school=1, staff=None)
    assert [memory.recall("Hello", "en", "pt", school).text for school in (1, 2, None)] == [
        "Oi",
        "Olá",
        "Olá",
    ]


def test_an_approved_text_serves_other_times_and_links_too(memory: TranslationMemory) -> None:
    memory.approve("The bus leaves at 3:15 pm.", "O ônibus sai às 15:15.", "en", "pt", school=1, staff=None)
    later = memory.recall("The bus leaves at 2:40 pm.", "en", "pt", 1)
    assert later is not None
    assert later.text == "O ônibus sai às 14:40."


def test_a_wording_without_the_childs_name_is_not_kept(memory: TranslationMemory) -> None:
    with pytest.raises(NotKept, match="child"):
        memory.approve("{child} read!", "Leu!", "en", "pt", school=1, staff=None)


def test_a_near_match_is_offered_to_the_reviewer(memory: TranslationMemory) -> None:
    memory.approve("School is closed on Friday.", "Não há aula na sexta.", "en", "pt", school=1, staff=None)
    [near] = memory.near("School is closed on Monday.", "en", "pt", 1)
    assert near.wording == "Não há aula na sexta."
    assert near.likeness > 0.8
    assert memory.near("What did you cook?", "en", "pt", 1) == []


@pytest.mark.model
def test_a_prompt_to_ten_thousand_families_is_translated_once(memory: TranslationMemory) -> None:
    router = open_router(None)
    asked: list[int] = []
    run = router.run
    router.run = lambda route, texts: asked.append(len(texts)) or run(route, texts)
    translator = Translator(router, memory)
    for _ in range(100):  # a hundred batches of a hundred families, as workers would
        made = translator.translate(["Did {child} read today?"] * 100, "en", "pt", school=1, remember=True)
        assert len({m.text for m in made}) == 1
    router.close()
    assert sum(asked) == 1


def test_what_a_family_writes_is_not_kept(memory: TranslationMemory, translator: Translator) -> None:
    Translator(translator.router, memory).translate(["Minha filha está triste hoje."], "pt", "en", school=1)
    assert memory.recall("Minha filha está triste hoje.", "pt", "en", 1) is None


def test_the_newest_word_of_a_community_counts_and_who_said_so_is_kept(
    memory: TranslationMemory, db: Database, clock: Clock
) -> None:
    book = GlossaryBook(db, clock)
    book.say("report card", "boletim escolar", "en", "pt", school=None, said_by="the district")
    book.say("report card", "boletim", "en", "pt", school=1, said_by="a guardian, by text")
    assert book.terms("en", "pt", 1) == {"report card": "boletim"}
    assert book.terms("en", "pt", 2) == {"report card": "boletim escolar"}
    assert [v.said_by for v in book.versions("en", "pt", 1)] == ["the district", "a guardian, by text"]
    clock.forward(days=1)
    book.say("report card", "", "en", "pt", school=1, said_by="Ms. Rivera")
    assert book.terms("en", "pt", 1) == {}


def test_a_mothers_correction_reaches_the_reviewer_with_its_context(
    memory: TranslationMemory, db: Database, clock: Clock
) -> None:
    book = GlossaryBook(db, clock)
    number = book.correct("the slip", "o deslize", "não é essa a palavra", "en", "pt", school=1)
    [waiting] = book.open_corrections(1)
    assert (waiting.id, waiting.original, waiting.translation) == (number, "the slip", "o deslize")
    assert waiting.remark == "não é essa a palavra"
    with db.writing() as session:
        from bot.store.people import Staff

        session.add(Staff(id=9, school_id=1, name="R", email="r@example.org", role="reviewer"))
    assert book.settle(number, staff=9, accepted=True)
    assert not book.settle(number, staff=9, accepted=False)
    assert book.open_corrections(1) == []


ROWS = [
    Exchanged("en", "pt", 'Say "hi" & <wave>,\nplease', "Diga “oi” & <acene>,\npor favor"),
    Exchanged("en", "zh-Hans", "=SUM(A1)", "你好"),
]


def test_translators_tools_and_spreadsheets_read_what_we_write_and_back() -> None:
    assert from_tmx(to_tmx(ROWS).encode()) == ROWS
    assert from_csv(to_csv(ROWS)) == ROWS
    assert "'=SUM(A1)" in to_csv(ROWS), "a spreadsheet must not run it"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("text,translation\nHi,Oi\n", "source is missing"),
        ("source,target,text,translation\nen,pt,,Oi\n", "Row 2: text is empty"),
        ("source,target,text,translation\nen,klingonese,Hi,Oi\n", "Row 2: .*klingonese"),
    ],
)
def test_a_wrong_table_is_answered_with_its_row(body: str, says: str) -> None:
    with pytest.raises(ExchangeError, match=says):
        from_csv(body)


def test_a_hostile_or_broken_tmx_is_refused() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE tmx [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><tmx><body>&b;</body></tmx>'
    with pytest.raises(ExchangeError, match="entities"):
        from_tmx(bomb)
    with pytest.raises(ExchangeError, match="line 1"):
        from_tmx(b"<tmx><body>")
