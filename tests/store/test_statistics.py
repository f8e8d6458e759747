"""A district's first import, and a prompt a minute later: PostgreSQL must know that the tables are not empty any more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from bot.store.bulk import insert_rows
from bot.store.columns import Vault, new_id
from bot.store.database import Database
from bot.store.people import School
from bot.store.statistics import MANY, look_again


@pytest.fixture
def db(postgres_database_url: str, vault: Vault) -> Iterator[Database]:
    found = Database(postgres_database_url, vault)
    yield found
    found.dispose()


def schools(db: Database, count: int) -> None:
    with db.connection() as tx:
        rows = [
            {"id": new_id(), "name": f"School {n}", "time_zone": "America/New_York"} for n in range(count)
        ]
        insert_rows(tx, School, rows)


def believed(db: Database) -> int:
    """How many schools PostgreSQL reckons with when it chooses its way; below nought: it has never looked."""
    with db.reading() as session:
        return int(
            session.execute(text("SELECT reltuples FROM pg_class WHERE relname = 'school'")).scalar_one()
        )


def test_after_many_rows_the_database_knows_of_them(db: Database) -> None:
    schools(db, MANY)
    look_again(db, MANY, School)
    assert believed(db) == MANY


def test_a_few_rows_are_not_worth_a_look(db: Database) -> None:
    schools(db, 3)
    look_again(db, 3, School)
    assert believed(db) < 0
