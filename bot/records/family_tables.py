"""Which tables hold something of a family, found by the foreign keys themselves.

An erasure that forgets a table is a breach, so nobody lists tables by hand: whatever refers to a guardian or a
conversation, and whatever refers to that, is a family's. The consent ledger is the exception: it stays, without its
references, because the law asks why a number was texted, and that it must not be texted again.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from sqlalchemy import Column, Connection, Table, delete, or_, select, update

from bot.records.roster_rows import chunks
from bot.store.keeping import RosterChange
from bot.store.safety import SafetyStep
from bot.store.tables import metadata

LEDGER = "consent_event"
SAFETY = "safety_alert"
"""What staff were told about a text. It stays when the family is erased, without a name or a word of it; and it is
never part of what a family gets, because the guardian who asks may be the danger."""
ROOTS = ("guardian", "conversation")


@cache
def family_tables() -> tuple[Table, ...]:
    """Every table with rows of a family, those that others refer to first."""
    names = set(ROOTS)
    grew = True
    while grew:
        grew = False
        for table in metadata.sorted_tables:
            if table.name not in names and any(
                key.column.table.name in names - {SAFETY} for key in table.foreign_keys
            ):
                names.add(table.name)
                grew = True
    return tuple(table for table in metadata.sorted_tables if table.name in names)


def references(table: Table) -> list[tuple[Column[Any], Table]]:
    """The columns of `table` that refer to a family's row, with the table they refer to."""
    ours = {one.name for one in family_tables()}
    return [
        (key.parent, key.column.table)
        for key in table.foreign_keys
        if key.column.table.name in ours and key.column.table is not table
    ]


def family_rows(
    tx: Connection, guardian_ids: list[int], conversation_ids: list[int]
) -> Iterator[tuple[Table, dict[str, Any]]]:
    """Every row of a family, table by table, as columns; parents before what refers to them."""
    ids: dict[str, list[int]] = {}
    for table in family_tables():
        rows = _rows(tx, table, guardian_ids, conversation_ids, ids)
        if "id" in table.c:
            ids[table.name] = [row["id"] for row in rows]
        for row in rows:
            yield table, row


def _rows(
    tx: Connection,
    table: Table,
    guardian_ids: list[int],
    conversation_ids: list[int],
    ids: dict[str, list[int]],
) -> list[dict[str, Any]]:
    roots = {"guardian": guardian_ids, "conversation": conversation_ids}
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    wanted = (
        [(table.c.id, roots[table.name])]
        if table.name in roots
        else [(column, ids.get(other.name, [])) for column, other in references(table)]
    )
    keys = [column.name for column in table.primary_key]
    for column, values in wanted:
        for some in chunks(values):
            for row in tx.execute(select(table).where(column.in_(some))):
                found[tuple(row._mapping[key] for key in keys)] = dict(row._mapping)
    return list(found.values())


def erase_rows(tx: Connection, guardian_ids: list[int], conversation_ids: list[int]) -> dict[str, int]:
    """Delete every row of a family, what refers to others first. Returns how many rows of each table."""
    erased: dict[str, int] = {}
    by_table: dict[str, list[dict[str, Any]]] = {}
    for table, row in family_rows(tx, guardian_ids, conversation_ids):
        by_table.setdefault(table.name, []).append(row)
    for table in reversed(family_tables()):
        rows = by_table.get(table.name, [])
        if not rows:
            continue
        if table.name in (LEDGER, SAFETY):
            _unname(tx, table, [row["id"] for row in rows])
            continue
        keys = list(table.primary_key)
        if len(keys) == 1:
            for some in chunks([row[keys[0].name] for row in rows]):
                tx.execute(delete(table).where(keys[0].in_(some)))
        else:
            for row in rows:
                tx.execute(delete(table).where(*(key == row[key.name] for key in keys)))
        erased[table.name] = len(rows)
    for some in chunks(guardian_ids):
        tx.execute(delete(RosterChange).where(RosterChange.kind == "guardian", RosterChange.row_id.in_(some)))
    return erased


def _unname(tx: Connection, ledger: Table, ids: list[int]) -> None:
    """The ledger keeps the number's blind index, when, what and why; no longer whose. Of an alert stay its tier and
    kind, and who did what when."""
    columns = {column.name: None for column, _ in references(ledger)}
    for some in chunks(ids):
        if ledger.name == SAFETY:
            tx.execute(update(SafetyStep).where(SafetyStep.alert_id.in_(some)).values(words=None))
            columns |= {"rules": None, "next_page_at": None}
        tx.execute(update(ledger).where(ledger.c.id.in_(some)).values(columns))


def forget_students(tx: Connection, student_ids: list[int]) -> None:
    """Delete students: ties go, and what families said about them no longer says about whom."""
    student = metadata.tables["student"]
    for some in chunks(student_ids):
        for table in metadata.tables.values():
            columns = [key.parent for key in table.foreign_keys if key.column.table is student]
            for column in columns:
                if column.nullable:
                    tx.execute(update(table).where(column.in_(some)).values({column.name: None}))
                else:
                    tx.execute(delete(table).where(or_(column.in_(some))))
        tx.execute(delete(RosterChange).where(RosterChange.kind == "student", RosterChange.row_id.in_(some)))
        tx.execute(delete(student).where(student.c.id.in_(some)))
