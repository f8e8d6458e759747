"""How long things are kept and how they came: roster imports with what undoes them, legal holds, retention's place."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import Base
from bot.store.columns import Sealed
from bot.store.people import one_of

ROSTER_KINDS = ("school", "staff", "section", "student", "guardian")


class RosterImport(Base):
    """One import of a roster. `undo` rows are kept for the newest one only."""

    __tablename__ = "roster_import"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    source: Mapped[str]
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    undone_at: Mapped[datetime | None]


class RosterChange(Base):
    """What one import did to one record: `kept` holds it as it was and as it became, links included."""

    __tablename__ = "roster_change"
    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("roster_import.id"))
    kind: Mapped[str]
    row_id: Mapped[int]
    kept: Mapped[Sealed]
    __table_args__ = (one_of("kind", ROSTER_KINDS), Index(None, "import_id"), Index(None, "kind", "row_id"))


class LegalHold(Base):
    """Nothing of this family is erased until the hold is lifted, whoever asks (34 CFR 99.10(e); litigation)."""

    __tablename__ = "legal_hold"
    id: Mapped[int] = mapped_column(primary_key=True)
    guardian_id: Mapped[int] = mapped_column(ForeignKey("guardian.id"))
    reason: Mapped[str]
    placed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    placed_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]
    __table_args__ = (Index(None, "guardian_id"),)


class RetentionMark(Base):
    """How far retention has come: rows of `kind` with ids below `up_to` have been looked at."""

    __tablename__ = "retention_mark"
    kind: Mapped[str] = mapped_column(primary_key=True)
    up_to: Mapped[int]


class Forgotten(Base):
    """A family that asked to be forgotten, as blind indexes of its number and its identifier in the roster: so that
    tomorrow's roster does not bring it back. Nothing can be read from them."""

    __tablename__ = "forgotten"
    mark: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    at: Mapped[datetime]
