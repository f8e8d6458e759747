"""Hundreds of rows at once: what a school's staff said of their week arrives on both databases as it was."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select

from bot.store.bulk import insert_rows
from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.insight import StaffPulse
from bot.store.people import School, Staff


def test_numbers_and_instants_arrive_as_they_were(db: Database) -> None:
    at = datetime(2026, 3, 4, 20, 30, tzinfo=UTC)
    school, person = new_id(), new_id()
    with db.connection() as tx:
        insert_rows(tx, School, [{"id": school, "name": "Lincoln", "time_zone": "America/New_York"}])
        member = {
            "id": person,
            "school_id": school,
            "name": "Ms. Lee",
            "email": "lee@x.invalid",
            "role": "teacher",
        }
        insert_rows(tx, Staff, [member])
        insert_rows(
            tx,
            StaffPulse,
            [
                {
                    "id": new_id(),
                    "school_id": school,
                    "staff_id": person,
                    "question": "trust",
                    "value": 3.5,
                    "at": at,
                }
                for _ in range(300)
            ],
        )
    with db.reading() as session:
        kept = session.execute(select(StaffPulse.value, StaffPulse.at)).all()
    assert [tuple(row) for row in kept] == [(3.5, at)] * 300
