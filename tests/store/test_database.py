"""One writer at a time, readers undisturbed, and a mistake of ours that would hang is an error instead."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select

from bot.store.columns import Vault
from bot.store.database import Database, NestedWrite
from bot.store.people import School


def _add(db: Database, number: int) -> None:
    with db.writing() as session:
        session.add(School(id=number, name=f"School {number}", time_zone="America/Chicago"))


def test_writers_wait_for_each_other_and_lose_nothing(db: Database) -> None:
    threads = [
        threading.Thread(target=lambda start=start: [_add(db, start * 100 + n) for n in range(1, 11)])
        for start in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with db.reading() as session:
        assert len(session.scalars(select(School.id)).all()) == 80


def test_a_reader_sees_the_world_as_it_was_while_somebody_writes(db: Database) -> None:
    _add(db, 1)
    with db.writing() as session:
        session.add(School(id=2, name="Not yet", time_zone="America/Chicago"))
        session.flush()
        with db.reading() as other:
            assert other.scalars(select(School.id)).all() == [1]


def test_a_block_that_raises_leaves_nothing_behind_and_the_next_writer_goes_on(db: Database) -> None:
    def fail() -> None:
        with db.writing() as session:
            session.add(School(id=7, name="Never", time_zone="America/Chicago"))
            session.flush()
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    _add(db, 8)
    with db.reading() as session:
        assert session.scalars(select(School.id)).all() == [8]


def test_a_write_inside_a_write_is_an_error_at_once_on_sqlite(sqlite_url: str, vault: Vault) -> None:
    db = Database(sqlite_url, vault)
    with db.writing(), pytest.raises(NestedWrite):
        _add(db, 1)
    _add(db, 2)
    db.dispose()
