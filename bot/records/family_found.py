"""A family as its rights name it: by a number or an id; and the line in the audit log when they are used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import phonenumbers
from sqlalchemy import Connection, insert, select

from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.people import AuditEvent, Guardian
from bot.store.talk import Conversation


class NoSuchFamily(LookupError):
    """Nobody here has this number or id. The message says what was looked for."""


@dataclass(frozen=True, slots=True)
class Found:
    """A family: its guardian (None for a number that belongs to nobody) and the conversations with it."""

    guardian_id: int | None
    conversation_ids: tuple[int, ...]
    school_id: int | None
    language: str | None
    name: str | None


def find(db: Database, who: str | int) -> Found:
    """The family of a guardian's id or of a phone number (E.164, or as people write it in the US).

    Raises `NoSuchFamily`.
    """
    with db.reading() as session:
        tx = session.connection()
        guardian = conversations = None
        if isinstance(who, str) and not (who.isdigit() and len(who) > 15):
            number = _e164(who)
            index = db.vault.index(number)
            guardian = tx.execute(
                select(Guardian)
                .where(Guardian.phone_index == index)
                .order_by(Guardian.active.desc(), Guardian.id)
            ).first()
            conversations = tx.execute(
                select(Conversation.id, Conversation.language).where(Conversation.address_index == index)
            ).all()
        else:
            guardian = tx.execute(select(Guardian).where(Guardian.id == int(who))).first()
        if guardian is None and not conversations:
            raise NoSuchFamily("There is no family with this number or id.")
        ids = {row.id for row in conversations or ()}
        said = next((row.language for row in conversations or () if row.language), None)
        if guardian is not None:
            for row in tx.execute(
                select(Conversation.id, Conversation.language).where(Conversation.guardian_id == guardian.id)
            ):
                ids.add(row.id)
                said = row.language or said
    return Found(
        guardian.id if guardian else None,
        tuple(sorted(ids)),
        guardian.school_id if guardian else None,
        (guardian.language if guardian else None) or said,
        guardian.name if guardian else None,
    )


def _e164(who: str) -> str:
    try:
        return phonenumbers.format_number(phonenumbers.parse(who, "US"), phonenumbers.PhoneNumberFormat.E164)
    except phonenumbers.NumberParseException:
        raise NoSuchFamily("This is no phone number and no guardian's id.") from None


def note(
    tx: Connection,
    now: datetime,
    staff_id: int | None,
    action: str,
    subject: str,
    subject_id: int | None,
    detail: dict[str, Any],
) -> None:
    """Write one event within the transaction that does what it tells of."""
    tx.execute(
        insert(AuditEvent),
        {
            "id": new_id(), "at": now, "staff_id": staff_id, "action": action, "subject": subject,
            "subject_id": subject_id, "detail": detail,
        },
    )  # fmt: skip
