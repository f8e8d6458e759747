"""`bot web`, `bot worker`, `bot scheduler`: the three kinds of process. On PostgreSQL there may be many of each."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from bot.cli.errors import Missing
from bot.cli.start import lively_threads, settings_of_this_process, share_metrics

if TYPE_CHECKING:
    from bot.jobs.wiring import World
    from bot.store.database import Database

supervised = click.option(
    "--supervised", is_flag=True, hidden=True, help="Stop when standard input closes: `bot run` has gone."
)


@click.command()
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Web processes.")
@supervised
def web(workers: int, supervised: bool) -> None:
    """The web server: webhooks, staff pages, the phone simulator. WEB_THREADS requests at once in each process."""
    settings = settings_of_this_process("web")
    share_metrics(settings)
    lively_threads()
    if supervised:
        _stop_with_parent()
    from bot.cli.server import serve

    serve(settings, workers)


@click.command()
@supervised
def worker(supervised: bool) -> None:
    """Take families' turns and send texts, until told to stop; then finish what is under way."""

    def work(world: World, stop: threading.Event) -> None:
        from bot.delivery.senders import ensure_senders
        from bot.jobs import cluster, local

        ensure_senders(world.db, world.settings)
        (local if world.db.is_sqlite else cluster).run_worker(world, stop)

    _serve("worker", supervised, work)


@click.command()
@supervised
def scheduler(supervised: bool) -> None:
    """Tick what is due: prompts, reminders, time-outs, clean-up. Several may run; one of them leads."""

    def tick(world: World, stop: threading.Event) -> None:
        from bot.jobs.scheduler import run_scheduler

        run_scheduler(world, stop)

    _serve("scheduler", supervised, tick)


def _serve(name: str, supervised: bool, call: Callable[[World, threading.Event], None]) -> None:
    settings = settings_of_this_process(name)
    share_metrics(settings)
    lively_threads()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    if supervised:
        _stop_with_parent()
    from bot.jobs.wiring import World

    world = World.build(settings)
    try:
        if not supervised:  # `bot run` has migrated just now
            _want_migrated(world.db)
        call(world, stop)
    finally:
        world.close()


def _want_migrated(database: Database) -> None:
    from bot.store.migrate import current, newest

    found, wanted = current(database.engine), newest()
    if found != wanted:
        raise Missing(
            f"The database is at {found or 'empty'}, this version wants {wanted}: run `bot migrate` first."
        )


def _stop_with_parent() -> None:
    """End this process as by SIGTERM when the supervisor's end of standard input closes."""

    def wait() -> None:
        while os.read(0, 1):  # not sys.stdin: its lock, held here, would upset the interpreter's end
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="parent", daemon=True).start()
