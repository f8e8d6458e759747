"""Short everyday sentences come from people, both ways, however they are dressed."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.language.catalog import Origin
from bot.language.codes import CATALOG_LANGUAGES
from bot.language.engines.router import Router
from bot.language.phrasebook import CatalogPhrasebook
from bot.language.translator import Translator

BOOK = CatalogPhrasebook(Path(__file__).parents[2] / "locales")


@pytest.mark.parametrize("language", CATALOG_LANGUAGES)
def test_thank_you_goes_there_and_back_in_every_catalog_language(language: str) -> None:
    there = BOOK.look_up("Thank you!", "en", language)
    assert there is not None
    back = BOOK.look_up(there.text, language, "en")
    assert back is not None
    assert back.text.startswith("Thank you")
    assert not there.reviewed, "a draft until a speaker approves it"


def test_capitals_closing_marks_and_emoji_do_not_matter_and_are_kept() -> None:
    said = {text: BOOK.look_up(text, "pt", "en") for text in ("SIM", "sim!", "Sim. 👍", "obrigado", "tá bom")}
    assert [phrase.text for phrase in said.values() if phrase] == [
        "Yes",
        "Yes!",
        "Yes. 👍",
        "Thank you",
        "Okay",
    ]


def test_two_families_languages_meet_in_english() -> None:
    phrase = BOOK.look_up("Mèsi anpil!", "ht", "es")
    assert phrase is not None
    assert phrase.text == "Muchas gracias!"


def test_what_nobody_worded_is_not_guessed() -> None:
    assert BOOK.look_up("Mwen renmen liv sa a", "ht", "en") is None
    assert BOOK.look_up("Thank you!", "en", "mam") is None


def test_a_language_without_an_engine_still_says_thank_you() -> None:
    [made] = Translator(Router([]), phrasebook=BOOK).translate(["Mahadsanid!"], "so", "en")
    assert (made.text, made.origin, made.says()) == ("Thank you!", Origin.CATALOG, "phrasebook, draft")


@pytest.mark.model
def test_a_short_sentence_inside_a_text_is_worded_by_people_too(translator: Translator) -> None:
    [made] = Translator(translator.router, phrasebook=BOOK).translate(
        ["Sim. Ela leu com a avó ontem."], "pt", "en"
    )
    assert made.text.startswith("Yes. ")
    assert made.origin is Origin.MACHINE
