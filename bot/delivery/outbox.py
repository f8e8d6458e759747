"""Queue texts with the state change that caused them, and claim them for sending within the sender's rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection, Row, bindparam, exists, insert, or_, select, update
from sqlalchemy.orm import aliased

from bot.channels import segments
from bot.channels.base import Medium, Template
from bot.delivery.consent import CONFIRMATION
from bot.delivery.pacing import Rate, at_once
from bot.delivery.ways import Wording, decide
from bot.store.columns import Vault, new_id
from bot.store.talk import Conversation, Outbox, SenderRow
from bot.store.wake import Wake

BATCH = 40

URGENT, REPLY, NOTICE, PROMPT = 0, 1, 2, 5
"""Priorities: an emergency, an answer to somebody who is waiting, our own notices, what was planned."""


EMERGENCY = "emergency"
"""The kind of an emergency's texts: they wait for nothing that was queued before them."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A text on its way into the outbox. `ref` names its cause, so the same cause never queues it twice."""

    ref: str
    kind: str
    body: str
    language: str | None
    origin: str
    not_before: datetime
    priority: int = REPLY
    original: str | None = None
    original_language: str | None = None
    engine: str | None = None
    model: str | None = None
    doubts: tuple[str, ...] = ()
    author_id: int | None = None
    session_id: int | None = None
    line: str | None = None
    occasion: str | None = None
    """What it counts as against the family's weekly cap (`bot.delivery.caps.occasion`)."""
    expires_at: datetime | None = None
    withheld: str | None = None
    """A reason not to send it now: it is kept for staff to see (a review, a cap)."""
    way: str | None = None
    """The best way that is left for it, when WhatsApp has refused a better one (`bot.delivery.ways`)."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row that is ours to send until `lease_until`."""

    id: int
    conversation_id: int
    ref: str
    sender: str
    medium: str
    to: str = field(repr=False)
    body: str = field(repr=False)
    attempts: int
    lease_until: datetime
    template: Template | None = field(default=None, repr=False)
    """What it travels in (WhatsApp); `body` is then what the family reads, the template filled in."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one claim gave. `wait`: how long until the sender's rate admits the next text (None: nothing is due)."""

    rows: tuple[Claimed, ...]
    wait: timedelta | None


def queue(
    connection: Connection,
    vault: Vault,
    conversation_id: int,
    drafts: Sequence[Draft],
    now: datetime,
    wake: Wake,
) -> list[int]:
    """Write drafts into a conversation's outbox, in order. Returns the ids of the rows that are new.

    A draft whose `ref` is there already is left out: its cause was handled before. Belongs into the transaction of
    the state change that caused the texts.
    """
    if not drafts:
        return []
    known = set(
        connection.execute(
            select(Outbox.ref).where(Outbox.ref.in_([draft.ref for draft in drafts]))
        ).scalars()
    )
    fresh = [draft for draft in drafts if draft.ref not in known]
    if not fresh:
        return []
    place = connection.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id)
        .values(out_seq=Conversation.out_seq + len(fresh))
        .returning(
            Conversation.id,
            Conversation.out_seq,
            Conversation.sender,
            Conversation.medium,
            Conversation.address,
        )
    ).one()
    to = vault.open(Conversation.address, place.id, place.address)
    first = place.out_seq - len(fresh) + 1
    rows = [
        outbox_row(vault, draft, place, to, now) | {"seq": first + index} for index, draft in enumerate(fresh)
    ]
    connection.execute(insert(Outbox), rows)
    if any(row["state"] == "ready" for row in rows):
        wake.send(connection, place.sender, place.medium)
    return [row["id"] for row in rows]


class Place(Protocol):
    """A conversation, as far as an outbox row needs it."""

    @property
    def id(self) -> int: ...
    @property
    def sender(self) -> str: ...
    @property
    def medium(self) -> str: ...


def outbox_row(vault: Vault, draft: Draft, place: Place, to: str, now: datetime) -> dict[str, Any]:
    """The outbox row of a draft, sealed, for the number `to`; only its `seq` is missing, which the transaction that
    inserts it takes from the conversation."""
    row_id = new_id()
    original = draft.original
    return {
        "id": row_id,
        "conversation_id": place.id,
        "ref": draft.ref,
        "kind": draft.kind,
        "priority": draft.priority,
        "sender": place.sender,
        "medium": place.medium,
        "way": draft.way,
        "to": vault.seal(Outbox.to, row_id, to),
        "body": vault.seal(Outbox.body, row_id, draft.body),
        "language": draft.language,
        "original": None if original is None else vault.seal(Outbox.original, row_id, original),
        "original_language": draft.original_language,
        "origin": draft.origin,
        "engine": draft.engine,
        "model": draft.model,
        "doubts": list(draft.doubts),
        "segments": segments.count(draft.body),
        "author_id": draft.author_id,
        "session_id": draft.session_id,
        "line": draft.line,
        "occasion": draft.occasion,
        "not_before": draft.not_before,
        "expires_at": draft.expires_at,
        "state": "withheld" if draft.withheld else "ready",
        "reason": draft.withheld,
        "created_at": now,
    }


