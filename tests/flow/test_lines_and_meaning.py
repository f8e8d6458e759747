"""What is put into a text, and what a model of meaning may put into a reply."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.flow.engine import advance, new_session
from bot.flow.happenings import Began, QuestionAsked, Save, Text
from bot.flow.library import load_library
from bot.flow.lines import LONGEST_VALUE, MISSING, fill
from bot.flow.meaning import nearest_name, with_proposal

LIBRARY = load_library(Path(__file__).parents[2] / "flows")
NOW = datetime(2026, 3, 4, 17, 30, tzinfo=UTC)


def test_a_guardian_who_is_called_like_a_placeholder_stays_so() -> None:
    assert (
        fill("Hello, {guardian}. {child}", {"guardian": "{child}", "child": "Ana"}) == "Hello, {child}. Ana"
    )


def test_a_value_cannot_reach_into_our_code_or_turn_the_text_around() -> None:
    assert fill("{child.__class__}{0}{child!r}", {"child": "Ana"}) == "{child.__class__}{0}{child!r}"
    assert fill("{child}", {"child": "An\u202ea\x00\nB"}) == "Ana B"


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("Thank you, {guardian}.", "en", "Thank you."),
        ("Gracias, {guardian}.", "es", "Gracias."),
        ("شكرًا، {guardian}.", "ar", "شكرًا."),
        ("Did {child} read?", "en", "Did your child read?"),
        ("¿Leyó {child}?", "es", "¿Leyó su hijo o hija?"),
        ("See {place}.", "en", "See …."),
    ],
)
def test_what_nobody_told_us_is_said_honestly(text: str, language: str, said: str) -> None:
    assert fill(text, {}, language) == said


def test_numbers_are_shown_as_people_write_them() -> None:
    assert fill("{n} {m}", {"n": 3.0, "m": 4}) == "3 4"


@settings(deadline=None)
@given(st.text(max_size=400))
def test_any_value_is_put_in_once_and_kept_short(value: str) -> None:
    said = fill("<{child}>", {"child": value})

    assert said.startswith("<")
    assert said.endswith(">")
    assert len(said) <= LONGEST_VALUE + 2 + len(MISSING["child"]["en"])
    assert "\n" not in said


class Near:
    """A model that finds one sentence near."""

    def __init__(self, near: str) -> None:
        self.near = near

    def nearness(self, text: str, others: Sequence[str]) -> list[float]:
        return [0.95 if other == self.near else 0.8 for other in others]


def test_the_nearest_name_needs_a_clear_lead() -> None:
    examples = [("a", "one"), ("b", "two")]

    assert nearest_name("x", examples, Near("one")) == "a"
    assert nearest_name("x", examples, Near("three")) is None


def test_a_reply_no_words_explain_is_answered_by_what_the_model_proposes() -> None:
    script = LIBRARY.script("reading_checkin")
    session, _ = advance(script, new_session(script), Began({"child": "Ana"}, ("so",)), NOW)
    heard = with_proposal(script, session, Text("bogagga kala duwan"), Near("a little bit"))

    assert heard.proposed == "a_bit"
    _, events = advance(script, session, heard, NOW)
    assert any(isinstance(event, Save) and event.value == "a_bit" for event in events)


@pytest.mark.parametrize("text", ["haa", "ma garanayo", "buuggee waa goorma?"])
def test_the_model_is_not_asked_where_words_have_spoken(text: str) -> None:
    script = LIBRARY.script("reading_checkin")
    session, _ = advance(script, new_session(script), Began({"child": "Ana"}, ("so",)), NOW)

    assert with_proposal(script, session, Text(text), Near("a little bit")).proposed is None


def test_a_proposal_for_another_question_counts_for_nothing() -> None:
    script = LIBRARY.script("reading_checkin")
    session, _ = advance(script, new_session(script), Began({"child": "Ana"}, ("so",)), NOW)

    _, events = advance(script, session, Text("bogagga", proposed="somewhere"), NOW)
    assert not any(isinstance(event, Save | QuestionAsked) for event in events)
