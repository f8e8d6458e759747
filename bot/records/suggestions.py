"""One thing worth doing today, from what families answered: counted, never guessed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from bot.records.scope import visible_guardians
from bot.records.staff import Member
from bot.store.columns import first_id_at
from bot.store.database import Database
from bot.store.learning import Answer
from bot.store.people import Guardian
from bot.store.talk import Conversation, FlowRevision, FlowSession

FOR = timedelta(days=7)
FEWEST = 2
"""Families who must have said the same before it is suggested: one is a reply, two are a pattern."""
HARD = ("not_yet", "hard", "too_hard", "did_not_work", "no")
"""Answers by which families say that something was not possible yet, as the library's conversations name them."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`families` answered `choice` in the conversation `script` within the last seven days."""

    script: str
    choice: str
    families: int


def suggestion(db: Database, who: Member, now: datetime) -> Suggestion | None:
    """What most families of this person found hard in the last seven days, if at least two did."""
    families = func.count(Conversation.guardian_id.distinct())
    with db.reading() as session:
        row = session.execute(
            select(FlowRevision.name, Answer.choice, families)
            .join(FlowSession, FlowSession.id == Answer.session_id)
            .join(FlowRevision, FlowRevision.id == FlowSession.revision_id)
            .join(Conversation, Conversation.id == Answer.conversation_id)
            .join(Guardian, Guardian.id == Conversation.guardian_id)
            .where(
                Answer.id >= first_id_at(now - FOR),  # a range of the primary key: a district has millions
                Answer.at >= now - FOR,
                Answer.choice.in_(HARD),
                Guardian.active,
                visible_guardians(who),
            )
            .group_by(FlowRevision.name, Answer.choice)
            .having(families >= FEWEST)
            .order_by(families.desc(), FlowRevision.name, Answer.choice)
            .limit(1)
        ).one_or_none()
    return Suggestion(row[0], str(row[1]), row[2]) if row else None
