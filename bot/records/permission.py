"""Why a number could be texted on a day, or that it could not: the answer of the consent ledger, which nobody changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from bot.store.database import Database
from bot.store.talk import ConsentEvent, Conversation, Outbox

NOT_COUNTED = "confirmation"
"""The one text that may follow an opt-out says that there will be no more."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger. `inbox_id`: the family's own text that caused it, if one did."""

    at: datetime
    allows: bool
    basis: str
    inbox_id: int | None


@dataclass(frozen=True, slots=True)
class Permission:
    """What the ledger says about one number on one day of a time zone.

    `before` is the line that held when the day began (None: the ledger knew nothing), `during` what changed that day.
    `sent`: texts that went to the number that day; `sent_without`: those of them that no line allowed.
    """

    day: date
    zone: ZoneInfo
    before: Entry | None
    during: tuple[Entry, ...]
    sent: int
    sent_without: int

    @property
    def allowed(self) -> bool:
        """Whether the number could be texted at any moment of that day."""
        return any(one.allows for one in (self.before, *self.during) if one is not None)


def permission(db: Database, number: str, day: date, zone: ZoneInfo) -> Permission:
    """What the ledger says about `number` (E.164) on `day`, midnight to midnight in `zone`."""
    index = db.vault.index(number)
    begins = datetime.combine(day, time(), zone)
    ends = datetime.combine(day + timedelta(days=1), time(), zone)
    with db.reading() as session:
        rows = session.execute(
            select(ConsentEvent.at, ConsentEvent.kind, ConsentEvent.basis, ConsentEvent.inbox_id)
            .where(ConsentEvent.address_index == index, ConsentEvent.at < ends)
            .order_by(ConsentEvent.at, ConsentEvent.id)
        ).all()
        tried = func.coalesce(Outbox.tried_at, Outbox.sent_at)
        moments = session.scalars(
            select(tried)
            .join(Conversation, Conversation.id == Outbox.conversation_id)
            .where(
                Conversation.address_index == index,
                Outbox.state.in_(("sent", "delivered", "undelivered")),
                Outbox.kind != NOT_COUNTED,
                tried >= begins,
                tried < ends,
            )
        ).all()
    entries = [Entry(row.at, row.kind == "opt_in", row.basis, row.inbox_id) for row in rows]
    before = [one for one in entries if one.at < begins]
    during = tuple(one for one in entries if one.at >= begins)
    without = sum(not _allowed_at(entries, at) for at in moments)
    return Permission(day, zone, before[-1] if before else None, during, len(moments), without)


def _allowed_at(entries: list[Entry], at: datetime) -> bool:
    held = [one for one in entries if one.at <= at]
    return bool(held) and held[-1].allows
