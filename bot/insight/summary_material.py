"""What a summary is made of, read from the database: counts of everything, the newest words of each kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from bot.insight.scope import Period, Whose
from bot.insight.summary import (
    READ,
    SHOWN_QUOTES,
    Choice,
    GoalStanding,
    Link,
    Material,
    StaffText,
    Summary,
    Tally,
    summarise,
)
from bot.insight.themes import Quote
from bot.store.columns import Vault
from bot.store.database import Database
from bot.store.learning import Answer, Contribution, GoalProgress
from bot.store.people import Guardian, Guardianship, Student
from bot.store.talk import Conversation, FlowSession, Inbox, Outbox


@dataclass(frozen=True, slots=True)
class Counts:
    """What is counted over everything: answers, goals, texts of and to families, and how many quotes there are."""

    tallies: tuple[Tally, ...]
    goals: tuple[GoalStanding, ...]
    heard: int
    families: int
    sent: int
    told_there: int

    def to_json(self) -> dict[str, Any]:
        """As it is kept: counts only, without the texts they rest on (`evidence` finds those)."""
        tallies = [
            replace(one, choices=tuple(replace(choice, links=()) for choice in one.choices))
            for one in self.tallies
        ]
        goals = [asdict(one) | {"last_at": one.last_at.isoformat()} for one in self.goals]
        return asdict(replace(self, tallies=(), goals=())) | {
            "tallies": [asdict(one) for one in tallies],
            "goals": goals,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Counts:
        """Reads what `to_json` gave."""
        tallies = [
            Tally(
                **(one | {"choices": tuple(Choice(**(choice | {"links": ()})) for choice in one["choices"])})
            )
            for one in data["tallies"]
        ]
        goals = [
            GoalStanding(
                **(
                    one
                    | {
                        "steps": tuple(map(tuple, one["steps"])),
                        "last_at": datetime.fromisoformat(one["last_at"]),
                    }
                )
            )
            for one in data["goals"]
        ]
        numbers = {name: data[name] for name in ("heard", "families", "sent", "told_there")}
        return cls(tuple(tallies), tuple(goals), **numbers)


ENGLISH = "en"
STAFF = "staff"
QUESTION = "question"
CORRECTION = "family.correction"
"""The field in which a family says what we understood wrongly; it stands beside the summary, not in it."""

MOST_CORRECTIONS = 50
_ASKS = frozenset({"question", "written_to_staff", "first_text"})
"""Notes on texts that a family wrote to a person."""


def summary(db: Database, whose: Whose, period: Period, counts: Counts | None = None) -> Summary:
    """The summary of these families in a period. Ten queries, whatever the number of families; half of them when the
    counts are known already."""
    with db.reading() as session:
        return summarise(material(session, db.vault, whose, period, counts))


def counts_of(db: Database, whose: Whose, period: Period) -> Counts:
    """What is counted over everything in the period, however long that takes."""
    with db.reading() as session:
        return _counts(session, whose.talks(), period)


def _counts(session: Session, talks: Select[Any], period: Period) -> Counts:
    heard, families = session.execute(
        select(func.count(), func.count(Inbox.conversation_id.distinct())).where(
            period.holds(Inbox.id, Inbox.received_at), Inbox.conversation_id.in_(talks)
        )
    ).one()
    sent = session.scalar(
        select(func.count()).where(
            period.holds(Outbox.id, Outbox.created_at), Outbox.conversation_id.in_(talks)
        )
    )
    there = session.scalar(select(func.count()).where(*_in_words(talks, period)))
    tallies, goals = _tallies(session, talks, period), _goals(session, talks, period)
    return Counts(tuple(tallies), tuple(goals), heard, families, sent or 0, there or 0)


def material(
    session: Session, vault: Vault, whose: Whose, period: Period, counts: Counts | None = None
) -> Material:
    """Everything `summarise` needs."""
    talks = whose.talks()
    counts = counts or _counts(session, talks, period)
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
    query = (
        select(Answer, Inbox.id, Inbox.language, Inbox.body_en)
        .outerjoin(Inbox, Inbox.id == Answer.inbox_id)
        .where(
            period.holds(Answer.id, Answer.at),
            Answer.conversation_id.in_(whose.talks()),
            Answer.field == CORRECTION,
            Answer.words.is_not(None),
            Answer.choice.is_(None),
        )
        .order_by(Answer.id.desc())
        .limit(MOST_CORRECTIONS)
    )
    with db.reading() as session:
        rows = session.execute(query).all()
    show = db.vault.show
    return [
        _quote(db.vault, answer.conversation_id, inbox_id, show(Answer.words, answer.id, answer.words), language, body_en,
               answer.at)
        for answer, inbox_id, language, body_en in rows
    ]  # fmt: skip


def ideas(db: Database, whose: Whose, period: Period) -> list[Quote]:
    """The ideas of these families in a period, in their own words, newest first. One query."""
    with db.reading() as session:
        gifts, _questions = _given(session, db.vault, whose.talks(), period)
    return [quote for kind, _row_id, quote in gifts if kind == "idea"]


def _tallies(session: Session, talks: Select[Any], period: Period) -> list[Tally]:
    mine = (period.holds(Answer.id, Answer.at), Answer.conversation_id.in_(talks))
    by_choice: dict[str, list[Choice]] = defaultdict(list)
    links = _links(session, mine)
    for field, choice, families, answers in session.execute(
        select(Answer.field, Answer.choice, func.count(Answer.conversation_id.distinct()), func.count())
        .where(*mine, Answer.choice.is_not(None))
        .group_by(Answer.field, Answer.choice)
        .order_by(Answer.field, func.count().desc(), Answer.choice)
    ):
        by_choice[field].append(Choice(str(choice), families, answers, links.get((field, str(choice)), ())))
    numbers = {
        row[0]: row[1:]
        for row in session.execute(
            select(
                Answer.field,
                func.count(),
                func.min(Answer.number),
                func.avg(Answer.number),
                func.max(Answer.number),
            )
            .where(*mine, Answer.number.is_not(None))
            .group_by(Answer.field)
        )
    }
    return [
        Tally(f"answer:{field}", field, tuple(by_choice.get(field, ())), *numbers.get(field, ()))
        for field in sorted(by_choice.keys() | numbers.keys())
    ]


def _links(session: Session, mine: Iterable[Any]) -> dict[tuple[str, str], tuple[Link, ...]]:
    """The newest texts behind each answer; `evidence` has the rest."""
    found: dict[tuple[str, str], list[Link]] = defaultdict(list)
    for row in session.execute(
        select(Answer.field, Answer.choice, Answer.conversation_id, Answer.inbox_id)
        .where(*mine, Answer.choice.is_not(None), Answer.inbox_id.is_not(None))
        .order_by(Answer.id.desc())
        .limit(READ)
    ):
        links = found[(row.field, str(row.choice))]
        if len(links) < SHOWN_QUOTES:
            links.append(Link(row.conversation_id, row.inbox_id))
    return {key: tuple(links) for key, links in found.items()}


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
    query = (
        select(Answer, Inbox.id, Inbox.language, Inbox.body_en)
        .outerjoin(Inbox, Inbox.id == Answer.inbox_id)
        .where(
            period.holds(Answer.id, Answer.at),
            Answer.conversation_id.in_(whose.talks()),
            Answer.field == field,
            Answer.choice == choice,
            *([Answer.id < after] if after is not None else []),
        )
        .order_by(Answer.id.desc())
        .limit(limit + 1)
    )
    with db.reading() as session:
        rows = session.execute(query).all()
    quotes = [
        _quote(db.vault, answer.conversation_id, inbox_id, db.vault.show(Answer.words, answer.id, answer.words), language,
               body_en, answer.at)
        for answer, inbox_id, language, body_en in rows[:limit]
    ]  # fmt: skip
    return quotes, rows[limit - 1][0].id if len(rows) > limit else None


def _in_words(talks: Select[Any], period: Period) -> tuple[Any, ...]:
    """The condition on answers in a family's own words: no choice, no number."""
    return (
        period.holds(Answer.id, Answer.at),
        Answer.conversation_id.in_(talks),
        Answer.choice.is_(None),
        Answer.number.is_(None),
        Answer.words.is_not(None),
        Answer.field != CORRECTION,
    )


