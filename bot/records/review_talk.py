"""What reviewers and authors say to each other about a text: a question and its answer, or why it cannot go as it is."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, or_, select, update
from sqlalchemy.orm import Session

from bot.records.colleagues import NotPossible
from bot.records.profile import Words
from bot.records.review import Item
from bot.records.scope import visible_conversations
from bot.records.staff import Member
from bot.store.columns import first_id_at, new_id
from bot.store.database import Database
from bot.store.outreach import Prompt
from bot.store.people import Guardian, Staff
from bot.store.reviewing import ReviewQuestion, ReviewRejection
from bot.store.talk import Conversation, Inbox, Outbox, TranslationRow
from bot.store.terms import WordingCorrection

LONGEST = 500
_MOST = 50
_PROMPTS_LOOKED_AT = 200
_PROMPTS_SINCE = timedelta(days=60)
_SLOT = re.compile(r"⟨\d+⟩")


@dataclass(frozen=True, slots=True)
class Question:
    """A reviewer's question with its answer, if there is one yet."""

    id: int
    question: str
    asked_by: str
    asked_at: datetime
    answer: str | None
    answered_by: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that waits for me, with the text it is about (None: the text is gone)."""

    id: int
    question: str
    asked_by: str
    asked_at: datetime
    about: Words | None
    conversation_id: int | None


@dataclass(frozen=True, slots=True)
class SentBack:
    """A text of mine that a reviewer sent back, and why."""

    id: int
    reason: str
    by: str
    at: datetime
    about: Words | None
    conversation_id: int | None


def ask(db: Database, who: Member, item: Item, words: str, now: datetime) -> None:
    """Ask whoever wrote a text what it means; where nobody is known, whoever looks after families there.

    Raises `NotPossible` for an empty question.
    """
    question = words.strip()[:LONGEST]
    if not question:
        raise NotPossible("Please write your question first.")
    author = item.author_id or _author_of(db, who, item, now)
    row_id = new_id()
    with db.writing() as session:
        session.add(
            ReviewQuestion(
                id=row_id,
                school_id=who.school_id,
                kind=item.kind,
                item_id=item.id,
                conversation_id=item.conversation,
                asked_by=who.id,
                asked_of=author,
                question=db.vault.seal(ReviewQuestion.question, row_id, question),
                asked_at=now,
            )
        )


def about_item(db: Database, kind: str, item_id: int) -> list[Question]:
    """What was asked about a text so far, oldest first."""
    asker, answerer = Staff.__table__.alias("asker"), Staff.__table__.alias("answerer")
    with db.reading() as session:
        rows = session.execute(
            select(ReviewQuestion, asker.c.name, answerer.c.name)
            .join(asker, asker.c.id == ReviewQuestion.asked_by)
            .outerjoin(answerer, answerer.c.id == ReviewQuestion.answered_by)
            .where(ReviewQuestion.kind == kind, ReviewQuestion.item_id == item_id)
            .order_by(ReviewQuestion.id)
            .limit(_MOST)
        ).all()
    return [
        Question(
            row.id,
            db.vault.show(ReviewQuestion.question, row.id, row.question),
            asked_by,
            row.asked_at,
            None if row.answer is None else db.vault.show(ReviewQuestion.answer, row.id, row.answer),
            answered_by,
        )
        for row, asked_by, answered_by in rows
    ]


def states(db: Database, who: Member, items: Collection[Item]) -> dict[tuple[str, int], str]:
    """Which of these texts wait for an author's answer ("asked"), and which have one ("answered")."""
    with db.reading() as session:
        rows = session.execute(
            select(ReviewQuestion.kind, ReviewQuestion.item_id, ReviewQuestion.answered_at)
            .where(
                ReviewQuestion.school_id == who.school_id,
                ReviewQuestion.item_id.in_([item.id for item in items]),
            )
            .order_by(ReviewQuestion.id)
        ).all()
    return {(kind, item_id): "answered" if at else "asked" for kind, item_id, at in rows}


def waiting_for(db: Database, who: Member) -> list[Asked]:
    """The questions that wait for this person: about her own texts, and about families she may read."""
    if not who.reads_families:
        return []
    with db.reading() as session:
        rows = session.execute(
            _open(who).where(
                or_(
                    ReviewQuestion.asked_of == who.id,
                    ReviewQuestion.asked_of.is_(None) & _of_mine(who),
                )
            )
        ).all()
        return [
            Asked(
                row.id,
                db.vault.show(ReviewQuestion.question, row.id, row.question),
                asked_by,
                row.asked_at,
                _about(db, session, row.kind, row.item_id),
                row.conversation_id,
            )
            for row, asked_by in rows
        ]


