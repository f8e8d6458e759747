"""The consent ledger, looked up: may this number be texted, since when, why, and was that so on a given day?

Numbers are found by their last digits or by the guardian's name, within the school. Digits are compared by opening the
school's own numbers one after the other, because nothing readable is stored to search by.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select

from bot.records import audit
from bot.records.staff import Member
from bot.store.database import Database
from bot.store.people import Guardian
from bot.store.talk import ConsentEvent, Conversation, Outbox

MOST = 20
FEWEST_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger: when, opt_in or opt_out, and why."""

    at: datetime
    kind: str
    basis: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """What the ledger says of one guardian's number. `on_day`: the line that counted on the day asked for (None: no line
    before it, so the roster was the reason); `texted`: how many of our texts were made that day."""

    guardian_id: int
    name: str
    ends: str = field(repr=False)
    active: bool
    entries: tuple[Entry, ...]
    on_day: Entry | None = None
    texted: int = 0

    @property
    def allowed_on_day(self) -> bool:
        """Whether the number could be texted at the end of that day."""
        return self.on_day is None or self.on_day.kind == "opt_in"


def look_up(db: Database, who: Member, text: str, day: date | None, now: datetime) -> list[Ledger]:
    """The guardians of the school that `text` (a name, or the last digits of a number) fits, at most twenty."""
    wanted = text.replace("\0", "").strip()
    digits = "".join(sign for sign in wanted if sign.isdecimal())
    if not wanted:
        return []
    found: list[Guardian] = []
    with db.reading() as session:
        if digits and len(digits) >= FEWEST_DIGITS:
            rows = session.scalars(
                select(Guardian)
                .where(Guardian.school_id == who.school_id, Guardian.phone.is_not(None))
                .execution_options(yield_per=500)
            )
            for row in rows:
                if db.vault.show(Guardian.phone, row.id, row.phone).endswith(digits):
                    found.append(row)
                    if len(found) == MOST:
                        break
        elif not digits:
            found = list(
                session.scalars(
                    select(Guardian)
                    .where(
                        Guardian.school_id == who.school_id,
                        func.lower(Guardian.name).contains(wanted.lower(), autoescape=True),
                    )
                    .order_by(Guardian.name, Guardian.id)
                    .limit(MOST)
                )
            )
    if found:
        audit.record(db, now, who.id, "saw_ledger", "school", who.school_id, found=len(found))
    return [_ledger(db, row, day, ZoneInfo(who.time_zone)) for row in found]


def _ledger(db: Database, row: Guardian, day: date | None, zone: ZoneInfo) -> Ledger:
    with db.reading() as session:
        events = session.execute(
            select(ConsentEvent.at, ConsentEvent.kind, ConsentEvent.basis)
            .where(
                or_(ConsentEvent.guardian_id == row.id, ConsentEvent.address_index == row.phone_index)
                if row.phone_index is not None
                else ConsentEvent.guardian_id == row.id
            )
            .order_by(ConsentEvent.at, ConsentEvent.id)
        ).all()
        entries = tuple(Entry(*event) for event in events)
        counted, texted = None, 0
        if day is not None:
            begins = datetime.combine(day, time(0), zone)
            ends = datetime.combine(day + timedelta(days=1), time(0), zone)
            counted = next((entry for entry in reversed(entries) if entry.at < ends), None)
            texted = (
                session.scalar(
                    select(func.count())
                    .select_from(Outbox)
                    .join(Conversation, Conversation.id == Outbox.conversation_id)
                    .where(
                        Conversation.guardian_id == row.id,
                        Outbox.sent_at >= begins,
                        Outbox.sent_at < ends,
                    )
                )
                or 0
            )
    phone = db.vault.show(Guardian.phone, row.id, row.phone)
    return Ledger(row.id, row.name, phone[-4:], row.active, entries, counted, texted)
