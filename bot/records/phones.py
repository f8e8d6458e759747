"""What a simulated phone shows: the texts its owner sent, and those that reached it. Sample school only."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bot.records.families import Child, children_of
from bot.store.database import Database
from bot.store.people import Guardian, School
from bot.store.talk import Conversation, Inbox, Outbox

_ARRIVED = ("sent", "delivered")
_TEXTS = 60


@dataclass(frozen=True, slots=True)
class SamplePhone:
    """The phone of an invented guardian."""

    number: str
    name: str
    language: str | None
    children: tuple[Child, ...]


@dataclass(frozen=True, slots=True)
class Bubble:
    """One text on the phone's screen. `key` is the same as long as the text is the same one."""

    key: str
    mine: bool
    text: str
    language: str | None
    photos: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Screen:
    """The texts on a phone, oldest first; `waiting` while an answer may still be on its way."""

    bubbles: tuple[Bubble, ...]
    waiting: bool


def sample_phones(db: Database, limit: int = 40) -> list[SamplePhone]:
    """The phones of the sample school's guardians, by name."""
    with db.reading() as session:
        guardians = session.scalars(
            select(Guardian)
            .join(School, School.id == Guardian.school_id)
            .where(School.sample, Guardian.active, Guardian.phone.is_not(None))
            .order_by(Guardian.name, Guardian.id)
            .limit(limit)
        ).all()
        children = children_of(session, [guardian.id for guardian in guardians])
    return [
        SamplePhone(
            db.vault.open(Guardian.phone, guardian.id, guardian.phone),
            guardian.name,
            guardian.language,
            children.get(guardian.id, ()),
        )
        for guardian in guardians
        if guardian.phone is not None
    ]


def screen(db: Database, medium: str, sender: str, address: str, limit: int = _TEXTS) -> Screen:
    """What the phone with this number shows of its conversation with `sender`."""
    with db.reading() as session:
        talk = session.scalars(
            select(Conversation).where(
                Conversation.address_index == db.vault.index(address),
                Conversation.sender == sender,
                Conversation.medium == medium,
            )
        ).one_or_none()
        if talk is None:
            return Screen((), False)
        mine = session.scalars(
            select(Inbox).where(Inbox.conversation_id == talk.id).order_by(Inbox.seq.desc()).limit(limit)
        ).all()
        theirs = session.scalars(
            select(Outbox)
            .where(Outbox.conversation_id == talk.id, Outbox.state.in_(_ARRIVED))
            .order_by(Outbox.seq.desc())
            .limit(limit)
        ).all()
    bubbles = [
        Bubble(
            f"i{row.id}",
            True,
            db.vault.show(Inbox.body, row.id, row.body),
            row.language,
            len(json.loads(db.vault.open_or(Inbox.media, row.id, row.media, "[]"))),
            row.received_at,
        )
        for row in mine
    ]
    bubbles += [
        Bubble(
            f"o{row.id}",
            False,
            db.vault.show(Outbox.body, row.id, row.body),
            row.language,
            0,
            row.sent_at or row.created_at,
        )
        for row in theirs
    ]
    bubbles.sort(key=lambda bubble: (bubble.at, not bubble.mine, bubble.key))
    return Screen(tuple(bubbles[-limit:]), bool(bubbles) and bubbles[-1].mine)
