"""The tables of a roster, and writing to them by the thousand: rows grouped by the columns that change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, bindparam, delete, insert, update

from bot.records.roster_model import Kind, Tie
from bot.store.base import Base
from bot.store.columns import Vault
from bot.store.people import Enrollment, Guardian, Guardianship, School, Section, Staff, Student, Teaching

T = TypeVar("T")
AT_ONCE = 500

MODELS: dict[Kind, type[Base]] = {
    Kind.SCHOOL: School,
    Kind.STAFF: Staff,
    Kind.SECTION: Section,
    Kind.STUDENT: Student,
    Kind.GUARDIAN: Guardian,
}
TIES: dict[Tie, tuple[type[Base], str, str]] = {
    Tie.ENROLLED: (Enrollment, "student_id", "section_id"),
    Tie.TAUGHT: (Teaching, "staff_id", "section_id"),
    Tie.RELATED: (Guardianship, "guardian_id", "student_id"),
}
"""The table of each tie with the columns of its two ends."""


def chunks(items: Iterable[T], size: int = AT_ONCE) -> Iterator[list[T]]:
    """`items` in lists of at most `size`."""
    some: list[T] = []
    for item in items:
        some.append(item)
        if len(some) == size:
            yield some
            some = []
    if some:
        yield some


def sealed(vault: Vault, row_id: int, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as columns: a guardian's `phone` (E.164 or None) becomes its sealed number and its blind index."""
    columns = dict(values)
    if "phone" in columns:
        phone = columns["phone"]
        columns["phone"] = None if phone is None else vault.seal(Guardian.phone, row_id, phone)
        columns["phone_index"] = None if phone is None else vault.index(phone)
    return columns


def add_rows(connection: Connection, kind: Kind, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert records."""
    for some in chunks(rows):
        connection.execute(insert(MODELS[kind]), some)


def change_rows(connection: Connection, kind: Kind, rows: Iterable[tuple[int, Mapping[str, Any]]]) -> None:
    """Update records, the same columns at once."""
    table = table_of(MODELS[kind])
    by_columns: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row_id, values in rows:
        if values:
            named = {f"b_{name}": value for name, value in values.items()} | {"b_row": row_id}
            by_columns.setdefault(tuple(sorted(values)), []).append(named)
    for columns, group in by_columns.items():
        statement = (
            update(table)
            .where(table.c.id == bindparam("b_row"))
            .values({name: bindparam(f"b_{name}") for name in columns})
        )
        for some in chunks(group):
            connection.execute(statement, some)


def write_ties(
    connection: Connection,
    tie: Tie,
    new: Iterable[tuple[tuple[int, int], Mapping[str, Any]]],
    changed: Iterable[tuple[tuple[int, int], Mapping[str, Any]]],
    taken_out: Iterable[tuple[int, int]],
) -> None:
    """Insert, update and delete ties by their two ends."""
    model, first, second = TIES[tie]
    table = table_of(model)
    for some in chunks(new):
        connection.execute(insert(table), [{first: key[0], second: key[1], **values} for key, values in some])
    here = (table.c[first] == bindparam("b_first")) & (table.c[second] == bindparam("b_second"))
    by_columns: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for key, values in changed:
        named = {f"b_{name}": value for name, value in values.items()}
        by_columns.setdefault(tuple(sorted(values)), []).append(
            named | {"b_first": key[0], "b_second": key[1]}
        )
    for columns, rows in by_columns.items():
        statement = update(table).where(here).values({name: bindparam(f"b_{name}") for name in columns})
        for part in chunks(rows):
            connection.execute(statement, part)
    for ends in chunks(taken_out):
        connection.execute(
            delete(table).where(here), [{"b_first": key[0], "b_second": key[1]} for key in ends]
        )


def table_of(model: type[Base]) -> Table:
    """The table behind a model."""
    table = model.__table__
    assert isinstance(table, Table)
    return table
