"""A phone of one's own, to try a prompt on before families get it: named, proved by a code, texted through the real outbox.

Only its owner's own number is ever texted this way: a number counts when the code that was texted to it has been typed.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import phonenumbers
from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.conversation.desk import Desk
from bot.delivery.consent import stopped_since
from bot.delivery.outbox import NOTICE, REPLY, Draft, queue
from bot.outreach.reach import OurNumber
from bot.records.colleagues import NotPossible
from bot.records.staff import Member
from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.people import AuditEvent
from bot.store.signin import StaffPhone
from bot.store.talk import ConsentEvent, Conversation

CODE_LASTS: Final = timedelta(minutes=10)
BASIS: Final = "a colleague named this phone as her own, to try prompts on"
_INVENTED: Final = re.compile(r"\+1555555\d{4}")
_INSERT: Final[dict[str, Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True, slots=True)
class OwnPhone:
    """Somebody's phone, as far as a page shows it."""

    ends: str
    confirmed: bool


def of(db: Database, staff_id: int) -> OwnPhone | None:
    """This person's phone."""
    with db.reading() as session:
        row = session.scalars(select(StaffPhone).where(StaffPhone.staff_id == staff_id)).one_or_none()
    if row is None:
        return None
    return OwnPhone(db.vault.open(StaffPhone.phone, row.id, row.phone)[-4:], row.confirmed_at is not None)


def name_it(
    desk: Desk, who: Member, ours: OurNumber, number: str, saying: Callable[[str], str], now: datetime
) -> None:
    """Keep a number as this person's, not proved yet, and text a code to it. `saying` puts the code into a sentence.

    Raises `NotPossible` for what is no number, or one that asked for no texts.
    """
    phone, vault = _e164(number, who.sample), desk.db.vault
    code, row_id = f"{secrets.randbelow(10**6):06d}", new_id()
    with desk.db.connection() as tx:
        talk = _conversation(tx, desk, ours, phone, who, now)
        tx.execute(delete(StaffPhone).where(StaffPhone.staff_id == who.id))
        tx.execute(
            insert(StaffPhone),
            {
                "id": row_id,
                "staff_id": who.id,
                "phone": vault.seal(StaffPhone.phone, row_id, phone),
                "phone_index": vault.index(phone),
                "code": _mark(desk.db, who.id, code),
                "code_until": now + CODE_LASTS,
            },
        )
        draft = Draft(
            ref=f"own-phone.{row_id}",
            kind="staff",
            body=saying(code),
            language=who.language,
            origin="catalog",
            not_before=now,
            priority=NOTICE,
            expires_at=now + CODE_LASTS,
        )
        queue(tx, vault, talk, [draft], now, desk.wake)


def confirm(db: Database, who: Member, code: str, now: datetime) -> bool:
    """Whether the code fits; then the phone is this person's."""
    given = _mark(db, who.id, re.sub(r"\s", "", code))
    with db.writing() as session:
        row = session.scalars(select(StaffPhone).where(StaffPhone.staff_id == who.id)).one_or_none()
        if row is None or row.code is None or row.code_until is None or now > row.code_until:
            return False
        if not secrets.compare_digest(row.code, given):
            return False
        row.confirmed_at, row.code, row.code_until = now, None, None
        session.add(_event(now, who, "own_phone_confirmed"))
        return True


def forget(db: Database, who: Member, now: datetime) -> None:
    """Take the phone out again."""
    with db.writing() as session:
        session.execute(delete(StaffPhone).where(StaffPhone.staff_id == who.id))
        session.add(_event(now, who, "own_phone_forgotten"))


def try_on(
    desk: Desk, who: Member, ours: OurNumber, body: str, language: str, token: str, now: datetime
) -> None:
    """Text `body` to this person's own phone, as a family would get it. The same `token` texts it once.

    Raises `NotPossible` without a confirmed phone.
    """
    with desk.db.reading() as session:
        row = session.scalars(
            select(StaffPhone).where(StaffPhone.staff_id == who.id, StaffPhone.confirmed_at.is_not(None))
        ).one_or_none()
    if row is None:
        raise NotPossible("Name a phone of your own first, under your account.")
    phone = desk.db.vault.open(StaffPhone.phone, row.id, row.phone)
    draft = Draft(
        ref=f"try.{who.id}.{token}",
        kind="staff",
        body=body,
        language=language,
        origin="staff",
        not_before=now,
        priority=REPLY,
        author_id=who.id,
    )
    with desk.db.connection() as tx:
        talk = _conversation(tx, desk, ours, phone, who, now)
        queue(tx, desk.db.vault, talk, [draft], now, desk.wake)


def _conversation(tx: Connection, desk: Desk, ours: OurNumber, phone: str, who: Member, now: datetime) -> int:
    """The conversation of our number with this phone. Raises `NotPossible` when the phone asked for no texts."""
    vault = desk.db.vault
    index, row_id = vault.index(phone), new_id()
    if stopped_since(tx, index) is not None:
        raise NotPossible("This phone asked for no more texts. Text START from it to our number first.")
    tx.execute(
        _INSERT[tx.dialect.name](Conversation)
        .values(
            id=row_id,
            guardian_id=None,
            medium=ours.medium,
            sender=ours.sender,
            address=vault.seal(Conversation.address, row_id, phone),
            address_index=index,
            language=who.language,
            time_zone=who.time_zone,
            pending={},
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["address_index", "sender", "medium"])
    )
    if not tx.execute(select(ConsentEvent.id).where(ConsentEvent.address_index == index).limit(1)).first():
        tx.execute(
            insert(ConsentEvent),
            {"id": new_id(), "address_index": index, "at": now, "kind": "opt_in", "basis": BASIS},
        )
    found: int = tx.execute(
        select(Conversation.id).where(
            Conversation.address_index == index,
            Conversation.sender == ours.sender,
            Conversation.medium == ours.medium,
        )
    ).scalar_one()
    return found


def _e164(number: str, sample: bool) -> str:
    try:
        parsed = phonenumbers.parse(number, "US")
    except phonenumbers.NumberParseException:
        raise NotPossible("Please type a phone number, like 555 555 0199.") from None
    phone = str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
    if sample:
        if not _INVENTED.fullmatch(phone):
            raise NotPossible("In the sample school, type a made-up number that begins with +1 555 555.")
    elif not phonenumbers.is_valid_number(parsed):
        raise NotPossible("That is no phone number that can be texted. Please look at its digits.")
    return phone


def _mark(db: Database, staff_id: int, code: str) -> bytes:
    return db.vault.index(f"own phone\n{staff_id}\n{code}")


def _event(now: datetime, who: Member, action: str) -> AuditEvent:
    return AuditEvent(
        id=new_id(), at=now, staff_id=who.id, action=action, subject="staff", subject_id=who.id, detail={}
    )
