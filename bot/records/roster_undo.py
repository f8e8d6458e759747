"""Undo the last import: every value it changed goes back, unless somebody has changed it again since.

What it added is removed where nothing refers to it, and otherwise no longer active. What it ended (open conversations
about children who left) stays ended: it would be a strange text to get.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, exists, insert, select, text, update

from bot.records.roster_apply import LOCK
from bot.records.roster_model import Kind, Tie
from bot.records.roster_plan import Turn
from bot.records.roster_rows import MODELS, change_rows, chunks, sealed, table_of, write_ties
from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.keeping import RosterChange, RosterImport
from bot.store.people import AuditEvent
from bot.store.tables import metadata
from bot.store.talk import ConsentEvent, Conversation


class NothingToUndo(Exception):
    """There is no import to undo. The message says why."""


@dataclass(frozen=True, slots=True)
class Undone:
    """What was undone: the import, and records removed, put back, and left as somebody has changed them since."""

    source: str
    at: datetime
    removed: int
    kept_inactive: int
    restored: int


@dataclass(slots=True)
class _Change:
    kind: Kind
    row_id: int
    turn: Turn
    before: dict[str, Any]
    after: dict[str, Any]
    links: list[list[Any]]
    talks: list[list[Any]]


def undo(db: Database, now: datetime, staff_id: int | None = None) -> Undone:
    """Undo the newest import. Raises `NothingToUndo`."""
    with db.connection() as tx:
        if not db.is_sqlite:
            tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        last = tx.execute(
            select(RosterImport.id, RosterImport.source, RosterImport.at, RosterImport.undone_at)
            .order_by(RosterImport.id.desc())
            .limit(1)
        ).one_or_none()
        if last is None:
            raise NothingToUndo("No roster has been imported yet.")
        if last.undone_at is not None:
            raise NothingToUndo("The last import is undone already; only the newest one can be.")
        changes = _changes(tx, db, last.id)
        if not changes:
            raise NothingToUndo("What undoes the last import is not kept any more.")
        _talks(tx, changes)
        _ties(tx, changes)
        restored = _restore(tx, db, changes)
        removed, inactive = _remove(tx, changes, now)
        tx.execute(update(RosterImport).where(RosterImport.id == last.id).values(undone_at=now))
        tx.execute(delete(RosterChange).where(RosterChange.import_id == last.id))
        tx.execute(
            insert(AuditEvent),
            {
                "id": new_id(), "at": now, "staff_id": staff_id, "action": "roster_undone",
                "subject": "roster_import", "subject_id": last.id,
                "detail": {"removed": removed, "kept_inactive": inactive, "restored": restored},
            },
        )  # fmt: skip
    return Undone(last.source, last.at, removed, inactive, restored)


def _changes(tx: Connection, db: Database, import_id: int) -> list[_Change]:
    rows = tx.execute(
        select(RosterChange.id, RosterChange.kind, RosterChange.row_id, RosterChange.kept)
        .where(RosterChange.import_id == import_id)
        .order_by(RosterChange.id)
    )
    found = []
    for row in rows:
        kept = json.loads(db.vault.open(RosterChange.kept, row.id, row.kept))
        found.append(
            _Change(
                Kind(row.kind), row.row_id, Turn(kept["turn"]), _values(kept["before"]), _values(kept["after"]),
                kept["links"], kept.get("talks", []),
            )
        )  # fmt: skip
    return found


def _values(kept: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: datetime.fromisoformat(value["at"]) if isinstance(value, dict) else value
        for name, value in kept.items()
    }


def _talks(tx: Connection, changes: Iterable[_Change]) -> None:
    """Conversations go back to whom they were with before."""
    for change in changes:
        for conversation_id, before in change.talks:
            tx.execute(
                update(Conversation)
                .where(Conversation.id == conversation_id, Conversation.guardian_id == change.row_id)
                .values(guardian_id=before, version=Conversation.version + 1)
            )


def _ties(tx: Connection, changes: list[_Change]) -> None:
    for tie in Tie:
        links = [link for change in changes for link in change.links if link[0] == tie.value]
        back = [((link[1], link[2]), link[3], link[4]) for link in links]
        write_ties(
            tx,
            tie,
            [(key, before) for key, before, after in back if after is None and before is not None],
            [(key, before) for key, before, after in back if after is not None and before is not None],
            [key for key, before, _ in back if before is None],
        )


def _restore(tx: Connection, db: Database, changes: list[_Change]) -> int:
    """Put back the values that still are what the import made them. Returns how many records that were."""
    restored: Counter[int] = Counter()
    for kind in Kind:
        mine = {
            change.row_id: change
            for change in changes
            if change.kind is kind and change.turn is not Turn.ADD and change.before
        }
        back: list[tuple[int, dict[str, Any]]] = []
        table = table_of(MODELS[kind])
        for some in chunks(mine):
            for row in tx.execute(select(table).where(table.c.id.in_(some))):
                change = mine[row.id]
                values = {
                    name: value
                    for name, value in change.before.items()
                    if _is_still(db, row._asdict(), name, change.after.get(name))
                }
                back.append((row.id, values))
        if kind is Kind.GUARDIAN:
            numbers = [row_id for row_id, values in back if "phone" in values]
            change_rows(tx, kind, [(row_id, {"phone": None, "phone_index": None}) for row_id in numbers])
        restored.update(row_id for row_id, values in back if values)
        change_rows(tx, kind, [(row_id, sealed(db.vault, row_id, values)) for row_id, values in back])
    return len(restored)


def _is_still(db: Database, row: Mapping[str, Any], name: str, written: Any) -> bool:
    if name == "phone":
        return bool(row["phone_index"] == (None if written is None else db.vault.index(written)))
    return bool(row[name] == written)


def _remove(tx: Connection, changes: list[_Change], now: datetime) -> tuple[int, int]:
    """Delete what was added and nothing refers to; the rest becomes inactive, and gives up its number."""
    removed = inactive = 0
    for kind in reversed(Kind):
        added = [change.row_id for change in changes if change.kind is kind and change.turn is Turn.ADD]
        table = table_of(MODELS[kind])
        for some in chunks(added):
            if kind is Kind.GUARDIAN:
                tx.execute(
                    update(ConsentEvent).where(ConsentEvent.guardian_id.in_(some)).values(guardian_id=None)
                )
            gone = tx.execute(delete(table).where(table.c.id.in_(some), *_unreferenced(table))).rowcount
            removed += gone
            if gone == len(some):
                continue
            left = list(tx.scalars(select(table.c.id).where(table.c.id.in_(some))))
            inactive += len(left)
            values: dict[str, Any] = {"active": False} if "active" in table.c else {}
            values |= {"left_at": now} if "left_at" in table.c else {}
            values |= {"phone": None, "phone_index": None} if kind is Kind.GUARDIAN else {}
            change_rows(tx, kind, [(row_id, values) for row_id in left])
    return removed, inactive


def _unreferenced(table: Table) -> list[Any]:
    """For every column of every table that refers to this one: no row does."""
    found = []
    for other in metadata.tables.values():
        for key in other.foreign_keys:
            if key.column.table is table:
                alias = other.alias()
                found.append(~exists().where(alias.c[key.parent.name] == table.c.id))
    return found
