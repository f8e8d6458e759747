"""A worker answers families by itself, on both kinds of database, and survives what happens around it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import select, text

from bot.jobs import cluster, local, scheduler, work
from bot.store.talk import Inbox
from tests.people import Phone, Town

pytestmark = pytest.mark.model

PATIENCE = 30.0
"""Seconds until a test gives up; nothing is measured here."""


@contextmanager
def working(school: Town, *jobs: Callable[..., None]) -> Iterator[threading.Event]:
    """Worker threads that run until the end of the block, and must end then."""
    stop = threading.Event()
    threads = [threading.Thread(target=job, args=(school.world, stop)) for job in jobs]
    for thread in threads:
        thread.start()
    try:
        yield stop
    finally:
        stop.set()
        for thread in threads:
            thread.join(PATIENCE)
        assert not any(thread.is_alive() for thread in threads), "a worker ends when it is told to"


def eventually(true: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.05)


def worker_of(school: Town) -> Callable[..., None]:
    return local.run_worker if school.world.db.is_sqlite else cluster.run_worker


def test_texts_are_answered_while_the_worker_runs(school: Town) -> None:
    juliana, rami = school.guardian("Juliana"), school.guardian("Rami")
    with working(school, worker_of(school)):
        juliana.texts("Oi! Sou a mãe do Lucas.", turn=False)
        rami.texts("مرحبا، أنا والد يوسف", turn=False)
        eventually(lambda: len(juliana.shows()) >= 3 and len(rami.shows()) >= 3)
        juliana.texts("Que ele seja feliz e aprenda a ler", turn=False)
        eventually(lambda: juliana.last.line == "welcome.thanks.say")
    assert work.conversations_waiting(school.world) == []


def test_what_was_waiting_when_nobody_worked_is_done_first_thing(school: Town) -> None:
    juliana = school.guardian("Juliana")
    for number in range(3):
        juliana.texts(f"Mensagem {number} para a professora", turn=False)
    with working(school, worker_of(school)):
        eventually(
            lambda: not work.conversations_waiting(school.world) and not work.senders_waiting(school.world)
        )
    assert len(juliana.shows()) >= 3


def test_a_wake_up_that_got_lost_is_made_up_for(school: Town) -> None:
    juliana = school.guardian("Juliana")
    juliana.texts("Oi! Sou a mãe do Lucas.", turn=False)
    if not school.world.db.is_sqlite:
        with school.world.db.connection() as tx:
            tx.execute(text("DELETE FROM procrastinate_jobs"))
    with working(school, worker_of(school), scheduler.run_scheduler):
        eventually(lambda: bool(juliana.shows()))


def test_one_scheduler_leads_and_the_next_takes_its_place(school: Town) -> None:
    with scheduler.leadership(school.world) as first:
        assert first is not None
        assert first()
        with scheduler.leadership(school.world) as second:
            assert second is None
    with scheduler.leadership(school.world) as third:
        assert third is not None


def test_a_bug_in_one_turn_is_not_the_next_ones(school: Town) -> None:
    juliana, paulo = school.guardian("Juliana"), school.guardian("Paulo")
    broken = school.world.desk.library.pop("welcome")  # Juliana's first text finds no conversation to begin
    school.world.desk.library["welcome"] = None  # type: ignore[assignment]  # as a half-loaded library would be
    with working(school, worker_of(school)):
        juliana.texts("Oi! Sou a mãe do Lucas.", turn=False)
        eventually(
            lambda: juliana.row().lease_until is None and juliana.sent(_first(juliana)).retry_at is not None
        )
        school.world.desk.library["welcome"] = broken
        paulo.texts("Bom dia, sou o avô da Beatriz", turn=False)
        eventually(lambda: bool(paulo.shows()))


def _first(phone: Phone) -> int:
    with phone.town.world.db.reading() as session:
        return session.execute(select(Inbox.id).order_by(Inbox.id).limit(1)).scalar_one()
