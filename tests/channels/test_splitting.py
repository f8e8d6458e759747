"""Long texts become several messages without tearing what must stay whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.splitting import split

WORDS = st.lists(st.text(alphabet="aáñ😀字.!", min_size=1, max_size=15), max_size=60).map(" ".join)


def test_a_text_that_fits_is_left_as_it_is() -> None:
    assert split("Olá, até amanhã!") == ("Olá, até amanhã!",)
    assert split("") == ("",)


def test_a_cut_falls_where_a_sentence_ends() -> None:
    assert split("Ana read today. She liked the dog best of all.", most=30) == (
        "Ana read today.",
        "She liked the dog best of all.",
    )


def test_a_link_is_never_torn() -> None:
    link = "https://school.example/forms/trip-to-the-museum?class=4b"
    parts = split("Please sign the form for the trip here when you can: " + link + " Thank you", most=70)
    assert any(link in part for part in parts)


def test_a_name_of_two_words_stays_together() -> None:
    assert split("We are very glad to see María José tomorrow", whole=["María José"], most=30) == (
        "We are very glad to see",
        "María José tomorrow",
    )


def test_chinese_without_spaces_is_cut_after_a_full_stop() -> None:
    assert split("今天读书了吗？请告诉我们读了什么书，读了多久。谢谢您的帮助！", most=25) == (
        "今天读书了吗？请告诉我们读了什么书，读了多久。",
        "谢谢您的帮助！",
    )


@given(WORDS, st.integers(20, 120))
def test_every_part_fits_and_nothing_but_white_space_is_lost(text: str, most: int) -> None:
    parts = split(text, most=most)
    assert all(len(part) <= most for part in parts)
    assert all(parts) or parts == ("",)
    assert "".join("".join(parts).split()) == "".join(text.split())


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=400))
def test_no_text_is_too_odd_to_cut(text: str) -> None:
    assert all(len(part) <= 50 for part in split(text, most=50))


def test_a_message_needs_some_room() -> None:
    with pytest.raises(ValueError, match="20"):
        split("text", most=5)
