"""A mother who reads Portuguese and a teacher who reads English, from the first text to the next step."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.outreach.prompts import CannotBegin, begin
from bot.store.learning import Answer, GoalProgress
from tests.people import Phone, Town

pytestmark = pytest.mark.model


def _answers(school: Town) -> dict[str, str | None]:
    vault = school.world.db.vault
    with school.world.db.reading() as session:
        return {
            row.field: row.choice or vault.open_or(Answer.words, row.id, row.words)
            for row in session.scalars(select(Answer).order_by(Answer.at))
        }


def _welcomed(school: Town) -> Phone:
    juliana = school.guardian("Juliana")
    juliana.texts("Oi, boa tarde! Sou a mãe do Lucas.")
    juliana.texts("Quero que ele goste de ler e que nunca tenha vergonha de perguntar")
    return juliana


def test_her_first_text_is_read_in_english_and_answered_in_portuguese(school: Town) -> None:
    juliana = school.guardian("Juliana")
    text = juliana.texts("Oi, boa tarde! O Lucas vai ter prova de matemática na sexta-feira?")
    english = juliana.english(text)
    assert english is not None
    assert "Lucas" in english
    assert "Friday" in english
    assert juliana.sent(text).origin == "machine"
    assert juliana.sent(text).engine == "bergamot"
    assert {shown.language for shown in juliana.shows()} == {"pt"}
    assert juliana.row().awaits_staff_since is not None, "her question waits for a person"


def test_the_first_conversation_listens_to_her_hopes(school: Town) -> None:
    juliana = _welcomed(school)
    assert (
        _answers(school)["family.hopes"]
        == "Quero que ele goste de ler e que nunca tenha vergonha de perguntar"
    )
    assert "Lucas" in juliana.last.body


def test_the_teacher_answers_in_english_and_she_reads_portuguese(school: Town) -> None:
    juliana = _welcomed(school)
    queued = school.teacher_writes(juliana, "Lucas read 3 pages today. Please read with him at 5:30 pm.")
    assert queued.origin == "machine"
    assert "Lucas" in juliana.last.body
    assert "17:30" in juliana.last.body
    assert "3" in juliana.last.body
    assert juliana.last.original == "Lucas read 3 pages today. Please read with him at 5:30 pm."
    assert juliana.row().awaits_staff_since is None, "nobody waits any more"


def test_two_clicks_on_send_are_one_text(school: Town) -> None:
    juliana = _welcomed(school)
    before = len(juliana.shows())
    for _ in range(2):
        school.teacher_writes(juliana, "See you tomorrow!", token="the same form")
    assert len(juliana.shows()) == before + 1


def test_the_goal_is_followed_up_coached_tried_and_remembered(school: Town) -> None:
    juliana = _welcomed(school)
    begin(school.world.desk, juliana.conversation, "reading_checkin", "week2")
    school.settle()
    asked = juliana.last
    juliana.texts("um pouco 😅")
    assert _answers(school)["family.last_reading"] == "a_bit"
    coached = [shown.line for shown in juliana.shows()][-2:]
    assert coached == ["reading_checkin.tip_more.say", "reading_checkin.try.ask"]
    juliana.texts("sim, vou tentar")
    school.later(days=2, hours=1)
    assert juliana.last.line == "reading_checkin.how.ask"
    juliana.texts("Foi bom! Ele leu 3 páginas")
    assert _answers(school)["family.reading_try"] == "went_well"
    with school.world.db.reading() as session:
        assert [row.did for row in session.scalars(select(GoalProgress))] == ["tried"]
    assert asked.line == "reading_checkin.ask.ask"


def test_the_same_cause_begins_a_conversation_once(school: Town) -> None:
    juliana = _welcomed(school)
    begin(school.world.desk, juliana.conversation, "reading_checkin", "week2")
    school.settle()
    count = len(juliana.shows())
    with pytest.raises(CannotBegin, match="has been started"):
        begin(school.world.desk, juliana.conversation, "reading_checkin", "week2")
    school.settle()
    assert len(juliana.shows()) == count


def test_silence_brings_one_reminder_by_day_and_never_at_night(school: Town) -> None:
    juliana = _welcomed(school)
    begin(school.world.desk, juliana.conversation, "reading_checkin", "week2")
    school.settle()
    before = len(juliana.shows())
    school.clock.at = school.clock.at.replace(
        hour=4, minute=30
    )  # 23:30 in New York, and the reminder is long due
    school.later(days=1, hours=0)
    assert len(juliana.shows()) == before, "nobody is texted at night"
    school.later(hours=9)
    assert [shown.line for shown in juliana.shows()][before:] == ["reading_checkin.ask.reminder1"]


def test_an_answer_stops_the_reminder(school: Town) -> None:
    juliana = _welcomed(school)
    begin(school.world.desk, juliana.conversation, "reading_checkin", "week2")
    school.settle()
    juliana.texts("sim, todos os dias")
    juliana.texts("7")
    before = len(juliana.shows())
    school.later(days=4)
    assert len(juliana.shows()) == before
