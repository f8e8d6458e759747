"""APScheduler ticks; the functions it calls decide by themselves what is due.

One scheduler leads, by an advisory lock on PostgreSQL or a locked file beside SQLite. The jobs are idempotent, so
leadership saves work and nothing more. Job store in memory, no misfire limit, ticks that were missed run once: what
is due is in the tables. APScheduler reckons by the wall clock, and one that is set back stops its ticks; the leader's
loop compares it with the monotonic clock and starts the scheduler anew.
"""

from __future__ import annotations

import fcntl
import gc
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from bot.jobs import cluster, work
from bot.jobs.wiring import World
from bot.store.database import is_down

log = structlog.get_logger()

LEADER_LOCK = 7246838
CANDIDATE_SECONDS = 0.5
"""How often a stand-by asks for leadership: a dead leader is replaced within 2 s."""

BACKWARDS_SECONDS = 2.0
RECKON_SECONDS = 10
"""One number a tick, each once a day: a district of 50 schools is through in an hour."""


def run_scheduler(world: World, stop: threading.Event) -> None:
    """Lead when nobody else does, and tick until `stop` is set."""
    gc.freeze()  # what is loaded by now stays: the collector need not walk through it while prompts are fired
    while not stop.is_set():
        try:
            with leadership(world) as still_leader:
                if still_leader is None:
                    stop.wait(CANDIDATE_SECONDS)
                    continue
                log.info("scheduler_leads")
                _tick_until(world, stop, still_leader)
        except SQLAlchemyError as error:
            log.warning("scheduler_database_down", error=type(error).__name__)
            stop.wait(1.0)


def _tick_until(world: World, stop: threading.Event, still_leader: Callable[[], bool]) -> None:
    while not stop.is_set():
        scheduler = _make(world)
        scheduler.start()
        wall, steady = time.time(), time.monotonic()
        try:
            while not stop.wait(CANDIDATE_SECONDS):
                if not still_leader():
                    log.warning("scheduler_lost_leadership")
                    return
                drift = (time.time() - wall) - (time.monotonic() - steady)
                if drift < -BACKWARDS_SECONDS:
                    log.warning("clock_set_back", seconds=round(-drift))
                    break
        finally:
            scheduler.shutdown(wait=True)


def _make(world: World) -> BackgroundScheduler:
    scheduler = BackgroundScheduler(
        jobstores={"default": MemoryJobStore()},
        executors={"default": ThreadPoolExecutor(5)},
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        timezone="UTC",
    )
    scheduler.add_job(_ticking(world, work.fire_timers), "interval", seconds=1, id="fire_timers")
    scheduler.add_job(_ticking(world, work.sweep), "interval", seconds=2, id="sweep")
    scheduler.add_job(_ticking(world, work.keep_promises), "interval", seconds=30, id="keep_promises")
    scheduler.add_job(_ticking(world, work.keep_plans), "interval", seconds=60, id="keep_plans")
    scheduler.add_job(_ticking(world, work.reckon), "interval", seconds=RECKON_SECONDS, id="reckon")
    scheduler.add_job(_ticking(world, work.page), "interval", seconds=2, id="page")
    scheduler.add_job(_ticking(world, work.fetch_media), "interval", seconds=2, id="fetch_media")
    if not world.db.is_sqlite:
        scheduler.add_job(_ticking(world, cluster.wake_again), "interval", seconds=1, id="wake_again")
        scheduler.add_job(_ticking(world, cluster.retry_stalled), "interval", seconds=2, id="retry_stalled")
    return scheduler


def _ticking(world: World, call: Callable[[World], object]) -> Callable[[], None]:
    def tick() -> None:
        try:
            call(world)
        except Exception as error:  # the next tick tries again; APScheduler itself must not lose the job
            if is_down(error):
                log.warning("database_down")
            else:
                log.exception("tick_failed", what=getattr(call, "__name__", str(call)))

    return tick


@contextmanager
def leadership(world: World) -> Iterator[Callable[[], bool] | None]:
    """Hold the lock that only one scheduler has. Yields a way to ask whether it is still held, or None when it is
    somebody else's. A dead process gives it back by dying."""
    if world.db.is_sqlite:
        with _locked_file(_lock_path(world)) as held:
            yield (lambda: True) if held else None
        return
    with world.db.engine.connect() as connection:
        autocommit = connection.execution_options(isolation_level="AUTOCOMMIT")
        held = bool(autocommit.exec_driver_sql(f"SELECT pg_try_advisory_lock({LEADER_LOCK})").scalar_one())

        def still() -> bool:
            autocommit.exec_driver_sql(
                "SELECT 1"
            )  # raises when the connection, and with it the lock, is gone
            return True

        try:
            yield still if held else None
        finally:
            # The connection goes back to the pool: the lock must not stay with it.
            if held:
                autocommit.exec_driver_sql(f"SELECT pg_advisory_unlock({LEADER_LOCK})")


def _lock_path(world: World) -> Path:
    database = make_url(world.settings.sqlalchemy_url).database
    return Path(f"{database or 'puente'}.scheduler")


@contextmanager
def _locked_file(path: Path) -> Iterator[bool]:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(descriptor)
