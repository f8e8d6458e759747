"""What a step causes, as data, and the one place that writes it: all of it, or nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.conversation.alerts import Alert, raise_alert
from bot.delivery.consent import opt_in, opt_out
from bot.delivery.outbox import Draft, queue
from bot.flow.script import Script
from bot.flow.session import Session
from bot.language.glossary import GUARDIAN, Remarked, keep_remark
from bot.store.columns import Vault, new_id
from bot.store.learning import Answer, Contribution, GoalProgress
from bot.store.people import Guardian
from bot.store.talk import Conversation, FlowRevision, FlowSession, Inbox, Timer
from bot.store.wake import Wake

_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
"""Each kind's own INSERT: both have ON CONFLICT, under different classes."""


@dataclass(frozen=True, slots=True)
class Read:
    """How an incoming text was read: language, translation, and what is to be doubted about it."""

    language: str | None
    english: str | None
    origin: str | None = None
    engine: str | None = None
    model: str | None = None
    doubts: tuple[str, ...] = ()
    read_as: str = ""
    """The text with accents and shortenings written out, when that is what was translated."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A script to begin with this family. `cause` is unique in the conversation: the same cause begins one run."""

    id: int
    script: Script
    cause: str
    student_id: int | None = None
    section_id: int | None = None
    goal_id: int | None = None


@dataclass(frozen=True, slots=True)
class Ring:
    """A timer to set."""

    session_id: int
    kind: str
    visit: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer, progress or contribution to keep. `what` names the table; `values` its columns but the sealed words."""

    what: type[Answer] | type[GoalProgress] | type[Contribution]
    session_id: int | None
    student_id: int | None
    values: dict[str, Any]
    words: str | None = None


@dataclass(slots=True)
class Effects:
    """Everything one step causes."""

    notes: list[str] = field(default_factory=list)
    """What staff should know about the text, as words of `bot.records.threads.NOTES`."""
    drafts: list[Draft] = field(default_factory=list)
    openings: list[Opening] = field(default_factory=list)
    sessions: dict[int, Session] = field(default_factory=dict)
    asked: set[int] = field(default_factory=set)
    rings: list[Ring] = field(default_factory=list)
    cancelled: set[int] = field(default_factory=set)
    fired: set[int] = field(default_factory=set)
    """Timers that rang with this step."""
    dropped: set[int] = field(default_factory=set)
    """Timers that rang for nothing: their conversation has moved on."""
    kept: list[Kept] = field(default_factory=list)
    awaits_staff: bool = False
    language: str | None = None
    pending: dict[str, object] | None = None
    """What the bot is in the middle of finding out (a language, which child); None leaves it as it was."""
    paused_until: datetime | None = None
    weekly_cap: int | None = None
    guardian: dict[str, object] = field(default_factory=dict)
    """Columns of the guardian that the family changed by what it said (`bot.conversation.wishes`)."""
    opt_out: str | None = None
    opt_in: str | None = None
    remark: Remarked | None = None
    """What the family says against a translation of ours, for a reviewer."""
    alert: Alert | None = None
    """What a person must see in the text that was handled."""


class MovedOn(Exception):
    """Somebody else took this conversation's step first. Nothing was written; look again."""


def write(
    tx: Connection,
    vault: Vault,
    conversation_id: int,
    seen_version: int,
    effects: Effects,
    now: datetime,
    wake: Wake,
    *,
    inbox_id: int | None = None,
    read: Read | None = None,
) -> None:
    """Write a step. Raises `MovedOn` when the conversation's version is no longer `seen_version`."""
    values: dict[str, Any] = {"version": Conversation.version + 1}
    if inbox_id is not None:
        values["lease_until"] = None
    if effects.language is not None:
        values["language"] = effects.language
    for name in ("pending", "paused_until", "weekly_cap"):
        if getattr(effects, name) is not None:
            values[name] = getattr(effects, name)
    guarded = tx.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id, Conversation.version == seen_version)
        .values(values)
        .returning(Conversation.address_index, Conversation.awaits_staff_since, Conversation.guardian_id)
    ).one_or_none()
    if guarded is None:
        raise MovedOn
    if effects.awaits_staff and guarded.awaits_staff_since is None:
        tx.execute(
            update(Conversation).where(Conversation.id == conversation_id).values(awaits_staff_since=now)
        )
    if effects.guardian and guarded.guardian_id is not None:
        tx.execute(update(Guardian).where(Guardian.id == guarded.guardian_id).values(effects.guardian))
    if effects.opt_out:
        opt_out(tx, guarded.address_index, now, effects.opt_out, inbox_id)
    if effects.opt_in:
        opt_in(tx, guarded.address_index, now, effects.opt_in, inbox_id)
    if inbox_id is not None:
        _handled(tx, vault, inbox_id, read, effects.notes, now)
        if effects.alert is not None:
            raise_alert(tx, vault, conversation_id, inbox_id, effects.alert, now)
    _write_sessions(tx, vault, conversation_id, effects, now)
    for kept in effects.kept:
        _keep(tx, vault, conversation_id, kept, inbox_id, now)
    if effects.remark is not None:
        keep_remark(tx, vault, new_id(), effects.remark, now, conversation_id, GUARDIAN)
    _ring(tx, effects.fired, "fired")
    _ring(tx, effects.dropped, "cancelled")
    _write_timers(tx, conversation_id, effects.rings)
    queue(tx, vault, conversation_id, effects.drafts, now, wake)


