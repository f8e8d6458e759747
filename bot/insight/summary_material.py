"""What a summary is made of, read from the database: the newest words of each kind, beside what was counted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from bot.insight.scope import Period, Whose
from bot.insight.summary import (
    READ,
    Material,
    StaffText,
    Summary,
    summarise,
)
from bot.insight.summary_counts import CORRECTION, Counts, count, in_words
from bot.insight.themes import Quote
from bot.store.columns import Vault
from bot.store.database import Database
from bot.store.learning import Answer, Contribution
from bot.store.people import Guardian, Guardianship, Student
from bot.store.talk import Conversation, Inbox, Outbox

ENGLISH = "en"
STAFF = "staff"
QUESTION = "question"
MOST_CORRECTIONS = 50
_ASKS = frozenset({"question", "written_to_staff", "first_text"})
"""Notes on texts that a family wrote to a person."""


def summary(db: Database, whose: Whose, period: Period, counts: Counts | None = None) -> Summary:
    """The summary of these families in a period. Ten queries, whatever the number of families; half of them when the
    counts are known already."""
    with db.reading() as session:
        return summarise(material(session, db.vault, whose, period, counts))


def material(
    session: Session, vault: Vault, whose: Whose, period: Period, counts: Counts | None = None
) -> Material:
    """Everything `summarise` needs."""
    talks = whose.talks()
    counts = counts or count(session, talks, period)
    told = _told(session, vault, talks, period)
    gifts, questions = _given(session, vault, talks, period)
    return Material(
        period, counts.tallies, told, counts.told_there,
        _asked(session, vault, talks, period, questions), gifts, _staff(session, vault, talks, period),
        counts.goals, _names(session, {quote.conversation_id for quote in (*told, *(gift[2] for gift in gifts))}),
        counts.heard, counts.sent, counts.families,
    )  # fmt: skip


def corrections(db: Database, whose: Whose, period: Period) -> list[Quote]:
    """What these families say we understood wrongly, in their own words, newest first (the conversation `correction`)."""
    with db.reading() as session:
        answers = _answers(
            session, db.vault, MOST_CORRECTIONS,
            period.holds(Answer.id, Answer.at), Answer.conversation_id.in_(whose.talks()),
            Answer.field == CORRECTION, Answer.words.is_not(None), Answer.choice.is_(None),
        )  # fmt: skip
    return [quote for _answer_id, quote in answers]


def ideas(db: Database, whose: Whose, period: Period) -> list[Quote]:
    """The ideas of these families in a period, in their own words, newest first. One query."""
    with db.reading() as session:
        gifts, _questions = _given(session, db.vault, whose.talks(), period)
    return [quote for kind, _row_id, quote in gifts if kind == "idea"]


def evidence(
    db: Database,
    whose: Whose,
    period: Period,
    field: str,
    choice: str,
    after: int | None = None,
    limit: int = 30,
) -> tuple[list[Quote], int | None]:
    """The texts behind one counted answer, newest first, a page at a time: quotes, and where the next page begins."""
    with db.reading() as session:
        answers = _answers(
            session, db.vault, limit + 1,
            period.holds(Answer.id, Answer.at), Answer.conversation_id.in_(whose.talks()),
            Answer.field == field, Answer.choice == choice,
            *([Answer.id < after] if after is not None else []),
        )  # fmt: skip
    return [quote for _id, quote in answers[:limit]], answers[limit - 1][0] if len(answers) > limit else None


def _answers(session: Session, vault: Vault, limit: int, *conditions: Any) -> list[tuple[int, Quote]]:
    """The newest answers of which this holds, in the family's own words, with their ids."""
    rows = session.execute(
        select(
            Answer.id,
            Answer.words,
            Answer.conversation_id,
            Answer.at,
            Inbox.id,
            Inbox.language,
            Inbox.body_en,
        )
        .outerjoin(Inbox, Inbox.id == Answer.inbox_id)
        .where(*conditions)
        .order_by(Answer.id.desc())
        .limit(limit)
    ).all()
    return [
        (
            row_id,
            _quote(vault, talk, inbox_id, vault.show(Answer.words, row_id, words), language, body_en, at),
        )
        for row_id, words, talk, at, inbox_id, language, body_en in rows
    ]


