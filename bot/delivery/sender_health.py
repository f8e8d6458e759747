"""The numbers texts go out from, as an administrator looks after them: pace, what waits, what failed today, and a pause."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.channels.base import Medium
from bot.store.columns import first_id_at
from bot.store.database import Database
from bot.store.talk import Outbox, SenderRow
from bot.store.wake import Wake

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_BAD = ("failed", "undelivered")


class NotASender(ValueError):
    """What was written is no number to send from; the message says why."""


@dataclass(frozen=True, slots=True)
class SenderHealth:
    """A number and its last day: how many texts wait now, went out, and failed."""

    number: str
    medium: str
    rate: float
    burst: int
    paused_at: datetime | None
    waiting: int
    sent: int
    failed: int


def senders(db: Database, now: datetime) -> list[SenderHealth]:
    """Every number, by name. Two reads, bounded by what waits and by one day's texts."""
    with db.reading() as session:
        rows = session.scalars(select(SenderRow).order_by(SenderRow.medium, SenderRow.number)).all()
        waiting = {
            (sender, medium): count
            for sender, medium, count in session.execute(
                select(Outbox.sender, Outbox.medium, func.count())
                .where(Outbox.state == "ready", Outbox.not_before <= now)
                .group_by(Outbox.sender, Outbox.medium)
            )
        }
        day = session.execute(
            select(Outbox.sender, Outbox.medium, Outbox.state, func.count())
            .where(Outbox.id >= first_id_at(now - timedelta(days=1)))
            .group_by(Outbox.sender, Outbox.medium, Outbox.state)
        ).all()
    sent: dict[tuple[str, str], int] = {}
    failed: dict[tuple[str, str], int] = {}
    for sender, medium, state, count in day:
        of = failed if state in _BAD else sent if state in ("sent", "delivered") else None
        if of is not None:
            of[sender, medium] = of.get((sender, medium), 0) + count
    return [
        SenderHealth(
            row.number,
            row.medium,
            row.rate,
            row.burst,
            row.paused_at,
            waiting.get((row.number, row.medium), 0),
            sent.get((row.number, row.medium), 0),
            failed.get((row.number, row.medium), 0),
        )
        for row in rows
    ]


def add_sender(db: Database, number: str, medium: str, rate: str) -> None:
    """A number families may write to, and are answered from. Safe to repeat: the rate is changed. Raises `NotASender`."""
    if not _E164.fullmatch(number) or medium not in (Medium.SMS.value, Medium.WHATSAPP.value):
        raise NotASender("Write the number like +15555550100, and choose how its texts travel.")
    try:
        pace = float(rate)
    except ValueError:
        pace = 0.0
    if not 0 < pace <= 100:
        raise NotASender("The pace is a number of segments a second, more than 0 and at most 100.")
    with db.connection() as tx:
        statement = _INSERT[tx.dialect.name](SenderRow).values(
            number=number, medium=medium, rate=pace, burst=4
        )
        tx.execute(statement.on_conflict_do_update(index_elements=["number", "medium"], set_={"rate": pace}))


def pause_sender(db: Database, number: str, medium: str, now: datetime | None, wake: Wake) -> bool:
    """Let nothing out from a number from `now` on; None: let it out again. False when there is no such number."""
    with db.connection() as tx:
        changed = tx.execute(
            update(SenderRow)
            .where(SenderRow.number == number, SenderRow.medium == medium)
            .values(paused_at=now)
        ).rowcount
        if changed and now is None:
            wake.send(tx, number, medium)
    return bool(changed)
