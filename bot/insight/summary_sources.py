"""Where the words of a summary come from: who wrote them, how far their translation is to be trusted, and their place
in the thread."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select

from bot.insight.summary import Summary
from bot.insight.themes import Quote
from bot.store.database import Database
from bot.store.people import Guardian
from bot.store.talk import Conversation, Inbox, Outbox


@dataclass(frozen=True, slots=True)
class Sources:
    """Names by conversation; where a text's English came from, and its doubts, by text."""

    names: dict[int, str]
    origins: dict[int, tuple[str | None, tuple[str, ...]]]


def quotes_of(summary: Summary) -> list[Quote]:
    """Every quote that a summary may show."""
    return [
        *(quote for theme in summary.themes for quote in theme.quotes),
        *summary.other_quotes,
        *(asked.quote for asked in summary.asked),
        *(gift.quote for gift in summary.gifts),
    ]


def conversations_of(summary: Summary) -> set[int]:
    """Every conversation a summary quotes from or refers to."""
    links = [link.conversation_id for deed in summary.deeds for link in deed.links]
    return {quote.conversation_id for quote in quotes_of(summary)} | set(links)


def sources(db: Database, conversation_ids: Collection[int], inbox_ids: Collection[int]) -> Sources:
    """The sources of what is shown. Two queries."""
    with db.reading() as session:
        names = session.execute(
            select(Conversation.id, Guardian.name)
            .join(Guardian, Guardian.id == Conversation.guardian_id)
            .where(Conversation.id.in_(list(conversation_ids)))
        ).all()
        rows = session.execute(
            select(Inbox.id, Inbox.origin, Inbox.doubts).where(Inbox.id.in_(list(inbox_ids)))
        ).all()
    return Sources(
        {row.id: row.name for row in names},
        {row.id: (row.origin, tuple(map(str, row.doubts))) for row in rows},
    )


def place_of(db: Database, conversation_id: int, from_family: bool, text_id: int) -> tuple[int, int] | None:
    """Where a text stands in its thread: the numbers (inbox, outbox) below which a page that begins with it begins.
    None when the conversation has no such text."""
    with db.reading() as session:
        if from_family:
            heard = session.get(Inbox, text_id)
            if heard is None or heard.conversation_id != conversation_id:
                return None
            told = session.scalar(
                select(func.max(Outbox.seq)).where(
                    Outbox.conversation_id == conversation_id, Outbox.created_at <= heard.received_at
                )
            )
            return heard.seq + 1, (told or 0) + 1
        sent = session.get(Outbox, text_id)
        if sent is None or sent.conversation_id != conversation_id:
            return None
        earlier = session.scalar(
            select(func.max(Inbox.seq)).where(
                Inbox.conversation_id == conversation_id, Inbox.received_at <= sent.created_at
            )
        )
        return (earlier or 0) + 1, sent.seq + 1
