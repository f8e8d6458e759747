"""A technician upgrades, regrets it, and upgrades again: the database follows, on both kinds."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, make_url, text

from bot.records.sample import seed
from bot.store.database import Database, make_engine
from bot.store.migrate import current, downgrade, newest, upgrade
from bot.store.tables import metadata


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'fresh.db'}"
    base = make_url(request.getfixturevalue("postgres_url"))
    name = f"fresh_{tmp_path.name.lower().replace('-', '_')}"[:60]
    admin = create_engine(base, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    admin.dispose()
    return base.set(database=name).render_as_string(hide_password=False)


def test_up_down_and_up_again(empty_url: str) -> None:
    engine = make_engine(empty_url)
    assert current(engine) is None
    upgrade(engine)
    assert current(engine) == newest()
    downgrade(engine, "base")
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    upgrade(engine)
    upgrade(engine)
    assert current(engine) == newest()
    engine.dispose()


def test_the_migrations_build_exactly_the_tables_of_the_code(empty_url: str) -> None:
    engine = make_engine(empty_url)
    upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_name": lambda name, kind, _parents: kind != "table" or name in metadata.tables},
        )
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_a_school_that_goes_back_and_forth_between_versions_keeps_its_families(db: Database) -> None:
    seed(db, datetime(2026, 3, 4, 12, 0, tzinfo=UTC))
    before = _rows(db)
    assert before["guardian"] > 5
    downgrade(db.engine, "0002")
    assert _rows(db) == before
    upgrade(db.engine)
    assert _rows(db) == before
    if db.is_sqlite:
        with db.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1


def _rows(db: Database) -> dict[str, int]:
    tables = (
        "school",
        "staff",
        "section",
        "student",
        "guardian",
        "guardianship",
        "enrollment",
        "consent_event",
    )
    with db.engine.connect() as connection:
        return {name: connection.scalar(text(f"SELECT count(*) FROM {name}")) or 0 for name in tables}
