"""A technician upgrades, regrets it, and upgrades again: the database follows, on both kinds."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, make_url, text

from bot.store.database import make_engine
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