def _told(session: Session, vault: Vault, talks: Select[Any], period: Period) -> list[Quote]:
    """Answers in a family's own words, the newest."""
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
        .where(*_in_words(talks, period))
        .order_by(Answer.id.desc())
        .limit(READ)
    ).all()
    return [
        _quote(vault, talk, inbox_id, vault.show(Answer.words, row_id, words), language, body_en, at)
        for row_id, words, talk, at, inbox_id, language, body_en in rows
    ]


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


def _goals(session: Session, talks: Select[Any], period: Period) -> list[GoalStanding]:
    rows = session.execute(
        select(
            GoalProgress.goal,
            GoalProgress.did,
            func.count().label("steps"),
            func.max(GoalProgress.at).label("last"),
        )
        .join(FlowSession, FlowSession.id == GoalProgress.session_id)
        .where(period.holds(GoalProgress.id, GoalProgress.at), FlowSession.conversation_id.in_(talks))
        .group_by(GoalProgress.goal, GoalProgress.did)
        .order_by(GoalProgress.goal, GoalProgress.did)
    ).all()
    families = dict(
        session.execute(
            select(GoalProgress.goal, func.count(FlowSession.conversation_id.distinct()))
            .join(FlowSession, FlowSession.id == GoalProgress.session_id)
            .where(period.holds(GoalProgress.id, GoalProgress.at), FlowSession.conversation_id.in_(talks))
            .group_by(GoalProgress.goal)
        ).all()
    )  # fmt: skip
    by_goal: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        by_goal[row.goal].append(row)
    return [
        GoalStanding(
            f"goal:{goal}", goal, families.get(goal, 0), tuple((row.did, row.steps) for row in some),
            max(row.last for row in some),
        )
        for goal, some in by_goal.items()
    ]  # fmt: skip


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
