"""Legal holds: a family's records are kept, whoever asks, until somebody lifts the hold.

FERPA forbids destroying records that somebody has asked to see (34 CFR 99.10(e)); a court or a lawyer may ask for more.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from bot.records.family_found import Found, NoSuchFamily, note
from bot.records.retention import look_again
from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.keeping import LegalHold
from bot.store.safety import SafetyAlert


class OnHold(Exception):
    """Nothing was erased: a legal hold is on this family. The message says which."""


class OpenAlert(OnHold):
    """Nothing was erased: a text of this family still waits in the safety queue."""


def hold(db: Database, found: Found, reason: str, now: datetime, staff_id: int | None = None) -> None:
    """Keep everything of a family from being erased, by anybody and by age, until the hold is lifted.

    Raises `NoSuchFamily` for a number that belongs to nobody: there is nothing to hold it by.
    """
    if found.guardian_id is None:
        raise NoSuchFamily("This number belongs to nobody in the roster: add the guardian first.")
    with db.connection() as tx:
        if _holds(tx, found):
            return
        tx.execute(
            insert(LegalHold),
            {
                "id": new_id(), "guardian_id": found.guardian_id, "reason": reason, "placed_by": staff_id,
                "placed_at": now,
            },
        )  # fmt: skip
        note(tx, now, staff_id, "hold_placed", "guardian", found.guardian_id, {})


def lift(db: Database, found: Found, now: datetime, staff_id: int | None = None) -> bool:
    """Lift the hold on a family; False when there is none. What was kept past its time goes with the next sweep."""
    with db.connection() as tx:
        if not _holds(tx, found):
            return False
        tx.execute(
            update(LegalHold)
            .where(LegalHold.guardian_id == found.guardian_id, LegalHold.lifted_at.is_(None))
            .values(lifted_at=now)
        )
        look_again(tx)
        note(tx, now, staff_id, "hold_lifted", "guardian", found.guardian_id, {})
    return True


def holds_on(db: Database, found: Found) -> list[tuple[datetime, str]]:
    """The holds on a family: since when, and why."""
    with db.reading() as session:
        return [(row.placed_at, row.reason) for row in _holds(session.connection(), found)]


def _holds(tx: Connection, found: Found) -> list[Any]:
    return list(
        tx.execute(
            select(LegalHold.placed_at, LegalHold.reason).where(
                LegalHold.guardian_id == found.guardian_id, LegalHold.lifted_at.is_(None)
            )
        )
    )


def refuse_on_hold(tx: Connection, found: Found) -> None:
    """Raise `OnHold` when there is one."""
    for row in _holds(tx, found):
        raise OnHold(
            f"There is a legal hold on this family since {row.placed_at:%Y-%m-%d} ({row.reason}): nothing was erased. "
            "Lift it first (bot family unhold)."
        )
    waiting = select(SafetyAlert.id).where(
        SafetyAlert.conversation_id.in_(found.conversation_ids), SafetyAlert.settled_at.is_(None)
    )
    if tx.execute(waiting.limit(1)).first() is not None:
        raise OpenAlert("A text of this family waits in the safety queue: settle it there first.")
