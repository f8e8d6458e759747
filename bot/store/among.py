"""Rows by hundreds of ids at once, as one parameter: a list of 500 placeholders costs more than the query it is in.

A statement with `among` is built once per kind of database and executed with `{"ids": [...]}`.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any, TypeAlias

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Dialect,
    Select,
    Text,
    TypeDecorator,
    any_,
    bindparam,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, Session

Query: TypeAlias = Select[*tuple[Any, ...]]
"""A query whose columns nobody has counted."""


class _Ids(TypeDecorator[Collection[int]]):
    """A list of ids: an array on PostgreSQL, JSON on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        kind = ARRAY(BigInteger) if dialect.name == "postgresql" else Text()
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: Collection[int] | None, dialect: Dialect) -> Any:
        ids = list(value or ())
        return ids if dialect.name == "postgresql" else json.dumps(ids)


def dialect_of(where: Session | Connection) -> str:
    """The kind of database behind `where`: "sqlite" or "postgresql"."""
    return where.get_bind().dialect.name if isinstance(where, Session) else where.dialect.name


def among(dialect: str, column: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """The condition that `column` is one of the ids given as the parameter `ids`."""
    ids: Any = bindparam("ids", type_=_Ids())
    if dialect == "postgresql":
        return column == any_(ids)
    return column.in_(select(func.json_each(ids).table_valued("value").c.value))
