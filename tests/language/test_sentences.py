"""Cutting texts into sentences loses nothing and cuts where people would."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.sentences import join, split, together


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Hello Ms. Lopez. School starts at 8 a.m. on Friday.",
            ["Hello Ms. Lopez.", "School starts at 8 a.m. on Friday."],
        ),
        ("Come at 5 p.m. Bring a book.", ["Come at 5 p.m.", "Bring a book."]),
        ("¿Puede venir? Sí. ¡Gracias!", ["¿Puede venir?", "Sí.", "¡Gracias!"]),
        ("明天没有课。请带书！好吗？", ["明天没有课。", "请带书！", "好吗？"]),
        ("كيف حالك؟ شكرا.", ["كيف حالك؟", "شكرا."]),
        ("Sr. Pérez llegó. Sra. Díaz no.", ["Sr. Pérez llegó.", "Sra. Díaz no."]),
        ("See school.org/a.b or pay $3.50. Thanks", ["See school.org/a.b or pay $3.50.", "Thanks"]),
        ("Bring:\n- a pencil\n- a coat\n1. one", ["Bring:", "a pencil", "a coat", "one"]),
        ("wait... what?", ["wait... what?"]),
    ],
)
def test_sentences_end_where_people_end_them(text: str, expected: list[str]) -> None:
    assert [piece.text for piece in split(text)] == expected


@given(
    st.text(alphabet=st.sampled_from("aB1 .!?…。\n\r-•)¿\t,x\u00a0؟"), max_size=200) | st.text(max_size=200)
)
def test_nothing_of_a_text_is_ever_lost(text: str) -> None:
    pieces = split(text)
    assert join(pieces, [piece.text for piece in pieces]) == text
    merged = together(pieces)
    assert join(merged, [piece.text for piece in merged]) == text


def test_a_very_long_paste_without_a_full_stop_is_cut_at_commas() -> None:
    text = "she reads, she writes, " * 400
    assert max(len(piece.text) for piece in split(text)) <= 360
