"""Every table, so that the metadata is whole wherever it is needed (migrations, rotation, export)."""

from __future__ import annotations

from sqlalchemy.orm import InstrumentedAttribute

from bot.store import (
    carriage,
    drafts,
    insight,
    keeping,
    learning,
    outreach,
    people,
    reviewing,
    safety,
    signin,
    talk,
    terms,
)
from bot.store.base import Base
from bot.store.columns import SealedBytes

metadata = Base.metadata
ROOMS = (
    people,
    drafts,
    talk,
    learning,
    keeping,
    terms,
    outreach,
    insight,
    signin,
    reviewing,
    safety,
    carriage,
)


def sealed_columns() -> list[InstrumentedAttribute[bytes]]:
    """Every sealed column of every table: what a key rotation walks through."""
    found = []
    for mapper in Base.registry.mappers:
        for column in mapper.columns:
            if isinstance(column.type, SealedBytes):
                found.append(getattr(mapper.class_, mapper.get_property_by_column(column).key))
    return sorted(found, key=str)
