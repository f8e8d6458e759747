"""Whatever a phone sends is stored, answered kindly where a family waits, and seen by staff."""

from __future__ import annotations

import pytest

from bot.channels.base import Media
from bot.language.codes import CATALOG_LANGUAGES
from bot.store.talk import Inbox
from tests.people import Phone, Town

pytestmark = pytest.mark.model

PHOTO = (Media("https://api.twilio.com/media/ME1", "image/jpeg"),)


@pytest.fixture
def juliana(school: Town) -> Phone:
    """A mother who has been welcomed and is asked nothing at the moment."""
    phone = school.guardian("Juliana")
    phone.texts("Oi! Sou a mãe do Lucas.")
    phone.texts("Que ele seja feliz e aprenda a ler")
    school.teacher_writes(phone, "Thank you!")
    return phone


def _stored(phone: Phone, inbox_id: int) -> str:
    row = phone.sent(inbox_id)
    return phone.town.world.db.vault.open_or(Inbox.body, row.id, row.body)


@pytest.mark.parametrize(
    ("body", "line", "waits"),
    [
        ("", "phrase.empty_text", False),
        ("   \n\t ", "phrase.empty_text", False),
        ("😍👏🎉", "phrase.symbols_kept", False),
        ("12345", "phrase.symbols_kept", False),
        ("a" * 1600, "phrase.message_kept", True),
        ("Ela está com febre hoje, não vai à escola. " * 37, "phrase.message_kept", True),
        ("nul\x00 e outro \x00 texto da mãe", "phrase.message_kept", True),
        ("metade de um par \ud83d aqui na escola", "phrase.message_kept", True),
        ("\u202eodarre oirártnoc oa otxet\u202c isto é um teste", "phrase.message_kept", True),
        ("<script>alert('oi')</script> bom dia professora", "phrase.message_kept", True),
        ("'; DROP TABLE inbox; -- bom dia professora", "phrase.message_kept", True),
    ],
    ids=["empty", "blank", "emoji", "digits", "1600", "long", "nul", "surrogate", "bidi", "html", "sql"],
)
def test_it_is_kept_as_it_came_and_answered_in_her_language(
    juliana: Phone, body: str, line: str, waits: bool
) -> None:
    before = len(juliana.shows())
    text = juliana.texts(body)
    assert _stored(juliana, text) == body
    assert juliana.sent(text).state == "done"
    answers = juliana.shows()[before:]
    assert [(shown.line, shown.language) for shown in answers] == [(line, "pt")]
    assert (juliana.row().awaits_staff_since is not None) is waits


def test_a_photo_without_a_word_is_thanked_for_and_waits_for_the_teacher(juliana: Phone) -> None:
    text = juliana.texts("", media=PHOTO)
    assert juliana.last.line == "phrase.photo_kept"
    assert "has_media" in juliana.sent(text).notes
    assert juliana.row().awaits_staff_since is not None


def test_a_number_nobody_knows_is_asked_who_it_is_twice_at_most(school: Town) -> None:
    stranger = school.phone("+15555550777")
    for body in ("Hello, is this the school?", "I am Lena, Sam's aunt", "Are you there?", "Hello?"):
        stranger.texts(body)
    assert [shown.line for shown in stranger.shows()] == ["phrase.unknown_number", "phrase.unknown_again"]
    assert stranger.row().guardian_id is None
    assert stranger.row().awaits_staff_since is not None


def test_a_number_that_is_none_is_kept_all_the_same(school: Town) -> None:
    odd = school.phone("mom's cell")
    text = odd.texts("Hello from a broken form")
    assert odd.sent(text).state == "done"


def test_a_family_whose_language_nobody_knew_is_answered_in_the_one_it_writes(school: Town) -> None:
    elena = school.guardian("Elena")
    elena.texts("Buenos días, soy la mamá de Mateo y quiero saber cómo va en la escuela")
    assert elena.row().language == "es"
    assert {shown.language for shown in elena.shows()} == {"es"}


def test_a_language_no_machine_here_reads_is_said_to_staff_and_answered_by_the_phrasebook(
    school: Town,
) -> None:
    faduma = school.guardian("Faduma")
    faduma.texts("Haa")
    text = faduma.texts("Gabadhaydu way xanuunsan tahay maanta, dugsiga ma imaan karto berri sidoo kale")
    assert faduma.english(text) is None
    assert "not_translated" in faduma.sent(text).notes
    assert faduma.row().awaits_staff_since is not None
    assert {shown.language for shown in faduma.shows()} == {"so"}
    queued = school.teacher_writes(faduma, "I hope she feels better soon.")
    assert queued.withheld == "not translated"
    assert {shown.language for shown in faduma.shows()} == {"so"}, "never English in silence"


def test_a_language_that_means_nothing_is_survived(school: Town) -> None:
    juliana = school.guardian("Juliana")
    text = juliana.texts("zxqv wrtp lkjh mnbv qqqq")
    assert juliana.sent(text).state == "done"
    assert juliana.row().language in (None, "pt")


def test_the_house_can_answer_in_every_catalog_language() -> None:
    assert {"es", "pt", "ht", "ar", "vi", "so"} <= set(CATALOG_LANGUAGES)
