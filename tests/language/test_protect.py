"""Names, times, links and the rest go through a translation unharmed, and look as the reader expects."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.names import mended, possible_names, sure_names
from bot.language.protect import restore, shield, trim
from bot.language.spans import GUESSED, Kind, find_spans


def kinds(text: str, source: str = "en", target: str = "pt", **more: object) -> dict[str, tuple[str, str]]:
    spans = find_spans(text, source, target, **more)
    return {span.original: (span.kind.value, span.kept) for span in spans if span.kind not in GUESSED}


@pytest.mark.parametrize(
    ("text", "source", "target", "kept"),
    [
        ("at 5:30 pm.", "en", "pt", "17:30"),
        ("at 5 p.m. today", "en", "fr", "17:00"),
        ("at 12:15 am", "en", "vi", "0:15"),
        ("at 5:30pm", "en", "es", "5:30 p.m."),
        ("at 5:30 pm", "en", "ko", "오후 5:30"),
        ("às 17h30", "pt", "en", "5:30 PM"),
        ("às 17h.", "pt", "en", "5:00 PM"),
        ("às 8:30", "pt", "en", "8:30"),
        ("à 14 h 05", "fr", "en", "2:05 PM"),
        ("on March 4", "en", "pt", "4 de março"),
        ("on Mar. 4th, 2026", "en", "es", "4 de marzo de 2026"),
        ("on 4 May", "en", "fr", "4 mai"),
        ("no dia 12 de maio de 2026", "pt", "en", "May 12, 2026"),
        ("el 3 de febrero", "es", "zh-Hans", "2月3日"),
    ],
)
def test_times_and_dates_are_written_as_the_reader_writes_them(
    text: str, source: str, target: str, kept: str
) -> None:
    assert kept in [span.kept for span in find_spans(text, source, target)]


def test_what_must_not_change_is_found_as_what_it_is() -> None:
    found = kinds(
        "Mrs. O'Brien-Díaz: pay $12.50 by 3/4 at https://a.org/x_y?z=1, or a@b-c.org, (617) 555-0142, room 12B, {child} 😊 50%"
    )
    assert found["O'Brien-Díaz"][0] == "name"
    assert found["$12.50"][0] == "money"
    assert found["https://a.org/x_y?z=1"][0] == "link"
    assert found["a@b-c.org"][0] == "email"
    assert found["(617) 555-0142"][0] == "phone"
    assert found["12B"][0] == "code"
    assert found["{child}"][0] == "placeholder"
    assert found["😊"][0] == "emoji"
    assert found["3/4"][0] == "number"
    assert found["50%"][0] == "number"


def test_words_that_only_look_like_something_are_left_alone() -> None:
    assert kinds("You may 2 or may not. I am here. A may, be.") == {"2": ("number", "2")}
    assert "31 de fevereiro" not in [kept for _, kept in kinds("on February 31").values()]


def test_a_glossary_term_is_found_as_a_whole_word_and_keeps_its_capital() -> None:
    found = kinds("Report cards, not a report cardsharp.", glossary={"report cards": "boletins"})
    assert found == {"Report cards": ("term", "Boletins")}


def test_names_are_known_by_the_roster_by_their_title_or_by_themselves() -> None:
    found = kinds("Today Amina, Mr. Xu and Đặng met Zaza.", names=["Zaza"])
    assert {name for name, (kind, _) in found.items() if kind == "name"} == {"Amina", "Xu", "Đặng", "Zaza"}
    assert [*sure_names("Rose early and Grace too", "en")] == [(15, 20)], "a sentence may begin with rose"


def test_school_words_with_capitals_are_not_taken_for_names() -> None:
    text = "Bring your Report Card on Friday in March to English class in Brazil"
    assert [text[a:b] for a, b, _ in possible_names(text, "en")] == []


def test_a_name_that_lost_an_accent_or_gained_one_is_mended() -> None:
    assert mended("Fátima leu com a Livia.", "Fatima") == "Fatima leu com a Livia."
    assert mended("Olexandr leu.", "Oleksandr") == "Oleksandr leu."
    assert mended("A escola leu.", "Omar") == "A escola leu."


def test_emoji_and_spaces_at_the_ends_never_reach_a_model() -> None:
    assert trim("😊 Thanks! 🙏🏽 ") == ("😊 ", "Thanks!", " 🙏🏽 ")
    assert trim("👨‍👩‍👧 🇧🇷")[1] == ""


@given(
    st.lists(
        st.sampled_from(
            [
                "Ana",
                "5:30 pm",
                "https://a.org/b_c",
                "$3.50",
                "617-555-0142",
                "{child}",
                "hello",
                "and",
                "12B",
                "XQ1",
                "March 4",
                "ok.",
                "😊",
            ]
        ),
        max_size=10,
    )
)
def test_what_is_hidden_comes_back_in_its_place(parts: list[str]) -> None:
    text = " ".join(parts)
    shielded = shield(text, find_spans(text, "en", "en"), lambda span: True)
    restored = restore(shielded.text, shielded)
    assert restored.lost == ()
    for span in shielded.spans:
        assert span.kept in restored.text


@given(st.text(max_size=80))
def test_no_text_breaks_the_finders(text: str) -> None:
    spans = find_spans(text, "en", "pt")
    assert all(text[span.start : span.end] == span.original for span in spans)
    assert all(one.end <= other.start for one, other in itertools.pairwise(spans))
    before, core, after = trim(text)
    assert before + core + after == text


def test_a_token_lost_doubled_or_invented_is_noticed() -> None:
    shielded = shield(
        "Call 617-555-0142 or a@b.org now", find_spans("Call 617-555-0142 or a@b.org now", "en", "pt")
    )
    assert shielded.text == "Call XQ1 or XQ2 now"
    assert [span.original for span in restore("Ligue XQ1 XQ1", shielded).lost] == ["617-555-0142", "a@b.org"]
    assert restore("Ligue XQ2 xq1 XQ7", shielded).text == "Ligue a@b.org 617-555-0142 "


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("from 5-7 pm", ["17:00", "19:00"]),
        ("between 3:15 and 3:45 p.m. today", ["15:15", "15:45"]),
        ("11 to 1 pm", ["11:00", "13:00"]),
        ("9 a.m.–3 p.m. Monday", ["9:00", "15:00"]),
    ],
)
def test_the_first_time_of_a_range_borrows_its_half_of_the_day(text: str, kept: list[str]) -> None:
    assert [span.kept for span in find_spans(text, "en", "pt") if span.kind is Kind.TIME] == kept


def test_a_text_in_capitals_is_asked_in_small_letters_and_answered_in_capitals() -> None:
    text = "PLEASE CALL SOFIA AT 617-555-0142"
    shielded = shield(text, find_spans(text, "en", "pt"))
    assert shielded.text == "Please call Sofia at XQ1"
    assert (
        restore("Por favor ligue para Sofia em XQ1", shielded).text
        == "POR FAVOR LIGUE PARA SOFIA EM 617-555-0142"
    )
