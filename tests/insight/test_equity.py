"""Every family alike? What the coordinator sees, and what nobody can reckon from it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.insight.csv_cells import as_csv, safe_cell
from bot.insight.equity import Equity, Group, equity, rows
from bot.insight.gaps import gaps, open_alerts, raise_alerts, settle
from bot.insight.reckoning import equity_csv, equity_numbers
from bot.insight.small_groups import FEWEST, show
from bot.store.database import Database
from tests.insight.families import MONTH, NOW, Place


@pytest.fixture
def place(db: Database) -> Place:
    return Place(db)


def languages(found: Equity) -> dict[str, Group]:
    return dict(rows(found, "language"))


def test_each_family_is_counted_once_in_its_group(place: Place) -> None:
    for number in range(12):
        talk = place.family("es")
        place.gets(talk)
        place.gets(talk)
        if number < 6:
            place.writes(talk, "gracias")
        if number < 3:
            place.tries(talk)
            place.tries(talk, "math")
    for _ in range(10):
        place.family("so", talks=False)
    found = languages(equity(place.db, place.whose, MONTH))
    assert (found["es"].families, found["es"].reached, found["es"].replied, found["es"].tried) == (
        12,
        12,
        6,
        3,
    )
    assert found["es"].rate("replied") == 0.5
    assert (found["so"].families, found["so"].reached, found["so"].rate("reached")) == (10, 0, 0.0)
    assert found["so"].rate("replied") is None  # nobody was written to: nobody could reply


def test_what_did_not_arrive_has_not_reached_and_what_was_before_does_not_count(place: Place) -> None:
    for number in range(10):
        talk = place.family("es")
        if number < 5:
            place.gets(talk, state="failed")
        else:
            place.gets(talk, at=NOW - timedelta(days=40))
    assert languages(equity(place.db, place.whose, MONTH))["es"].reached == 0


def test_how_long_families_wait_is_from_their_first_word_to_the_answer(place: Place) -> None:
    for _ in range(10):
        talk = place.family("es")
        place.writes(talk, "¿a qué hora?", at=NOW - timedelta(hours=6))
        place.writes(talk, "¿hola?", at=NOW - timedelta(hours=2))
        place.teacher_writes(talk, "At 5", at=NOW - timedelta(hours=1))
        place.teacher_writes(talk, "See you", at=NOW)
    group = languages(equity(place.db, place.whose, MONTH))["es"]
    assert len(group.waits) == 10
    assert group.median_hours == 5


def test_doubts_waiting_and_opt_outs(place: Place) -> None:
    for number in range(10):
        talk = place.family(
            "ht", awaits_staff_since=NOW if number < 4 else None, opted_out_at=NOW if number < 2 else None
        )
        place.gets(talk, origin="machine", doubts=["number_lost"] if number < 5 else [])
        place.gets(talk, origin="catalog", doubts=["draft"])
    group = languages(equity(place.db, place.whose, MONTH))["ht"]
    assert (group.rate("waiting"), group.rate("opted_out"), group.rate("doubts")) == (0.4, 0.2, 0.5)


def test_a_family_whose_language_nobody_knows_is_a_group_too(place: Place) -> None:
    for _ in range(10):
        place.family(None)
    assert list(languages(equity(place.db, place.whose, MONTH))) == ["unknown"]


def test_other_schools_are_not_in_it(place: Place) -> None:
    other = Place(place.db, "Hillside")
    for _ in range(10):
        place.family("es")
        other.family("es")
    assert equity(place.db, place.whose, MONTH).families == 10


def test_nine_families_are_never_shown_by_name(place: Place) -> None:
    for language, count in (("es", 30), ("ar", 12), ("so", 9)):
        for _ in range(count):
            place.family(language)
    found = languages(equity(place.db, place.whose, MONTH))
    assert set(found) == {"es", ""}
    assert found[""].families == 21  # Somali alone would be all families less Spanish and Arabic


def test_a_school_of_nine_shows_nothing(place: Place) -> None:
    for _ in range(9):
        place.family("es")
    found = equity(place.db, place.whose, MONTH)
    assert found.families is None
    assert rows(found, "language") == []
    assert gaps(found) == []


SIZES = st.dictionaries(st.text(min_size=1, max_size=3), st.integers(0, 60), max_size=9)


@given(SIZES)
def test_no_group_under_ten_can_be_reckoned(sizes: dict[str, int]) -> None:
    shown = show(sizes, lambda size: size, lambda one, other: one + other)
    there = {name: size for name, size in sizes.items() if size}
    everybody = sum(there.values())
    assert all(size >= FEWEST for size in shown.groups.values())
    if shown.total is None:
        assert everybody < FEWEST
        assert shown.together is None
        return
    hidden = set(there) - set(shown.groups)
    left = shown.total - sum(shown.groups.values())
    assert set(shown.of) == hidden
    assert shown.together == (left or None)
    # What is left over when everything shown is taken away is nobody, or ten and more from two groups.
    assert left == 0 or left >= FEWEST
    assert len(hidden) != 1


def a_school_with_a_gap(place: Place) -> None:
    for language, replies in (("en", 24), ("so", 4)):
        for number in range(30):
            talk = place.family(language)
            place.gets(talk)
            if number < replies:
                place.writes(talk, "ok")


def test_a_gap_is_a_question_to_the_schools_practice(place: Place) -> None:
    a_school_with_a_gap(place)
    found = gaps(equity(place.db, place.whose, MONTH))
    assert [(gap.dimension, gap.group, gap.measure) for gap in found] == [("language", "so", "replied")]
    says = found[0].says("Families who read Somali")
    assert "13%" in says
    assert "80%" in says
    assert "what we send" in says


def test_chance_is_no_gap(place: Place) -> None:
    for language, replies in (("en", 6), ("so", 4)):
        for number in range(10):
            talk = place.family(language)
            place.gets(talk)
            if number < replies:
                place.writes(talk, "ok")
    assert gaps(equity(place.db, place.whose, MONTH)) == []


def test_an_alert_is_raised_once_settled_by_a_person_and_raised_again_if_it_stays(place: Place) -> None:
    a_school_with_a_gap(place)
    found = gaps(equity(place.db, place.whose, MONTH))
    first = raise_alerts(place.db, place.school, found, NOW)
    assert len(first) == 1
    assert raise_alerts(place.db, place.school, found, NOW + timedelta(days=1)) == []
    [alert] = open_alerts(place.db, place.school)
    assert (alert.gap.group, alert.first_seen, alert.last_seen) == ("so", NOW, NOW + timedelta(days=1))
    assert settle(place.db, alert.id, "A Somali-speaking liaison calls.", place.teacher, NOW)
    assert not settle(place.db, alert.id, "again", place.teacher, NOW)
    assert open_alerts(place.db, place.school) == []
    assert raise_alerts(place.db, place.school, found, NOW + timedelta(days=20)) == []
    assert raise_alerts(place.db, place.school, found, NOW + timedelta(days=30)) == first


def test_the_table_as_a_file(place: Place) -> None:
    for _ in range(10):
        place.gets(place.family("es"))
    text = as_csv(*equity_csv(equity_numbers(equity(place.db, place.whose, MONTH))))
    assert text.startswith("\ufeffdimension,group,families,reached")
    assert "language,es,10,1.000,0.000" in text


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", " =1", "\r=1", "＝1", "%x", "|calc", "\ufeff=1"]
)
def test_no_cell_is_a_formula(cell: str) -> None:
    assert safe_cell(cell).startswith("'")


@given(st.text())
def test_a_safe_cell_says_what_was_said(cell: str) -> None:
    safe = safe_cell(cell)
    assert safe.removeprefix("'") == cell.replace("\x00", "").removeprefix("'") or safe == cell.replace(
        "\x00", ""
    )
    assert safe[:1] not in ("=", "+", "@", "\t", "\r", "\n")


def test_numbers_stay_numbers() -> None:
    assert [safe_cell(value) for value in (-3, 2.5, "-0.25", None)] == ["-3", "2.5", "-0.25", ""]
