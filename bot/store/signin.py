"""How staff come in: tries that are counted, accounts elsewhere, the second step, a phone of their own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import Base
from bot.store.columns import Sealed


class SignInWindow(Base):
    """How often something was tried in one stretch of time. `mark` is a blind index of what is limited (an account, an
    address): nothing can be read from it."""

    __tablename__ = "sign_in_window"
    mark: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    seconds: Mapped[int] = mapped_column(primary_key=True)
    begins_at: Mapped[datetime] = mapped_column(primary_key=True)
    tries: Mapped[int]
    __table_args__ = (Index(None, "begins_at"),)


class StaffIdentity(Base):
    """The account at an identity provider by which somebody signs in: bound when it is first used. One for each issuer."""

    __tablename__ = "staff_identity"
    issuer: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("staff_id", "issuer"),)


class SecondStep(Base):
    """The secret of somebody's authenticator app (RFC 6238). It counts from `confirmed_at` on. `last_step`: the newest
    thirty seconds a code was taken from; none is taken twice. `recovery`: blind indexes of codes for a lost phone."""

    __tablename__ = "second_step"
    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), unique=True)
    secret: Mapped[Sealed]
    begun_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    recovery: Mapped[list[Any]] = mapped_column(default=list)


class StaffPhone(Base):
    """A phone of somebody who works here, for trying a prompt on. It counts from `confirmed_at` on: until then only the
    code that was texted to it is known, as a blind index."""

    __tablename__ = "staff_phone"
    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), unique=True)
    phone: Mapped[Sealed]
    phone_index: Mapped[bytes] = mapped_column(LargeBinary)
    code: Mapped[bytes | None] = mapped_column(LargeBinary)
    code_until: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    __table_args__ = (Index(None, "phone_index"),)
