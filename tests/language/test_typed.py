"""Thumbs leave accents out. What is meant is written out for the engine; what was typed is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.translator import Translator
from bot.language.typed import restored, written_out


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("nao entendi a tarefa de matematica", "não entendi a tarefa de matemática"),
        ("Amanha ela nao vai pq ta com febre", "Amanhã ela não vai porque está com febre"),
        ("vc tbm vem?", "você também vem?"),
        ("NAO", "NÃO"),
        ("a informacao e as opcoes", "a informação e as opções"),
        ("veja nao.com.br e joao@nao.org", "veja nao.com.br e joao@nao.org"),
        ("esta semana ele pode", "esta semana ele pode"),
    ],
)
def test_portuguese_as_typed_is_written_out_and_nothing_else_is_touched(typed: str, meant: str) -> None:
    assert written_out(typed, "pt") == meant


@pytest.mark.parametrize(
    ("language", "typed", "meant"),
    [
        ("es", "manana hay reunion, pq no entendi", "mañana hay reunión, porque no entendí"),
        ("es", "esta es mi casa y el se fue", "esta es mi casa y el se fue"),
        ("fr", "dsl, ma mere a de la fievre", "désolé, ma mère a de la fièvre"),
        ("fr", "des livres ou des cahiers", "des livres ou des cahiers"),
        ("ht", "msi pwofese", "mèsi pwofesè"),
        ("vi", "Hom nay chau khong di hoc", "Hôm nay chau không đi học"),
        ("vi", "con cảm on co giao", "con cảm on co giao"),
        ("so", "waan ku raacsanahay", "waan ku raacsanahay"),
    ],
)
def test_other_families_thumbs_are_read_too(language: str, typed: str, meant: str) -> None:
    assert written_out(typed, language) == meant


@given(st.sampled_from(["pt", "es", "fr", "ht", "vi", "so"]), st.text(max_size=60))
def test_writing_out_never_fails_and_doing_it_twice_changes_nothing(language: str, text: str) -> None:
    once = restored(text, language)
    assert restored(once, language) == once


@pytest.mark.model
def test_staff_see_what_was_typed_and_what_was_understood(translator: Translator) -> None:
    [made] = translator.translate(["nao entendi a tarefa de matematica"], "pt", "en")
    assert made.original == "nao entendi a tarefa de matematica"
    assert made.read_as == "não entendi a tarefa de matemática"
    assert "understand" in made.text


@pytest.mark.model
def test_a_sentence_that_is_in_english_already_is_left_alone(translator: Translator) -> None:
    [made] = translator.translate(
        ["Bom dia professora. I will be late for the meeting today. A minha filha está doente."], "pt", "en"
    )
    assert "I will be late for the meeting today." in made.text
    assert "sick" in made.text or "ill" in made.text


@pytest.mark.parametrize(
    ("typed", "language", "meant"),
    [
        ("pode ser na quinta?", "pt", "pode ser na quinta-feira?"),
        ("terca 20/10", "pt", "terça-feira 20/10"),
        ("a quinta série", "pt", "a quinta série"),
        ("The mtg is Wed. 10/21, pls come", "en", "The meeting is Wednesday 10/21, please come"),
        ("He sat at the table. Sun is out.", "en", "He sat at the table. Sun is out."),
    ],
)
def test_weekdays_are_written_out_where_they_are_weekdays(typed: str, language: str, meant: str) -> None:
    assert written_out(typed, language) == meant
