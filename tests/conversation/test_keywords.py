"""What families may say at any time, in any language. The labelled texts are in data/keywords.tsv."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.keywords import Action, decide
from bot.language.codes import CATALOG_LANGUAGES

FOLDER = Path(__file__).parent / "data"
WORDINGS = Path("bot/conversation/data/keywords")


def labelled() -> list[tuple[str, str, str]]:
    lines = (FOLDER / "keywords.tsv").read_text(encoding="utf-8").splitlines()
    return [
        (language, action, text)
        for language, action, text in (line.split("\t") for line in lines if not line.startswith("#"))
    ]


def test_every_labelled_text_is_understood() -> None:
    """A regression test, not a measure: the wordings were completed with these texts in view."""
    wrong = [
        f"{language}: {text!r} is {decide(text, language).action}, not {action}"
        for language, action, text in labelled()
        if decide(text, language).action != action
    ]
    assert wrong == []


def test_the_labelled_texts_cover_every_language_of_the_catalogs_with_stops_and_near_misses() -> None:
    seen = defaultdict(set)
    for language, action, _ in labelled():
        seen[language].add(action)
    assert len(labelled()) >= 400
    for language in ("en", *CATALOG_LANGUAGES):
        assert {"stop", "none", "help", "unclear_to_me", "teacher"} <= seen[language], language


@pytest.mark.parametrize("language", [None, "en", "so", "zh-Hans", "xx"])
def test_stop_counts_in_any_language_whatever_the_family_is_set_to(language: str | None) -> None:
    missed = [
        text for _, action, text in labelled() if action == "stop" and decide(text, language).action != "stop"
    ]
    assert missed == []


@pytest.mark.parametrize(
    "word", ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"]
)
@pytest.mark.parametrize("shape", ["{}", " {} ", "{}.", "{}!!", "“{}”", "{} please", "\u200f{}\u200e"])
def test_the_carriers_words_count_however_they_are_typed(word: str, shape: str) -> None:
    for typed in (word, word.lower(), word.title()):
        assert decide(shape.format(typed)).action is Action.STOP


def test_a_yes_is_marked_so_that_an_open_question_can_have_it() -> None:
    told = decide("Yes!")
    assert (told.action, told.ambiguous) == (Action.START, True)
    assert decide("START").ambiguous is False
    assert decide("yes please").action is Action.NONE
    assert decide("yes and could you call me").action is not Action.START


@pytest.mark.parametrize("word", ["more", "less", "why", "who", "English", "maestra", "pausa"])
def test_everyday_words_are_marked_too(word: str) -> None:
    assert decide(word).ambiguous


def test_a_stop_is_never_marked_as_an_everyday_word() -> None:
    assert not any(decide(text).ambiguous for _, action, text in labelled() if action == "stop")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("in Spanish please", "es"),
        ("em português por favor", "pt"),
        ("请用中文", "zh"),
        ("af Soomaali fadlan", "so"),
        ("I don't speak English", None),
        ("no hablo inglés, solo español", "es"),
        ("change language", None),
        ("Spanish or Portuguese", None),
    ],
)
def test_the_language_a_family_asks_for_is_named_when_it_named_one(text: str, wanted: str | None) -> None:
    assert decide(text).wanted_language == wanted


def test_a_stop_that_asks_for_more_says_so() -> None:
    told = decide("Stop texting me and delete all my data")
    assert told.action is Action.STOP
    assert Action.FORGET_ME in told.also


def test_a_question_mark_alone_means_i_did_not_understand() -> None:
    for text in ("?", " ?? ", "？", "؟", "❓", "¿?"):
        assert decide(text).action is Action.UNCLEAR_TO_ME


@pytest.mark.parametrize("text", ["", " ", "👍", "\x00", "\ud800", "…", "3", "!!!", "\u200f"])
def test_texts_without_words_ask_for_nothing(text: str) -> None:
    assert decide(text).action is Action.NONE


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=1600))
def test_no_text_is_too_odd(text: str) -> None:
    decide(text)


@given(
    st.sampled_from([t for _, a, t in labelled() if a == "stop"]),
    st.sampled_from(["  ", "\n", "!", "\u200f", "."]),
)
def test_what_surrounds_a_stop_does_not_hide_it(text: str, noise: str) -> None:
    assert decide(noise + text + noise).action is Action.STOP


def test_a_long_text_is_read_in_a_little_time() -> None:
    """No wording may make a hostile text expensive: every word is looked up once, so ten times the text is no more
    than ten times the work (counted, not timed: the matcher keeps sets of places, it never goes back)."""
    assert decide("no me " * 266).action is Action.NONE
    assert decide("不要再" * 533).action is Action.NONE


def test_every_file_of_wordings_is_marked_draft_until_a_speaker_has_approved_it() -> None:
    for path in WORDINGS.glob("*.yaml"):
        assert yaml.safe_load(path.read_text(encoding="utf-8"))["review"] in ("draft", "approved"), path.name


@pytest.mark.parametrize(
    "text",
    [
        "Sunt o mamă și vreau să știu când începe școala.",
        "Der Bus hält nicht mehr an der Schule, wann kommt er?",
        "Il a lu trois pages et puis il s'est arrêté parce qu'il était fatigué.",
        "La reunión se canceló, ¿cuándo es la próxima?",
    ],
)
def test_ordinary_sentences_ask_for_nothing(text: str) -> None:
    assert decide(text).action is Action.NONE
