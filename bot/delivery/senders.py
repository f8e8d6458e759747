"""The numbers we send from, as the settings name them, in the table where their pace is kept."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from bot.channels.base import Medium
from bot.settings import Settings
from bot.store.database import Database
from bot.store.talk import SenderRow

_WHATSAPP = "whatsapp:"
"""As TWILIO_SENDERS (and Twilio) write a WhatsApp number."""


def ensure_senders(db: Database, settings: Settings) -> int:
    """A row for every number we send from, with the rate of the settings; returns how many. Safe to repeat."""
    lines: list[tuple[str, Medium, float, int]] = []
    if settings.sample_school:
        lines.append((settings.simulator_number, Medium.SIMULATOR, 1000.0, 1000))
    for number in settings.twilio_senders:
        medium = Medium.WHATSAPP if number.startswith(_WHATSAPP) else Medium.SMS
        lines.append(
            (
                number.removeprefix(_WHATSAPP),
                medium,
                settings.twilio_sender_rate,
                settings.twilio_sender_burst,
            )
        )
    if settings.twilio_messaging_service_sid and not settings.twilio_senders:
        lines.append(
            (
                settings.twilio_messaging_service_sid,
                Medium.SMS,
                settings.twilio_sender_rate,
                settings.twilio_sender_burst,
            )
        )
    make: Any = sqlite.insert if db.is_sqlite else postgresql.insert
    with db.connection() as tx:
        for number, medium, rate, burst in lines:
            row = {"number": number, "medium": medium.value, "rate": rate, "burst": burst}
            tx.execute(
                make(SenderRow)
                .values(row)
                .on_conflict_do_update(
                    index_elements=["number", "medium"], set_={"rate": rate, "burst": burst}
                )
            )
    return len(lines)


def ensure_sender(db: Database, number: str, medium: str, rate: float, burst: int) -> bool:
    """A row for a number that families wrote to and no setting names: one of the messaging service's. True when it is
    new. An existing row keeps its pace."""
    with db.reading() as session:
        if session.get(SenderRow, (number, medium)) is not None:
            return False
    make: Any = sqlite.insert if db.is_sqlite else postgresql.insert
    row = {"number": number, "medium": medium, "rate": rate, "burst": burst}
    with db.connection() as tx:
        made = tx.execute(
            make(SenderRow).values(row).on_conflict_do_nothing(index_elements=["number", "medium"])
        )
        return bool(made.rowcount == 1)
