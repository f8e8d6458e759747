"""Opt-out and opt-in of a number, on every channel at once, with the ledger that says why.

Any reasonable wording of a revocation counts from the moment it is read (47 CFR 64.1200(a)(10)); it stops what is
queued, what is scheduled and what would come, whichever of our numbers it would come from.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from bot.store.columns import new_id
from bot.store.talk import ConsentEvent, Conversation, FlowSession, Outbox, Timer

CONFIRMATION = "confirmation"
"""The kind of the one text that may follow an opt-out."""


def opt_out(
    connection: Connection, address_index: bytes, now: datetime, basis: str, inbox_id: int | None = None
) -> int:
    """Stop everything for a number. Returns how many queued texts were withheld. Safe to run twice."""
    theirs = select(Conversation.id).where(Conversation.address_index == address_index)
    connection.execute(
        update(Conversation)
        .where(Conversation.address_index == address_index, Conversation.opted_out_at.is_(None))
        .values(opted_out_at=now)
    )
    withheld = connection.execute(
        update(Outbox)
        .where(Outbox.conversation_id.in_(theirs), Outbox.state == "ready", Outbox.kind != CONFIRMATION)
        .values(state="withheld", reason="opted out", settled_at=now)
    ).rowcount
    connection.execute(
        update(Timer)
        .where(Timer.conversation_id.in_(theirs), Timer.state == "pending")
        .values(state="cancelled")
    )
    connection.execute(
        update(FlowSession)
        .where(FlowSession.conversation_id.in_(theirs), FlowSession.open)
        .values(open=False, outcome="opted_out", ended_at=now)
    )
    _note(connection, address_index, now, "opt_out", basis, inbox_id)
    return withheld


def opt_in(
    connection: Connection, address_index: bytes, now: datetime, basis: str, inbox_id: int | None = None
) -> None:
    """Let a number be texted again. What was withheld stays withheld: it was for another day."""
    connection.execute(
        update(Conversation).where(Conversation.address_index == address_index).values(opted_out_at=None)
    )
    _note(connection, address_index, now, "opt_in", basis, inbox_id)


def first_text(connection: Connection, address_index: bytes, now: datetime) -> None:
    """A number wrote to us that the ledger does not know: that is why it may be answered."""
    known = select(ConsentEvent.id).where(ConsentEvent.address_index == address_index).limit(1)
    if connection.execute(known).first() is None:
        _note(connection, address_index, now, "opt_in", "the family wrote to us first", None)


def stopped_since(connection: Connection, address_index: bytes) -> datetime | None:
    """Since when a number wants no texts, by the ledger; None when it may be texted. A conversation that is new asks
    this: an earlier one, from another of our numbers or erased since, may have ended with STOP."""
    return stopped_numbers(connection, [address_index]).get(address_index)


def stopped_numbers(connection: Connection, indexes: Collection[bytes]) -> dict[bytes, datetime]:
    """As `stopped_since`, of hundreds of numbers at once: those that want no texts, and since when."""
    last: dict[bytes, datetime | None] = {}
    for number, kind, at in connection.execute(
        select(ConsentEvent.address_index, ConsentEvent.kind, ConsentEvent.at)
        .where(ConsentEvent.address_index.in_(list(indexes)))
        .order_by(ConsentEvent.at, ConsentEvent.id)
    ):
        last[number] = at if kind == "opt_out" else None
    return {number: at for number, at in last.items() if at is not None}


def _note(
    connection: Connection, address_index: bytes, now: datetime, kind: str, basis: str, inbox_id: int | None
) -> None:
    guardian = connection.execute(
        select(Conversation.guardian_id).where(Conversation.address_index == address_index).limit(1)
    ).scalar_one_or_none()
    connection.execute(
        insert(ConsentEvent),
        {
            "id": new_id(), "address_index": address_index, "guardian_id": guardian, "at": now, "kind": kind,
            "basis": basis, "inbox_id": inbox_id,
        },
    )  # fmt: skip
