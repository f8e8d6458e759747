"""What a text costs. Expected numbers come from the standard's rules, worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.segments import GSM_BASIC, GSM_EXTENSION, cheaper, count, measure

GSM_TEXT = st.text(alphabet=sorted(GSM_BASIC | GSM_EXTENSION), max_size=700)
ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()), max_size=700)  # lone surrogates included


@pytest.mark.parametrize(
    ("text", "encoding", "segments", "units"),
    [
        ("", "GSM-7", 1, 0),
        ("Did Ana read with someone this week?", "GSM-7", 1, 36),
        ("a" * 160, "GSM-7", 1, 160),
        ("a" * 161, "GSM-7", 2, 161),
        ("a" * 306, "GSM-7", 2, 306),
        ("a" * 307, "GSM-7", 3, 307),
        ("€" * 80, "GSM-7", 1, 160),
        ("€" * 81, "GSM-7", 2, 162),
        # 153 is odd, so each part of euro signs holds 76: the ceil(n / 153) of 306 units would be 2.
        ("€" * 153, "GSM-7", 3, 306),
        ("a" * 152 + "€" + "a" * 153, "GSM-7", 3, 307),
        ("¿Ana leyó?", "UCS-2", 1, 10),
        ("á" * 70, "UCS-2", 1, 70),
        ("á" * 71, "UCS-2", 2, 71),
        ("á" * 134, "UCS-2", 2, 134),
        ("á" * 135, "UCS-2", 3, 135),
        # 67 is odd: 33 emoji a part.
        ("😀" * 35, "UCS-2", 1, 70),
        ("😀" * 67, "UCS-2", 3, 134),
        ("Señor, mañana, piñata, ¿qué?", "GSM-7", 1, 28),
        ("\n\r\f", "GSM-7", 1, 4),
        ("ما رأيك؟", "UCS-2", 1, 8),
        ("今天读书了吗", "UCS-2", 1, 6),
    ],
)
def test_a_text_costs_what_the_standard_says(text: str, encoding: str, segments: int, units: int) -> None:
    told = measure(text)
    assert (told.encoding, told.segments, told.units) == (encoding, segments, units)


@pytest.mark.parametrize("char", [*"áíóúÈç’…–`\x00\t\u00a0\u200f"])
def test_the_characters_that_make_spanish_and_creole_dear(char: str) -> None:
    assert measure(f"a{char}b{char}").forced_by == (char,)


def test_what_forced_the_price_is_told_once_and_in_order() -> None:
    assert measure("así… ¿sí? 😀 así…").forced_by == ("í", "…", "😀")


@given(ANY_TEXT)
def test_no_text_is_too_odd_to_measure(text: str) -> None:
    told = measure(text)
    assert told.segments >= 1
    assert told.units == (
        len(text.encode("utf-16-le", "surrogatepass")) // 2
        if told.encoding == "UCS-2"
        else len(text) + sum(c in GSM_EXTENSION for c in text)
    )
    assert bool(told.forced_by) == (told.encoding == "UCS-2")


@given(st.one_of(GSM_TEXT, ANY_TEXT))
def test_parts_as_really_cut_hold_the_whole_text_and_no_pair_is_torn(text: str) -> None:
    """Cut the text the slow way, character by character: the count must agree and every part must fit."""
    told = measure(text)
    room = {"GSM-7": 153, "UCS-2": 67}[told.encoding]
    parts, current = [], ""
    for char in text:
        if _width(current + char, told.encoding) > room:
            parts.append(current)
            current = ""
        current += char
    parts.append(current)
    whole = _width(text, told.encoding) <= {"GSM-7": 160, "UCS-2": 70}[told.encoding]
    assert told.segments == (1 if whole else len(parts))


@given(ANY_TEXT, ANY_TEXT)
def test_more_text_never_costs_less(first: str, second: str) -> None:
    assert measure(first + second).segments >= measure(first).segments


@given(GSM_TEXT)
def test_one_accent_never_makes_a_text_cheaper(text: str) -> None:
    assert measure(text + "á").segments >= measure(text).segments


def test_a_curly_apostrophe_is_named_as_the_cheap_thing_to_change() -> None:
    text = "It’s reading week! " + "Ten minutes a day are enough. " * 3
    hint = cheaper(text)
    assert hint is not None
    assert hint.swaps == (("’", "'"),)
    assert hint.letters == ()
    assert hint.now.segments == 2
    assert hint.then is not None
    assert (hint.then.encoding, hint.then.segments) == ("GSM-7", 1)


def test_spanish_letters_are_never_offered_up_for_a_cheaper_price() -> None:
    hint = cheaper("¿Leyó Ana esta semana? " * 4 + "😀")
    assert hint is not None
    assert hint.letters == ("ó",)
    assert hint.pictures == ("😀",)
    assert hint.then is None


def test_a_heart_with_its_invisible_mark_is_a_picture_not_a_letter() -> None:
    hint = cheaper("Thank you ❤️ " * 8)
    assert hint is not None
    assert hint.letters == ()
    assert set(hint.pictures) == {"❤", "\ufe0f"}


def test_a_text_of_one_part_needs_no_hint() -> None:
    assert cheaper("Obrigada, até amanhã!") is None


@given(st.one_of(GSM_TEXT, st.text(alphabet="áé😀ц", max_size=700)))
def test_dropping_the_spare_units_saves_a_part_and_one_character_less_does_not(text: str) -> None:
    hint = cheaper(text)
    if hint is None:
        return
    shorter = text
    while _width(text, hint.now.encoding) - _width(shorter, hint.now.encoding) < hint.spare:
        last, shorter = shorter[-1], shorter[:-1]
    assert measure(shorter).segments == hint.now.segments - 1
    assert measure(shorter + last).segments == hint.now.segments


def _width(text: str, encoding: str) -> int:
    if encoding == "GSM-7":
        return len(text) + sum(c in GSM_EXTENSION for c in text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@given(st.text(max_size=400))
def test_counting_alone_says_the_same_as_measuring(text: str) -> None:
    assert count(text) == measure(text).segments
