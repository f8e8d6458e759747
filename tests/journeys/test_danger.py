"""A text that may mean danger brings a person and a humane word, whatever question was open."""

from __future__ import annotations

import pytest

from tests.people import Phone, Town

pytestmark = pytest.mark.model


@pytest.fixture
def juliana(embedded: Town) -> Phone:
    phone = embedded.guardian("Juliana")
    phone.texts("Oi! Sou a mãe do Lucas.")
    return phone


def test_a_text_that_may_mean_danger_is_answered_with_the_crisis_line_and_waits_for_a_person(
    juliana: Phone,
) -> None:
    text = juliana.texts("Meu filho disse que quer se matar")
    assert "alert_urgent" in juliana.sent(text).notes
    assert juliana.last.line == "phrase.urgent"
    assert juliana.last.language == "pt"
    assert "988" in juliana.last.body
    assert juliana.row().awaits_staff_since is not None


def test_a_need_is_told_to_a_person_and_the_conversation_goes_on(juliana: Phone) -> None:
    text = juliana.texts("Quero que ele seja feliz, mas não temos comida em casa")
    assert "alert_need" in juliana.sent(text).notes
    assert juliana.last.line == "welcome.thanks.say"


def test_an_idiom_is_no_danger(juliana: Phone) -> None:
    text = juliana.texts("Essa lição de casa está me matando kkkk")
    assert not any(note.startswith("alert") for note in juliana.sent(text).notes)
