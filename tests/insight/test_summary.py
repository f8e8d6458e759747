"""A coordinator's Friday: what families told us, word for word, and what rests on which text."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.insight.csv_cells import as_csv
from bot.insight.scope import Whose
from bot.insight.summary import StaffText, csv_rows, deeds
from bot.insight.summary_edits import apply_edits, claims_of, edit, edits_of
from bot.insight.summary_material import evidence, summary
from bot.insight.themes import Quote, stem, themes
from bot.store.database import Database
from tests.insight.families import MONTH, NOW, Place


@pytest.fixture
def place(db: Database) -> Place:
    return Place(db)


def quote(talk: int, words: str, number: int = 0) -> Quote:
    return Quote(talk, number, words, "en", None, NOW)


# --- counted exactly ------------------------------------------------------------------------------------------------


def test_answers_are_counted_exactly_by_family_and_by_answer(place: Place) -> None:
    ana, rosa = place.family(), place.family()
    place.answers(ana, "family.last_reading", "sí", choice="read_well")
    place.answers(ana, "family.last_reading", "un poco", choice="a_bit")
    text = place.answers(rosa, "family.last_reading", "claro", choice="read_well")
    place.answers(rosa, "family.reading_days", "tres", number=3)
    place.answers(ana, "family.reading_days", "5", number=5)
    place.answers(ana, "family.reading_days", "5", number=5, at=NOW - timedelta(days=60))
    made = summary(place.db, place.whose, MONTH)
    reading, days = sorted(made.tallies, key=lambda tally: tally.field)
    assert [(one.name, one.families, one.answers) for one in reading.choices] == [
        ("read_well", 2, 2),
        ("a_bit", 1, 1),
    ]
    assert (days.numbers, days.least, days.mean, days.most) == (2, 3, 4, 5)
    assert text in {link.text_id for link in reading.choices[0].links}


def test_the_texts_behind_a_number_a_page_at_a_time(place: Place) -> None:
    talks = [place.family() for _ in range(5)]
    texts = [
        place.answers(talk, "family.last_reading", f"sí {number}", choice="read_well")
        for number, talk in enumerate(talks)
    ]
    seen: list[int | None] = []
    after = None
    while True:
        page, after = evidence(
            place.db, place.whose, MONTH, "family.last_reading", "read_well", after, limit=2
        )
        seen += [one.inbox_id for one in page]
        if after is None:
            break
    assert seen == texts[::-1]


def test_a_summary_of_one_family_one_section_or_a_school(place: Place) -> None:
    ana, rosa = place.family(), place.family()
    place.answers(ana, "family.last_reading", "sí", choice="read_well")
    place.answers(rosa, "family.last_reading", "no", choice="not_yet")
    one = summary(place.db, Whose((place.school,), conversations=(ana,)), MONTH)
    assert [choice.name for choice in one.tallies[0].choices] == ["read_well"]
    assert one.method.families == 1
    nobody = summary(place.db, Whose((place.school,), sections=()), MONTH)
    assert nobody.tallies == ()


def test_it_says_how_it_was_made_and_from_how_much(place: Place) -> None:
    ana = place.family()
    place.answers(ana, "family.hopes", "que lea con alegría", english="that he reads with joy")
    place.answers(ana, "family.hopes", "Waxaan rajaynayaa", language="so")
    place.gets(ana)
    method = summary(place.db, place.whose, MONTH).method
    assert (method.texts_from_families, method.texts_to_families, method.families) == (2, 1, 1)
    assert (method.quotes_read, method.quotes_there, method.without_english) == (2, 2, 1)


# --- in their own words ---------------------------------------------------------------------------------------------


def test_what_several_families_speak_of_is_a_theme_with_quotes_in_both_languages(place: Place) -> None:
    ana, rosa, lan = place.family(name="Ana Fraction"), place.family(), place.family("vi")
    place.answers(ana, "family.hopes", "Las fracciones son difíciles", english="Fractions are hard for us")
    place.answers(
        rosa, "family.hopes", "No entiendo la fracción", english="I do not understand the fraction homework"
    )
    text = place.answers(
        lan, "family.hopes", "Con thích phân số", english="My child enjoys fractions", language="vi"
    )
    place.answers(lan, "family.hopes", "Con muốn bơi", english="My child wants to swim", language="vi")
    made = summary(place.db, place.whose, MONTH)
    assert made.themes == ()  # "Fraction" is somebody's name here, and a name is no theme
    with place.db.connection() as tx:
        tx.exec_driver_sql("UPDATE guardian SET name = 'Ana Ruiz'")
    made = summary(place.db, place.whose, MONTH)
    assert [(theme.key, theme.families, len(theme.quotes)) for theme in made.themes] == [("fraction", 3, 3)]
    vietnamese = next(one for one in made.themes[0].quotes if one.inbox_id == text)
    assert (vietnamese.words, vietnamese.english) == ("Con thích phân số", "My child enjoys fractions")
    assert [one.english for one in made.other_quotes] == ["My child wants to swim"]


def test_one_family_that_repeats_itself_is_no_theme() -> None:
    found, rest = themes([quote(1, "the bus is late", 1), quote(1, "the bus again", 2)])
    assert found == []
    assert len(rest) == 2


def test_the_word_of_the_question_is_no_theme() -> None:
    quotes = [quote(number, f"we read {thing}", number) for number, thing in enumerate("abcdefghijkl")]
    quotes += [quote(20, "we read about dinosaurs", 20), quote(21, "reading dinosaurs together", 21)]
    found, _ = themes(quotes)
    assert [theme.key for theme in found] == [stem("dinosaurs")]


def test_forms_of_a_word_are_one_word() -> None:
    assert stem("fractions") == stem("fraction")
    assert stem("reading") == stem("reads")
    assert stem("stories") == stem("story")
    assert stem("кошки") == "кошки"


WORDS = st.lists(st.tuples(st.integers(0, 5), st.text(max_size=40)), max_size=15)


@given(WORDS)
def test_every_quote_stands_in_exactly_one_place_and_the_order_does_not_matter(
    told: list[tuple[int, str]],
) -> None:
    quotes = [quote(talk, words, number) for number, (talk, words) in enumerate(told)]
    found, rest = themes(quotes)
    placed = [one.inbox_id for theme in found for one in theme.quotes] + [one.inbox_id for one in rest]
    assert sorted(placed, key=str) == sorted((one.inbox_id for one in quotes), key=str)
    assert all(theme.families >= 2 for theme in found)
    again, _ = themes(quotes[::-1])
    assert {theme.key: theme.families for theme in again} == {theme.key: theme.families for theme in found}


# --- asked, promised, given -----------------------------------------------------------------------------------------


def test_a_question_waits_until_a_person_has_written(place: Place) -> None:
    ana, rosa = place.family(), place.family()
    place.writes(
        ana,
        "¿Cuándo es la reunión?",
        "When is the meeting?",
        notes=["written_to_staff"],
        at=NOW - timedelta(hours=3),
    )
    place.writes(rosa, "¿Hay autobús?", "Is there a bus?", notes=["question"], at=NOW - timedelta(hours=2))
    place.writes(rosa, "👍", "👍", at=NOW)
    place.teacher_writes(ana, "On Friday at 5.", at=NOW - timedelta(hours=1))
    made = summary(place.db, place.whose, MONTH)
    assert [(asked.quote.english, asked.answered) for asked in made.asked] == [
        ("Is there a bus?", False),
        ("When is the meeting?", True),
    ]


def test_what_we_promised_and_did_is_quoted_from_our_own_texts(place: Place) -> None:
    ana = place.family()
    place.teacher_writes(ana, "Thank you! I will ask the office about the bus.", at=NOW - timedelta(days=1))
    did = place.teacher_writes(ana, "We changed the bus stop. How is Lucas?")
    made = summary(place.db, place.whose, MONTH)
    assert [(deed.kind, deed.words) for deed in made.deeds] == [
        ("did", "We changed the bus stop."),
        ("promised", "I will ask the office about the bus."),
    ]
    assert made.deeds[0].links[0].text_id == did
    assert not made.deeds[0].links[0].from_family


def test_a_family_that_will_do_something_is_no_promise_of_ours() -> None:
    said = ["You will love it.", "Will he come?", "She has called.", "Let's see."]
    assert list(deeds(StaffText(1, number, words, NOW) for number, words in enumerate(said))) == []
    assert [deed.kind for deed in deeds([StaffText(1, 1, "I’ll check. We've sent it!", NOW)])] == [
        "promised",
        "did",
    ]


def test_strengths_ideas_and_where_goals_stand(place: Place) -> None:
    ana, rosa = place.family(), place.family()
    place.gives(ana, "strength", "Sé tejer", "I can weave")
    place.gives(rosa, "idea", "Una noche de cuentos", "A night of stories")
    place.tries(ana, "reading.daily", "practised")
    place.tries(rosa, "reading.daily", "tried")
    place.tries(rosa, "reading.daily", "tried")
    made = summary(place.db, place.whose, MONTH)
    assert {(gift.kind, gift.quote.english) for gift in made.gifts} == {
        ("strength", "I can weave"),
        ("idea", "A night of stories"),
    }
    [goal] = made.goals
    assert (goal.goal, goal.families, goal.steps) == ("reading.daily", 2, (("practised", 1), ("tried", 2)))


def test_a_file_of_it_runs_nothing(place: Place) -> None:
    ana, rosa = place.family(), place.family()
    place.answers(ana, "family.hopes", "=HYPERLINK(1)", english="=cmd|' /C calc'!A0 soccer")
    place.answers(rosa, "family.hopes", "soccer <script>", english="-1+2 soccer")
    text = as_csv(*csv_rows(summary(place.db, place.whose, MONTH)))
    assert ",=" not in text
    assert ",-1+2" not in text
    assert "'=HYPERLINK(1)" in text
    assert "<script>" in text


def test_the_same_families_make_the_same_summary_with_as_many_queries(place: Place) -> None:
    from sqlalchemy import event

    counted: list[str] = []
    event.listen(place.db.engine, "before_cursor_execute", lambda *given: counted.append(given[2]))
    few = [place.family() for _ in range(2)]
    for talk in few:
        place.answers(talk, "family.hopes", "fútbol", english="soccer")
    counted.clear()
    first = summary(place.db, place.whose, MONTH)
    queries = len(counted)
    assert summary(place.db, place.whose, MONTH) == first
    for talk in [place.family() for _ in range(10)]:
        place.answers(talk, "family.hopes", "fútbol", english="soccer")
    counted.clear()
    summary(place.db, place.whose, MONTH)
    assert len(counted) == queries <= 15


# --- corrected ------------------------------------------------------------------------------------------------------


def test_staff_hide_and_reword_and_a_family_corrects(place: Place) -> None:
    ana = place.family()
    place.answers(ana, "family.last_reading", "sí", choice="read_well")
    place.gives(ana, "strength", "Sé tejer", "I can knit")
    made = summary(place.db, place.whose, MONTH)
    tally, gift = made.tallies[0].key, made.gifts[0].key
    edit(place.db, place.school, tally, "hide", NOW, staff_id=place.teacher)
    edit(place.db, place.school, gift, "edit", NOW, words="She weaves", staff_id=place.teacher)
    edit(
        place.db,
        place.school,
        gift,
        "correction",
        NOW,
        words="Tejo en telar, no con agujas",
        conversation_id=ana,
    )
    left = apply_edits(made, edits_of(place.db, place.school, claims_of(made)))
    assert left.summary.tallies == ()
    assert left.hidden == {tally}
    assert left.wordings == {gift: "She weaves"}
    assert [one.words for one in left.corrections[gift]] == ["Tejo en telar, no con agujas"]
    edit(place.db, place.school, tally, "show", NOW + timedelta(minutes=1), staff_id=place.teacher)
    assert (
        apply_edits(made, edits_of(place.db, place.school, claims_of(made))).summary.tallies == made.tallies
    )
    with pytest.raises(ValueError, match="words first"):
        edit(place.db, place.school, gift, "edit", NOW, words=" ")
