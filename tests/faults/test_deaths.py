"""One worker, one scheduler dies: what it had in hand goes on, and how long that took is told (`pytest -s`).

The bounds asserted are generous, because a test machine may be busy; `bench/` has no place for this, because what is
measured is mostly a lease of our own. On a quiet machine: a conversation within its lease + 3 s, a scheduler within 2 s.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.channels.base import Incoming, Medium
from bot.conversation.turn import _claim
from bot.jobs import work
from bot.jobs.wiring import World, ensure_senders
from bot.settings import load
from bot.store.talk import Conversation, Inbox
from tests.fake_twilio.server import FakeTwilio
from tests.faults.site import OUR_NUMBER, Site, enroll, environment, free_port, say

pytestmark = [pytest.mark.faults, pytest.mark.model]

PATIENCE = 60.0
ROLES = {"worker": ["worker"], "scheduler": ["scheduler"], "second scheduler": ["scheduler"]}


@pytest.fixture
def place(database_url: str, tmp_path: Path) -> Iterator[tuple[Site, list[str]]]:
    """An installation without a web server, nothing of it running yet."""
    with FakeTwilio() as twilio:
        port = free_port()
        env = environment(database_url, tmp_path, port, twilio)
        world = World.build(load(env, None))
        ensure_senders(world.db, world.settings)
        found = Site(env, tmp_path, port, twilio, world, ROLES)
        try:
            yield found, enroll(world, 2)
        finally:
            found.stop()
            world.close()


def seconds_until(true: Callable[[], bool]) -> float:
    began = time.monotonic()
    while not true():
        assert time.monotonic() < began + PATIENCE, "it never happened"
        time.sleep(0.05)
    return time.monotonic() - began


def state(world: World, inbox_id: int) -> str:
    with world.db.reading() as session:
        return session.execute(select(Inbox.state).where(Inbox.id == inbox_id)).scalar_one()


def write(world: World, number: str, body: str) -> tuple[int, int]:
    received = work.receive(world, Incoming(f"D{number}{body}", Medium.SMS, OUR_NUMBER, number, body))
    return received.conversation_id, received.inbox_id


def test_a_dead_workers_conversation_goes_on(place: tuple[Site, list[str]]) -> None:
    here, (mother, grandfather) = place
    for role in ("worker", "scheduler"):
        here.start(role)
    _, first = write(here.world, mother, "Oi!")
    seconds_until(lambda: state(here.world, first) == "done")  # everybody is up
    talk, text = write(here.world, grandfather, "Good morning")
    # What a worker commits before it looks at a text; this one dies at once.
    taken = _claim(here.world.desk, talk, here.world.clock())
    if taken is None:  # the living worker was faster: then it is its own text that it dies over
        here.kill("worker")
    lease = here.world.settings.turn_lease_seconds
    took = seconds_until(lambda: state(here.world, text) == "done")
    say(f"a dead worker's conversation went on after {took:.1f} s; its lease is {lease:.0f} s")
    with here.world.db.reading() as session:
        assert (
            session.execute(select(Conversation.lease_until).where(Conversation.id == talk)).scalar() is None
        )


def test_a_dead_scheduler_is_replaced(place: tuple[Site, list[str]]) -> None:
    here, _ = place

    def leads(role: str) -> int:
        log = here.folder / f"{role}.log"
        return log.read_text("utf-8").count("scheduler_leads") if log.exists() else 0

    here.start("scheduler")
    seconds_until(lambda: leads("scheduler") == 1)
    here.start("second scheduler")
    boot = time.monotonic()
    while time.monotonic() < boot + 5 and leads("second scheduler") == 0:
        time.sleep(0.1)
    assert leads("second scheduler") == 0, "only one leads"
    here.running["scheduler"].kill()
    here.running["scheduler"].wait()
    took = seconds_until(lambda: leads("second scheduler") == 1)
    say(f"a dead scheduler was replaced after {took:.1f} s")