def claim(
    connection: Connection,
    vault: Vault,
    sender: str,
    medium: str,
    now: datetime,
    lease: timedelta,
    *,
    shared_now: datetime,
    limit: int = BATCH,
) -> Batch:
    """Take what may go now from one sender: by priority, within its rate, one text a conversation at a time. The
    rows are the claimer's for `lease`.

    `shared_now` is the clock that all workers share: the rate is reckoned by it, so that machines whose clocks
    differ do not spend the same second twice. The sender's row is the lock: all workers share its rate. A
    conversation's later text waits while an earlier one is due or was told to wait, so a family reads them in order; one
    that is planned for later blocks nobody. While any of its texts is on its way or unclear, no other one goes: the
    provider knows our texts by their words only, and two equal ones must not be taken for each other. An emergency waits
    for none.
    """
    line = connection.execute(
        select(SenderRow.rate, SenderRow.burst, SenderRow.tat)
        .where(SenderRow.number == sender, SenderRow.medium == medium, SenderRow.paused_at.is_(None))
        .with_for_update()
    ).one_or_none()
    if line is None:
        return Batch((), None)
    _expire(connection, sender, medium, now)
    rate, tat = Rate(line.rate, at_once(line.burst, line.rate)), line.tat
    wait: timedelta | None = None
    taken: list[Row[Any]] = []
    rows = connection.execute(_due(sender, medium, now, limit)).all()
    templates: dict[int, Wording | None] = {}
    if medium == Medium.WHATSAPP:
        templates = decide(connection, vault, rows, now)
        rows = [row for row in rows if row.id in templates]
    for due in rows:
        after = rate.admit(tat, due.segments, shared_now)
        if after is None:
            wait = rate.wait(tat, due.segments, shared_now)
            break
        tat = after
        taken.append(due)
    if not taken:
        return Batch((), wait)
    ids = [due.id for due in taken]
    until = now + lease
    connection.execute(
        update(Outbox)
        .where(Outbox.id.in_(ids))
        .values(
            state="sending",
            attempts=Outbox.attempts + 1,
            lease_until=until,
            tried_at=now,
        )
    )
    connection.execute(
        update(SenderRow).where(SenderRow.number == sender, SenderRow.medium == medium).values(tat=tat)
    )
    back = [due.conversation_id for due in taken if due.answers_to is not None]
    if back:  # from now on what the family writes here answers this conversation's own text
        connection.execute(update(Conversation).where(Conversation.id.in_(back)).values(answers_to=None))
    if wait is None and len(taken) == limit:
        wait = timedelta(0)
    return Batch(tuple(_claimed(vault, due, until, templates.get(due.id)) for due in taken), wait)


def _due(sender: str, medium: str, now: datetime, limit: int) -> Any:
    other, earlier = aliased(Outbox), aliased(Outbox)
    # Asked as one question, neither half finds its index on PostgreSQL, and a line of 100 segments a second falls to 60.
    # The states stand in the statement itself: by them both databases know the index of what is in flight.
    in_flight: Any = bindparam("in_flight", ("sending", "unknown"), expanding=True, literal_execute=True)
    under_way = select(other.conversation_id).where(other.state.in_(in_flight))
    overtaken = exists().where(
        earlier.conversation_id == Outbox.conversation_id,
        earlier.seq < Outbox.seq,
        earlier.state == "ready",
        or_(earlier.not_before <= now, earlier.attempts > 0),
        Outbox.kind != EMERGENCY,
    )
    return (
        select(
            Outbox.id, Outbox.conversation_id, Outbox.ref, Outbox.sender, Outbox.medium, Outbox.to, Outbox.body,
            Outbox.segments, Outbox.attempts, Outbox.language, Outbox.way, Conversation.answers_to,
        )
        .join(Conversation, Conversation.id == Outbox.conversation_id)
        .where(
            Outbox.state == "ready",
            Outbox.sender == sender,
            Outbox.medium == medium,
            Outbox.not_before <= now,
            or_(Conversation.opted_out_at.is_(None), Outbox.kind == CONFIRMATION),
            or_(Outbox.kind == EMERGENCY, Outbox.conversation_id.not_in(under_way)),
            ~overtaken,
        )
        .order_by(Outbox.priority, Outbox.not_before, Outbox.id)
        .limit(limit)
    )  # fmt: skip


def _expire(connection: Connection, sender: str, medium: str, now: datetime) -> None:
    connection.execute(
        update(Outbox)
        .where(
            Outbox.state == "ready",
            Outbox.sender == sender,
            Outbox.medium == medium,
            Outbox.expires_at <= now,
        )
        .values(state="expired", reason="too late to be useful", settled_at=now)
    )


def _claimed(vault: Vault, due: Row[Any], lease: datetime, wording: Wording | None) -> Claimed:
    body, template = vault.open_or(Outbox.body, due.id, due.body), None
    if wording is not None:
        body, template = wording.filled(body)
    return Claimed(
        id=due.id,
        conversation_id=due.conversation_id,
        ref=due.ref,
        sender=due.sender,
        medium=due.medium,
        to=vault.open(Outbox.to, due.id, due.to),
        body=body,
        attempts=due.attempts + 1,
        lease_until=lease,
        template=template,
    )
