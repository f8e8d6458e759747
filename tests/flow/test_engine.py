"""How the engine carries a family through a conversation, one text or one silence at a time."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.flow.engine import WrongRevision, advance, claims, new_session
from bot.flow.happenings import (
    Ask,
    Began,
    CancelTimers,
    Finished,
    GoalProgress,
    HandedBack,
    HandOff,
    LeftOver,
    QuestionAsked,
    Record,
    Remind,
    Save,
    Say,
    SetTimer,
    TakenOver,
    Text,
    TimerRang,
)
from bot.flow.library import load_library
from bot.flow.script import CannotRead, Script
from bot.flow.session import Session

FLOWS = Path(__file__).parents[2] / "flows"
CHICAGO = ZoneInfo("America/Chicago")
EVENING = datetime(2026, 3, 4, 17, 30, tzinfo=CHICAGO)
KNOWN = {"child": "Ana", "guardian": "Rosa", "teacher": "Ms. Lee", "school": "Lincoln"}


@pytest.fixture(scope="module")
def reading() -> Script:
    return load_library(FLOWS).script("reading_checkin")


@pytest.fixture(scope="module")
def welcome() -> Script:
    return load_library(FLOWS).script("welcome")


def begun(script: Script, now: datetime = EVENING, language: str = "pt") -> Session:
    session, _ = advance(script, new_session(script), Began(dict(KNOWN), (language,)), now)
    return session


def test_a_mother_who_answers_a_little_gets_a_tip_and_is_asked_to_try(reading: Script) -> None:
    session, events = advance(reading, begun(reading), Text("Um pouco 😅"), EVENING)

    assert Save("family.last_reading", "a_bit", "Um pouco 😅") in events
    said = [event for event in events if isinstance(event, Say)]
    assert said[0].line.key == "reading_checkin.tip_more.say"
    assert said[0].values == {"child": "Ana"}
    asked = [event for event in events if isinstance(event, Ask)]
    assert asked[0].step == "reading_checkin.try"
    assert session.saved == {"family.last_reading": "a_bit"}
    assert session.status == "waiting"


def test_what_a_mother_hopes_is_kept_in_her_own_words(welcome: Script) -> None:
    hope = "Que ela seja feliz e fale com a avó em português"
    session, events = advance(welcome, begun(welcome), Text(hope, message_ref="m1"), EVENING)

    assert Save("family.hopes", hope, hope, "m1") in events
    assert Record("strength", hope) in events
    assert isinstance(events[-1], SetTimer)
    assert events[-1].kind == "wait"
    assert session.status == "waiting"


def test_an_answer_with_a_question_attached_is_both(reading: Script) -> None:
    _, events = advance(reading, begun(reading, language="es"), Text("Sí, ¿pero qué libro?"), EVENING)

    assert QuestionAsked("Sí, ¿pero qué libro?") in events
    assert any(isinstance(event, Save) and event.value == "read_well" for event in events)


def test_a_question_alone_goes_to_the_teacher_and_ours_stays_open(reading: Script) -> None:
    session = begun(reading, language="es")
    after, events = advance(reading, session, Text("¿Cuándo es la reunión?"), EVENING)

    assert events == (QuestionAsked("¿Cuándo es la reunión?"),)
    assert after == session


def test_two_replies_nobody_can_read_bring_a_person_and_lose_nothing(reading: Script) -> None:
    session, first = advance(reading, begun(reading), Text("banana"), EVENING)
    assert [event.again for event in first if isinstance(event, Ask)] == [1]

    session, second = advance(reading, session, Text("roxo", message_ref="m2"), EVENING)
    assert LeftOver("roxo", "m2") in second
    assert [event.to for event in second if isinstance(event, HandOff)] == ["teacher"]


def test_a_timer_of_an_earlier_question_does_nothing(reading: Script) -> None:
    session = begun(reading)
    stale = TimerRang("silent", session.visit)
    session, _ = advance(reading, session, Text("sim"), EVENING)

    after, events = advance(reading, session, stale, EVENING + timedelta(hours=44))

    assert (after, events) == (session, ())


def test_reminders_never_ring_in_the_familys_night(reading: Script) -> None:
    late = datetime(2026, 3, 4, 3, 30, tzinfo=CHICAGO)
    _, events = advance(reading, new_session(reading), Began(dict(KNOWN)), late)

    reminder = next(event for event in events if isinstance(event, SetTimer) and event.kind == "remind:1")
    # 03:30 plus 20 hours is 23:30: the reminder waits for 08:00 the next morning.
    assert reminder.at.astimezone(CHICAGO) == datetime(2026, 3, 6, 8, 0, tzinfo=CHICAGO) - timedelta(days=1)
    assert reminder.at.tzinfo is UTC


def test_a_reminder_counts_real_hours_over_the_night_the_clocks_change(reading: Script) -> None:
    before = datetime(2026, 3, 7, 14, 0, tzinfo=CHICAGO)
    _, events = advance(reading, new_session(reading), Began(dict(KNOWN)), before)

    reminder = next(event for event in events if isinstance(event, SetTimer) and event.kind == "remind:1")
    assert reminder.at - before.astimezone(UTC) == timedelta(hours=20)


def test_a_reminder_repeats_the_open_question_and_leaves_it_open(reading: Script) -> None:
    session = begun(reading)
    after, events = advance(reading, session, TimerRang("remind:1", session.visit), EVENING)

    assert isinstance(events[0], Remind)
    assert after == session


def test_silence_takes_its_own_way(reading: Script) -> None:
    session = begun(reading)
    _, events = advance(reading, session, TimerRang("silent", session.visit), EVENING)

    assert events[0] == CancelTimers()
    assert events[-1] == Finished("done")


def test_while_a_person_writes_the_bot_keeps_quiet_and_asks_again_afterwards(reading: Script) -> None:
    session, events = advance(reading, begun(reading), TakenOver(), EVENING)
    assert session.status == "handed_off"
    assert events == (CancelTimers(),)

    session, events = advance(reading, session, Text("sim"), EVENING)
    assert events == (LeftOver("sim"),)

    session, events = advance(reading, session, HandedBack(), EVENING)
    assert session.status == "waiting"
    assert isinstance(events[0], Ask)


def test_practice_counts_towards_the_goal(reading: Script) -> None:
    session, _ = advance(reading, begun(reading), Text("sim"), EVENING)
    _, events = advance(reading, session, Text("uns 4 dias"), EVENING)

    assert GoalProgress("reading.daily_20min", "practised", 4) in events


def test_a_session_reads_back_as_the_same_bytes(reading: Script) -> None:
    session = begun(reading)
    text = json.dumps(session.to_json(), ensure_ascii=False)

    again = Session.from_json(json.loads(text))

    assert again == session
    assert json.dumps(again.to_json(), ensure_ascii=False) == text


def test_something_else_is_not_a_session() -> None:
    with pytest.raises(CannotRead, match="not a stored session"):
        Session.from_json({"script": "welcome"})


def test_a_stored_script_reads_back_identically(reading: Script) -> None:
    again = Script.from_canonical(reading.canonical())

    assert again == reading
    assert again.canonical() == reading.canonical()
    assert again.sha256 == reading.sha256


def test_something_else_is_not_a_script() -> None:
    with pytest.raises(CannotRead, match="not a stored conversation"):
        Script.from_canonical('{"name": "welcome"}')


def test_a_session_is_pinned_to_its_revision(reading: Script, welcome: Script) -> None:
    with pytest.raises(WrongRevision):
        advance(welcome, begun(reading), Text("sim"), EVENING)


def test_a_text_when_nothing_is_asked_reaches_a_person(welcome: Script) -> None:
    session, _ = advance(welcome, begun(welcome), Text("mais tarde"), EVENING)
    assert session.status == "ended"

    _, events = advance(welcome, session, Text("Oi, tudo bem?"), EVENING)
    assert events == (LeftOver("Oi, tudo bem?"),)


def test_a_question_claims_what_answers_it(reading: Script, welcome: Script) -> None:
    assert claims(reading, begun(reading), Text("um pouco")) > 0.8
    assert claims(reading, begun(reading), Text("a reunião foi boa para nós")) < 0.1
    assert 0.1 < claims(welcome, begun(welcome), Text("que ela cresça feliz")) <= 0.4
    assert claims(reading, new_session(reading), Text("um pouco")) == 0
