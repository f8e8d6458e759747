"""Mail for whom the promise clock has reminded: one mail for all that is new, naming no family (it is read on lock
screens). The reminder itself stands on the first page, whether mail goes out or not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import select, update

from bot.channels.mail import Mailer, MailFailed
from bot.store.database import Database
from bot.store.outreach import StaffNudge
from bot.store.people import Staff

log = structlog.get_logger()

SUBJECT: Final = "Puente: a family waits for an answer"
BODY: Final = "A family has waited longer than we promised. Please open the first page and answer: {link}"

FRESH: Final = timedelta(days=1)
"""An older reminder is not mailed any more: a mail server that was away for a week must not flood anybody."""

AGAIN: Final = timedelta(minutes=5)
"""When a mail that the server did not take is tried again."""

AT_ONCE: Final = 200


def mail_reminders(
    db: Database, mailer: Mailer, say: Callable[[str, str, dict[str, str]], str], link: str, now: datetime
) -> int:
    """Send the mail that is due. Returns how many. Two schedulers at once send one; a process that dies between claim
    and sending sends it after `AGAIN`, so a mail may come twice and is not lost."""
    due = (
        StaffNudge.done_at.is_(None),
        StaffNudge.mailed_at.is_(None),
        StaffNudge.at > now - FRESH,
        StaffNudge.mail_after.is_(None) | (StaffNudge.mail_after <= now),
    )
    with db.reading() as session:
        rows = session.execute(
            select(StaffNudge.id, StaffNudge.staff_id, Staff.email, Staff.language)
            .join(Staff, Staff.id == StaffNudge.staff_id)
            .where(*due, Staff.active)
            .order_by(StaffNudge.at, StaffNudge.id)
            .limit(AT_ONCE)
        ).all()
    by_person: dict[tuple[int, str, str], list[int]] = defaultdict(list)
    for row in rows:
        by_person[row.staff_id, row.email, row.language].append(row.id)
    sent = 0
    for (_staff, address, language), nudges in by_person.items():
        with db.connection() as tx:
            mine = (
                tx.execute(
                    update(StaffNudge)
                    .where(StaffNudge.id.in_(nudges), *due)
                    .values(mail_after=now + AGAIN)
                    .returning(StaffNudge.id)
                )
                .scalars()
                .all()
            )
        if not mine:
            continue
        try:
            mailer.send(address, say(SUBJECT, language, {}), say(BODY, language, {"link": link}))
        except MailFailed as error:
            log.warning("reminder_not_mailed", nudge=mine[0], error=str(error))
            continue
        with db.connection() as tx:
            tx.execute(update(StaffNudge).where(StaffNudge.id.in_(mine)).values(mailed_at=now))
        sent += 1
    return sent
