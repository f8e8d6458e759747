"""What language did she write in? From few words, with the family's own language in mind."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.change import Heard, propose_change
from bot.language.detect import detect


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Ela leu um pouco ontem", "pt"),
        ("¿A qué hora es la reunión?", "es"),
        ("mi hija esta enferma hoy", "es"),
        ("Pitit mwen malad jodi a", "ht"),
        ("Mèsi anpil", "ht"),
        ("Mon fils est malade", "fr"),
        ("Con tôi bị ốm hôm nay", "vi"),
        ("hom nay con toi bi om", "vi"),
        ("ابني مريض اليوم", "ar"),
        ("میرا بیٹا آج بیمار ہے", "ur"),
        ("我的孩子今天生病了", "zh"),
        ("Мой сын сегодня болеет", "ru"),
        ("Мій син сьогодні хворіє", "uk"),
        ("우리 아이가 아파요", "ko"),
        ("May sakit ang anak ko ngayon", "tl"),
        ("Wiilkeygu maanta waa xanuunsan yahay", "so"),
        ("Mtoto wangu ni mgonjwa leo", "sw"),
        ("Kuv tus me nyuam mob hnub no", "hmn"),
        ("ልጄ ዛሬ ታሟል", "am"),
        ("मेरो छोरा आज बिरामी छ", "ne"),
        ("پسرم امروز مریض است", "fa"),
        ("She read three books", "en"),
    ],
)
def test_a_few_words_are_enough_where_nobody_has_told_us_the_language(text: str, language: str) -> None:
    assert detect(text).language == language


def test_simplified_and_traditional_characters_are_told_apart() -> None:
    assert detect("老师您好，谢谢您的帮助").script == "Hans"
    assert detect("老師您好，謝謝您的幫助").script == "Hant"


def test_an_emoji_a_number_or_a_link_is_in_no_language() -> None:
    for text in ("👍👍", "3", "", "  \n", "https://school.org/a", "17:30", "...", "\u200f"):
        assert detect(text, "pt").language == "und"


def test_a_one_word_reply_stays_in_the_familys_language() -> None:
    assert detect("si", "es").language == "es"
    assert detect("ok", "vi").language == "vi"
    assert detect("no", "pt").language == "pt"
    assert detect("Maria", "so").language == "so"
    assert detect("si", "es").confidence <= 0.6


def test_a_dari_speaking_father_is_not_taken_for_a_farsi_speaker() -> None:
    assert detect("پسرم امروز مریض است", "prs").language == "prs"


def test_one_word_replies_never_change_a_setting() -> None:
    assert propose_change("es", [Heard("pt", 0.6, 1)] * 10) is None


def test_two_clear_texts_are_reason_to_ask_and_one_is_not() -> None:
    clear = Heard("pt", 0.95, 4)
    assert propose_change("es", [clear]) is None
    assert propose_change("es", [clear, Heard("und", 0.0, 0), clear]) == "pt"
    assert propose_change("es", [clear, Heard("es", 0.95, 5), clear]) is None
    assert propose_change("es", [Heard("pt", 0.98, 12)]) == "pt"


def test_nobody_is_moved_from_dari_to_farsi_or_from_ukrainian_to_russian() -> None:
    assert propose_change("prs", [Heard("fa", 0.99, 20)] * 3) is None
    assert propose_change("uk", [Heard("ru", 0.99, 20)] * 3) is None
    assert propose_change("yue", [Heard("zh", 0.99, 20)] * 3) is None


@given(st.text(max_size=60), st.sampled_from([None, "es", "pt", "ar", "zh-Hans", "mam", "nonsense"]))
def test_any_text_at_all_has_an_answer(text: str, prior: str | None) -> None:
    found = detect(text, prior)
    assert found.language
    assert 0.0 <= found.confidence <= 1.0
