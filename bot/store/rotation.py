"""Key rotation: every sealed value sealed again with the newest key, while the school goes on texting.

Nothing remembers how far a rotation got: a value's own first bytes name its key, so a rotation that was cut off is
simply run again. A value that somebody changes meanwhile is left to them (the UPDATE wants the ciphertext it read),
and found by the next pass if they used an old key.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import LargeBinary, bindparam, func, select, update
from sqlalchemy.orm import InstrumentedAttribute

from bot.store.columns import HEAD_BYTES, Vault
from bot.store.database import Database
from bot.store.tables import sealed_columns

BATCH = 500
_PASSES = 3


def keys_in_use(db: Database) -> Counter[str]:
    """How many sealed values each key has, by the key's id."""
    found: Counter[str] = Counter()
    with db.reading() as session:
        for column in sealed_columns():
            head = func.substr(column, 1, HEAD_BYTES, type_=LargeBinary)
            for sealed in session.scalars(select(head).where(column.is_not(None))).yield_per(5000):
                found[Vault.key_of(sealed)] += 1
    return found


def is_empty(db: Database) -> bool:
    """Whether nothing is sealed yet, so that any keys will do."""
    with db.reading() as session:
        return not any(
            session.scalar(select(column.class_.__table__.c.id).where(column.is_not(None)).limit(1))
            for column in sealed_columns()
        )


def waiting(db: Database) -> int:
    """How many values are sealed with another key than the newest."""
    with db.reading() as session:
        return sum(
            session.scalar(select(func.count()).select_from(column.class_).where(_older(db, column))) or 0
            for column in sealed_columns()
        )


def reseal(db: Database, batch: int = BATCH) -> Iterator[int]:
    """Seal again what has an older key; yields how many values each transaction sealed.

    Raises `VaultError` for a value that no key opens, before anything of its batch is written.
    """
    for _ in range(_PASSES):
        done = 0
        for column in sealed_columns():
            for count in _reseal_column(db, column, min(batch, column.info.get("at_once", batch))):
                done += count
                yield count
        if not done:
            return


def _reseal_column(db: Database, column: InstrumentedAttribute[Any], batch: int) -> Iterator[int]:
    table = column.class_.__table__
    row_id, value = table.c.id, table.c[column.key]
    change = (
        update(table)
        .where(row_id == bindparam("b_id"), value == bindparam("b_old"))
        .values({column.key: bindparam("b_new")})
    )
    last = -1
    while True:
        with db.reading() as session:
            rows = session.execute(
                select(row_id, value).where(row_id > last, _older(db, column)).order_by(row_id).limit(batch)
            ).all()
        if not rows:
            return
        last = rows[-1][0]
        changes = [
            {
                "b_id": key,
                "b_old": old,
                "b_new": db.vault.seal_bytes(column, key, db.vault.open_bytes(column, key, old)),
            }
            for key, old in rows
        ]
        with db.connection() as connection:
            connection.execute(change, changes)
        yield len(changes)


def _older(db: Database, column: InstrumentedAttribute[Any]) -> Any:
    prefix = db.vault.newest_prefix
    begins = func.substr(column, 1, len(prefix), type_=LargeBinary)
    return column.is_not(None) & (begins != bindparam(None, prefix, type_=LargeBinary))
