"""Rows of plans whose hour has come, and whether they may still go: every question of the plan, asked once more."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.conversation.desk import Desk
from bot.delivery.caps import OPENING, Taken
from bot.delivery.pacing import QuietHours, next_allowed
from bot.delivery.quiet_days import is_quiet
from bot.flow.lines import Value
from bot.outreach.plan import Moment, unreachable
from bot.outreach.reach import Reach
from bot.store.database import Database
from bot.store.outreach import Prompt, PromptRecipient

AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Due:
    """One guardian's planned row of one prompt."""

    id: int
    prompt_id: int
    guardian_id: int
    student_id: int | None
    section_id: int | None
    day: date
    time_zone: str
    due_at: datetime
    expires_at: datetime
    digest: int | None


_COLUMNS = (
    PromptRecipient.id,
    PromptRecipient.prompt_id,
    PromptRecipient.guardian_id,
    PromptRecipient.student_id,
    PromptRecipient.section_id,
    PromptRecipient.day,
    PromptRecipient.time_zone,
    PromptRecipient.due_at,
    PromptRecipient.expires_at,
    PromptRecipient.digest,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a due row that does not go now: settled with a reason, or `planned` for another moment."""

    row_id: int
    state: str
    why: str | None = None
    moment: Moment | None = None


def due_rows(
    session: Session,
    now: datetime,
    limit: int,
    passed_over: Collection[int],
    away: Collection[int] = frozenset(),
) -> list[Due]:
    """Rows that are due, the oldest first, but those of guardians who are `away`; and the rows that go out in one text
    with them, when the limit cut them off."""
    query = select(*_COLUMNS).where(PromptRecipient.state == "planned", PromptRecipient.due_at <= now)
    if passed_over:
        query = query.where(PromptRecipient.id.not_in(passed_over))
    oldest = query.order_by(PromptRecipient.due_at, PromptRecipient.guardian_id).limit(limit + len(away))
    found = map(_due, session.connection().execute(oldest).all())
    rows = [row for row in found if row.guardian_id not in away][:limit]
    digests = {row.digest for row in rows if row.digest is not None}
    if not digests:
        return rows
    here = {row.id for row in rows}
    partners = select(*_COLUMNS).where(
        PromptRecipient.guardian_id.in_({row.guardian_id for row in rows if row.digest is not None}),
        PromptRecipient.digest.in_(digests),
        PromptRecipient.state == "planned",
    )
    return rows + [
        row for row in map(_due, session.connection().execute(partners).all()) if row.id not in here
    ]


def _due(row: Any) -> Due:
    return Due(*row)


def verdict_on(
    row: Due,
    prompt: Prompt,
    reach: Reach,
    taken: Taken,
    quiet: QuietHours,
    now: datetime,
    answers: Mapping[str, Value] | None = None,
) -> Verdict | None:
    """None: it may go. `taken` are texts that went, not those that are planned; `answers` what the family said."""
    why = unreachable(reach, now)
    if why is None and is_quiet(row.day, reach.quiet_days):
        why = "quiet_day"
    if why is not None:
        return Verdict(row.id, "left_out", why)
    if reach.zone.key != row.time_zone:  # the family moved: its own clock says when
        return Verdict(row.id, "planned", None, Moment.of(prompt, reach.zone, quiet, answers))
    if now >= row.expires_at:
        return Verdict(row.id, "expired", "too_late")
    allowed = _allowed(now, reach.zone, quiet)
    if allowed > now:
        if allowed >= row.expires_at:
            return Verdict(row.id, "expired", "too_late")
        return Verdict(row.id, "planned", None, Moment(row.day, reach.zone, allowed, row.expires_at))
    if prompt.kind == "prompt" and not taken.admits(row.day, OPENING, reach.weekly_cap, reach.own_cap):
        return Verdict(row.id, "left_out", "cap_reached")
    return None


@lru_cache(maxsize=1024)
def _allowed(now: datetime, zone: ZoneInfo, quiet: QuietHours) -> datetime:
    """Hundreds of families share a zone and are looked at in the same instant."""
    return next_allowed(now, zone, quiet)


def settle(db: Database, verdicts: Sequence[Verdict], now: datetime) -> set[int]:
    """Write verdicts down; returns their rows."""
    if not verdicts:
        return set()
    with db.connection() as tx:
        for verdict in verdicts:
            values: dict[str, Any] = {"state": verdict.state, "why": verdict.why}
            if verdict.moment is None:
                values["settled_at"] = now
            else:
                values |= {
                    "time_zone": verdict.moment.zone.key,
                    "due_at": verdict.moment.due_at,
                    "expires_at": verdict.moment.expires_at,
                }
            tx.execute(
                update(PromptRecipient)
                .where(PromptRecipient.id == verdict.row_id, PromptRecipient.state == "planned")
                .values(values)
            )
    return {verdict.row_id for verdict in verdicts}


def expire(desk: Desk, now: datetime) -> int:
    """Rows whose family's day is over are recorded as expired: a prompt at night is worse than none."""
    late = (
        select(PromptRecipient.id)
        .where(
            PromptRecipient.state == "planned",
            PromptRecipient.due_at <= now,
            PromptRecipient.expires_at <= now,
        )
        .limit(AT_ONCE)
    )
    count = 0
    while True:
        with desk.db.reading() as session:
            ids = list(session.scalars(late))
        if not ids:
            return count
        with desk.db.connection() as tx:
            count += tx.execute(
                update(PromptRecipient)
                .where(PromptRecipient.id.in_(ids), PromptRecipient.state == "planned")
                .values(state="expired", why="too_late", settled_at=now)
            ).rowcount
