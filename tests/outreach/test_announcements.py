"""What cannot be answered is labelled, needs a reason, and counts against a budget; critical words wait for a person."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.language.memory import TranslationMemory
from bot.outreach.audience import Audience
from bot.outreach.scheduling import CannotPrompt, cancel
from bot.store.talk import Outbox
from tests.outreach.conftest import Office

pytestmark = pytest.mark.model
PICTURES = "Picture day is on Friday. Nobody has to buy anything."
PORTUGUESE = Audience(languages=("pt",))


def test_an_announcement_needs_a_reason(office: Office) -> None:
    with pytest.raises(CannotPrompt, match="announcement"):
        office.prompt(words=PICTURES, title="Picture day")


def test_it_goes_out_labelled_and_does_not_count_as_a_learning_text(office: Office) -> None:
    office.prompt(words=PICTURES, title="Picture day", reason="Families plan for it", audience=PORTUGUESE)
    office.until(8)
    [juliana] = office.texts_to("Juliana")
    assert (juliana.kind, juliana.occasion, juliana.session_id) == ("announcement", None, None)
    assert juliana.language == "pt"
    assert office.town.world.db.vault.open(Outbox.original, juliana.id, juliana.original) == PICTURES  # type: ignore[arg-type]


def test_the_school_has_a_budget_of_them(office: Office) -> None:
    made = [
        office.prompt(words=PICTURES, title=f"No. {n}", reason="Dates", day=office.today + timedelta(days=n))
        for n in range(2)
    ]
    with pytest.raises(CannotPrompt, match="2 announcements in seven days"):
        office.prompt(words=PICTURES, title="No. 3", reason="Dates", day=office.today + timedelta(days=3))
    office.prompt(words=PICTURES, title="Later", reason="Dates", day=office.today + timedelta(days=7))
    cancel(office.town.world.db, [made[1]], office.town.clock())
    office.prompt(words=PICTURES, title="Instead", reason="Dates", day=office.today + timedelta(days=3))


def test_a_conversation_without_a_learning_goal_is_an_announcement_too(office: Office) -> None:
    with pytest.raises(CannotPrompt, match="no learning goal"):
        office.prompt(script="welcome", title="Welcome")


def test_families_whose_language_nobody_here_can_write_are_told_apart(office: Office) -> None:
    prompt = office.prompt(words=PICTURES, title="Picture day", reason="Families plan for it")
    plan = office.plan(prompt)
    assert plan["Juliana Ferreira"].included
    assert plan["James Carter"].included
    assert plan["Faduma Warsame"].why == "No approved translation into the family's language."


def test_critical_words_are_never_sent_by_a_machine_alone(office: Office) -> None:
    words = "Your child was suspended for one day. Please call the office."
    prompt = office.prompt(words=words, title="Please call", reason="By law")
    plan = office.plan(prompt)
    assert plan["James Carter"].included, "he reads the language it was written in"
    assert not plan["Juliana Ferreira"].included
    office.until(1)
    memory = TranslationMemory(office.town.world.db, office.town.clock)
    wording = "Seu filho foi suspenso por um dia. Por favor, ligue para a escola."
    memory.approve(words, wording, "en", "pt", None, office.coordinator.id)
    office.until(8)
    [juliana] = office.texts_to("Juliana")
    assert (office.body(juliana), juliana.origin) == (wording, "reviewed")
    assert office.texts_to("Carmen") == []


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"at": "21:30"}, "quiet hours"),
        ({"script": "no_such"}, "reading_checkin"),
        ({"audience": Audience()}, "whom it is for"),
        ({"audience": Audience(sections=(1,))}, "no section with the id 1"),
        ({"audience": Audience(languages=("klingon",))}, "klingon"),
        ({"words": "Hello {mother}", "reason": "x"}, "{mother} cannot be filled in"),
        ({"topic": "weather"}, "special_education"),
        ({"title": " "}, "title"),
        ({"goal_id": 7}, "no such learning goal"),
    ],
)
def test_what_cannot_be_begun_is_told_with_the_way_out(
    office: Office, more: dict[str, object], says: str
) -> None:
    with pytest.raises(CannotPrompt, match=says):
        office.prompt(**more)  # type: ignore[arg-type]


def test_a_day_that_is_over_is_refused(office: Office) -> None:
    with pytest.raises(CannotPrompt, match="over everywhere"):
        office.prompt(day=office.today - timedelta(days=2))
