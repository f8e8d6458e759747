"""A teacher must be able to trust what she reads: what went wrong is said, what did not is not."""

from __future__ import annotations

import pytest

from bot.language.agreement import agrees, chrf
from bot.language.checks import SAYS, Doubt, digit_runs, doubts
from bot.language.spans import find_spans


def found(source: str, target: str, pair: tuple[str, str] = ("en", "pt")) -> set[str]:
    spans = find_spans(source, *pair)
    return {doubt.value for doubt in doubts(source, target, *pair, spans, ())}


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("Ana read 3 books.", "Ana leu 3 livros."),
        ("The meeting is on March 4 at 5:30 pm.", "A reunião é em 4 de março às 17:30."),
        ("9,000 people came.", "9.000 pessoas vieram."),
        ("Lunch is $12.50.", "O almoço custa US$ 12,50."),
        ("Do not forget: no school.", "Não se esqueça: não há aula."),
        ("Yes!", "Sim!"),
        ("Very, very good!", "Muito, muito bom!"),
    ],
)
def test_a_good_translation_raises_no_doubt(source: str, target: str) -> None:
    assert found(source, target) == set()


@pytest.mark.parametrize(
    ("source", "target", "doubt"),
    [
        ("Ana read 3 books.", "Ana leu 8 livros.", "digits_changed"),
        ("Ana read a book.", "Ela leu um livro.", "lost_token"),
        ("Come at 5:30 pm.", "Venha às 5:30.", "lost_token"),
        ("He did not come to school.", "Ele veio à escola.", "negation_lost"),
        ("He came to school.", "Ele não veio à escola.", "negation_lost"),
        ("Thank you.", "Obrigado por enviar uma edição da nossa revista.", "odd_length"),
        ("Please call the office today about the trip.", "Ligue.", "odd_length"),
        ("Please call us.", "ligue ligue ligue ligue ligue", "repetition"),
        ("Call the office.", "ligue para a ligue para a ligue para a", "repetition"),
        (
            "Please bring the form tomorrow morning.",
            "Please bring the form tomorrow morning.",
            "untranslated",
        ),
    ],
)
def test_each_fault_raises_its_doubt(source: str, target: str, doubt: str) -> None:
    assert doubt in found(source, target)


def test_negation_is_looked_for_in_the_familys_script_too() -> None:
    assert found("He did not come.", "他来了。", ("en", "zh-Hans")) >= {"negation_lost"}
    assert "negation_lost" not in found("He did not come.", "他没有来。", ("en", "zh-Hans"))
    assert "negation_lost" not in found("He did not come.", "Nws tsis tuaj.", ("en", "hmn")), (
        "no words, no verdict"
    )


def test_numbers_are_the_same_however_they_are_grouped_and_in_any_digits() -> None:
    assert digit_runs("1,000 and 2.5") == digit_runs("1.000 and 2,5") == digit_runs("١٠٠٠ ٢.٥")
    assert digit_runs("the 2008 400 list") == digit_runs("400 2008")


def test_every_doubt_can_be_read_by_staff() -> None:
    assert set(SAYS) == set(Doubt)


def test_texts_that_say_the_same_agree_and_others_do_not() -> None:
    assert chrf("abc", "abc") == 1.0
    assert chrf("", "") == 1.0
    assert agrees("Please bring a coat on Friday.", "Bring a coat on Friday, please.")
    assert not agrees("Please bring a coat on Friday.", "He likes music very much.")


@pytest.mark.parametrize(
    ("text", "doubted"),
    [("Due 3/4.", True), ("Due 3/4/2026.", True), ("Due 3/14.", False), ("Due 5/5.", False)],
)
def test_a_date_that_reads_two_ways_is_pointed_out(text: str, doubted: bool) -> None:
    assert ("ambiguous_date" in found(text, text.replace("Due", "Até"))) == doubted
