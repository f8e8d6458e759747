"""A roster clerk, a carrier and an engine each call a language something else; the product must mean one thing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language import codes


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("pt-BR", "pt"),
        ("Portuguese", "pt"),
        ("português", "pt"),
        ("Spanish", "es"),
        ("es_MX", "es"),
        ("es-419", "es"),
        ("zh", "zh-Hans"),
        ("zh-CN", "zh-Hans"),
        ("zh_TW", "zh-Hant"),
        ("zh-Hant-HK", "zh-Hant"),
        ("Cantonese", "yue"),
        ("zh-yue", "yue"),
        ("fil", "tl"),
        ("Haitian Creole", "ht"),
        ("Kreyòl ayisyen", "ht"),
        ("hat", "ht"),
        ("fa-AF", "prs"),
        ("Farsi", "fa"),
        ("mww", "hmn"),
        ("iw", "he"),
        (" ES ", "es"),
        ("K'iche'", "quc"),
        ("العربية", "ar"),
    ],
)
def test_whatever_a_roster_writes_means_one_language(written: str, meant: str) -> None:
    assert codes.normalise(written) == meant


def test_a_code_that_means_nothing_is_answered_with_what_might_be_meant() -> None:
    with pytest.raises(codes.UnknownLanguage, match="Did you mean es"):
        codes.normalise("spanich")
    with pytest.raises(codes.UnknownLanguage, match="BCP-47"):
        codes.normalise("")


def test_every_tag_and_every_name_leads_back_to_its_language() -> None:
    for tag, language in codes.LANGUAGES.items():
        assert codes.normalise(tag) == tag
        assert codes.normalise(language.english) == tag
        assert codes.normalise(language.autonym) == tag


def test_the_bot_speaks_fourteen_languages_besides_english() -> None:
    assert set(codes.CATALOG_LANGUAGES) == {
        "es",
        "pt",
        "ht",
        "fr",
        "ar",
        "zh-Hans",
        "zh-Hant",
        "vi",
        "ru",
        "uk",
        "ko",
        "tl",
        "so",
        "sw",
    }
    assert codes.direction("ar") == codes.Direction.RTL == codes.direction("ur")


def test_dari_is_not_farsi_and_traditional_characters_are_not_simplified() -> None:
    assert not codes.same_for_readers("prs", "fa")
    assert not codes.same_for_readers("zh-Hans", "zh-Hant")
    assert codes.same_for_readers("pt-BR", "pt")


def test_a_family_that_speaks_mam_is_told_plainly_what_we_cannot_do() -> None:
    says = " ".join(codes.abilities("mam", reads=False, writes=False))
    assert "not translated" in says
    assert "not a dialect of Spanish" in says
    assert "interpreter" in says


@given(st.text(max_size=30))
def test_any_text_is_a_language_or_a_clear_error(text: str) -> None:
    if codes.find(text) is not None:
        assert codes.normalise(text) in codes.LANGUAGES
    else:
        with pytest.raises(codes.UnknownLanguage) as raised:
            codes.normalise(text)
        assert len(str(raised.value)) < 200
