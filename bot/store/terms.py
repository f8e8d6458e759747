"""What this community calls things, and what families say about our words. Both are only ever added to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import Base
from bot.store.columns import Sealed
from bot.store.people import one_of

CORRECTION_STATES = ("open", "settled", "declined")


class GlossaryTerm(Base):
    """One version of "in this school, `term` is called `wording`". The newest version of a term counts; an empty
    wording takes the term out. `said_by` is who said so, in words ("Ms. Rivera", "a guardian, by text")."""

    __tablename__ = "glossary_term"
    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"))
    source_language: Mapped[str]
    target_language: Mapped[str]
    term: Mapped[str]
    wording: Mapped[str]
    said_by: Mapped[str]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]
    __table_args__ = (Index(None, "school_id", "source_language", "target_language"),)


class CatalogApproval(Base):
    """A speaker approved (or reworded) an entry of our own catalogs: kept here until it is exported into the .po file.
    `forms` holds one text, or one for each plural form of the language."""

    __tablename__ = "catalog_approval"
    id: Mapped[int] = mapped_column(primary_key=True)
    domain: Mapped[str]
    language: Mapped[str]
    context: Mapped[str]
    msgid: Mapped[str]
    forms: Mapped[list[Any]]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]
    __table_args__ = (Index(None, "language", "domain"),)


class WordingCorrection(Base):
    """A reader said that a translation is wrong: the texts it was about, what the reader wrote, and what came of it.
    `said_by`: staff on a page, or a guardian by text; `conversation_id` names the thread, so that it is erased with the
    family; `line` is the conversation's line the words came from, when they are our own catalog's."""

    __tablename__ = "wording_correction"
    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"))
    source_language: Mapped[str]
    target_language: Mapped[str]
    original: Mapped[Sealed]
    translation: Mapped[Sealed]
    remark: Mapped[Sealed]
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id"))
    said_by: Mapped[str] = mapped_column(default="staff")
    line: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="open")
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]
    __table_args__ = (
        one_of("state", CORRECTION_STATES),
        Index(None, "school_id", "state"),
        Index(None, "conversation_id"),
    )
