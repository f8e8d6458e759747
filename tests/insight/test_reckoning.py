"""Numbers are reckoned while nobody looks; a page only reads them; a gap is found though nobody asks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event, func, select

from bot.insight.gaps import open_alerts, settle
from bot.insight.reckoning import (
    ALERT_DAYS,
    EQUITY,
    PERIODS,
    SUMMARY,
    WHAT,
    Question,
    answer,
    kept,
    next_due,
    reckon,
    reckon_next,
    summary_counts,
)
from bot.insight.scope import Period
from bot.insight.summary_material import summary
from bot.store.database import Database
from bot.store.insight import PracticeAlert, Reckoned
from bot.store.people import School
from tests.insight.families import NOW, Place

LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def place(db: Database) -> Place:
    found = Place(db)
    for _ in range(12):
        talk = found.family("es")
        found.gets(talk)
        found.writes(talk, "Sí")
    for _ in range(12):
        found.gets(found.family("so"))  # they were written to, and nobody wrote back
    return found


def test_a_day_of_ticks_reckons_every_question_once_and_then_rests(place: Place) -> None:
    reckoned = []
    while (question := reckon_next(place.db, LATER)) is not None:
        reckoned.append(question.key)
    assert sorted(reckoned) == sorted(f"{what}:{place.school}:{days}" for what in WHAT for days in PERIODS)
    assert next_due(place.db, LATER + timedelta(hours=19)) is None
    assert next_due(place.db, LATER + timedelta(hours=21)) is not None


def test_a_gap_becomes_one_alert_however_often_the_scheduler_ticks(place: Place) -> None:
    question = Question(EQUITY, str(place.school), ALERT_DAYS)
    for _ in range(3):
        reckon(place.db, question, LATER)
    alerts = open_alerts(place.db, place.school)
    assert [(one.gap.dimension, one.gap.group, one.gap.measure) for one in alerts] == [
        ("language", "so", "replied")
    ]
    assert settle(place.db, alerts[0].id, "Amina calls the families.", place.teacher, LATER)
    reckon(place.db, question, LATER + timedelta(days=1))
    assert open_alerts(place.db, place.school) == []
    with place.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(PracticeAlert)) == 1


def test_a_page_reads_one_row_whatever_there_is_to_reckon(place: Place) -> None:
    question = Question(EQUITY, str(place.school), 28)
    first = answer(place.db, question, LATER)
    place.family("vi")
    asked: list[str] = []
    event.listen(place.db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    again = answer(place.db, question, LATER + timedelta(hours=5))
    assert again == first
    assert len([one for one in asked if one.startswith("SELECT")]) == 1


def test_what_is_kept_names_no_group_of_fewer_than_ten(place: Place) -> None:
    for language in ("vi", "ko"):
        for _ in range(3):
            place.family(language)
    numbers = reckon(place.db, Question(EQUITY, str(place.school), 28), LATER).numbers
    assert {group["name"] for group in numbers["tables"]["language"]} == {"so", ""}
    assert sum(group["families"] for group in numbers["tables"]["language"]) == numbers["families"] == 30


def test_the_district_sees_all_real_schools_together_and_the_sample_never_among_them(place: Place) -> None:
    other = Place(place.db, name="Lakeside")
    for _ in range(15):
        other.family("pt")
    sample = Place(place.db, name="Sample")
    with place.db.writing() as session:
        session.get_one(School, sample.school).sample = True
    sample.family("en")
    found = reckon(place.db, Question(EQUITY, "all", 28), LATER)
    assert found.numbers["families"] == 39
    assert {group["name"] for group in found.numbers["tables"]["school"]} == {"Riverside", "Lakeside"}
    assert kept(place.db, Question(EQUITY, "sample", 28)) is None
    with place.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Reckoned)) == 1


def test_counts_that_take_their_time_are_kept_and_cheap_ones_are_of_this_moment(place: Place) -> None:
    talk = place.family()
    place.answers(talk, "family.last_reading", "sí", choice="read_well")
    place.answers(talk, "family.minutes", "20", number=20)
    place.tries(talk)
    question, period = Question(SUMMARY, str(place.school), 28), Period.last(28, LATER)
    fresh, _at = summary_counts(place.db, place.whose, period, question, LATER, cheap_seconds=60.0)
    assert kept(place.db, question) is None
    dear = -1.0
    first, first_at = summary_counts(place.db, place.whose, period, question, LATER, dear)
    place.answers(talk, "family.last_reading", "sí", choice="read_well")
    again, again_at = summary_counts(
        place.db, place.whose, period, question, LATER + timedelta(hours=9), dear
    )
    assert (first_at, again_at) == (LATER, LATER)
    assert first == fresh
    assert [
        (one.field, [(c.name, c.families, c.answers) for c in one.choices], one.mean) for one in again.tallies
    ] == [
        (one.field, [(c.name, c.families, c.answers) for c in one.choices], one.mean) for one in first.tallies
    ]
    assert again.goals == first.goals
    assert (again.heard, again.sent, again.families, again.told_there) == (
        first.heard, first.sent, first.families, first.told_there
    )  # fmt: skip
    whole = summary(place.db, place.whose, period, again)
    assert whole.tallies == again.tallies
    assert whole.method.texts_from_families == first.heard
