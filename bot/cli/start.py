"""What a command does first: settings, logs, numbers; and a database when it needs one."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bot.observe import logs
from bot.settings import Settings, load

if TYPE_CHECKING:
    from bot.store.database import Database


def settings_of_this_process(process: str = "") -> Settings:
    """The settings, with logging set up by them. Raises `SettingsError`."""
    settings = load(os.environ)
    logs.set_up(settings.log_level, settings.log_format, process=process)
    return settings


def share_metrics(settings: Settings) -> None:
    """Let this process's numbers show on the web process's /metrics. Before anything imports prometheus_client."""
    from bot.observe import metrics

    metrics.prepare(metrics_folder(settings))


def metrics_folder(settings: Settings) -> Path:
    """The folder that the processes of this machine share their numbers in."""
    return settings.path(Path(settings.metrics_dir) if settings.metrics_dir else settings.var / "metrics")


def lively_threads() -> None:
    """Let Python's threads change over every half millisecond instead of every five.

    A thread that comes back from the disk still holds the database's write lock; with the default, each statement
    of it waits up to 5 ms for a thread that computes. Measured: a quarter more texts a second, half the p99.
    """
    sys.setswitchinterval(0.0005)


@contextmanager
def database_of(settings: Settings) -> Iterator[Database]:
    """The database, closed at the end of the block. Keys are made on first use, as everywhere."""
    from bot.store.database import Database
    from bot.store.keys import keys_of

    database = Database(settings.sqlalchemy_url, keys_of(settings).vault(), pool_size=2)
    try:
        yield database
    finally:
        database.dispose()
