"""The database: one engine, two kinds (SQLite and PostgreSQL), the same three ways in.

`reading()` is a snapshot that is never written to; `writing()` is a session whose end is the commit;
`connection()` is the same without the ORM, for the two paths where every microsecond is a family waiting.

SQLite takes BEGIN IMMEDIATE for every write: a deferred BEGIN that upgrades later fails with "database is locked"
whatever the time-out. Its writers queue for their turn (`bot.store.writers`) before they meet SQLite's own lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bot.store.columns import Vault
from bot.store.writers import NestedWrite as NestedWrite  # what a write may raise
from bot.store.writers import Writers

_READ = "puente_read"
_BUSY_MS = 30_000


class DatabaseDown(Exception):
    """The database cannot be reached. The message names no address and no secret."""


class Database:
    """One process's way to the data. Make it after a fork, never before. Safe for many threads."""

    def __init__(self, url: str, vault: Vault, *, pool_size: int = 20) -> None:
        self.vault = vault
        self.engine = make_engine(url, pool_size)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._writers = Writers(_file_of(url)) if self.is_sqlite else None

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

    def _one_writer(self) -> AbstractContextManager[None]:
        return nullcontext() if self._writers is None else self._writers.turn()

    def now(self, connection: Connection, clock: Callable[[], datetime]) -> datetime:
        """The clock that all processes share: PostgreSQL's own; on one machine with SQLite, `clock`."""
        if self.is_sqlite:
            return clock()
        now: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        return now.astimezone(UTC)

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()
        if self._writers is not None:
            self._writers.close()


def _file_of(url: str) -> Path | None:
    name = make_url(url).database
    return Path(name) if name and name != ":memory:" else None


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
