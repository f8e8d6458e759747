"""A bilingual colleague says what no machine could: a text to a family, or what a family wrote."""

from __future__ import annotations

from sqlalchemy import select, update

from bot.conversation.desk import Desk
from bot.conversation.reply import LONGEST, CannotReply
from bot.conversation.step import CRITICAL, NOT_SAID
from bot.delivery.outbox import REPLY, Draft, queue
from bot.language.catalog import placeholders
from bot.language.codes import ENGLISH
from bot.language.memory import TranslationMemory
from bot.store.people import Guardian
from bot.store.talk import Conversation, Inbox, Outbox

HELD = (NOT_SAID, CRITICAL)
"""Reasons of texts that wait for a reviewer's words."""

SENT_BACK = "a reviewer sent it back"
"""The reason beside a withheld text that its author is to say in other words."""
SAID_BY_REVIEWER = "a reviewer translated it"
"""The reason beside a withheld text once its translation went out as a text of its own."""


def say_for(desk: Desk, outbox_id: int, wording: str, staff: int | None = None) -> None:
    """Queue a withheld text in a reviewer's wording, and keep the wording for the next time. Two clicks queue it once.

    Raises `CannotReply` when the text does not wait for a translation any more, or the wording cannot be sent.
    """
    words, now, vault = wording.strip(), desk.clock(), desk.db.vault
    if not words:
        raise CannotReply("There is no text to send. Write a few words first.")
    if len(words) > LONGEST:
        raise CannotReply("This is too long for a text message. Shorten it.")
    with desk.db.writing() as session:
        found = session.execute(
            select(Outbox, Conversation, Guardian.language, Guardian.school_id)
            .join(Conversation, Conversation.id == Outbox.conversation_id)
            .outerjoin(Guardian, Guardian.id == Conversation.guardian_id)
            .where(Outbox.id == outbox_id, Outbox.state == "withheld", Outbox.reason.in_(HELD))
        ).one_or_none()
        if found is None or found[0].body is None:
            raise CannotReply("This text does not wait for a translation any more.")
        row, talk, reads, school = found
        assert row.body is not None
        if talk.opted_out_at is not None:
            raise CannotReply("This family asked for no more texts. Call, or speak with them at school.")
        row.reason = SAID_BY_REVIEWER
        draft = Draft(
            ref=f"{row.ref}/reviewed",
            kind=row.kind,
            body=words,
            language=talk.language or reads,
            origin="reviewed",
            not_before=now,
            priority=REPLY,
            original=vault.open(Outbox.body, row.id, row.body),
            original_language=row.language or ENGLISH,
            author_id=row.author_id,
            session_id=row.session_id,
            line=row.line,
        )
        session.flush()
        queue(session.connection(), vault, talk.id, [draft], now, desk.wake)
        said, into, conversation = draft.original or "", draft.language, talk.id
        source = draft.original_language or ENGLISH
    if into is None or placeholders(said) != placeholders(words):
        return  # braces that somebody typed: sent as they are, nothing to learn from
    TranslationMemory(desk.db, desk.clock).approve(said, words, source, into, school, staff, conversation)


def send_back(desk: Desk, outbox_id: int) -> None:
    """A withheld text will not go out: its author is to say it in other words. Raises `CannotReply` when it waits no more."""
    with desk.db.connection() as tx:
        done = tx.execute(
            update(Outbox)
            .where(Outbox.id == outbox_id, Outbox.state == "withheld", Outbox.reason.in_(HELD))
            .values(reason=SENT_BACK)
        ).rowcount
    if not done:
        raise CannotReply("This text does not wait for a translation any more.")


def read_for(desk: Desk, inbox_id: int, english: str) -> None:
    """Keep a reviewer's English of what a family wrote. Raises `CannotReply` when it has an English already."""
    words = english.strip()
    if not words:
        raise CannotReply("Please write what the family said, in English.")
    with desk.db.connection() as tx:
        kept = tx.execute(
            update(Inbox)
            .where(Inbox.id == inbox_id, Inbox.body_en.is_(None), Inbox.body.is_not(None))
            .values(body_en=desk.db.vault.seal(Inbox.body_en, inbox_id, words), origin="reviewed")
        ).rowcount
    if not kept:
        raise CannotReply("Somebody has translated this text already.")
