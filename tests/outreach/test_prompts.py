"""A coordinator begins a conversation with many families at once: each at its own hour, in its own language, once."""

from __future__ import annotations

import pytest

from bot.conversation.reply import take_over
from bot.jobs import work
from bot.outreach.audience import Audience
from bot.outreach.firing import fire_due
from bot.outreach.planning import plan_due
from bot.outreach.reach import our_numbers
from bot.outreach.scheduling import cancel
from bot.store.learning import Answer
from tests.outreach.conftest import Office

pytestmark = pytest.mark.model


def test_every_family_gets_it_at_its_hour_in_its_own_language(either_office: Office) -> None:
    office = either_office
    prompt = office.prompt()
    office.until(7)  # 17:00
    assert office.texts() == []
    plan = office.plan(prompt)
    assert len(office.who(prompt)) == 10
    assert not plan["Elena Xol"].included, "nobody knows what she reads, and it is not assumed"
    assert "language" in plan["Elena Xol"].why
    office.until(1)
    texts = office.texts()
    assert {row.state for row in texts} == {"delivered"}
    assert sorted({str(row.language) for row in texts}) == ["ar", "en", "es", "ht", "pt", "so", "vi"]
    assert len(texts) == len({row.conversation_id for row in texts}) == 10
    [juliana] = office.texts_to("Juliana")
    assert "Lucas" in office.body(juliana)
    assert {line.state for line in office.plan(prompt).values()} == {"fired", "left_out"}


def test_however_small_the_batches_every_family_gets_one_text(either_office: Office) -> None:
    """On PostgreSQL two hands work at once: no family may be in both, and its two prompts go as one."""
    office = either_office
    world = office.town.world
    ours = our_numbers(world.settings)
    prompts = [office.prompt(), office.prompt(script="attendance_check", title="Every day counts")]
    plan_due(world.desk, ours)
    office.town.clock.forward(hours=7.6)
    while fire_due(world.desk, ours, seconds=60, at_once=1):
        pass
    texts = office.texts()
    assert len(texts) == len({row.conversation_id for row in texts}) == 10
    states = [row.state for prompt in prompts for row in office.rows(prompt)]
    assert states.count("fired") == 20
    assert "planned" not in states


def test_a_reply_to_a_prompt_goes_on_like_any_conversation(office: Office) -> None:
    office.prompt()
    office.until(8)
    juliana = office.town.guardian("Juliana")
    juliana.texts("um pouco")
    assert [shown.line for shown in juliana.shows()][-2:] == [
        "reading_checkin.tip_more.say",
        "reading_checkin.try.ask",
    ]
    with office.town.world.db.reading() as session:
        assert [row.choice for row in session.query(Answer)] == ["a_bit"]


def test_the_plan_that_is_shown_before_is_what_happens(office: Office) -> None:
    prompt = office.prompt(at="16:10")
    before = office.plan(prompt)
    office.until(7)
    after = office.plan(prompt)
    for name, line in before.items():
        assert (line.included, line.when, line.language, line.segments) == (
            after[name].included,
            after[name].when,
            after[name].language,
            after[name].segments,
        )


def test_each_family_lives_by_its_own_clock(either_office: Office) -> None:
    office = either_office
    office.change("Juliana", time_zone="America/Los_Angeles")
    office.change("Carter", time_zone="Europe/Lisbon")
    prompt = office.prompt()
    plan = office.plan(prompt)
    assert plan["Juliana Ferreira"].when.isoformat() == "2026-03-04T17:30:00-08:00"
    assert plan["Juliana Ferreira"].when.tzinfo.key == "America/Los_Angeles"  # type: ignore[union-attr]
    office.until(8.5)  # 18:30 in New York, 15:30 in Los Angeles
    assert office.texts_to("Juliana") == []
    assert len(office.texts_to("Carmen")) == 1
    office.until(2.5)
    [text] = office.texts_to("Juliana")
    assert text.not_before.astimezone(plan["Juliana Ferreira"].when.tzinfo).hour >= 17


def test_only_the_class_is_asked(office: Office) -> None:
    fifth = office.prompt(audience=Audience(sections=(office.section("5"),)))
    assert office.who(fifth) == {"Carmen Morales", "Héctor Morales", "Faduma Warsame", "Paulo Andrade"}
    assert {line.child for line in office.plan(fifth).values() if line.included} == {
        "Diego",
        "Hodan",
        "Beatriz",
    }
    third = office.prompt(audience=Audience(grades=("3",), languages=("Portuguese",)))
    assert office.who(third) == {"Juliana Ferreira"}


def test_families_not_heard_from_for_a_week(either_office: Office) -> None:
    office = either_office
    office.town.guardian("Juliana").texts("Oi!")
    quiet = office.prompt(audience=Audience(languages=("pt",), not_heard_days=7))
    assert office.who(quiet) == {"Paulo Andrade"}


def test_brothers_and_sisters_take_turns(office: Office) -> None:
    office.prompt(day=office.today)
    office.until(24 * 7)
    second = office.prompt(day=office.today)
    first_child = office.plan(second)["Carmen Morales"].child
    assert first_child == "Diego", "Ana had her turn last week"


def test_a_prompt_that_is_called_off_reaches_nobody_any_more(office: Office) -> None:
    prompt = office.prompt()
    office.until(1)
    assert cancel(office.town.world.db, [prompt], office.town.clock()) == 10
    office.until(9)
    assert office.texts() == []
    assert {line.why for line in office.plan(prompt).values() if line.guardian != "Elena Xol"} == {
        "It was called off."
    }


def test_a_family_that_said_stop_in_the_last_minute_gets_nothing(office: Office) -> None:
    prompt = office.prompt()
    juliana = office.town.guardian("Juliana")
    juliana.texts("Oi!")
    office.until(7.4)
    juliana.texts("STOP")
    count = len(juliana.shows())
    office.until(1)
    assert len(juliana.shows()) == count
    assert office.plan(prompt)["Juliana Ferreira"].why == "The family asked for no more texts."


def test_a_family_that_is_writing_is_heard_first(either_office: Office) -> None:
    office = either_office
    prompt = office.prompt()
    juliana = office.town.guardian("Juliana")
    office.until(7.4)
    juliana.texts("Professora, o Lucas está doente hoje", turn=False)
    office.town.clock.forward(minutes=10)
    work.fire_timers(office.town.world)
    assert [row.state for row in office.rows(prompt)].count("planned") == 1
    office.town.settle()
    assert [row.state for row in office.rows(prompt)].count("fired") == 10
    lines = [shown.line for shown in juliana.shows()]
    assert lines[-1] == "reading_checkin.ask.ask"
    assert lines[0] == "welcome.hello.say", "what she wrote was answered first"


def test_while_a_person_talks_with_a_family_the_bot_keeps_quiet(office: Office) -> None:
    juliana = office.town.guardian("Juliana")
    juliana.texts("Oi!")
    take_over(office.town.world.desk, juliana.conversation)
    prompt = office.prompt()
    assert "person is talking" in office.plan(prompt)["Juliana Ferreira"].why
    count = len(juliana.shows())
    office.until(9)
    assert len(juliana.shows()) == count
