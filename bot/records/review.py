"""What waits for a bilingual reviewer: texts no machine could say or read, and readers' words against a translation."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, exists, func, or_, select, text
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot.records.scope import at_school, strangers_of
from bot.records.staff import Member
from bot.store.columns import first_id_at, new_id
from bot.store.database import Database
from bot.store.people import Guardian, Staff
from bot.store.reviewing import ReviewRejection
from bot.store.talk import Conversation, Inbox, Outbox, TranslationRow
from bot.store.terms import CatalogApproval, WordingCorrection

NOT_SAID = "not translated"
"""The reason of a withheld text that nobody could say in the family's language (bot.conversation.step)."""
CRITICAL = "about something that a person must translate"
"""The reason of a withheld text that no machine may say alone (bot.conversation.step)."""
NOT_READ = "not_translated"
"""The note on a family's text that nobody could read (bot.conversation.answering)."""
NOT_ENGLISH = "inbox.language <> 'en'"
"""As the partial index `ix_inbox_unread` says it, so that it is used."""
LOOKED_BACK = timedelta(days=60)
"""Texts older than this are not asked about any more."""
MOST = 200


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to review. `kind`: reply (a text to a family that waits), text (a family's text nobody could read),
    correction (a reader's remark against a translation), machine (a machine's wording that many families get)."""

    kind: str
    id: int
    source: str
    target: str
    text: str
    wording: str
    remark: str
    doubts: tuple[str, ...]
    author: str | None
    at: datetime
    by_family: bool = False
    """For a correction: a family said so, by text."""
    conversation: int | None = None
    """The one family this is about, if it is about one."""
    line: str | None = None
    """For a correction of our own catalog's words: the entry's context."""
    author_id: int | None = None
    """Who wrote it, where a colleague did."""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What is the same for two texts that one wording serves."""
        return self.kind, self.source, self.target, " ".join(self.text.split())


def queue(db: Database, who: Member, languages: Collection[str], now: datetime) -> list[Item]:
    """What waits in these languages, the most pressing kind first and the oldest of each first."""
    with db.reading() as session:
        found = [
            *_replies(db, session, who, languages),
            *_texts(db, session, who, languages, now),
            *_corrections(db, session, who, languages),
            *_machine(db, session, who, languages),
        ]
    return found


def grouped(items: list[Item]) -> list[tuple[Item, int]]:
    """What waits, each text once, with how many say the same."""
    found: dict[tuple[str, str, str, str], tuple[Item, int]] = {}
    for one in items:
        first, count = found.get(one.key, (one, 0))
        found[one.key] = first, count + 1
    return list(found.values())


def behind(items: list[Item], place: Item) -> Item | None:
    """The next text of the queue that says something else."""
    at = next((n for n, one in enumerate(items) if (one.kind, one.id) == (place.kind, place.id)), -1)
    return next((one for one in items[at + 1 :] if one.key != place.key), None)


def item(
    db: Database, who: Member, languages: Collection[str], now: datetime, kind: str, item_id: int
) -> Item | None:
    """One of them, if it still waits and is this person's to review."""
    return next(
        (one for one in queue(db, who, languages, now) if (one.kind, one.id) == (kind, item_id)), None
    )


def _of_school(who: Member) -> ColumnElement[bool]:
    return or_(at_school(who.school_id), strangers_of(who))


def _not_rejected(kind: str, item_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    return ~exists().where(ReviewRejection.kind == kind, ReviewRejection.item_id == item_id)


def _replies(db: Database, session: Session, who: Member, languages: Collection[str]) -> list[Item]:
    reads = func.coalesce(Conversation.language, Guardian.language)
    rows = session.execute(
        select(Outbox, reads, Staff.name)
        .join(Conversation, Conversation.id == Outbox.conversation_id)
        .outerjoin(Guardian, Guardian.id == Conversation.guardian_id)
        .outerjoin(Staff, Staff.id == Outbox.author_id)
        .where(
            Outbox.state == "withheld",
            Outbox.reason.in_((NOT_SAID, CRITICAL)),
            Outbox.body.is_not(None),
            reads.in_(list(languages)),
            _of_school(who),
        )
        .order_by(Outbox.id)
        .limit(MOST)
    ).all()
    return [
        Item(
            "reply",
            row.id,
            row.language or "en",
            str(language),
            db.vault.show(Outbox.body, row.id, row.body),
            "",
            "",
            (),
            author,
            row.created_at,
            conversation=row.conversation_id,
            author_id=row.author_id,
        )
        for row, language, author in rows
    ]


def _texts(
    db: Database, session: Session, who: Member, languages: Collection[str], now: datetime
) -> list[Item]:
    rows = session.scalars(
        select(Inbox)
        .join(Conversation, Conversation.id == Inbox.conversation_id)
        .outerjoin(Guardian, Guardian.id == Conversation.guardian_id)
        .where(
            Inbox.id >= first_id_at(now - LOOKED_BACK),
            Inbox.state == "done",
            Inbox.body.is_not(None),
            Inbox.body_en.is_(None),
            Inbox.language.in_([one for one in languages if one != "en"]),
            text(NOT_ENGLISH),
            _not_rejected("text", Inbox.id),
            _of_school(who),
        )
        .order_by(Inbox.id)
        .limit(MOST)
    ).all()
    return [
        Item(
            "text", row.id, str(row.language), "en", db.vault.show(Inbox.body, row.id, row.body), "", "", (), None,
            row.received_at, conversation=row.conversation_id,
        )
        for row in rows
        if NOT_READ in row.notes
    ]  # fmt: skip


def _corrections(db: Database, session: Session, who: Member, languages: Collection[str]) -> list[Item]:
    mine = list(languages)
    rows = session.scalars(
        select(WordingCorrection)
        .where(
            WordingCorrection.school_id == who.school_id,
            WordingCorrection.state == "open",
            or_(WordingCorrection.source_language.in_(mine), WordingCorrection.target_language.in_(mine)),
        )
        .order_by(WordingCorrection.id)
        .limit(MOST)
    ).all()
    return [
        Item(
            "correction",
            row.id,
            row.source_language,
            row.target_language,
            db.vault.show(WordingCorrection.original, row.id, row.original),
            db.vault.show(WordingCorrection.translation, row.id, row.translation),
            db.vault.show(WordingCorrection.remark, row.id, row.remark),
            (),
            None,
            row.at,
            by_family=row.said_by == "guardian",
            conversation=row.conversation_id,
            line=row.line,
        )
        for row in rows
    ]


def _machine(db: Database, session: Session, who: Member, languages: Collection[str]) -> list[Item]:
    rows = session.scalars(_machine_query(who, languages)).all()
    return [
        Item(
            "machine",
            row.id,
            row.source_language,
            row.target_language,
            db.vault.show(TranslationRow.source, row.id, row.source),
            db.vault.show(TranslationRow.target, row.id, row.target),
            "",
            tuple(map(str, row.doubts)),
            None,
            row.created_at,
        )
        for row in rows
    ]


def _machine_query(who: Member, languages: Collection[str]) -> Select[TranslationRow]:
    return (
        select(TranslationRow)
        .where(
            TranslationRow.origin == "machine",
            or_(TranslationRow.school_id == who.school_id, TranslationRow.school_id.is_(None)),
            TranslationRow.target_language.in_(list(languages)),
            _not_rejected("machine", TranslationRow.id),
        )
        .order_by(TranslationRow.id)
        .limit(MOST)
    )


@dataclass(frozen=True, slots=True)
class Approval:
    """A speaker's word on one entry of our own catalogs."""

    domain: str
    context: str
    msgid: str
    forms: tuple[str, ...]


def approvals(db: Database, language: str) -> dict[tuple[str, str, str], Approval]:
    """The newest approval of each entry in a language, by (domain, context, msgid)."""
    with db.reading() as session:
        rows = session.scalars(
            select(CatalogApproval).where(CatalogApproval.language == language).order_by(CatalogApproval.id)
        ).all()
    return {
        (row.domain, row.context, row.msgid): Approval(
            row.domain, row.context, row.msgid, tuple(map(str, row.forms))
        )
        for row in rows
    }


def approve_entry(
    db: Database,
    who: Member,
    domain: str,
    language: str,
    context: str,
    msgid: str,
    forms: Collection[str],
    now: datetime,
) -> None:
    """A speaker approves an entry of our own catalogs, as it was or reworded."""
    with db.writing() as session:
        session.add(
            CatalogApproval(
                id=new_id(),
                domain=domain,
                language=language,
                context=context,
                msgid=msgid,
                forms=list(forms),
                staff_id=who.id,
                at=now,
            )
        )
