"""Accounts at identity providers: who of the people already known somebody is who comes in from there.

Nobody is added by signing in. The first time, an address that the provider has verified must be one that an
administrator invited; from then on the provider's own identifier counts, whatever becomes of the address.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bot.records import audit
from bot.records.colleagues import NotPossible, end_sessions_in
from bot.records.staff import Member, member
from bot.store.database import Database
from bot.store.people import Staff
from bot.store.signin import StaffIdentity

UNKNOWN = "Nobody here signs in with this account. Ask your administrator for an invitation to its address."
UNVERIFIED = "The provider has not verified this account’s e-mail address, so we cannot tell whose it is."
ANOTHER = (
    "Somebody signs in here with another account of this provider. Ask your administrator to loosen that one."
)
CLOSED = "This account here is closed. Ask your administrator."


def who_is(
    db: Database, issuer: str, subject: str, email: str | None, verified: bool, now: datetime
) -> Member:
    """The member of staff behind an account; binds the account when it is used for the first time.

    Raises `NotPossible` with a sentence for the person at the page.
    """
    with db.writing() as session:
        bound = session.execute(
            select(StaffIdentity.staff_id).where(
                StaffIdentity.issuer == issuer, StaffIdentity.subject == subject
            )
        ).scalar_one_or_none()
        if bound is None:
            bound = _bind(session, issuer, subject, email, verified, now)
    found = member(db, bound)
    if found is None:
        raise NotPossible(CLOSED)
    return found


def issuers_of(db: Database, staff_id: int) -> list[str]:
    """The providers at which somebody's account is bound."""
    with db.reading() as session:
        return list(
            session.scalars(
                select(StaffIdentity.issuer)
                .where(StaffIdentity.staff_id == staff_id)
                .order_by(StaffIdentity.issuer)
            )
        )


def loosen(db: Database, who: Member, staff_id: int, now: datetime) -> bool:
    """Forget every account by which somebody of this school signs in; False for nobody. Their sessions end."""
    with db.writing() as session:
        if end_sessions_in(session, who, staff_id, now, "identity_loosened") is None:
            return False
        session.execute(delete(StaffIdentity).where(StaffIdentity.staff_id == staff_id))
        return True


def _bind(
    session: Session, issuer: str, subject: str, email: str | None, verified: bool, now: datetime
) -> int:
    if not email or "\0" in email or "\0" in subject:
        raise NotPossible(UNKNOWN)
    if not verified:
        raise NotPossible(UNVERIFIED)
    staff_id = session.execute(
        select(Staff.id).where(Staff.active, func.lower(Staff.email) == email.strip().lower())
    ).scalar_one_or_none()
    if staff_id is None:
        raise NotPossible(UNKNOWN)
    if session.scalars(
        select(StaffIdentity.subject).where(
            StaffIdentity.staff_id == staff_id, StaffIdentity.issuer == issuer
        )
    ).first():
        raise NotPossible(ANOTHER)
    session.add(StaffIdentity(issuer=issuer, subject=subject, staff_id=staff_id, at=now))
    audit.record_in(session.connection(), now, staff_id, "identity_bound", "staff", staff_id)
    return staff_id
