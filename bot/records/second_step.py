"""The second step of signing in: six digits of an authenticator app (RFC 6238), or a recovery code when it is lost.

The secret is sealed; recovery codes are kept as blind indexes. A code is taken once: the thirty seconds it belongs to
are remembered, and no code of the same or an earlier stretch is taken after it, by whichever web process.
"""

from __future__ import annotations

import base64
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pyotp
from sqlalchemy import delete, select, update

from bot.records import audit
from bot.records.attempts import Limit, limits, may_try
from bot.records.colleagues import NotPossible, end_sessions_in
from bot.records.staff import Member
from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.signin import SecondStep

ISSUER: Final = "Puente"
RECOVERY_CODES: Final = 10
_DRIFT: Final = 1
"""Stretches of thirty seconds a phone's clock may be early or late (RFC 6238, 5.2)."""
_LIMITS: Final[tuple[Limit, ...]] = limits(5, 20)
"""Guessing six digits at this pace, three of which are right at a time, takes years."""
TOO_OFTEN = "That was tried too often. Please wait a few minutes."
WRONG = "That code does not fit. Wait for the next one and type it."


@dataclass(frozen=True, slots=True)
class Enrolling:
    """What an authenticator app needs to know: shown once, while it is being set up."""

    secret: str
    uri: str


def is_on(db: Database, staff_id: int) -> bool:
    """Whether this person is asked for a code."""
    with db.reading() as session:
        return (
            session.scalars(
                select(SecondStep.id).where(
                    SecondStep.staff_id == staff_id, SecondStep.confirmed_at.is_not(None)
                )
            ).first()
            is not None
        )


def recovery_left(db: Database, staff_id: int) -> int:
    """How many recovery codes are left."""
    with db.reading() as session:
        row = session.scalars(select(SecondStep).where(SecondStep.staff_id == staff_id)).one_or_none()
    return len(row.recovery) if row else 0


def begin(db: Database, who: Member, account: str, now: datetime) -> Enrolling:
    """A fresh secret for this person's app: it counts once a code from it was typed. `account` is what the app shows.

    Raises `NotPossible` while a second step is on.
    """
    secret = pyotp.random_base32()
    row_id = new_id()
    with db.writing() as session:
        if session.scalars(
            select(SecondStep.id).where(SecondStep.staff_id == who.id, SecondStep.confirmed_at.is_not(None))
        ).first():
            raise NotPossible("A second step is on already. Turn it off first.")
        session.execute(delete(SecondStep).where(SecondStep.staff_id == who.id))
        session.add(
            SecondStep(
                id=row_id,
                staff_id=who.id,
                secret=db.vault.seal(SecondStep.secret, row_id, secret),
                begun_at=now,
            )
        )
    return _enrolling(secret, account)


def enrolling(db: Database, who: Member, account: str) -> Enrolling | None:
    """The secret that waits for its first code, for showing it again; None when there is none."""
    with db.reading() as session:
        row = session.scalars(
            select(SecondStep).where(SecondStep.staff_id == who.id, SecondStep.confirmed_at.is_(None))
        ).one_or_none()
    return None if row is None else _enrolling(db.vault.open(SecondStep.secret, row.id, row.secret), account)


def confirm(db: Database, who: Member, code: str, now: datetime) -> tuple[str, ...]:
    """Turn it on, now that the app has shown its first code; returns the recovery codes, which nobody sees again.

    Raises `NotPossible`.
    """
    if not may_try(db, now, [(f"second step:{who.id}", _LIMITS)]):
        raise NotPossible(TOO_OFTEN)
    codes = tuple(_recovery_code() for _ in range(RECOVERY_CODES))
    with db.writing() as session:
        row = session.scalars(
            select(SecondStep).where(SecondStep.staff_id == who.id, SecondStep.confirmed_at.is_(None))
        ).one_or_none()
        step = (
            None if row is None else _step_of(db.vault.open(SecondStep.secret, row.id, row.secret), code, now)
        )
        if row is None or step is None:
            raise NotPossible(WRONG)
        row.confirmed_at, row.last_step = now, step
        row.recovery = [_mark(db, who.id, one) for one in codes]
        audit.record_in(session.connection(), now, who.id, "second_step_on", "staff", who.id)
    return codes


def passes(db: Database, staff_id: int, code: str, now: datetime) -> bool:
    """Whether this code lets this person in: six digits not used before, or a recovery code, which is used up by it.

    Raises `NotPossible` when it was tried too often.
    """
    if not may_try(db, now, [(f"second step:{staff_id}", _LIMITS)]):
        raise NotPossible(TOO_OFTEN)
    with db.writing() as session:
        row = session.scalars(
            select(SecondStep)
            .where(SecondStep.staff_id == staff_id, SecondStep.confirmed_at.is_not(None))
            .with_for_update()
        ).one_or_none()
        if row is None:
            return False
        step = _step_of(db.vault.open(SecondStep.secret, row.id, row.secret), code, now)
        if step is not None:
            taken = session.execute(
                update(SecondStep)
                .where(SecondStep.id == row.id, SecondStep.last_step < step)
                .values(last_step=step)
                .returning(SecondStep.id)
            ).one_or_none()
            return taken is not None
        mark = _mark(db, staff_id, code)
        if mark not in row.recovery:
            return False
        row.recovery = [one for one in row.recovery if one != mark]
        audit.record_in(session.connection(), now, staff_id, "recovery_code_used", "staff", staff_id)
        return True


def turn_off(db: Database, who: Member, code: str, now: datetime) -> bool:
    """Turn one's own off with a code; False when it does not fit. Raises `NotPossible` when tried too often."""
    if not passes(db, who.id, code, now):
        return False
    with db.writing() as session:
        session.execute(delete(SecondStep).where(SecondStep.staff_id == who.id))
        audit.record_in(session.connection(), now, who.id, "second_step_off", "staff", who.id)
    return True


def reset(db: Database, who: Member, staff_id: int, now: datetime) -> bool:
    """An administrator takes away the second step of somebody of the school who lost the phone; their sessions end."""
    with db.writing() as session:
        if end_sessions_in(session, who, staff_id, now, "second_step_reset") is None:
            return False
        session.execute(delete(SecondStep).where(SecondStep.staff_id == staff_id))
    return True


def _enrolling(secret: str, account: str) -> Enrolling:
    return Enrolling(secret, pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=ISSUER))


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """The stretch of time a code belongs to; None when it is not one of now."""
    digits = re.sub(r"\s", "", code)
    if not (digits.isascii() and digits.isdigit()):
        return None
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(digits, for_time=now, valid_window=_DRIFT)
    except pyotp.OTPVerificationError:
        return None


def _recovery_code() -> str:
    text = base64.b32encode(secrets.token_bytes(10)).decode().lower()
    return "-".join(text[start : start + 4] for start in range(0, 16, 4))


def _mark(db: Database, staff_id: int, code: str) -> str:
    plain = re.sub(r"[\s-]", "", code).lower()
    return db.vault.index(f"recovery\n{staff_id}\n{plain}").hex()
