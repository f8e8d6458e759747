"""One phone, two children, two open questions: the reply goes where it belongs, or we ask."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.flow.engine import advance, new_session
from bot.flow.happenings import Began, Text
from bot.flow.library import load_library
from bot.flow.routing import AskWhich, NoThread, Routed, Thread, pick, route
from bot.flow.script import Script

LIBRARY = load_library(Path(__file__).parents[2] / "flows")
NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def thread(name: str, child: str, asked: datetime = NOON, language: str = "es") -> Thread:
    script: Script = LIBRARY.script(name)
    session, _ = advance(script, new_session(script), Began({"child": child}, (language,)), asked)
    return Thread(f"{name}:{child}", script, session, child)


def test_a_reply_goes_to_the_question_it_answers() -> None:
    ana, luis = thread("reading_checkin", "Ana"), thread("welcome", "Luis")

    routed = route([ana, luis], Text("un poco"), NOON)

    assert routed == Routed(ana, "content")


def test_a_childs_name_in_the_reply_decides() -> None:
    ana, luis = thread("reading_checkin", "Ana"), thread("reading_checkin", "Luis")

    assert route([ana, luis], Text("Luis sí, todos los días"), NOON) == Routed(luis, "name")


def test_of_two_equal_questions_the_much_later_one_is_being_answered() -> None:
    old, new = thread("reading_checkin", "Ana"), thread("reading_checkin", "Luis", NOON + timedelta(hours=20))

    assert route([old, new], Text("sí"), NOON + timedelta(hours=21)) == Routed(new, "recency")


def test_when_nothing_decides_we_ask_which_child() -> None:
    ana, luis = (
        thread("reading_checkin", "Ana"),
        thread("reading_checkin", "Luis", NOON + timedelta(minutes=5)),
    )

    asked = route([ana, luis], Text("sí"), NOON + timedelta(hours=1))

    assert isinstance(asked, AskWhich)
    assert {found.about for found in asked.threads} == {"Ana", "Luis"}
    assert pick(asked.threads, "es de Ana") == ana
    assert pick(asked.threads, "los dos") is None


def test_nothing_open_means_nobody_is_answered() -> None:
    script = LIBRARY.script("welcome")

    assert route([Thread("1", script, new_session(script), "Ana")], Text("hola"), NOON) == NoThread()


@pytest.mark.parametrize("order", [1, -1])
def test_the_order_of_threads_does_not_matter(order: int) -> None:
    threads = [thread("reading_checkin", "Ana"), thread("welcome", "Luis"), thread("reading_checkin", "Eva")][
        ::order
    ]

    asked = route(threads, Text("sí"), NOON)

    assert isinstance(asked, AskWhich)
    assert [found.about for found in asked.threads] == ["Ana", "Eva"]