def revision_of(tx: Connection, script: Script, now: datetime) -> int:
    """The row of this very text of a script, made on first use."""
    tx.execute(
        _INSERT[tx.dialect.name](FlowRevision)
        .values(id=new_id(), name=script.name, sha256=script.sha256, yaml=script.canonical(), created_at=now)
        .on_conflict_do_nothing(index_elements=["name", "sha256"])
    )
    return tx.execute(
        select(FlowRevision.id).where(FlowRevision.name == script.name, FlowRevision.sha256 == script.sha256)
    ).scalar_one()


def _handled(
    tx: Connection, vault: Vault, inbox_id: int, read: Read | None, notes: Sequence[str], now: datetime
) -> None:
    values: dict[str, Any] = {"state": "done", "handled_at": now, "notes": list(notes), "retry_at": None}
    if read is not None:
        values |= {
            "language": read.language,
            "body_en": None if read.english is None else vault.seal(Inbox.body_en, inbox_id, read.english),
            "read_as": vault.seal(Inbox.read_as, inbox_id, read.read_as) if read.read_as else None,
            "origin": read.origin,
            "engine": read.engine,
            "model": read.model,
            "doubts": list(read.doubts),
        }
    tx.execute(update(Inbox).where(Inbox.id == inbox_id).values(values))


def _write_sessions(
    tx: Connection, vault: Vault, conversation_id: int, effects: Effects, now: datetime
) -> None:
    for opening in effects.openings:
        tx.execute(
            insert(FlowSession),
            {
                "id": opening.id,
                "conversation_id": conversation_id,
                "revision_id": revision_of(tx, opening.script, now),
                "student_id": opening.student_id,
                "section_id": opening.section_id,
                "goal_id": opening.goal_id,
                "cause": opening.cause,
                "state": vault.seal(FlowSession.state, opening.id, "{}"),
                "began_at": now,
            },
        )
    if effects.cancelled:
        tx.execute(
            update(Timer)
            .where(Timer.session_id.in_(effects.cancelled), Timer.state == "pending")
            .values(state="cancelled")
        )
    for session_id, session in effects.sessions.items():
        over = session.status == "ended"
        values: dict[str, Any] = {
            "state": vault.seal(
                FlowSession.state, session_id, json.dumps(session.to_json(), ensure_ascii=False)
            ),
            "open": not over,
            "outcome": session.outcome,
        }
        if over:
            values["ended_at"] = now
        if session_id in effects.asked:
            values["asked_at"] = now
        tx.execute(update(FlowSession).where(FlowSession.id == session_id).values(values))


def _ring(tx: Connection, timers: set[int], state: str) -> None:
    """Timers leave `pending` in the very transaction that writes what they caused."""
    if timers:
        tx.execute(update(Timer).where(Timer.id.in_(timers), Timer.state == "pending").values(state=state))


def _write_timers(tx: Connection, conversation_id: int, rings: Sequence[Ring]) -> None:
    for ring in rings:
        tx.execute(
            _INSERT[tx.dialect.name](Timer)
            .values(
                id=new_id(), conversation_id=conversation_id, session_id=ring.session_id, kind=ring.kind,
                visit=ring.visit, due_at=ring.at, state="pending",
            )
            .on_conflict_do_nothing()
        )  # fmt: skip


def _keep(
    tx: Connection, vault: Vault, conversation_id: int, kept: Kept, inbox_id: int | None, now: datetime
) -> None:
    row_id = new_id()
    values = {
        "id": row_id, "session_id": kept.session_id, "student_id": kept.student_id, "inbox_id": inbox_id, "at": now,
    } | kept.values  # fmt: skip
    if kept.what is not GoalProgress:
        values["conversation_id"] = conversation_id
    if kept.what is Answer:
        values["words"] = None if kept.words is None else vault.seal(Answer.words, row_id, kept.words)
    elif kept.what is Contribution:
        values["words"] = vault.seal(Contribution.words, row_id, kept.words or "")
    tx.execute(_INSERT[tx.dialect.name](kept.what).values(values).on_conflict_do_nothing())
