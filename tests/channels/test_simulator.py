"""The phone in the browser."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.channels.base import Channel, Medium, Outgoing
from bot.channels.simulator import Simulator

HELLO = Outgoing("turn:1:0", Medium.SIMULATOR, "school", "+15555550123", "Olá!")


def test_a_text_sent_twice_is_one_bubble() -> None:
    assert Simulator().send(HELLO) == Simulator().send(HELLO)
    other = Outgoing("turn:1:1", Medium.SIMULATOR, "school", "+15555550123", "Olá!")
    assert Simulator().send(other).provider_id != Simulator().send(HELLO).provider_id


def test_after_a_crash_the_simulator_knows_the_text_under_the_same_id() -> None:
    simulator: Channel = Simulator()
    asked = simulator.find(HELLO, datetime(2026, 3, 4, tzinfo=UTC), frozenset())
    assert asked.found == simulator.send(HELLO)
    assert simulator.look_up(simulator.send(HELLO).provider_id).state == "delivered"
