"""Both sides of a partnership in numbers: the four Cs beside each other, and the framework's conditions."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from bot.insight.partnership import ROLES, Measure, partnership
from bot.insight.partnership_counts import counts
from bot.insight.pulse import CS, Said, compare, pulse, record, side
from bot.insight.said_and_done import close_round, ledger, open_round
from bot.insight.scope import Period
from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.learning import LearningGoal
from bot.store.outreach import Prompt
from bot.store.people import Staff
from bot.store.talk import FlowRevision
from tests.insight.families import MONTH, NOW, Place

START = Period(NOW - timedelta(days=90), NOW - timedelta(days=60))
END = Period(NOW - timedelta(days=10), NOW + timedelta(minutes=1))


@pytest.fixture
def place(db: Database) -> Place:
    return Place(db)


def colleagues(place: Place, count: int) -> list[int]:
    ids = [new_id() for _ in range(count)]
    for number, row in enumerate(ids):
        place.add(
            Staff, id=row, school_id=place.school, name=f"T{number}", email=f"{row}@x.invalid", role="teacher"
        )
    return ids


# --- the four Cs ----------------------------------------------------------------------------------------------------


def test_families_and_staff_beside_each_other(place: Place) -> None:
    for _ in range(10):
        talk = place.family()
        place.answers(talk, "family.pulse_connection", number=2)
        place.answers(talk, "family.pulse_connection", number=4)  # thought again: the last answer counts
    for staff in colleagues(place, 10):
        record(place.db, place.school, staff, "connection", 3, NOW)
    by_c = {one.question: one for one in pulse(place.db, place.whose, START, END)}
    assert list(by_c) == list(CS)
    assert (by_c["connection"].families.end, by_c["connection"].families.people_end) == (4, 10)
    assert by_c["connection"].staff.end == 3
    assert by_c["connection"].families.start is None
    assert by_c["confidence"].families.end is None


def test_a_school_with_nine_teachers_does_not_show_what_they_said(place: Place) -> None:
    for staff in colleagues(place, 9):
        record(place.db, place.school, staff, "cognition", 5, NOW)
    shown = next(one for one in pulse(place.db, place.whose, START, END) if one.question == "cognition")
    assert (shown.staff.end, shown.staff.people_end) == (None, None)


def test_a_change_is_of_those_who_answered_twice() -> None:
    before = [Said(who, "capability", 2) for who in range(20)]
    after = [Said(who, "capability", 4) for who in range(10)] + [
        Said(who, "capability", 1) for who in range(30, 40)
    ]
    families = next(one for one in compare(before, after, [], []) if one.question == "capability").families
    assert (families.start, families.end, families.change) == (2, 2.5, 2)


@given(
    st.dictionaries(st.integers(0, 40), st.floats(1, 5)), st.dictionaries(st.integers(0, 40), st.floats(1, 5))
)
def test_nothing_is_said_about_fewer_than_ten(start: dict[int, float], end: dict[int, float]) -> None:
    shown = side(start, end)
    assert (shown.start is None) == (len(start) < 10)
    assert (shown.end is None) == (len(end) < 10)
    if shown.change is not None:
        both = start.keys() & end.keys()
        assert len(both) >= 10
        assert all(n == 0 or n >= 10 for n in (len(start) - len(both), len(end) - len(both)))


def test_what_is_no_answer_is_refused(place: Place) -> None:
    for question, value in (("joy", 3), ("cognition", 0), ("cognition", 6)):
        with pytest.raises(ValueError, match="four Cs"):
            record(place.db, place.school, place.teacher, question, value, NOW)


# --- the conditions -------------------------------------------------------------------------------------------------


def measures(place: Place) -> dict[str, Measure]:
    return {measure.key: measure for measure in partnership(place.db, place.whose, MONTH).measures}


def test_an_empty_school_measures_nothing_and_says_so(place: Place) -> None:
    found = measures(place)
    assert {measure.condition for measure in found.values()} == {
        "relational", "linked to learning", "asset-based", "culturally responsive", "collaborative", "interactive", "systemic",
        "integrated", "sustained",
    }  # fmt: skip
    assert found["listened_first"].value is None
    assert found["listened_first"].why
    assert found["reply_hours"].value is None
    assert found["staff_minutes"].why == "staff time is not measured"


def test_who_was_listened_to_before_anything_was_asked(place: Place) -> None:
    welcome = new_id()
    place.add(FlowRevision, id=welcome, name="welcome", sha256="w", yaml="{}", created_at=NOW)
    for number in range(4):
        talk = place.family()
        if number < 3:
            place.session(talk, revision_id=welcome, began_at=NOW - timedelta(days=5))
        place.session(talk, began_at=NOW - timedelta(days=2))
    late = place.family()
    place.session(late, began_at=NOW - timedelta(days=2))
    place.session(late, revision_id=welcome, began_at=NOW - timedelta(days=1))
    known = place.family()
    place.session(known, began_at=NOW - timedelta(days=60))
    place.session(known, began_at=NOW - timedelta(days=1))
    with place.db.reading() as session:
        assert counts(session, place.whose, MONTH).listened == (3, 5)
    assert measures(place)["listened_first"].why == "fewer than ten families"  # so it is not told


def test_prompts_serve_goals_and_announcements_are_counted(place: Place) -> None:
    goal = new_id()
    place.add(
        LearningGoal, id=goal, school_id=place.school, code="r", title="Read", improvement_goal="Plan 2"
    )
    place.add(LearningGoal, id=new_id(), school_id=place.school, code="m", title="Math")
    for kind, goal_id, state in (
        ("prompt", goal, "done"), ("prompt", goal, "done"), ("prompt", None, "done"), ("announcement", None, "done"),
        ("announcement", None, "cancelled"),
    ):  # fmt: skip
        place.add(
            Prompt, id=new_id(), school_id=place.school, kind=kind, title="x", goal_id=goal_id, audience={}, day=date(2026, 3, 4),
            at=time(17), state=state, opens_at=NOW, closes_at=NOW, created_at=NOW,
        )  # fmt: skip
    found = measures(place)
    assert (found["linked_to_goal"].part, found["linked_to_goal"].whole) == (2, 3)
    assert (found["announcements"].part, found["announcements"].whole) == (1, 4)
    assert found["plan"].value == 0.5


def test_answers_ideas_languages_and_rounds(place: Place) -> None:
    for number in range(10):
        talk = place.family("es")
        place.gets(talk, language="es" if number < 8 else "en")
        place.writes(talk, "hola", at=NOW - timedelta(hours=30 if number < 2 else 3))
        place.teacher_writes(talk, "hello")
        place.session(talk, open=False, outcome="done" if number < 5 else "silent")
        if number < 3:
            place.gives(talk, "strength", "Sé tejer")
            place.gives(talk, "idea", "Una idea")
    found = measures(place)
    assert found["reply_hours"].value == 3
    assert (found["in_promise"].part, found["in_promise"].whole) == (8, 10)
    assert (found["home_language"].part, found["home_language"].whole) == (8, 20)
    assert (found["strengths"].value, found["ideas"].value) == (30, 30)
    assert (found["rounds"].part, found["rounds"].whole) == (5, 10)
    assert (found["staff_active"].part, found["staff_active"].whole) == (1, 1)
    assert found["schools"].value == 1
    assert found["segments"].value == 20
    assert found["replied"].value == 1


def test_the_trend_is_against_the_period_before(place: Place) -> None:
    for number in range(10):
        talk = place.family("es")
        for days in (1, 40):
            place.gets(talk, at=NOW - timedelta(days=days))
        if number < 6:
            place.writes(talk, "hola", at=NOW - timedelta(days=1))
        if number < 2:
            place.writes(talk, "hola", at=NOW - timedelta(days=40))
    replied = measures(place)["replied"]
    assert (replied.value, replied.before) == (0.6, 0.2)
    assert replied.change == pytest.approx(0.4)


def test_a_school_sees_when_it_only_ever_asks_for_support(place: Place) -> None:
    revision = new_id()
    script = '{"conversations": {"tip": {"role": "supporter"}, "other": {"role": "advocate"}}}'
    place.add(FlowRevision, id=revision, name="tip", sha256="t", yaml=script, created_at=NOW)
    for _ in range(3):
        place.session(place.family(), revision_id=revision)
    assert dict(partnership(place.db, place.whose, MONTH).roles) == dict.fromkeys(ROLES, 0) | {"supporter": 3}


def test_as_many_queries_for_a_thousand_families_as_for_one(place: Place) -> None:
    counted: list[str] = []
    event.listen(place.db.engine, "before_cursor_execute", lambda *given: counted.append(given[2]))
    place.family()
    counted.clear()
    partnership(place.db, place.whose, MONTH)
    queries = len(counted)
    for _ in range(15):
        place.gets(place.family())
    counted.clear()
    partnership(place.db, place.whose, MONTH)
    assert len(counted) == queries <= 45


# --- you said, we did -----------------------------------------------------------------------------------------------


def test_a_round_is_open_until_somebody_says_what_was_done(place: Place) -> None:
    other = Place(place.db, "Hillside")
    rounds = [
        open_round(place.db, place.school, f"The bus is late {n}", NOW + timedelta(minutes=n), place.teacher)
        for n in range(3)
    ]
    assert not close_round(place.db, other.school, rounds[0], "nothing", NOW)
    assert close_round(place.db, place.school, rounds[0], "We moved the stop.", NOW)
    assert not close_round(place.db, place.school, rounds[0], "again", NOW)
    first, after = ledger(place.db, place.school, limit=2)
    rest, end = ledger(place.db, place.school, after, limit=2)
    assert [one.id for one in (*first, *rest)] == rounds[::-1]
    assert end is None
    assert (rest[0].did, rest[0].owner) == ("We moved the stop.", "Ms. Bennett")
    assert measures(place)["rounds_closed"].whole in (1, 2, 3)
    with pytest.raises(ValueError, match="families said"):
        open_round(place.db, place.school, " ", datetime.now(NOW.tzinfo))
