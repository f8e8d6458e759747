"""Hundreds of rows into one table, as fast as the database takes them.

An ordinary executemany looks up, for each row again, what is the same for all of them; firing 100,000 prompts spent a
sixth of its time there. Here the statement and the types' own conversions are looked up once; and PostgreSQL, which
answers each row of an executemany, gets them as one stream (COPY).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import JSON, Connection, Dialect, bindparam, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase

from bot.store.columns import Utc

_Convert = Callable[[Any], Any]
_CATALOGUE = {"float": "double precision"}
"""Types that SQLAlchemy writes otherwise than PostgreSQL's own catalogue, which COPY needs them by."""


def insert_rows(tx: Connection, table: type[DeclarativeBase], rows: Sequence[dict[str, Any]]) -> None:
    """Insert `rows`, which all name the same columns. A column they leave out takes its Python default, else NULL.

    Raises what an ordinary insert raises.
    """
    if not rows:
        return
    ready = _prepared(tx.dialect, table, frozenset(rows[0]))
    values = (
        [
            value if convert is None else convert(value)
            for value, convert in zip(ready.take(row), ready.conversions, strict=True)
        ]
        + ready.defaults
        for row in rows
    )
    if ready.arrange is None:
        _copy(tx, ready, values)
    else:
        tx.exec_driver_sql(ready.statement, [ready.arrange(row) for row in values])


@dataclass(frozen=True, slots=True)
class _Prepared:
    """Values come in the order of `types`: the columns of the rows first, then those that take their default."""

    statement: str
    types: tuple[str, ...]
    take: Callable[[dict[str, Any]], tuple[Any, ...]]
    conversions: tuple[_Convert | None, ...]
    defaults: list[Any]
    arrange: Callable[[list[Any]], tuple[Any, ...]] | None
    """SQLite: the values in the statement's order. None: a COPY, which takes them as they come."""


@cache
def _prepared(dialect: Dialect, model: type[DeclarativeBase], given: frozenset[str]) -> _Prepared:
    columns = [column for column in model.__table__.columns if column.name in given]
    also = [c for c in model.__table__.columns if c.name not in given and c.default is not None]
    names = [column.name for column in (*columns, *also)]

    def conversion(column: Any) -> _Convert | None:
        found: _Convert | None = column.type.dialect_impl(dialect).bind_processor(dialect)
        if found is None:
            return None
        if isinstance(
            column.type, Utc
        ):  # hundreds of rows are made at the same instant and end at a few others
            return lru_cache(maxsize=256)(found)
        if isinstance(column.type, JSON):  # nearly all are empty lists
            return _with_empty_ready(found)
        return found

    defaults = []
    for column in also:
        made: Any = column.default
        value = made.arg(None) if made.is_callable else made.arg
        convert = conversion(column)
        defaults.append(value if convert is None else convert(value))
    if dialect.name == "postgresql":
        quote = dialect.identifier_preparer.quote
        statement = (
            f"COPY {quote(model.__tablename__)} ({', '.join(map(quote, names))}) FROM STDIN (FORMAT BINARY)"
        )
        arrange = None
    else:
        compiled = insert(model).values({name: bindparam(name) for name in names}).compile(dialect=dialect)
        statement = compiled.string
        arrange = itemgetter(*(names.index(name) for name in compiled.positiontup or ()))
    return _Prepared(
        statement,
        tuple(_named(column.type.compile(dialect).lower()) for column in (*columns, *also)),
        itemgetter(*(column.name for column in columns)),
        tuple(map(conversion, columns)),
        defaults,
        arrange,
    )


def _named(written: str) -> str:
    return _CATALOGUE.get(written, written)


def _with_empty_ready(convert: _Convert) -> _Convert:
    empty = convert([])

    def fast(value: Any) -> Any:
        return empty if value == [] else convert(value)

    return fast


def _copy(tx: Connection, ready: _Prepared, rows: Iterable[list[Any]]) -> None:
    import psycopg

    raw: Any = tx.connection.driver_connection
    try:
        with raw.cursor() as cursor, cursor.copy(ready.statement) as copy:
            copy.set_types(ready.types)
            for row in rows:
                copy.write_row(row)
    except psycopg.IntegrityError as error:
        raise IntegrityError(ready.statement, None, error, hide_parameters=True) from error
