"""Many machines, PostgreSQL: procrastinate wakes workers. The tables stay the truth; a job only says "look".

A wake-up is deferred inside the transaction that stored the text, so there is never one without the other. The
lock `conversation:<id>` keeps a family's turns in order; jobs left `doing` by a dead worker are retried by the
scheduler's tick, and a wake-up that got lost all the same is made up for by the sweep.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import Connection, bindparam, text

from bot.store.database import is_down

if TYPE_CHECKING:
    import procrastinate

    from bot.jobs.wiring import World

log = structlog.get_logger()

TURNS, SENDS = "turns", "sends"
HEARTBEAT_SECONDS = 1.0
STALLED_SECONDS = 4.0
"""A worker that gave no sign of life for this long is dead; its jobs are begun again."""

_DEFER = text(
    "SELECT procrastinate_defer_jobs_v1(ARRAY[ROW(:queue, :task, 0, :lock, NULL, CAST(:args AS jsonb), NULL)]"
    "::procrastinate_job_to_defer_v1[])"
).bindparams(bindparam("queue"), bindparam("task"), bindparam("lock"), bindparam("args"))


class ProcrastinateWake:
    """Defers a job in the caller's own transaction."""

    def turn(self, connection: Connection, conversation_id: int) -> None:
        """A conversation has an unhandled text."""
        defer_turn(connection, conversation_id)

    def send(self, connection: Connection, sender: str, medium: str) -> None:
        """A sender has something ready."""
        defer_send(connection, sender, medium)


def defer_turn(connection: Connection, conversation_id: int) -> None:
    """One job for one incoming text."""
    _defer(
        connection,
        TURNS,
        "take_turns",
        f"conversation:{conversation_id}",
        {"conversation_id": conversation_id},
    )


def defer_send(connection: Connection, sender: str, medium: str) -> None:
    """One job for a batch of sends, never one for a single text of a broadcast."""
    _defer(connection, SENDS, "send", f"sender:{medium}:{sender}", {"sender": sender, "medium": medium})


def _defer(connection: Connection, queue: str, task: str, lock: str, args: dict[str, Any]) -> None:
    connection.execute(_DEFER, {"queue": queue, "task": task, "lock": lock, "args": json.dumps(args)})


def make_app(world: World) -> procrastinate.App:
    """The procrastinate application of this process, with its two tasks bound to `world`."""
    import procrastinate

    from bot.jobs import work

    address = world.db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=address))

    @app.task(name="take_turns", queue=TURNS)
    def take_turns(conversation_id: int) -> None:
        _surviving(lambda: work.take_turns(world, conversation_id))

    @app.task(name="send", queue=SENDS)
    def send(sender: str, medium: str) -> None:
        def until_quiet() -> None:
            while True:
                wait = work.send(world, sender, medium).wait
                if wait is None or wait.total_seconds() > 1.0:
                    return  # the scheduler's tick looks again when it is due
                if wait:
                    threading.Event().wait(wait.total_seconds())

        _surviving(until_quiet)

    return app


def _surviving(call: Any) -> None:
    """Trouble is logged; the job ends all the same, because the tables still say what is to be done and the sweep
    wakes somebody again. A failed job must not keep the conversation's lock."""
    try:
        call()
    except Exception as error:
        if is_down(error):
            log.warning("database_down")
        else:
            log.exception("worker_error")


def run_worker(world: World, stop: threading.Event) -> None:
    """Work for both queues until `stop` is set; then finish what is under way."""
    world.get_ready_to_send()
    asyncio.run(_work(world, stop))


async def _work(world: World, stop: threading.Event) -> None:
    app = make_app(world)
    while not stop.is_set():
        try:
            async with app.open_async():
                await _until_stopped(app, world, stop)
        except Exception as error:  # the database went away: come back when it does
            log.warning("queue_down", error=type(error).__name__)
            await asyncio.to_thread(stop.wait, 2.0)


async def _until_stopped(app: procrastinate.App, world: World, stop: threading.Event) -> None:
    async def queue(name: str, concurrency: int) -> None:
        await app.run_worker_async(
            queues=[name],
            concurrency=concurrency,
            install_signal_handlers=False,
            update_heartbeat_interval=HEARTBEAT_SECONDS,
            stalled_worker_timeout=STALLED_SECONDS,
            fetch_job_polling_interval=2.0,
            delete_jobs="always",
            listen_notify=True,
        )

    workers = [
        asyncio.create_task(queue(TURNS, world.settings.workers)),
        asyncio.create_task(queue(SENDS, 4)),
    ]
    stopped = asyncio.create_task(asyncio.to_thread(stop.wait))
    done, _ = await asyncio.wait([*workers, stopped], return_when=asyncio.FIRST_COMPLETED)
    for worker in workers:
        worker.cancel()  # procrastinate takes a cancel as "finish what runs, fetch nothing more"
    for worker in workers:
        with contextlib.suppress(asyncio.CancelledError):
            await worker
    if stopped not in done:
        stopped.cancel()


async def _retry_stalled(world: World) -> int:
    app = make_app(world)
    async with app.open_async():
        count = 0
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
            await app.job_manager.retry_job(job)
            count += 1
        return count


def retry_stalled(world: World) -> int:
    """Begin the jobs of dead workers again. Returns how many."""
    return asyncio.run(_retry_stalled(world))


def wake_again(world: World) -> int:
    """Wake somebody for whatever is due and has no job. Returns how much is due."""
    from bot.jobs import work

    waiting = work.conversations_waiting(world)
    due = work.senders_waiting(world)
    with world.db.connection() as tx:
        for conversation_id in waiting:
            if not _has_job(tx, "take_turns", f"conversation:{conversation_id}"):
                defer_turn(tx, conversation_id)
        for sender, medium in due:
            if not _has_job(tx, "send", f"sender:{medium}:{sender}"):
                defer_send(tx, sender, medium)
    return len(waiting) + len(due)


def _has_job(tx: Connection, task: str, lock: str) -> bool:
    found = tx.exec_driver_sql(
        "SELECT 1 FROM procrastinate_jobs WHERE lock = %s AND task_name = %s AND status IN ('todo', 'doing') LIMIT 1",
        (lock, task),
    )
    return found.first() is not None
