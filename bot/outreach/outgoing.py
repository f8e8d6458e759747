"""What goes to one guardian, sealed and ready; and the one transaction that writes hundreds of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Connection, Update, bindparam, select, update

from bot.conversation.desk import Desk
from bot.conversation.reply import LONGEST
from bot.delivery.caps import OPENING, occasion
from bot.delivery.outbox import PROMPT, Draft, outbox_row
from bot.outreach.due import Due
from bot.outreach.opener import Opened
from bot.outreach.reach import Talk
from bot.outreach.texts import Text, digest, joined
from bot.store.among import Query, among
from bot.store.bulk import insert_rows
from bot.store.columns import Vault, new_id
from bot.store.outreach import Prompt, PromptRecipient
from bot.store.talk import Conversation, FlowSession, Outbox, Timer

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Going:
    """One guardian's text (or texts); it carries one prompt or, as a digest, several."""

    talk: Talk
    row_ids: tuple[int, ...]
    sessions: Rows
    timers: Rows
    outbox: Rows


@dataclass(frozen=True, slots=True)
class Opening:
    """A due row with what it says and begins."""

    row: Due
    prompt: Prompt
    revision_id: int | None
    opened: Opened


def going(vault: Vault, talk: Talk, openings: Sequence[Opening], now: datetime) -> list[Going]:
    """One guardian's due prompts as one text, announcements apart; or one by one where together they are too long."""
    prompts = [one for one in openings if one.prompt.kind == "prompt"]
    groups = [[one] for one in openings if one.prompt.kind != "prompt"]
    together = sum(len(text.body) + len("10. \n") for one in prompts for text in one.opened.texts)
    if prompts and together <= LONGEST:
        groups.append(prompts)
    else:
        groups += [[one] for one in prompts]
    return [_going(vault, talk, group, now) for group in groups]


def _going(vault: Vault, talk: Talk, group: Sequence[Opening], now: datetime) -> Going:
    sessions: Rows = []
    timers: Rows = []
    for one in group:
        _begin(vault, talk, one, now, sessions, timers)
    if len(group) > 1:
        texts = [digest([joined(one.opened.texts) for one in group])]
    else:
        texts = list(group[0].opened.texts)
    first = group[0]
    session_id = sessions[-1]["id"] if sessions else None
    to = vault.open(Conversation.address, talk.id, talk.address)
    refs = [f"prompt.{first.prompt.id}.{first.row.guardian_id}.{number}" for number in range(len(texts))]
    outbox = [
        outbox_row(vault, _draft(text, ref, first, session_id, now), talk, to, now)
        for text, ref in zip(texts, refs, strict=True)
    ]
    return Going(talk, tuple(one.row.id for one in group), sessions, timers, outbox)


def _begin(vault: Vault, talk: Talk, one: Opening, now: datetime, sessions: Rows, timers: Rows) -> None:
    beginning = one.opened.beginning
    if beginning is None:
        return
    session_id = new_id()
    sessions.append(
        {
            "id": session_id,
            "conversation_id": talk.id,
            "revision_id": one.revision_id,
            "student_id": one.row.student_id,
            "section_id": one.row.section_id,
            "goal_id": one.prompt.goal_id,
            "cause": f"prompt.{one.prompt.id}",
            "state": vault.seal(FlowSession.state, session_id, beginning.state(one.opened.known)),
            "open": not beginning.over,
            "outcome": beginning.session.outcome,
            "began_at": now,
            "asked_at": now if beginning.asks else None,
            "ended_at": now if beginning.over else None,
        }
    )
    timers += [
        {
            "id": new_id(), "conversation_id": talk.id, "session_id": session_id, "kind": timer.kind,
            "visit": timer.visit, "due_at": timer.at, "state": "pending",
        }
        for timer in beginning.timers
    ]  # fmt: skip


