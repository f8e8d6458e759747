"""A conversation that needs a date, an idea or a practice is told it, or does not begin."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.flow.telling import NotTold, as_told, wants_to_be_told
from bot.outreach.files import make_from_file
from bot.outreach.prompts import CannotBegin, begin
from bot.outreach.scheduling import CannotPrompt
from bot.store.learning import LearningGoal
from tests.outreach.conftest import Office

pytestmark = pytest.mark.model


def _goal(office: Office) -> int:
    with office.town.world.db.reading() as session:
        return session.scalars(select(LearningGoal.id).order_by(LearningGoal.code)).first() or 0


def test_families_read_the_day_and_the_hour_as_they_write_them(either_office: Office) -> None:
    office = either_office
    office.prompt(
        script="conference", goal_id=_goal(office), day=office.today + timedelta(days=1),
        told={"date": "2026-03-12", "time": "17:30"},
    )  # fmt: skip
    office.until(34)
    carmen, james = office.texts_to("Carmen"), office.texts_to("James Carter")
    assert "12 de marzo" in office.body(carmen[-1])
    assert "17:30" in office.body(carmen[-1])
    assert "Mar 12" in office.body(james[-1])
    assert "5:30 PM" in office.body(james[-1])


def test_a_file_says_it_under_with(office: Office) -> None:
    made = make_from_file(
        office.town.world.desk,
        "vote.yaml",
        "title: Vote\nday: 2026-03-05\nat: 17:30\nconversation: voice_vote\nreason: Families asked\n"
        "audience: {everyone: true}\nwith: {option_1: A reading evening, option_2: More light, option_3: 12}\n",
    )
    office.until(34)
    assert len(made.prompts) == 1
    assert "A reading evening" in office.body(office.texts_to("James Carter")[-1])


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({}, "wants to be told: date, time"),
        ({"date": "2026-03-12", "time": " "}, "wants to be told: time"),
        ({"date": "next week", "time": "17:30"}, "“date” cannot be read: write it like 2026-03-12"),
        ({"date": "2026-03-12", "time": "17:30", "place": "gym"}, "says nothing about “place”"),
    ],
)
def test_what_is_missing_or_strange_is_said_before_anybody_is_texted(
    office: Office, told: dict[str, str], says: str
) -> None:
    with pytest.raises(CannotPrompt, match=says):
        office.prompt(script="conference", goal_id=_goal(office), told=told)
    script = office.town.world.desk.library["conference"]
    with pytest.raises(NotTold, match=says):
        as_told(script, told)
    assert office.texts() == []


def test_one_family_is_asked_about_its_own_practice(office: Office) -> None:
    juliana = office.town.guardian("Juliana")
    juliana.texts("Oi! Sou a mãe do Lucas.")
    desk = office.town.world.desk
    with pytest.raises(CannotBegin, match="wants to be told: practice"):
        begin(desk, juliana.conversation, "share_practice", "a")
    begin(
        desk, juliana.conversation, "share_practice", "b", told={"practice": "Contamos os degraus da escada"}
    )
    office.town.settle()
    assert "Contamos os degraus da escada" in juliana.last.body, "her own words, as she wrote them"


def test_only_what_no_record_holds_is_asked_for(office: Office) -> None:
    library = office.town.world.desk.library
    wanted = {
        name: tuple(wants_to_be_told(script)) for name, script in library.items() if wants_to_be_told(script)
    }
    assert wanted == {
        "conference": ("date", "time"),
        "practice_from_a_family": ("practice",),
        "share_practice": ("practice",),
        "voice_vote": ("option_1", "option_2", "option_3"),
        "voice_we_did": ("idea", "decision"),
    }