def answer(db: Database, who: Member, question_id: int, words: str, now: datetime) -> bool:
    """Answer one of them; False when it does not wait for this person any more. Raises `NotPossible` when empty."""
    text = words.strip()[:LONGEST]
    if not text:
        raise NotPossible("Please write a few words first.")
    if question_id not in {one.id for one in waiting_for(db, who)}:
        return False
    with db.writing() as session:
        done = session.execute(
            update(ReviewQuestion)
            .where(ReviewQuestion.id == question_id, ReviewQuestion.answered_at.is_(None))
            .values(
                answer=db.vault.seal(ReviewQuestion.answer, question_id, text),
                answered_by=who.id,
                answered_at=now,
            )
            .returning(ReviewQuestion.id)
        ).one_or_none()
    return done is not None


def reject(db: Database, who: Member, item: Item, reason: str, now: datetime) -> None:
    """Take a text off the desk without a wording, and keep why; its author is told. Raises `NotPossible` without a reason."""
    why = reason.strip()[:LONGEST]
    if not why:
        raise NotPossible("Please say in a few words why.")
    author = item.author_id or _author_of(db, who, item, now)
    row_id = new_id()
    with db.writing() as session:
        session.add(
            ReviewRejection(
                id=row_id,
                school_id=who.school_id,
                kind=item.kind,
                item_id=item.id,
                conversation_id=item.conversation,
                staff_id=who.id,
                author_id=author,
                reason=db.vault.seal(ReviewRejection.reason, row_id, why),
                at=now,
            )
        )


def sent_back_to(db: Database, who: Member) -> list[SentBack]:
    """Texts of this person that a reviewer sent back and that she has not put aside yet."""
    with db.reading() as session:
        rows = session.execute(
            select(ReviewRejection, Staff.name)
            .join(Staff, Staff.id == ReviewRejection.staff_id)
            .where(ReviewRejection.author_id == who.id, ReviewRejection.seen_at.is_(None))
            .order_by(ReviewRejection.id)
            .limit(_MOST)
        ).all()
        return [
            SentBack(
                row.id,
                db.vault.show(ReviewRejection.reason, row.id, row.reason),
                by,
                row.at,
                _about(db, session, row.kind, row.item_id),
                row.conversation_id,
            )
            for row, by in rows
        ]


def put_aside(db: Database, who: Member, rejection_id: int, now: datetime) -> None:
    """She has read it."""
    with db.writing() as session:
        session.execute(
            update(ReviewRejection)
            .where(ReviewRejection.id == rejection_id, ReviewRejection.author_id == who.id)
            .values(seen_at=now)
        )


def _open(who: Member) -> Select[ReviewQuestion, str]:
    return (
        select(ReviewQuestion, Staff.name)
        .join(Staff, Staff.id == ReviewQuestion.asked_by)
        .outerjoin(Conversation, Conversation.id == ReviewQuestion.conversation_id)
        .outerjoin(Guardian, Guardian.id == Conversation.guardian_id)
        .where(ReviewQuestion.school_id == who.school_id, ReviewQuestion.answered_at.is_(None))
        .order_by(ReviewQuestion.id)
        .limit(_MOST)
    )


def _of_mine(who: Member) -> ColumnElement[bool]:
    seen = ReviewQuestion.conversation_id.is_not(None) & visible_conversations(who)
    return or_(seen, ReviewQuestion.conversation_id.is_(None)) if who.sees_whole_school else seen


def _about(db: Database, session: Session, kind: str, item_id: int) -> Words | None:
    """The text a question is about, as it stands now."""
    vault = db.vault
    if kind == "reply":
        told = session.get(Outbox, item_id)
        return (
            None
            if told is None or told.body is None
            else Words(vault.show(Outbox.body, told.id, told.body), told.language)
        )
    if kind == "text":
        heard = session.get(Inbox, item_id)
        return (
            None
            if heard is None or heard.body is None
            else Words(vault.show(Inbox.body, heard.id, heard.body), heard.language)
        )
    if kind == "correction":
        said = session.get(WordingCorrection, item_id)
        return (
            None
            if said is None
            else Words(vault.show(WordingCorrection.original, said.id, said.original), said.source_language)
        )
    row = session.get(TranslationRow, item_id)
    return (
        None
        if row is None
        else Words(vault.show(TranslationRow.source, row.id, row.source), row.source_language)
    )


def _author_of(db: Database, who: Member, item: Item, now: datetime) -> int | None:
    """Who wrote the announcement that a machine's wording belongs to, as far as recent prompts of the school tell."""
    if item.kind != "machine":
        return None
    wanted = re.compile(
        ".+?".join(re.escape(part) for part in _SLOT.split(" ".join(item.text.split()))), re.DOTALL
    )
    with db.reading() as session:
        prompts = session.scalars(
            select(Prompt)
            .where(
                Prompt.school_id == who.school_id,
                Prompt.words.is_not(None),
                Prompt.id >= first_id_at(now - _PROMPTS_SINCE),
            )
            .order_by(Prompt.id.desc())
            .limit(_PROMPTS_LOOKED_AT)
        ).all()
    for prompt in prompts:
        if prompt.words is not None and wanted.fullmatch(
            " ".join(db.vault.show(Prompt.words, prompt.id, prompt.words).split())
        ):
            return prompt.created_by
    return None