def _draft(text: Text, ref: str, first: Opening, session_id: int | None, now: datetime) -> Draft:
    learning = first.prompt.kind == "prompt"
    return Draft(
        ref=ref,
        kind="flow" if learning else first.prompt.kind,
        body=text.body,
        language=text.language,
        origin=text.origin,
        not_before=now,
        priority=PROMPT,
        original=text.original,
        original_language=text.original_language,
        engine=text.engine,
        model=text.model,
        doubts=text.doubts,
        session_id=session_id,
        line=text.line,
        occasion=occasion(first.row.day, OPENING) if learning else None,
        expires_at=first.row.expires_at,
    )


def write(tx: Connection, desk: Desk, ready: Sequence[Going], now: datetime) -> set[int]:
    """Write everything that still stands as it was seen; returns the rows of the plan that are `fired` now.

    A conversation that somebody else holds or has moved on, one that said STOP, and a row that another scheduler
    fired are left as they are.
    """
    seen = _standing(tx, ready)
    planned = _planned(tx, [row_id for one in ready for row_id in one.row_ids])
    texts: dict[int, int] = {}
    """Conversation → how many texts it gets; two prompts that do not fit into one digest are two."""
    go: list[Going] = []
    for one in ready:
        there = seen.get(one.talk.id)
        if there is None or there[0] != one.talk.version or not planned.issuperset(one.row_ids):
            continue
        before = texts.get(one.talk.id, 0)
        for number, row in enumerate(one.outbox, start=1):
            row["seq"] = there[1] + before + number
        texts[one.talk.id] = before + len(one.outbox)
        go.append(one)
    if not go:
        return set()
    for count in set(texts.values()):
        ids = [one for one, many in texts.items() if many == count]
        tx.execute(_advance(tx.dialect.name), {"ids": ids, "texts": count})
    insert_rows(tx, FlowSession, [row for one in go for row in one.sessions])
    insert_rows(tx, Timer, [row for one in go for row in one.timers])
    insert_rows(tx, Outbox, [row for one in go for row in one.outbox])
    settled = {row_id for one in go for row_id in one.row_ids}
    tx.execute(_fired(tx.dialect.name), {"ids": settled, "now": now})
    for sender, medium in {(one.talk.sender, one.talk.medium) for one in go}:
        desk.wake.send(tx, sender, medium)
    return settled


def _standing(tx: Connection, ready: Sequence[Going]) -> Mapping[int, tuple[int, int]]:
    """Conversation → (version, last number given out), of those that nobody else is writing to and may be texted.

    On PostgreSQL the rows are locked, or skipped; SQLite has one writer, and this transaction is it.
    """
    rows = tx.execute(_standing_query(tx.dialect.name), {"ids": {one.talk.id for one in ready}}).all()
    return {row.id: (row.version, row.out_seq) for row in rows}


def _planned(tx: Connection, row_ids: Collection[int]) -> set[int]:
    return set(tx.execute(_planned_query(tx.dialect.name), {"ids": row_ids}).scalars().all())


@cache
def _standing_query(dialect: str) -> Query:
    return (
        select(Conversation.id, Conversation.version, Conversation.out_seq)
        .where(among(dialect, Conversation.id), Conversation.opted_out_at.is_(None))
        .order_by(Conversation.id)
        .with_for_update(skip_locked=True)
    )


@cache
def _planned_query(dialect: str) -> Query:
    return (
        select(PromptRecipient.id)
        .where(among(dialect, PromptRecipient.id), PromptRecipient.state == "planned")
        .with_for_update(skip_locked=True)
    )


@cache
def _advance(dialect: str) -> Update:
    more = Conversation.out_seq + bindparam("texts", type_=BigInteger())
    return (
        update(Conversation)
        .where(among(dialect, Conversation.id))
        .values(version=Conversation.version + 1, out_seq=more)
    )


@cache
def _fired(dialect: str) -> Update:
    return (
        update(PromptRecipient)
        .where(among(dialect, PromptRecipient.id))
        .values(state="fired", why=None, settled_at=bindparam("now"))
    )
