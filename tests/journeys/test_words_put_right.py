"""A family says that our word is not the one, chooses its language, or asks to be forgotten; a school says what no
machine may say alone."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.conversation.reply import preview_reply
from bot.conversation.review import say_for
from bot.language.critical import CriticalContent
from bot.language.glossary import GlossaryBook
from bot.language.memory import TranslationMemory
from bot.records import privacy
from bot.store.learning import Answer, Contribution
from bot.store.people import Guardian
from bot.store.talk import Outbox, TranslationRow
from bot.store.terms import WordingCorrection
from tests.people import Phone, Town

pytestmark = pytest.mark.model


@pytest.fixture
def juliana(embedded: Town) -> Phone:
    phone = embedded.guardian("Juliana")
    phone.texts("Oi! Sou a mãe do Lucas.")
    return phone


def book(town: Town) -> GlossaryBook:
    return GlossaryBook(town.world.db, town.world.clock)


def test_a_mother_corrects_us_and_a_reviewer_has_it_with_its_context(juliana: Phone) -> None:
    town, school = juliana.town, juliana.town.teacher().school_id
    town.teacher_writes(juliana, "The library books are due on Friday.")
    sent = juliana.last
    text = juliana.texts("Essa não é a palavra certa. Aqui a gente fala devolver")
    assert juliana.last.line == "phrase.word_noted"
    assert juliana.last.language == "pt"
    assert "word_is_wrong" in juliana.sent(text).notes
    [waiting] = book(town).open_corrections(school)
    assert (waiting.original, waiting.translation) == ("The library books are due on Friday.", sent.body)
    assert waiting.remark == "Essa não é a palavra certa. Aqui a gente fala devolver"
    assert (waiting.said_by, waiting.conversation) == ("guardian", juliana.conversation)
    with town.world.db.reading() as session:
        assert session.scalars(select(Contribution)).all() == [], (
            "a correction is no answer to what was asked"
        )
        assert session.scalars(select(Answer)).all() == []


def test_a_correction_of_a_conversations_line_is_about_the_line_for_every_family(juliana: Phone) -> None:
    town = juliana.town
    asked = juliana.last
    juliana.texts("tradução errada")
    [waiting] = book(town).open_corrections(town.teacher().school_id)
    assert "{" in waiting.original, "the line, not this family's names in it"
    with town.world.db.reading() as session:
        assert session.scalars(select(WordingCorrection.line)).one() == asked.line


def test_before_we_said_anything_it_is_a_message_like_any_other(embedded: Town) -> None:
    phone = embedded.guardian("Juliana")
    text = phone.texts("palavra errada")
    assert "word_is_wrong" not in phone.sent(text).notes, "no reviewer has it"
    with embedded.world.db.reading() as session:
        assert session.scalars(select(Contribution)).all() == []
    assert book(embedded).open_corrections(embedded.teacher().school_id) == []
    assert phone.row().awaits_staff_since is not None


def test_what_came_from_her_words_goes_with_her(juliana: Phone) -> None:
    town, db = juliana.town, juliana.town.world.db
    school = town.teacher().school_id
    memory = TranslationMemory(db, town.world.clock)
    memory.approve(
        "Lucas tem consulta", "Lucas has a doctor's visit", "pt", "en", school, None, juliana.conversation
    )
    memory.approve("Picture day is Friday.", "O dia da foto é sexta.", "en", "pt", school, None)
    book(town).correct("Hello", "Olá", "não", "en", "pt", school, juliana.conversation)
    with db.reading() as session:
        number = session.scalars(select(Guardian.id).where(Guardian.name.contains("Juliana"))).one()
    found = privacy.find(db, str(number))
    records = privacy.everything(db, found, town.world.clock()).rows
    assert [row["source"] for row in records["translation"]] == ["Lucas tem consulta"]
    assert [row["remark"] for row in records["wording_correction"]] == ["não"]
    privacy.forget(db, found, town.world.clock())
    with db.reading() as session:
        assert session.scalars(select(WordingCorrection)).all() == []
        [left] = session.scalars(select(TranslationRow).where(TranslationRow.origin == "reviewed"))
        assert left.conversation_id is None


def test_what_a_school_calls_critical_waits_for_a_reviewer(juliana: Phone) -> None:
    town, school = juliana.town, juliana.town.teacher().school_id
    rules = CriticalContent(town.world.db)
    queued = town.teacher_writes(juliana, "The nurse gave Lucas his medicine today.")
    assert queued.withheld == "about something that a person must translate"
    with town.world.db.reading() as session:
        row = session.get_one(Outbox, queued.outbox_id)
        assert row.language == "en", "the reviewer begins from the teacher's own words"
    rules.set(school, ["health"], ["swim test"])
    assert town.teacher_writes(juliana, "The nurse gave Lucas his medicine today.").withheld is None
    assert town.teacher_writes(juliana, "The swim test is on Monday.").withheld is not None
    assert town.teacher_writes(juliana, "The art show is on Monday.").withheld is None


@pytest.mark.parametrize(
    ("words", "reads", "spoken", "said_in"),
    [
        ("em crioulo haitiano por favor", "ht", None, "ht"),
        ("please write to me in Cantonese", "zh-Hant", "yue", "zh-Hant"),
        ("in Dari please", "prs", None, "pt"),
        ("in Mam", "mam", None, "pt"),
    ],
)
def test_a_family_chooses_its_language_and_hears_what_we_cannot_do(
    juliana: Phone, words: str, reads: str, spoken: str | None, said_in: str
) -> None:
    before = len(juliana.shows())
    juliana.texts(words)
    assert juliana.row().language == reads
    said = juliana.shows()[before:]
    assert [one.line for one in said] == ["phrase.language_set", "phrase.language_by_people"]
    assert {one.language for one in said} == {said_in}
    if spoken:
        with juliana.town.world.db.reading() as session:
            guardian = session.scalars(select(Guardian).where(Guardian.name.contains("Juliana"))).one()
            assert guardian.spoken_language == spoken


def test_with_every_engine_gone_texts_still_travel_with_honest_words(
    juliana: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = juliana.town
    juliana.texts("Que ele seja feliz e aprenda a ler")
    monkeypatch.setattr(town.world.translator.router, "engines", {})
    text = juliana.texts("O Lucas caiu da bicicleta ontem e não vai à escola hoje")
    assert juliana.english(text) is None
    assert "not_translated" in juliana.sent(text).notes
    assert juliana.row().awaits_staff_since is not None
    assert (juliana.last.language, juliana.last.origin) == ("pt", "catalog"), (
        "she is answered in her own words"
    )
    count = len(juliana.shows())
    queued = town.teacher_writes(juliana, "Thank you for telling us. We hope he feels better.")
    assert queued.withheld == "not translated"
    assert len(juliana.shows()) == count, "never another language in silence"
    preview = preview_reply(town.world.desk, juliana.conversation, "The art show is on Monday.")
    assert (preview.origin, preview.back) == ("none", None)
    say_for(town.world.desk, queued.outbox_id, "Obrigada por nos contar. Melhoras!")
    town.settle()
    assert (juliana.last.body, juliana.last.origin) == ("Obrigada por nos contar. Melhoras!", "reviewed")
    again = town.teacher_writes(juliana, "Thank you for telling us. We hope he feels better.")
    assert (again.withheld, again.origin) == (None, "reviewed"), "a reviewer is never asked the same again"
