"""Who is called when a text may mean danger: the people on call of a school."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, insert, select

from bot.records import audit
from bot.records.roster_cells import BadCell
from bot.records.roster_phones import phone_in
from bot.records.staff import Member
from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.people import Staff
from bot.store.safety import SafetyContact

ROLES = ("coordinator", "administrator")


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody who may be called. `chosen`: they are on call. `phone` as it is stored, or empty."""

    staff_id: int
    name: str
    email: str
    role: str
    chosen: bool
    phone: str = field(repr=False)
    by_email: bool = True


class WrongNumber(ValueError):
    """What was written is no phone number."""


def contacts(db: Database, school_id: int) -> list[Contact]:
    """Everybody of a school who may be called, by name."""
    with db.reading() as session:
        rows = session.execute(
            select(Staff.id, Staff.name, Staff.email, Staff.role, SafetyContact.id.label("contact"),
                   SafetyContact.phone, SafetyContact.by_email)
            .outerjoin(SafetyContact, SafetyContact.staff_id == Staff.id)
            .where(Staff.school_id == school_id, Staff.active, Staff.role.in_(ROLES))
            .order_by(Staff.name, Staff.id)
        ).all()  # fmt: skip
    return [
        Contact(
            row.id,
            row.name,
            row.email,
            row.role,
            row.contact is not None,
            db.vault.show(SafetyContact.phone, row.contact, row.phone) if row.phone is not None else "",
            row.by_email is not False,
        )
        for row in rows
    ]


def keep(
    db: Database, who: Member, staff_id: int, phone: str, by_email: bool, on_call: bool, now: datetime
) -> bool:
    """Put somebody on call, change how they are called, or take them off. False: nobody of this school who may be
    called. Raises `WrongNumber`."""
    number = _number(phone)
    with db.connection() as tx:
        theirs = tx.execute(
            select(Staff.id).where(
                Staff.id == staff_id, Staff.school_id == who.school_id, Staff.active, Staff.role.in_(ROLES)
            )
        ).one_or_none()
        if theirs is None:
            return False
        tx.execute(delete(SafetyContact).where(SafetyContact.staff_id == staff_id))
        if on_call:
            row_id = new_id()
            tx.execute(
                insert(SafetyContact),
                {
                    "id": row_id, "school_id": who.school_id, "staff_id": staff_id, "by_email": by_email,
                    "phone": db.vault.seal(SafetyContact.phone, row_id, number) if number else None,
                    "phone_index": db.vault.index(number) if number else None,
                },
            )  # fmt: skip
        audit.record_in(tx, now, who.id, "on_call_changed", "staff", staff_id, on_call=on_call)
    return True


def _number(text: str) -> str:
    try:
        return phone_in(text) or ""
    except BadCell:
        raise WrongNumber("This is no phone number: write it as +1 555 555 0100.") from None
