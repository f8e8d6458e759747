"""A father reads dates as he writes them, and the class's goal in his own language, or honestly in English."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.conversation.snapshot import Family
from bot.conversation.values import LEFT_AS_IT_WAS, day_for, hour_for
from bot.conversation.wording import Worded
from bot.flow.lines import Line
from bot.jobs.wiring import World
from bot.language.memory import TranslationMemory
from bot.settings import load
from bot.store.columns import new_id
from bot.store.people import School
from tests.people import settings_for

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
CLASS = Line(
    "goal_checkin.fact.say",
    {
        "en": "This week: {goal}.",
        "es": "Esta semana: {goal}.",
        "ht": "Semèn sa a: {goal}.",
        "pt": "Esta semana: {goal}.",
    },
    "en",
)


@pytest.fixture
def house(sqlite_url: str, tmp_path: Path) -> Iterator[World]:
    world = World.build(load(settings_for(sqlite_url, tmp_path), None), lambda: NOON)
    yield world
    world.close()


def _said(world: World, goal: str, language: str, school: int | None = None) -> Worded:
    return world.desk.wording.line(CLASS, {"goal": goal}, language, Family(school_id=school))


def test_a_goal_of_the_vocabulary_comes_from_the_catalogs(house: World) -> None:
    said = _said(house, "Read together for a few minutes on most days", "ht")
    assert said.body == "Semèn sa a: Li ansanm kèk minit prèske chak jou."
    assert said.origin == "catalog"
    assert said.original == "This week: Read together for a few minutes on most days."


def test_a_goal_nobody_can_translate_stays_english_and_says_so(house: World) -> None:
    said = _said(house, "Fluently add and subtract within 20", "es")
    assert said.body == "Esta semana: “Fluently add and subtract within 20” (inglés)."
    assert LEFT_AS_IT_WAS in said.doubts


def test_an_approved_title_wins(house: World) -> None:
    school = new_id()
    with house.db.writing() as session:
        session.add(School(id=school, name="Lincoln", time_zone="America/New_York"))
    TranslationMemory(house.db, lambda: NOON).approve(
        "Fluently add and subtract within 20", "Sumar y restar con soltura hasta 20", "en", "es", school, None
    )
    said = _said(house, "Fluently add and subtract within 20", "es", school)
    assert said.body == "Esta semana: Sumar y restar con soltura hasta 20."
    assert LEFT_AS_IT_WAS not in said.doubts


@pytest.mark.model
def test_a_machine_translates_a_standard_once_and_the_text_counts_as_a_machines(house: World) -> None:
    said = _said(house, "Fluently add and subtract within 20", "pt")
    assert said.origin == "machine"
    assert "20" in said.body
    assert "subtract" not in said.body


@pytest.mark.parametrize(
    ("language", "day", "hour"),
    [
        ("es", "jue, 12 de marzo", "17:30"),
        ("ht", "jedi 12 mas", "17:30"),
        ("ko", "3월 12일 목요일", "오후 5:30"),
        ("hmn", "2026-03-12", "17:30"),
    ],
)
def test_dates_and_times_are_written_as_the_reader_writes_them(language: str, day: str, hour: str) -> None:
    assert (day_for("2026-03-12", language), hour_for("17:30", language)) == (day, hour)
