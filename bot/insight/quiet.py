"""The coordinator's Friday: which families nobody has heard from, and what to try next with each.

One list, the longest silence first (never heard before all), a page at a time by key. The next step is about what the
school can do; a family's silence is never its fault.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import case, func, literal, select, tuple_
from sqlalchemy.orm import Session

from bot.insight.scope import Whose
from bot.store.columns import Utc
from bot.store.database import Database
from bot.store.people import Guardian
from bot.store.talk import Conversation, Outbox

PAGE = 30
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""In the list's order, when a family was heard that never was."""

NOT_ARRIVED = ("undelivered", "failed")


@dataclass(frozen=True, slots=True)
class Quiet:
    """A family nobody has heard from for a while. `heard_at` None: never. `next_step` is a code of `STEPS`."""

    guardian_id: int
    name: str
    language: str | None
    conversation_id: int | None
    heard_at: datetime | None
    paused_until: datetime | None
    next_step: str


@dataclass(frozen=True, slots=True)
class Counted:
    """How many families there are, how many were never heard, and how many not for so long."""

    families: int
    never: int
    quiet: int
    """Without those who were never heard."""


STEPS = ("number", "call", "paused", "answer", "language", "write", "check", "ask", "again")


def quiet(
    db: Database,
    whose: Whose,
    days: int,
    now: datetime,
    after: tuple[datetime, int] | None = None,
    limit: int = PAGE,
) -> tuple[list[Quiet], tuple[datetime, int] | None]:
    """The families not heard from for `days` days, the longest silence first; and where the next page begins."""
    heard = _heard(whose)
    since = func.coalesce(heard.c.heard_at, literal(NEVER, Utc()))
    query = (
        select(
            Guardian.id, Guardian.name, Guardian.language, Guardian.phone_index.is_not(None).label("phone"),
            heard.c.talk, heard.c.heard_at, heard.c.language.label("spoken"), heard.c.stopped, heard.c.paused,
            heard.c.waits, since.label("since"),
        )
        .outerjoin(heard, heard.c.guardian_id == Guardian.id)
        .where(Guardian.id.in_(whose.guardians()), since < now - timedelta(days=days))
        .order_by(since, Guardian.id)
        .limit(limit + 1)
    )  # fmt: skip
    if after is not None:
        query = query.where(tuple_(since, Guardian.id) > tuple_(literal(after[0], Utc()), literal(after[1])))
    with db.reading() as session:
        rows = session.execute(query).all()
        states = _last_states(session, [row.talk for row in rows[:limit] if row.talk is not None])
    lines = [
        Quiet(
            row.id, row.name, row.language or row.spoken, row.talk, row.heard_at, row.paused,
            next_step(row, states.get(row.talk), now),
        )
        for row in rows[:limit]
    ]  # fmt: skip
    last = rows[limit - 1] if len(rows) > limit else None
    return lines, None if last is None else (last.since, last.id)


def counted(db: Database, whose: Whose, days: int, now: datetime) -> Counted:
    """How many are quiet, among how many."""
    heard = _heard(whose)
    query = (
        select(
            func.count(),
            func.sum(case((heard.c.heard_at.is_(None), 1), else_=0)),
            func.sum(case((heard.c.heard_at < now - timedelta(days=days), 1), else_=0)),
        )
        .select_from(Guardian)
        .outerjoin(heard, heard.c.guardian_id == Guardian.id)
        .where(Guardian.id.in_(whose.guardians()))
    )
    with db.reading() as session:
        families, never, long_ago = session.execute(query).one()
    return Counted(families, int(never or 0), int(long_ago or 0))


def next_step(row: Any, last_state: str | None, now: datetime) -> str:
    """What to try next: the first of these that holds. Pure."""
    if not row.phone:
        return "number"
    if row.stopped is not None:
        return "call"
    if row.waits is not None:
        return "answer"
    if row.paused is not None and row.paused > now:
        return "paused"
    if (row.language or row.spoken) is None:
        return "language"
    if row.talk is None or last_state is None:
        return "write"
    if last_state in NOT_ARRIVED:
        return "check"
    return "ask" if row.heard_at is None else "again"


def _heard(whose: Whose) -> Any:
    """Each guardian's conversations as one line: when last heard, the newest of them, and what stands in the way."""
    mine = select(
        Conversation.guardian_id,
        func.max(Conversation.id).label("talk"),
        func.max(Conversation.last_in_at).label("heard_at"),
        func.max(Conversation.language).label("language"),
        func.max(Conversation.opted_out_at).label("stopped"),
        func.max(Conversation.paused_until).label("paused"),
        func.min(Conversation.awaits_staff_since).label("waits"),
    )
    return (
        mine.where(Conversation.guardian_id.in_(whose.guardians()))
        .group_by(Conversation.guardian_id)
        .subquery()
    )


def _last_states(session: Session, talks: Sequence[int]) -> dict[int, str]:
    """How far the last text to each of these conversations has come."""
    newest = (
        select(Outbox.conversation_id, func.max(Outbox.seq).label("seq"))
        .where(Outbox.conversation_id.in_(talks))
        .group_by(Outbox.conversation_id)
        .subquery()
    )
    rows = session.execute(
        select(Outbox.conversation_id, Outbox.state).join(
            newest, (newest.c.conversation_id == Outbox.conversation_id) & (newest.c.seq == Outbox.seq)
        )
    )
    return {row.conversation_id: row.state for row in rows}
