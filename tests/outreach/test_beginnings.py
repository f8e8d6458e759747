"""One run of the engine stands for all families that differ only in what is said: never a word or a timer differs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.flow.engine import advance, new_session
from bot.flow.happenings import Ask, Began, Say, SetTimer
from bot.flow.library import compile_library, load_library
from bot.flow.lines import Value, fill
from bot.flow.script import Script
from bot.flow.session import Session
from bot.outreach.beginnings import Beginnings, steering
from bot.settings import HOME

BRANCHING = """
conversation: branching
title: {en: Branching}
goal: reading.daily_20min
role: supporter
language: en
steps:
  - id: which
    branch: {on: family.last_reading, cases: {read_well: praise, unknown: fresh}, otherwise: fresh}
  - id: praise
    say: {en: "Dear {guardian}, you read well with {child}!"}
    next: ask
  - id: fresh
    say: {en: "{child} and you, {guardian}: a new start."}
  - id: ask
    ask: {en: "How many days, {guardian}?"}
    number: {min: 1, max: 7, unit: days, next: end}
    save: family.reading_days
    unclear: {tries: 2, next: end}
"""
LIBRARY = load_library(HOME / "flows")
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20)


def _branching() -> Script:
    vocabulary = (HOME / "flows" / "vocabulary.yaml").read_text("utf-8")
    made = compile_library({"branching.yaml": BRANCHING, "vocabulary.yaml": vocabulary})
    return made.script("branching")


SCRIPTS = [*LIBRARY.scripts.values(), _branching()]


@given(
    st.sampled_from(SCRIPTS),
    st.fixed_dictionaries(
        {
            "guardian": st.none() | NAMES,
            "child": st.none() | NAMES,
            "teacher": st.none() | NAMES,
            "school": NAMES,
            "section": NAMES,
        },
        optional={
            "family.last_reading": st.sampled_from(["read_well", "a_bit", "not_yet"]),
            "family.reading_days": st.floats(1, 7),
            "goal": NAMES,
        },
    ),
    st.sampled_from(["America/New_York", "Pacific/Honolulu", "America/Sao_Paulo"]).map(ZoneInfo),
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)),
)
def test_it_says_and_sets_and_keeps_exactly_what_the_engine_would(
    script: Script, known: dict[str, Value], zone: ZoneInfo, at: datetime
) -> None:
    local, languages, awake = at.astimezone(zone), ("es",), ("08:00", "20:00")
    shared = Beginnings(script)
    shared.of({"child": "Somebody", "guardian": "Else", "school": "Lincoln"}, languages, awake, local)
    mine = shared.of(known, languages, awake, local)
    session, events = advance(script, new_session(script), Began(dict(known), languages, awake), local)
    if not mine.plain:
        return  # then the engine itself is asked, family by family
    said = [event for event in events if isinstance(event, Say | Ask)]
    assert [fill(one.line.original, one.values(known)) for one in mine.said] == [
        fill(event.line.original, event.values) for event in said
    ]
    assert mine.timers == tuple(event for event in events if isinstance(event, SetTimer))
    assert Session.from_json(json.loads(mine.state(known))) == session


def test_a_name_steers_nothing_and_an_answer_that_is_looked_at_does() -> None:
    script = _branching()
    assert "family.last_reading" in steering(script)
    assert "child" not in steering(script)


def test_ten_thousand_families_are_one_run() -> None:
    script = LIBRARY.scripts["reading_checkin"]
    shared = Beginnings(script)
    local = datetime(2026, 3, 4, 17, 30, tzinfo=ZoneInfo("America/New_York"))
    found = {
        id(
            shared.of(
                {"child": f"Ana {n}", "guardian": f"Rosa {n}", "school": "L"},
                ("es",),
                ("08:00", "20:00"),
                local,
            )
        )
        for n in range(10_000)
    }
    assert len(found) == 1
