"""Texts that a person must see. The labelled texts are in data/safety*.tsv, all invented."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.safety import Rule, Tier, covers, languages, screen
from bot.language.codes import CATALOG_LANGUAGES

LABELLED = [
    Path(__file__).parent / "data" / f"{name}.tsv" for name in ("safety", "safety_fourth", "safety_fifth")
]
WORDINGS = Path("bot/conversation/data/safety")


def labelled() -> list[tuple[str, str, str, str]]:
    lines = [line for path in LABELLED for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        (language, tier, kind, text)
        for language, tier, kind, text in (line.split("\t") for line in lines if not line.startswith("#"))
    ]


def test_every_labelled_text_gets_its_tier_and_kind() -> None:
    """A regression test, not a measure: the wordings were completed with these texts in view."""
    wrong = []
    for language, tier, kind, text in labelled():
        told = screen(text, None, language)
        if told.tier != tier or (kind != "-" and kind not in told.kinds):
            wrong.append(f"{language}: {text!r} is {told.tier} {told.kinds}, not {tier} {kind}")
    assert wrong == []


def test_the_labelled_texts_cover_every_language_of_the_catalogs_with_danger_need_and_idioms() -> None:
    seen = defaultdict(set)
    for language, tier, _, _ in labelled():
        seen[language].add(tier)
    assert len(labelled()) >= 200
    for language in ("en", *CATALOG_LANGUAGES):
        assert {"urgent", "need", "none"} <= seen[language], language


def test_danger_is_found_whatever_language_the_family_is_set_to() -> None:
    missed = [
        (language, text)
        for language, tier, _, text in labelled()
        if tier == "urgent" and screen(text, None, None).tier is not Tier.URGENT
    ]
    assert missed == []


def test_danger_is_found_in_the_translation_where_the_original_says_nothing_to_us() -> None:
    told = screen("Ma fe nte akyere me se", "She told me that she wants to die", "tw")
    assert told.tier is Tier.URGENT
    assert told.rules[0].seen_in == "translation"
    assert "in the translation" in str(told.rules[0])


def test_a_translation_that_smoothed_the_words_does_not_hide_the_original() -> None:
    assert screen("se quiere morir", "she is very tired", "es").tier is Tier.URGENT


def test_only_english_wordings_are_looked_for_in_the_english() -> None:
    assert screen("ok", "The ice is on the sou side", "tw").tier is Tier.NONE


def test_a_language_without_wordings_or_translation_is_said_to_be_uncovered() -> None:
    assert not screen("Ma fe nte", None, "tw").languages_covered
    assert not screen("...", None, None).languages_covered
    assert screen("Ma fe nte", "I like it", "tw").languages_covered
    assert screen("Hola", None, "es-MX").languages_covered
    assert screen("你好", None, "zh").languages_covered


def test_every_language_of_the_catalogs_has_wordings_of_its_own() -> None:
    assert all(covers(language) for language in ("en", *CATALOG_LANGUAGES))
    assert {"ur", "hmn", "am", "ne", "fa"} <= languages()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("me muero de risa", "es"),
        ("this homework is killing me", "en"),
        ("笑死我了", "zh-Hans"),
        ("혼자 해요", "ko"),
        ("몇 살인가요?", "ko"),
        ("cháu học bài rồi", "vi"),
        ("dejen de molestar", "es"),
        ("il a arrêté de lire", "fr"),
        ("ayuda", "es"),
        ("The office was nice", "en"),
        ("twice", "en"),
    ],
)
def test_idioms_and_false_friends_raise_nobody(text: str, language: str) -> None:
    assert screen(text, None, language).rules == ()


def test_an_idiom_does_not_hide_what_stands_beside_it() -> None:
    told = screen("This homework is killing me and last night she said she wants to die", None, "en")
    assert told.tier is Tier.URGENT
    assert [rule.kind for rule in told.rules] == ["self_harm"] * len(told.rules)


def test_the_most_urgent_comes_first_and_everything_is_told() -> None:
    told = screen("We have no food, they bully her and she wants to kill herself", None, "en")
    assert told.tier is Tier.URGENT
    assert told.kinds[0] == "self_harm"
    assert {"self_harm", "food", "bullying"} == set(told.kinds)


def test_a_rule_shows_staff_whose_wording_it_was_and_the_words() -> None:
    (rule,) = screen("mon mari est au chômage", None, "fr").rules
    assert rule == Rule("fr", Tier.NEED, "money", "au chomage", "original")
    assert str(rule) == "fr:need:money “au chomage”"


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=1600))
def test_no_text_is_too_odd(text: str) -> None:
    screen(text, text, None)


def test_every_file_of_wordings_is_marked_draft_until_a_speaker_has_approved_it() -> None:
    for path in WORDINGS.glob("*.yaml"):
        assert yaml.safe_load(path.read_text(encoding="utf-8"))["review"] in ("draft", "approved"), path.name
