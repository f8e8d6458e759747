"""One machine, SQLite: workers look for work by themselves.

Looking is cheap: SQLite's `data_version` changes when another connection has committed, so an idle worker asks for
one number every 20 ms and reads the tables only when something happened, or once a second for what became due.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import structlog
from sqlalchemy import Connection

from bot.jobs import work
from bot.jobs.wiring import World
from bot.store.database import is_down

log = structlog.get_logger()

LOOK_SECONDS = 0.02
DUE_SECONDS = 1.0
DOWN_SECONDS = 2.0


def run_worker(world: World, stop: threading.Event) -> None:
    """Take turns and send, until `stop` is set; then finish what is under way."""
    world.get_ready_to_send()
    sender = threading.Thread(target=_guarded, args=(world, stop, _send_round), name="sender")
    sender.start()
    try:
        with ThreadPoolExecutor(world.settings.workers, thread_name_prefix="turn") as pool:
            busy: set[int] = set()
            lock = threading.Lock()
            most = 4 * world.settings.workers
            """Conversations in hand at once: enough that no thread waits for the next look."""

            def one(conversation_id: int) -> None:
                try:
                    work.take_turns(world, conversation_id)
                except Exception as error:
                    _say(error)
                finally:
                    with lock:
                        busy.discard(conversation_id)

            def turn_round(world: World) -> float | None:
                with lock:
                    at_hand = len(busy)
                if at_hand < most:
                    for conversation_id in work.conversations_waiting(world):
                        with lock:
                            if conversation_id in busy or len(busy) >= most:
                                continue
                            busy.add(conversation_id)
                        pool.submit(one, conversation_id)
                return LOOK_SECONDS if busy else None

            _guarded(world, stop, turn_round)
    finally:
        sender.join()


def _send_round(world: World) -> float | None:
    """Send for every sender that has something due. Returns how long until there is more (None: nothing known)."""
    soonest: float | None = None
    for sender, medium in work.senders_waiting(world):
        if world.channels.get(medium) is None:
            continue
        sent = work.send(world, sender, medium)
        if sent.wait is not None:
            seconds = sent.wait.total_seconds()
            soonest = seconds if soonest is None else min(soonest, seconds)
    return soonest


def _guarded(world: World, stop: threading.Event, round_: Callable[[World], float | None]) -> None:
    """Call `round_` whenever something was committed, or became due, until `stop`. Trouble is logged and survived."""
    with world.db.engine.connect().execution_options(puente_read=True) as watcher:
        seen, due = -1, 0.0
        while not stop.is_set():
            version = _data_version(watcher)
            if version == seen and time.monotonic() < due:
                stop.wait(LOOK_SECONDS)
                continue
            seen, due = version, time.monotonic() + DUE_SECONDS
            try:
                again = round_(world)
            except Exception as error:
                _say(error)
                stop.wait(DOWN_SECONDS)
                continue
            if again is not None:
                due = time.monotonic() + min(again, DUE_SECONDS)


def _data_version(watcher: Connection) -> int:
    version = watcher.exec_driver_sql("PRAGMA data_version").scalar_one()
    watcher.rollback()  # the snapshot must not stay: it would keep the WAL from being folded back
    return int(version)


def _say(error: Exception) -> None:
    """A worker outlives its errors: a database that is away comes back, and a bug in one turn is not the next one's."""
    if is_down(error):
        log.warning("database_down")
    else:
        log.exception("worker_error")
