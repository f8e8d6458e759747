"""STOP means stop, in her own words, everywhere at once; and the other words that always work."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from bot.delivery.consent import stopped_numbers
from bot.language.glossary import GlossaryBook
from bot.outreach.prompts import CannotBegin, begin
from bot.records import privacy
from bot.store.people import Guardian
from bot.store.talk import ConsentEvent, Conversation, Timer
from tests.people import Phone, Town

pytestmark = pytest.mark.model


@pytest.fixture
def juliana(embedded: Town) -> Phone:
    phone = embedded.guardian("Juliana")
    phone.texts("Oi! Sou a mãe do Lucas.")
    phone.texts("Que ele seja feliz e aprenda a ler")
    begin(embedded.world.desk, phone.conversation, "reading_checkin", "week2")
    embedded.settle()
    return phone


@pytest.mark.parametrize("words", ["STOP", "Pare", "não quero mais receber mensagens"])
def test_stop_ends_everything_and_is_confirmed_once_in_both_languages(juliana: Phone, words: str) -> None:
    juliana.texts(words)
    assert juliana.row().opted_out_at is not None
    assert juliana.last.kind == "confirmation"
    assert juliana.last.language == "pt"
    assert "START" in juliana.last.body
    assert "we will not text you any more" in juliana.last.body
    count = len(juliana.shows())
    juliana.texts(words)
    juliana.town.later(days=10)
    assert len(juliana.shows()) == count, "one confirmation, and silence"
    with juliana.town.world.db.reading() as session:
        assert set(session.scalars(select(Timer.state))) <= {"cancelled", "fired"}
        assert {event.kind for event in session.scalars(select(ConsentEvent)) if event.inbox_id} == {
            "opt_out"
        }
    with pytest.raises(CannotBegin, match="no more texts"):
        begin(juliana.town.world.desk, juliana.conversation, "reading_checkin", "week3")


def test_start_lets_the_school_write_again_but_brings_nothing_old_back(juliana: Phone) -> None:
    juliana.texts("STOP")
    count = len(juliana.shows())
    juliana.texts("START")
    assert juliana.row().opted_out_at is None
    assert [shown.line for shown in juliana.shows()[count:]] == ["phrase.started"]


def test_a_text_after_stop_reaches_staff_and_is_not_answered(juliana: Phone) -> None:
    juliana.texts("STOP")
    count = len(juliana.shows())
    text = juliana.texts("O Lucas está doente hoje")
    assert len(juliana.shows()) == count
    assert "written_after_stop" in juliana.sent(text).notes
    assert juliana.row().awaits_staff_since is not None


def test_yes_to_a_question_is_an_answer_even_when_the_carrier_calls_it_a_start(juliana: Phone) -> None:
    juliana.texts("Sim", opt_out_type="START")
    assert juliana.last.line == "reading_checkin.days.ask"


def test_the_carriers_own_stop_counts_in_a_language_we_would_not_know(juliana: Phone) -> None:
    juliana.texts("ශූන්ය", opt_out_type="STOP")
    assert juliana.row().opted_out_at is not None


def test_help_says_who_we_are_in_both_languages(juliana: Phone) -> None:
    juliana.texts("AJUDA")
    assert juliana.last.line == "phrase.help"
    assert "STOP" in juliana.last.body
    assert "This is Puente Sample School" in juliana.last.body


def test_a_pause_holds_the_reminders_back(juliana: Phone) -> None:
    juliana.texts("PAUSE")
    assert juliana.row().paused_until is not None
    count = len(juliana.shows())
    juliana.town.later(days=3)
    assert len(juliana.shows()) == count


def test_she_chooses_another_language_by_its_name(juliana: Phone) -> None:
    juliana.texts("LANGUAGE")
    assert juliana.last.line == "phrase.which_language"
    juliana.texts("Español")
    assert juliana.row().language == "es"
    assert juliana.last.language == "es"
    juliana.texts("HELP")
    assert juliana.last.language == "es"


def test_two_long_texts_in_another_language_bring_a_question_in_both_and_no_change(juliana: Phone) -> None:
    juliana.texts("Hello, my sister helps me now, and she will read to me what you write about the children.")
    assert juliana.row().language == "pt"
    offered = [shown for shown in juliana.shows() if shown.line == "phrase.change_language"]
    assert [shown.language for shown in offered] == ["pt", "en"]
    juliana.texts("YES")
    assert juliana.row().language == "en"
    assert juliana.last.line == "phrase.language_set"


def test_a_mother_of_two_is_asked_which_child_she_means(embedded: Town) -> None:
    carmen = embedded.guardian("Carmen")
    carmen.texts("Hola, soy la mamá de Ana y de Diego")
    carmen.texts("Que estudien y sean felices")
    with embedded.world.db.reading() as session:
        from bot.conversation.snapshot import family_of

        children = family_of(session, carmen.row().guardian_id).children
    for child in children:
        begin(
            embedded.world.desk,
            carmen.conversation,
            "reading_checkin",
            f"c{child.student_id}",
            child.student_id,
        )
    embedded.settle()
    carmen.texts("sí")
    assert carmen.last.line == "phrase.which_child"
    assert {"Ana", "Diego"} <= {word.strip("?¿.,") for word in carmen.last.body.split()}
    carmen.texts("Diego")
    assert carmen.last.line == "reading_checkin.days.ask"
    carmen.texts("Ana un poco")
    assert carmen.shows()[-2].line == "reading_checkin.tip_more.say"
    assert "Ana" in carmen.shows()[-2].body


def test_when_a_person_takes_over_the_bot_keeps_quiet_and_goes_on_when_handed_back(juliana: Phone) -> None:
    from bot.conversation.reply import hand_back, take_over

    desk = juliana.town.world.desk
    take_over(desk, juliana.conversation)
    count = len(juliana.shows())
    juliana.texts("Quero falar com a senhora sobre o Lucas")
    juliana.town.later(days=2)
    assert len(juliana.shows()) == count
    assert juliana.row().awaits_staff_since is not None
    hand_back(desk, juliana.conversation)
    juliana.town.settle()
    assert juliana.last.line == "reading_checkin.ask.ask"


def test_a_family_begins_a_conversation_by_its_word_in_any_language(embedded: Town) -> None:
    carmen = embedded.guardian("Carmen")
    carmen.texts("Hola, soy la mamá de Ana y de Diego")
    carmen.texts("Que estudien y sean felices")
    carmen.texts("¡LEER!")
    assert carmen.last.line == "reading_checkin.ask.ask"
    carmen.texts("sí")
    carmen.texts("3")
    starts = embedded.world.desk.starts
    assert {
        starts[word] for word in ("idea", "ideia", "lide", "idee", "فكره", "想 法", "идея", "fikrad", "wazo")
    } == {"voice_idea"}
    carmen.texts("ИДЕЯ!")
    assert carmen.last.line == "voice_idea.idea.ask"


def test_a_number_nobody_knew_is_known_once_it_is_on_the_roster(embedded: Town) -> None:
    aunt = embedded.phone("+15555550777")
    aunt.texts("Olá, sou a tia do Lucas e escrevo pela primeira vez")
    assert aunt.row().guardian_id is None
    vault = embedded.world.db.vault
    with embedded.world.db.writing() as session:
        mother = session.scalars(select(Guardian).where(Guardian.name.contains("Juliana"))).one()
        session.add(
            Guardian(
                id=77, school_id=mother.school_id, name="Lena", language="pt",
                phone=vault.seal(Guardian.phone, 77, aunt.number), phone_index=vault.index(aunt.number),
            )
        )  # fmt: skip
    aunt.texts("Pode me escrever sobre o Lucas?")
    assert aunt.row().guardian_id == 77


def test_a_question_mark_says_the_question_in_other_words_and_then_brings_a_person(juliana: Phone) -> None:
    asked = juliana.last
    assert asked.line == "reading_checkin.ask.ask"
    juliana.texts("?")
    assert (juliana.last.line, juliana.last.language) == ("reading_checkin.ask.unclear", "pt")
    town = juliana.town
    book = GlossaryBook(town.world.db, town.world.clock)
    assert book.open_corrections(town.teacher().school_id) == [], "nobody need be asked for that"
    juliana.texts("؟")
    assert juliana.last.line == "phrase.other_words"
    assert juliana.row().awaits_staff_since is not None
    [waiting] = book.open_corrections(town.teacher().school_id)
    assert "little" in waiting.original, "a reviewer has our words with their original"
    juliana.texts("um pouco")
    assert juliana.last.line == "reading_checkin.try.ask", "the question stayed open all the while"


def test_a_question_mark_after_the_teacher_wrote_is_about_the_teachers_words(juliana: Phone) -> None:
    juliana.town.teacher_writes(juliana, "The library books are due on Friday.")
    juliana.texts("?")
    assert juliana.last.line == "phrase.other_words"
    town = juliana.town
    [waiting] = GlossaryBook(town.world.db, town.world.clock).open_corrections(town.teacher().school_id)
    assert waiting.original == "The library books are due on Friday."


def test_what_we_hold_is_hers_to_have_and_hers_to_erase(embedded: Town) -> None:
    town, db = embedded, embedded.world.db
    juliana = town.guardian("Juliana")
    juliana.texts("Oi! Sou a mãe do Lucas.")
    juliana.texts("Que ele seja feliz e aprenda a ler")
    asked = juliana.texts("MEUS DADOS")
    assert juliana.last.line == "phrase.my_data"
    assert "keyword_my_data" in juliana.sent(asked).notes
    found = privacy.find(db, juliana.number)
    held = privacy.everything(db, found, town.world.clock())
    assert "Que ele seja feliz" in json.dumps(held.as_json(), ensure_ascii=False)

    juliana.texts("Apaguem tudo sobre nós")
    assert (juliana.last.line, juliana.last.kind) == ("phrase.forget_me", "confirmation")
    assert juliana.row().opted_out_at is not None, "nothing is sent until it is done"
    shown = len(juliana.shows())
    town.later(days=8)
    assert len(juliana.shows()) == shown
    privacy.forget(db, found, town.world.clock())
    with db.reading() as session:
        assert session.scalars(select(Conversation)).all() == []
        assert stopped_numbers(session.connection(), [db.vault.index(juliana.number)]), "and it stays stopped"
