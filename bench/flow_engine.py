"""How fast conversations step, beside the least a step can be; and how long the whole library takes to load and check.

The limit is a minimal dispatch: look a step up in a dict, compare the folded reply with a set of words, make the next
state and an event. It understands one word in one language; the engine's step reads the reply in fifteen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from time import process_time

from bench.figures import Figure
from bot.channels.segments import measure
from bot.flow.engine import advance, new_session
from bot.flow.happenings import Began, Text, TimerRang
from bot.flow.library import load_library
from bot.flow.lint import check
from bot.flow.words import lexicon
from bot.language.codes import CATALOG_LANGUAGES

FLOWS = Path(__file__).parent.parent / "flows"
NOW = datetime(2026, 3, 4, 17, 30, tzinfo=UTC)
ROUNDS = 20_000
REPLIES = (
    "um pouco 😅",
    "sim, lemos ontem com a avó",
    "ainda não",
    "não muito, ela tava cansada",
    "banana",
    "👍",
)
GUIDE = 20_000.0
"""Calls a second that issue 3 names as a guide, on one core."""


@dataclass(frozen=True, slots=True)
class _State:
    step: str
    saved: tuple[tuple[str, str], ...]


_TABLE = {"ask": ({"sim": "yes", "um pouco": "a_little", "ainda não": "not_yet"}, "ask")}


def _minimal(state: _State, reply: str) -> tuple[_State, tuple[tuple[str, str], ...]]:
    words, way = _TABLE[state.step]
    answer = words.get(reply.casefold().strip(), "unclear")
    return replace(state, step=way, saved=(("answer", answer),)), (("save", answer), ("say", "thanks"))


def _a_second(work: Callable[[int], object], rounds: int) -> float:
    """Calls a second of processor time, the best of three."""
    best = 0.0
    for _ in range(3):
        begun = process_time()
        for number in range(rounds):
            work(number)
        best = max(best, rounds / (process_time() - begun))
    return best


def run() -> list[Figure]:
    """Steps a second by kind, and the time to load and check the library."""
    lexicon()
    begun = process_time()
    library = load_library(FLOWS)
    loaded = process_time() - begun
    begun = process_time()
    check(library, lambda text: measure(text).segments, ("en", *CATALOG_LANGUAGES))
    checked = process_time() - begun
    lexicon.cache_clear()
    begun = process_time()
    lexicon()
    words = process_time() - begun

    script = library.script("reading_checkin")
    asked, _ = advance(
        script,
        new_session(script),
        Began({"child": "Ana", "guardian": "Rosa", "teacher": "Ms. Lee"}, ("pt",)),
        NOW,
    )
    replies = [Text(reply) for reply in REPLIES]
    fresh = iter([Text(f"{reply.original} {number}a") for number, reply in enumerate(replies * 600)])
    stale = TimerRang("silent", -1)
    minimal = _a_second(lambda number: _minimal(_State("ask", ()), REPLIES[number % 6]), ROUNDS)
    begins = _a_second(
        lambda _: advance(script, new_session(script), Began({"child": "Ana"}, ("pt",)), NOW), 4_000
    )
    timers = _a_second(lambda _: advance(script, asked, stale, NOW), ROUNDS)
    seen = _a_second(lambda number: advance(script, asked, replies[number % 6], NOW), ROUNDS)
    unseen = _a_second(lambda _: advance(script, asked, next(fresh), NOW), 1_200)
    return [
        Figure("minimal dispatch, calls a second", minimal),
        Figure(
            "advance, a conversation begins, calls a second",
            begins,
            limit=minimal,
            limit_name="minimal dispatch",
        ),
        Figure(
            "advance, a timer of an earlier visit, calls a second",
            timers,
            limit=minimal,
            limit_name="minimal dispatch",
        ),
        Figure(
            "advance, a reply as families often send, calls a second",
            seen,
            limit=minimal,
            limit_name="minimal dispatch",
            at_least=0.02,
        ),
        Figure(
            "advance, a reply never seen before, calls a second",
            unseen,
            limit=minimal,
            limit_name="minimal dispatch",
        ),
        Figure("advance, an often-seen reply, share of the guide of 20,000 a second", seen / GUIDE),
        Figure("built-in words of fifteen languages, seconds of processor", words),
        Figure(
            "library loaded and checked, words included, seconds of processor",
            words + loaded + checked,
            at_most=2.0,
        ),
    ]


if __name__ == "__main__":
    for figure in run():
        print(figure.line())
