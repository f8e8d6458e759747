"""What a summary counts over everything said in a period: answers, steps towards goals, texts, families."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from bot.insight.scope import Period, Whose
from bot.insight.summary import READ, SHOWN_QUOTES, Choice, GoalStanding, Link, Tally
from bot.store.database import Database
from bot.store.learning import Answer, GoalProgress
from bot.store.talk import FlowSession, Inbox, Outbox

CORRECTION = "family.correction"
"""The field in which a family says what we understood wrongly; it stands beside the summary, not in it."""


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


def counts_of(db: Database, whose: Whose, period: Period) -> Counts:
    """What is counted over everything in the period, however long that takes."""
    with db.reading() as session:
        return count(session, whose.talks(), period)


def count(session: Session, talks: Select[Any], period: Period) -> Counts:
    """As `counts_of`, of these conversations."""
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
    there = session.scalar(select(func.count()).where(*in_words(talks, period)))
    tallies, goals = _tallies(session, talks, period), _goals(session, talks, period)
    return Counts(tuple(tallies), tuple(goals), heard, families, sent or 0, there or 0)


def in_words(talks: Select[Any], period: Period) -> tuple[Any, ...]:
    """The condition on answers in a family's own words: no choice, no number."""
    return (
        period.holds(Answer.id, Answer.at),
        Answer.conversation_id.in_(talks),
        Answer.choice.is_(None),
        Answer.number.is_(None),
        Answer.words.is_not(None),
        Answer.field != CORRECTION,
    )


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
