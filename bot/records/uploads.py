"""Files that somebody handed over and has not applied yet. Sealed; seen by whoever brought them; gone after a day."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete

from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.drafts import Upload

KEPT = timedelta(days=1)


def keep(db: Database, staff_id: int, name: str, data: bytes, now: datetime) -> int:
    """Keep a file until it is applied or a day old; returns its id. Older ones of everybody are thrown away."""
    row_id = new_id()
    # A byte is one character of Latin-1: what goes in comes out, byte for byte.
    sealed = db.vault.seal(Upload.content, row_id, data.decode("latin-1"))
    with db.writing() as session:
        session.execute(delete(Upload).where(Upload.at < now - KEPT))
        session.add(Upload(id=row_id, staff_id=staff_id, name=name[:200], content=sealed, at=now))
    return row_id


def fetch(db: Database, staff_id: int, upload_id: int, now: datetime) -> tuple[str, bytes] | None:
    """Name and content of a file this person brought; None when it is not there any more."""
    with db.reading() as session:
        row = session.get(Upload, upload_id)
    if row is None or row.staff_id != staff_id or row.at < now - KEPT:
        return None
    return row.name, db.vault.open(Upload.content, row.id, row.content).encode("latin-1")


def drop(db: Database, upload_id: int) -> None:
    """Throw a file away."""
    with db.writing() as session:
        session.execute(delete(Upload).where(Upload.id == upload_id))
