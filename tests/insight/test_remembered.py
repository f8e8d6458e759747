"""A page that many people open does not reckon its numbers for each of them."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bot.insight.equity_facts import waits
from bot.insight.remembered import Remembered
from tests.conftest import Clock
from tests.insight.families import NOW


def test_an_answer_is_fresh_for_ten_minutes_and_says_from_when_it_is(clock: Clock) -> None:
    told: Remembered[int] = Remembered()
    first = told.get("q", clock(), lambda: 1)
    assert told.get("q", clock.forward(minutes=9), lambda: 2) == first
    again = told.get("q", clock.forward(minutes=2), lambda: 3)
    assert (again.value, again.made_at) == (3, clock())
    told.forget()
    assert told.get("q", clock(), lambda: 4).value == 4


def test_what_many_ask_at_once_is_reckoned_once(clock: Clock) -> None:
    told: Remembered[int] = Remembered()
    reckoned: list[int] = []
    together = threading.Barrier(8)

    def reckon() -> int:
        reckoned.append(1)
        time.sleep(0.02)
        return 7

    def ask(_: int) -> int:
        together.wait()
        return told.get("q", clock(), reckon).value

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(8))) == {7}
    assert len(reckoned) == 1


def test_trouble_is_told_and_not_remembered(clock: Clock) -> None:
    told: Remembered[float] = Remembered()
    with pytest.raises(ZeroDivisionError):
        told.get("q", clock(), lambda: 1 / 0)
    assert told.get("q", clock(), lambda: 2).value == 2


def test_the_oldest_answer_makes_room(clock: Clock) -> None:
    told: Remembered[int] = Remembered(most=2)
    for number in range(3):
        told.get(number, clock.forward(seconds=1), lambda number=number: number)
    assert told.get(2, clock(), lambda: 99).value == 2
    assert told.get(0, clock(), lambda: 99).value == 99


def test_waiting_begins_with_the_first_text_after_the_last_answer() -> None:
    at = [NOW + timedelta(hours=hours) for hours in range(10)]
    heard = [(1, at[3]), (1, at[0]), (1, at[1]), (2, at[5]), (3, at[9])]
    told = [(1, at[2]), (1, at[3]), (1, at[4]), (2, at[9]), (3, at[9]), (4, at[9])]
    hours = [None if seconds is None else seconds / 3600 for seconds in waits(heard, told)]
    assert hours == [2, 0, None, 4, 0, None]
