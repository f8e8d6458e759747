"""Plans are written before prompts are due, shown to whoever asks, and settled when the day is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.conversation.desk import Desk
from bot.delivery.caps import in_lists
from bot.outreach.conversations import open_with
from bot.outreach.opener import NoSuchScript
from bot.outreach.plan import Decision, Moment, decide
from bot.outreach.reach import OurNumbers, answers_of
from bot.store.columns import new_id
from bot.store.outreach import Prompt, PromptRecipient, SchoolHoliday
from bot.store.people import Guardian, School
from bot.store.statistics import look_again
from bot.store.talk import Conversation

log = structlog.get_logger()

AHEAD = timedelta(hours=36)
"""How long before it can first be due anywhere a prompt's plan is written."""

ROWS = 500
_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def plan_due(desk: Desk, ours: OurNumbers) -> int:
    """Write the plans whose time has come. Returns how many. Safe to repeat, and to be killed at any line: rows that
    are there stay as they are."""
    now = desk.clock()
    with desk.db.reading() as session:
        waiting = session.scalars(
            select(Prompt)
            .where(Prompt.state == "scheduled", Prompt.opens_at <= now + AHEAD)
            .order_by(Prompt.day, Prompt.at, Prompt.id)
        ).all()
    rows = sum(_plan(desk, ours, prompt, now) for prompt in waiting)
    look_again(desk.db, rows, PromptRecipient, Conversation)
    return len(waiting)


def _plan(desk: Desk, ours: OurNumbers, prompt: Prompt, now: datetime) -> int:
    """Write one plan. Returns how many rows it has."""
    count = 0
    with desk.db.reading() as session:
        if session.get(SchoolHoliday, (prompt.school_id, prompt.day)) is not None:
            _settle(desk, prompt, "skipped", "holiday")
            return 0
        try:
            for some in in_lists(decide(session, desk, prompt, now), ROWS):
                _write(desk, ours, prompt, some, now)
                count += len(some)
        except NoSuchScript:
            log.error("prompt_without_script", prompt=prompt.id, script=prompt.script)
            _settle(desk, prompt, "skipped", "no_script")
            return count
    _settle(desk, prompt, "planned", None, planned_at=now)
    log.info("prompt_planned", prompt=prompt.id, guardians=count)
    return count


def _write(desk: Desk, ours: OurNumbers, prompt: Prompt, some: list[Decision], now: datetime) -> None:
    new = [one.guardian_id for one in some if one.stands and one.talk_id is None]
    with desk.db.connection() as tx:
        talks = open_with(tx, desk.db.vault, ours, new, now)
        tx.execute(
            _INSERT[tx.dialect.name](PromptRecipient).on_conflict_do_nothing(
                index_elements=["prompt_id", "guardian_id"]
            ),
            [row_of(prompt, one, talks, now) for one in some],
        )
        _merge(tx, prompt, some)


def _settle(desk: Desk, prompt: Prompt, state: str, why: str | None, **also: Any) -> None:
    with desk.db.connection() as tx:
        tx.execute(
            update(Prompt)
            .where(Prompt.id == prompt.id, Prompt.state == "scheduled")
            .values(state=state, why=why, **also)
        )


def row_of(prompt: Prompt, one: Decision, talks: dict[int, int], now: datetime) -> dict[str, Any]:
    """A decision as a row of `prompt_recipient`."""
    state = "planned" if one.stands else "expired" if one.why == "too_late" else "left_out"
    return {
        "id": new_id(),
        "prompt_id": prompt.id,
        "guardian_id": one.guardian_id,
        "student_id": one.lead.student_id,
        "section_id": one.lead.section_id,
        "conversation_id": one.talk_id or talks.get(one.guardian_id),
        "day": one.moment.day,
        "time_zone": one.moment.zone.key,
        "due_at": one.moment.due_at,
        "expires_at": one.moment.expires_at,
        "language": one.language,
        "segments": one.segments,
        "digest": one.digest_with,
        "state": state,
        "why": one.why,
        "settled_at": None if one.stands else now,
    }


def _merge(tx: Connection, prompt: Prompt, some: Sequence[Decision]) -> None:
    """Rows that collide on a day become one text, at the earlier of their hours."""
    merging = {one.digest_with: one for one in some if one.digest_with is not None}
    if not merging:
        return
    first = PromptRecipient
    others = tx.execute(
        select(first.id, first.digest, first.due_at, first.guardian_id).where(
            first.id.in_(merging), first.state == "planned"
        )
    ).all()
    for other in others:
        digest = other.digest or other.id
        due = min(other.due_at, merging[other.id].moment.due_at)
        tx.execute(
            update(first)
            .where(
                first.guardian_id == other.guardian_id,
                first.day == prompt.day,
                first.state == "planned",
                (first.digest == digest) | (first.id == digest) | (first.prompt_id == prompt.id),
            )
            .values(digest=digest, due_at=due)
        )
    gone = set(merging) - {other.id for other in others}
    if gone:  # the other one was sent or called off meanwhile: this one goes alone
        tx.execute(
            update(first)
            .where(first.prompt_id == prompt.id, first.digest.in_(gone), first.state == "planned")
            .values(digest=None)
        )


def retime(desk: Desk) -> int:
    """Families that moved: planned rows whose family lives by another clock now get that clock's hour. Returns how
    many changed."""
    zone = func.coalesce(Conversation.time_zone, Guardian.time_zone, School.time_zone)
    with desk.db.reading() as session:
        moved = session.execute(
            select(
                PromptRecipient.id,
                PromptRecipient.prompt_id,
                PromptRecipient.conversation_id,
                zone.label("zone"),
            )
            .join(Guardian, Guardian.id == PromptRecipient.guardian_id)
            .join(School, School.id == Guardian.school_id)
            .outerjoin(Conversation, Conversation.id == PromptRecipient.conversation_id)
            .where(PromptRecipient.state == "planned", PromptRecipient.time_zone != zone)
            .limit(ROWS)
        ).all()
        prompts = {
            prompt.id: prompt
            for prompt in session.scalars(
                select(Prompt).where(Prompt.id.in_({row.prompt_id for row in moved}))
            )
        }
        heard = answers_of(
            session, desk.db.vault, [row.conversation_id for row in moved if row.conversation_id]
        )
    with desk.db.connection() as tx:
        for row in moved:
            moment = Moment.of(
                prompts[row.prompt_id], ZoneInfo(row.zone), desk.quiet, heard.get(row.conversation_id)
            )
            tx.execute(
                update(PromptRecipient)
                .where(PromptRecipient.id == row.id, PromptRecipient.state == "planned")
                .values(time_zone=row.zone, due_at=moment.due_at, expires_at=moment.expires_at)
            )
    return len(moved)


def close_finished(desk: Desk) -> int:
    """Prompts whose day is over everywhere are done. Returns how many."""
    open_rows = (
        select(PromptRecipient.id)
        .where(PromptRecipient.prompt_id == Prompt.id, PromptRecipient.state == "planned")
        .exists()
    )
    with desk.db.connection() as tx:
        return tx.execute(
            update(Prompt)
            .where(Prompt.state == "planned", Prompt.closes_at <= desk.clock(), ~open_rows)
            .values(state="done")
        ).rowcount
