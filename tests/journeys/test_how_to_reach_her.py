"""What a family says about how it likes to be reached is what the product does from then on."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.outreach.prompts import begin
from bot.records.profile import profile
from bot.store.people import Guardian
from bot.store.talk import Conversation, Timer
from tests.people import Phone, Town

pytestmark = pytest.mark.model


def _guardian(phone: Phone) -> Guardian:
    with phone.town.world.db.reading() as session:
        return session.get_one(Guardian, phone.row().guardian_id)


def _asked(phone: Phone) -> Phone:
    """She has been welcomed, and six days later we ask how she likes to be reached."""
    phone.texts("Oi! Sou a mãe do Lucas.")
    phone.texts("Que ele seja feliz e aprenda a ler")
    phone.town.later(days=6, hours=1)
    assert phone.last.line == "how_to_reach_you.language.ask"
    return phone


def test_her_name_her_days_and_her_time_are_applied_and_shown_to_her_teacher(school: Town) -> None:
    juliana = _asked(school.guardian("Juliana"))
    for words in ("Sim", "português", "Me chame de Dona Ju", "de manhã", "sextas e domingos"):
        juliana.texts(words)
    assert juliana.last.line == "how_to_reach_you.bye.say"
    her = _guardian(juliana)
    assert (her.address_as, her.language, her.spoken_language, her.quiet_days) == (
        "Dona Ju", "pt", "pt", ["fri", "sun"],
    )  # fmt: skip
    with school.world.db.reading() as session:
        talk = session.get_one(Conversation, juliana.conversation)
        seen = profile(school.world.db, session, talk, session.get_one(Guardian, her.id))
    assert (seen.address_as, seen.quiet_days, seen.best_time) == ("Dona Ju", ("fri", "sun"), "morning")

    begin(school.world.desk, juliana.conversation, "reading_checkin", "week2")
    school.settle()
    juliana.texts("sim, todos os dias")
    juliana.texts("7")
    assert "Dona Ju" in juliana.last.body
    begin(school.world.desk, juliana.conversation, "reading_programme", "autumn")
    school.settle()
    with school.world.db.reading() as session:
        wait = session.scalars(select(Timer).where(Timer.state == "pending", Timer.kind == "wait")).one()
    assert (
        f"{wait.due_at.astimezone(ZoneInfo(seen.time_zone or school.world.desk.default_zone)):%H:%M}"
        == "09:00"
    )


def test_she_names_another_language_and_the_very_next_line_is_in_it(school: Town) -> None:
    juliana = _asked(school.guardian("Juliana"))
    juliana.texts("Em espanhol, por favor")
    assert (juliana.last.line, juliana.last.language) == ("how_to_reach_you.spoken.ask", "es")
    assert (juliana.row().language, _guardian(juliana).language) == ("es", "es")


def test_what_nobody_can_apply_changes_nothing_and_waits_for_a_person(embedded: Town) -> None:
    juliana = _asked(embedded.guardian("Juliana"))
    for words in ("Sim", "falo mam e um pouco de espanhol", "Dona Ju", "à noite"):
        juliana.texts(words)
    text = juliana.texts("Todos os dias menos sexta")
    assert "wish_unclear" in juliana.sent(text).notes
    assert _guardian(juliana).quiet_days == []
    assert juliana.row().awaits_staff_since is not None


def test_a_language_named_at_any_time_is_set_at_once(embedded: Town) -> None:
    juliana = embedded.guardian("Juliana")
    juliana.texts("Oi! Sou a mãe do Lucas.")
    juliana.texts("Can you write to me in English please?")
    assert (juliana.last.line, juliana.last.language) == ("phrase.language_set", "en")
    assert _guardian(juliana).language == "en"
