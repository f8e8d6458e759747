"""Bring a database to the newest shape, and say how far it is. Migrations live in migrations/versions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from bot.settings import HOME


class BrokenReference(Exception):
    """A migration would have left a row that points at nothing; it was rolled back."""


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HOME / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Migrate up. One transaction: a failed migration leaves the database as it was."""
    with _migrating(engine) as connection:
        if engine.dialect.name == "postgresql":
            # Two machines releasing at once: the second waits and then finds nothing to do.
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7246836)")
        command.upgrade(_config(connection), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Migrate down to `revision` ("base": nothing is left)."""
    with _migrating(engine) as connection:
        command.downgrade(_config(connection), revision)


@contextmanager
def _migrating(engine: Engine) -> Iterator[Connection]:
    """One transaction. On SQLite a table changes by being copied, dropped and renamed, which its foreign keys would
    forbid while rows point at it: they rest meanwhile, and are checked before the commit (sqlite.org/lang_altertable)."""
    if engine.dialect.name != "sqlite":
        with engine.begin() as connection:
            yield connection
        return
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys=OFF")  # does nothing once a transaction has begun
        try:
            with connection.begin():
                yield connection
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
                if broken is not None:
                    raise BrokenReference(
                        f"After the migration a row of {broken[0]} points at a row of {broken[2]} that is not there; "
                        "nothing was changed. Please report this with the two version numbers."
                    )
        finally:
            driver.execute("PRAGMA foreign_keys=ON")


def current(engine: Engine) -> str | None:
    """The revision the database is at; None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """The revision this code wants."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise FileNotFoundError("migrations/versions is empty")
    return head
