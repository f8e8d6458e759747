"""The database: one engine, two kinds (SQLite and PostgreSQL), the same three ways in.

`reading()` is a snapshot that is never written to; `writing()` is a session whose end is the commit;
`connection()` is the same without the ORM, for the two paths where every microsecond is a family waiting.

SQLite takes BEGIN IMMEDIATE for every write: a deferred BEGIN that upgrades later fails with "database is locked"
whatever the time-out. Writers queue twice before they meet SQLite's own lock, which polls with sleeps of up to
100 ms and starves the unlucky: the threads of a process on one lock, and processes on a locked file, where the kernel
wakes the next one at once.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bot.store.columns import Vault

_READ = "puente_read"
_BUSY_MS = 30_000


class DatabaseDown(Exception):
    """The database cannot be reached. The message names no address and no secret."""


class NestedWrite(RuntimeError):
    """A fault of ours: a function that writes was called inside somebody else's write."""


class Database:
    """One process's way to the data. Make it after a fork, never before. Safe for many threads."""

    def __init__(self, url: str, vault: Vault, *, pool_size: int = 20) -> None:
        self.vault = vault
        self.engine = make_engine(url, pool_size)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._write_lock = threading.Lock() if self.is_sqlite else None
        self._door = _open_door(url) if self.is_sqlite else None
        self._writer: int | None = None

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A write transaction: committed at the end of the block, rolled back when the block raises."""
        with self._one_writer(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """As `connection`, as an ORM session. What it returned stays readable after the commit."""
        with self._one_writer(), Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A consistent snapshot. Nothing is written, and no writer is held up."""
        engine = self.engine.execution_options(**{_READ: True})
        with Session(engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def _one_writer(self) -> Iterator[None]:
        if self._write_lock is None:
            yield
            return
        if self._writer == threading.get_ident():
            raise NestedWrite("A write inside a write of the same thread would wait for itself for ever.")
        with self._write_lock:
            if self._door is not None:
                fcntl.flock(self._door, fcntl.LOCK_EX)
            self._writer = threading.get_ident()
            try:
                yield
            finally:
                self._writer = None
                if self._door is not None:
                    fcntl.flock(self._door, fcntl.LOCK_UN)

    def now(self, connection: Connection, clock: Callable[[], datetime]) -> datetime:
        """The clock that all processes share: PostgreSQL's own; on one machine with SQLite, `clock`."""
        if self.is_sqlite:
            return clock()
        now: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        return now.astimezone(UTC)

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()
        if self._door is not None:
            os.close(self._door)
            self._door = None


def _open_door(url: str) -> int | None:
    """The file that writing processes queue at, beside the database; None for a database in memory."""
    name = make_url(url).database
    if not name or name == ":memory:":
        return None
    return os.open(f"{name}.writers", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)


def make_engine(url: str, pool_size: int = 20) -> Engine:
    """An engine with this product's manners. Errors never show bound parameters: they are families' words."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            parsed,
            hide_parameters=True,
            pool_size=pool_size,
            max_overflow=20,
            connect_args={"timeout": _BUSY_MS / 1000},
        )
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(
        parsed,
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=20,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 5, "options": "-c timezone=UTC"},
    )


def _set_up_sqlite(dbapi: Any, _record: object) -> None:
    dbapi.isolation_level = None  # the driver must not begin transactions of its own
    cursor = dbapi.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={_BUSY_MS}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    reads = connection.get_execution_options().get(_READ, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def is_down(error: BaseException) -> bool:
    """Is `error` the database being away (worth a 5xx and another try), rather than a fault of ours?"""
    return isinstance(error, OperationalError | DatabaseDown)
