"""Plans are written before prompts are due, shown to whoever asks, and settled when the day is over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.conversation.desk import Desk
from bot.delivery.caps import in_lists
from bot.outreach.conversations import open_with
from bot.outreach.opener import NoSuchScript
from bot.outreach.plan import WHY, Decision, Moment, decide
from bot.outreach.reach import OurNumbers, answers_of
from bot.store.columns import new_id
from bot.store.outreach import Prompt, PromptRecipient, SchoolHoliday
from bot.store.people import Guardian, School, Student
from bot.store.talk import Conversation

log = structlog.get_logger()

AHEAD = timedelta(hours=36)
"""How long before it can first be due anywhere a prompt's plan is written."""

ROWS = 500
_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True, slots=True)
class Planned:
    """One line of a plan, for people."""

    guardian_id: int
    guardian: str
    child: str | None
    when: datetime
    """On the family's own clock (aware, with the zone's name)."""
    language: str | None
    segments: int | None
    included: bool
    why: str
    """Why not, or what it is merged with; empty when there is nothing to say."""
    state: str


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
    for prompt in waiting:
        _plan(desk, ours, prompt, now)
    return len(waiting)


def _plan(desk: Desk, ours: OurNumbers, prompt: Prompt, now: datetime) -> None:
    count = 0
    with desk.db.reading() as session:
        if session.get(SchoolHoliday, (prompt.school_id, prompt.day)) is not None:
            _settle(desk, prompt, "skipped", "holiday")
            return
        try:
            for some in in_lists(decide(session, desk, prompt, now), ROWS):
                _write(desk, ours, prompt, some, now)
                count += len(some)
        except NoSuchScript:
            log.error("prompt_without_script", prompt=prompt.id, script=prompt.script)
            _settle(desk, prompt, "skipped", "no_script")
            return
    _settle(desk, prompt, "planned", None, planned_at=now)
    log.info("prompt_planned", prompt=prompt.id, guardians=count)


def _write(desk: Desk, ours: OurNumbers, prompt: Prompt, some: list[Decision], now: datetime) -> None:
    new = [one.guardian_id for one in some if one.stands and one.talk_id is None]
    with desk.db.connection() as tx:
        talks = open_with(tx, desk.db.vault, ours, new, now)
        tx.execute(
            _INSERT[tx.dialect.name](PromptRecipient).on_conflict_do_nothing(
                index_elements=["prompt_id", "guardian_id"]
            ),
            [_row(prompt, one, talks, now) for one in some],
        )
        _merge(tx, prompt, some)


def _settle(desk: Desk, prompt: Prompt, state: str, why: str | None, **also: Any) -> None:
    with desk.db.connection() as tx:
        tx.execute(
            update(Prompt)
            .where(Prompt.id == prompt.id, Prompt.state == "scheduled")
            .values(state=state, why=why, **also)
        )


def _row(prompt: Prompt, one: Decision, talks: dict[int, int], now: datetime) -> dict[str, Any]:
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


def plan_of(desk: Desk, prompt_id: int) -> list[Planned]:
    """The plan of a prompt: as it is written; or, before that, as it would be written now.

    Raises LookupError when there is no such prompt, and `NoSuchScript`.
    """
    with desk.db.reading() as session:
        prompt = session.get(Prompt, prompt_id)
        if prompt is None:
            raise LookupError(f"There is no prompt with the id {prompt_id}.")
        if prompt.state == "scheduled":
            holiday = session.get(SchoolHoliday, (prompt.school_id, prompt.day)) is not None
            rows: Iterable[PromptRecipient] = [
                PromptRecipient(
                    **_row(prompt, replace(one, why="holiday") if holiday else one, {}, desk.clock())
                )
                for one in decide(session, desk, prompt, desk.clock())
            ]
        else:
            rows = session.scalars(
                select(PromptRecipient).where(PromptRecipient.prompt_id == prompt_id)
            ).all()
        return _lines(session, prompt, list(rows))


def _lines(session: Session, prompt: Prompt, rows: list[PromptRecipient]) -> list[Planned]:
    names: dict[int, str] = {}
    children: dict[int, str] = {}
    for start in range(0, len(rows), ROWS):
        some = rows[start : start + ROWS]
        names |= dict(
            session.execute(
                select(Guardian.id, Guardian.name).where(Guardian.id.in_([row.guardian_id for row in some]))
            ).all()
        )  # fmt: skip
        children |= dict(
            session.execute(
                select(Student.id, Student.given_name).where(Student.id.in_([row.student_id for row in some]))
            ).all()
        )  # fmt: skip
    merged = _merged_titles(session, prompt, rows)
    lines = [
        Planned(
            row.guardian_id,
            names.get(row.guardian_id, ""),
            children.get(row.student_id or 0),
            row.due_at.astimezone(ZoneInfo(row.time_zone)),
            row.language,
            row.segments,
            row.why is None and row.state in ("planned", "fired"),
            WHY.get(row.why, row.why) if row.why is not None else merged.get((row.guardian_id, row.day), ""),
            row.state,
        )
        for row in rows
    ]
    return sorted(lines, key=lambda line: (not line.included, line.when, line.guardian, line.guardian_id))


def _merged_titles(
    session: Session, prompt: Prompt, rows: list[PromptRecipient]
) -> dict[tuple[int, Any], str]:
    """Which other prompts a family's text also carries."""
    merging = [row.guardian_id for row in rows if row.digest is not None]
    found: dict[tuple[int, Any], str] = {}
    for start in range(0, len(merging), ROWS):
        for guardian, day, title in session.execute(
            select(PromptRecipient.guardian_id, PromptRecipient.day, Prompt.title)
            .join(Prompt, Prompt.id == PromptRecipient.prompt_id)
            .where(
                PromptRecipient.guardian_id.in_(merging[start : start + ROWS]),
                PromptRecipient.day == prompt.day,
                PromptRecipient.prompt_id != prompt.id,
                PromptRecipient.state.in_(("planned", "fired")),
                Prompt.kind == "prompt",
            )
        ):
            found[guardian, day] = f"One text together with “{title}”."
    return found
