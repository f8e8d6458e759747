"""The pictures families sent, as staff see them and as they are erased. `bot.delivery.pictures` fetches them."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection, select, update
from sqlalchemy.orm import Session

from bot.store.carriage import MediaRow
from bot.store.database import Database
from bot.store.talk import Inbox


def erase(connection: Connection, inbox_ids: list[int]) -> None:
    """Erase the pictures of these texts; that there were some stays known."""
    connection.execute(
        update(MediaRow)
        .where(MediaRow.inbox_id.in_(inbox_ids))
        .values(state="erased", content=None, reason=None)
    )


@dataclass(frozen=True, slots=True)
class Picture:
    """One medium as staff see it: what it is (`size` in bytes), or why there is nothing to see."""

    id: int
    state: str
    content_type: str | None
    size: int | None
    reason: str | None


def pictures_of(session: Session, inbox_ids: list[int]) -> dict[int, tuple[Picture, ...]]:
    """The media of these texts, by text, in order; one query."""
    found: dict[int, list[Picture]] = {}
    if inbox_ids:
        for row in session.execute(
            select(
                MediaRow.id, MediaRow.inbox_id, MediaRow.state, MediaRow.content_type, MediaRow.size, MediaRow.reason
            )
            .where(MediaRow.inbox_id.in_(inbox_ids))
            .order_by(MediaRow.inbox_id, MediaRow.number)
        ):  # fmt: skip
            found.setdefault(row.inbox_id, []).append(
                Picture(row.id, row.state, row.content_type, row.size, row.reason)
            )
    return {inbox_id: tuple(some) for inbox_id, some in found.items()}


def conversation_of(db: Database, media_id: int) -> int | None:
    """The conversation a medium came in."""
    with db.reading() as session:
        return session.scalar(
            select(Inbox.conversation_id)
            .join(MediaRow, MediaRow.inbox_id == Inbox.id)
            .where(MediaRow.id == media_id)
        )


@dataclass(frozen=True, slots=True)
class File:
    """What a family sent, opened."""

    conversation_id: int
    content_type: str
    content: bytes = field(repr=False)


def kept(db: Database, media_id: int) -> File | None:
    """A medium that was fetched; None when there is none to show. Raises `VaultError` when it does not open."""
    with db.reading() as session:
        row = session.execute(
            select(MediaRow.content, MediaRow.content_type, Inbox.conversation_id)
            .join(Inbox, Inbox.id == MediaRow.inbox_id)
            .where(MediaRow.id == media_id, MediaRow.state == "kept")
        ).one_or_none()
    if row is None or row.content is None:
        return None
    content = db.vault.open_bytes(MediaRow.content, media_id, row.content)
    return File(row.conversation_id, str(row.content_type), content)