def _told(session: Session, vault: Vault, talks: Select[Any], period: Period) -> list[Quote]:
    """Answers in a family's own words, the newest."""
    return [quote for _id, quote in _answers(session, vault, READ, *in_words(talks, period))]


def _given(
    session: Session, vault: Vault, talks: Select[Any], period: Period
) -> tuple[list[tuple[str, int, Quote]], list[Quote]]:
    """What families gave (strengths, practices, ideas, votes), and what they asked inside a conversation."""
    rows = session.execute(
        select(Contribution, Inbox.id, Inbox.language, Inbox.body_en)
        .outerjoin(Inbox, Inbox.id == Contribution.inbox_id)
        .where(period.holds(Contribution.id, Contribution.at), Contribution.conversation_id.in_(talks))
        .order_by(Contribution.id.desc())
        .limit(READ)
    ).all()
    gifts, questions = [], []
    for given, inbox_id, language, body_en in rows:
        words = vault.show(Contribution.words, given.id, given.words)
        quote = _quote(vault, given.conversation_id, inbox_id, words, language, body_en, given.at)
        if given.kind == QUESTION:
            questions.append(quote)
        else:
            gifts.append((given.kind, given.id, quote))
    return gifts, questions


def _asked(
    session: Session, vault: Vault, talks: Select[Any], period: Period, questions: list[Quote]
) -> list[Quote]:
    """Texts that families wrote to a person, newest first; each text once."""
    rows = session.execute(
        select(
            Inbox.id,
            Inbox.conversation_id,
            Inbox.notes,
            Inbox.body,
            Inbox.language,
            Inbox.body_en,
            Inbox.received_at,
        )
        .where(period.holds(Inbox.id, Inbox.received_at), Inbox.conversation_id.in_(talks))
        .order_by(Inbox.id.desc())
        .limit(READ)
    ).all()
    found = {quote.inbox_id: quote for quote in questions if quote.inbox_id is not None}
    for row in rows:
        if _ASKS & set(map(str, row.notes)) and row.body is not None:
            words = vault.show(Inbox.body, row.id, row.body)
            found.setdefault(
                row.id,
                _quote(vault, row.conversation_id, row.id, words, row.language, row.body_en, row.received_at),
            )
    return sorted(found.values(), key=lambda quote: (quote.at, quote.inbox_id), reverse=True)


def _quote(
    vault: Vault,
    conversation_id: int,
    inbox_id: int | None,
    words: str,
    language: str | None,
    body_en: bytes | None,
    at: datetime,
) -> Quote:
    english = (
        vault.show(Inbox.body_en, inbox_id, body_en) if inbox_id is not None and body_en is not None else None
    )
    return Quote(conversation_id, inbox_id, words, language, None if english == words else english, at)


def _staff(session: Session, vault: Vault, talks: Select[Any], period: Period) -> list[StaffText]:
    rows = session.execute(
        select(
            Outbox.id,
            Outbox.conversation_id,
            Outbox.body,
            Outbox.language,
            Outbox.original,
            Outbox.original_language,
            Outbox.created_at,
        )
        .where(
            Outbox.kind == STAFF,
            period.holds(Outbox.id, Outbox.created_at),
            Outbox.conversation_id.in_(talks),
        )
        .order_by(Outbox.id.desc())
        .limit(READ)
    ).all()
    found = []
    for row in rows:
        english = None
        if row.original is not None and row.original_language == ENGLISH:
            english = vault.show(Outbox.original, row.id, row.original)
        elif row.body is not None and row.language == ENGLISH:
            english = vault.show(Outbox.body, row.id, row.body)
        found.append(StaffText(row.conversation_id, row.id, english, row.created_at))
    return found


def _names(session: Session, conversations: set[int]) -> frozenset[str]:
    """Names of the people these texts are from and about: a child's name is no theme."""
    if not conversations:
        return frozenset()
    rows = session.execute(
        select(Guardian.name, Student.given_name, Student.family_name)
        .join(Conversation, Conversation.guardian_id == Guardian.id)
        .outerjoin(Guardianship, Guardianship.guardian_id == Guardian.id)
        .outerjoin(Student, Student.id == Guardianship.student_id)
        .where(Conversation.id.in_(conversations))
    )
    return frozenset(name for row in rows for name in row if name)
