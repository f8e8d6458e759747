"""What an import means for conversations: whose they are, what in them is over, and why a number may be texted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, insert, or_, select, update

from bot.records.roster_model import Kind
from bot.records.roster_plan import Entry, Turn
from bot.records.roster_rows import chunks
from bot.store.columns import Vault, new_id
from bot.store.people import Guardian
from bot.store.talk import ConsentEvent, Conversation, FlowSession, Outbox, Timer

BASIS = "the family gave this number to the school (roster)"
"""Why a number of the roster may be texted about school (FCC 16-88; counsel confirms)."""

OUTCOME = "left_school"


@dataclass(frozen=True, slots=True)
class Moved:
    """A conversation that is another guardian's now. `before` None: its number belonged to nobody."""

    conversation_id: int
    before: int | None
    to: int


def hand_over(tx: Connection, vault: Vault, entries: list[Entry], now: datetime) -> list[Moved]:
    """Give conversations of new numbers to the guardian whose number it is.

    A conversation stays where it is as long as its guardian is active and still has the number: two schools may list
    one mother, each in its own files.
    """
    owners = _new_numbers(vault, entries)
    moved: list[Moved] = []
    for some in chunks(owners):
        rows = tx.execute(
            select(Conversation.id, Conversation.guardian_id, Conversation.address_index)
            .outerjoin(Guardian, Guardian.id == Conversation.guardian_id)
            .where(
                Conversation.address_index.in_(some),
                or_(
                    Conversation.guardian_id.is_(None),
                    Guardian.active.is_(False),
                    Guardian.phone_index.is_(None),
                    Guardian.phone_index != Conversation.address_index,
                ),
            )
        ).all()
        moved += [
            Moved(row.id, row.guardian_id, owners[row.address_index])
            for row in rows
            if row.guardian_id != owners[row.address_index]
        ]
    for one in moved:
        values: dict[str, Any] = {"guardian_id": one.to, "version": Conversation.version + 1}
        if one.before is not None:  # another person: what we knew of the one before is not this one's
            values |= {"language": None, "pending": {}, "paused_until": None, "weekly_cap": None}
        tx.execute(update(Conversation).where(Conversation.id == one.conversation_id).values(values))
    return moved


def _new_numbers(vault: Vault, entries: list[Entry]) -> dict[bytes, int]:
    return {
        vault.index(entry.after["phone"]): entry.row_id
        for entry in entries
        if entry.kind is Kind.GUARDIAN and entry.after.get("phone") is not None
    }


def end_what_is_over(tx: Connection, entries: list[Entry], moved: list[Moved], now: datetime) -> None:
    """End what is open about students who left, with guardians who left, and under a number that changed hands."""
    gone = [entry for entry in entries if entry.turn is Turn.GONE]
    students = [entry.row_id for entry in gone if entry.kind is Kind.STUDENT]
    guardians = [entry.row_id for entry in gone if entry.kind is Kind.GUARDIAN]
    passed_on = [one.conversation_id for one in moved if one.before is not None]
    for some in chunks(students):
        _end(tx, FlowSession.student_id.in_(some), now)
    for some in chunks(guardians):
        theirs = select(Conversation.id).where(Conversation.guardian_id.in_(some))
        _end(tx, FlowSession.conversation_id.in_(theirs), now)
    for some in chunks(passed_on):
        _end(tx, FlowSession.conversation_id.in_(some), now)


def _end(tx: Connection, which: ColumnElement[bool], now: datetime) -> None:
    sessions = list(tx.scalars(select(FlowSession.id).where(FlowSession.open, which)))
    for some in chunks(sessions):
        tx.execute(
            update(FlowSession)
            .where(FlowSession.id.in_(some))
            .values(open=False, outcome=OUTCOME, ended_at=now)
        )
        tx.execute(
            update(Timer)
            .where(Timer.session_id.in_(some), Timer.state == "pending")
            .values(state="cancelled")
        )
        tx.execute(
            update(Outbox)
            .where(and_(Outbox.session_id.in_(some), Outbox.state == "ready"))
            .values(state="withheld", reason="no longer at this school", settled_at=now)
        )


def note_consent(tx: Connection, vault: Vault, entries: list[Entry], now: datetime) -> None:
    """Write down why each new number may be texted, unless it has said that it may not: that stays."""
    owners = _new_numbers(vault, entries)
    for some in chunks(owners):
        last: dict[bytes, str] = {}
        for row in tx.execute(
            select(ConsentEvent.address_index, ConsentEvent.kind)
            .where(ConsentEvent.address_index.in_(some))
            .order_by(ConsentEvent.at, ConsentEvent.id)
        ):
            last[row.address_index] = row.kind
        events = [
            {
                "id": new_id(), "address_index": number, "guardian_id": owners[number], "at": now,
                "kind": "opt_in", "basis": BASIS,
            }
            for number in some
            if number not in last
        ]  # fmt: skip
        if events:
            tx.execute(insert(ConsentEvent), events)
