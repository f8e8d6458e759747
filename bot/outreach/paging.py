"""Calling people to an urgent text, and calling them again until somebody says "I have seen it".

Each round is made once: the alert's count of rounds moves by one conditional UPDATE, and every page's ref is unique, so
two schedulers that run at the same moment page once. A text goes through the outbox in the same transaction, with the
outbox's own care against doubles; mail is claimed for a while, sent, and sent again if its process died: a second mail
costs a glance, a lost one may cost a child. Quiet hours do not hold a page back. A page names no family and quotes
nobody: it may be read on a lock screen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Connection, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.channels.base import Incoming, Medium
from bot.channels.mail import Mailer, MailFailed
from bot.conversation.receive import open_conversation
from bot.delivery.outbox import URGENT, Draft, queue
from bot.outreach.reach import OurNumbers
from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.people import School, Staff
from bot.store.safety import SafetyAlert, SafetyContact, SafetyPage, SafetyStep
from bot.store.talk import Conversation
from bot.store.wake import Wake

log = structlog.get_logger()

PAGE: Final = (
    "Puente: an urgent text from a family waits for you. Please open it and say that you have seen it: {link}"
)
AGAIN: Final = "Puente: nobody has seen the urgent text yet (call {n}). Please open it now: {link}"
SUBJECT: Final = "Puente: an urgent text from a family waits"

ROLES: Final = ("coordinator", "administrator")
AT_ONCE: Final = 50
LEASE: Final = timedelta(minutes=2)
MOST_ATTEMPTS: Final = 5
_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True, slots=True)
class Pager:
    """What a page needs: the numbers we text from, the mail server (None: no mail), minutes between the rounds (the last
    one repeats), the link to an alert, and a sentence in somebody's language."""

    ours: OurNumbers
    mailer: Mailer | None
    minutes: Sequence[int]
    link: Callable[[int], str]
    say: Callable[[str, str, dict[str, str]], str]
    wake: Wake


@dataclass(frozen=True, slots=True)
class _Person:
    id: int
    email: str = field(repr=False)
    language: str
    phone: str | None = field(repr=False)
    by_email: bool


def page_people(db: Database, pager: Pager, now: datetime) -> int:
    """Make the rounds that are due and send the mail that waits. Returns how many pages were made or sent."""
    with db.reading() as session:
        due = session.execute(
            select(SafetyAlert.id, SafetyAlert.conversation_id, SafetyAlert.pages, SafetyAlert.school_id)
            .where(SafetyAlert.next_page_at <= now)
            .order_by(SafetyAlert.next_page_at, SafetyAlert.id)
            .limit(AT_ONCE)
        ).all()
    made = 0
    called: set[int] = set()
    for alert in due:
        if alert.conversation_id not in called:
            with db.connection() as tx:
                made += _round(db, tx, pager, alert, now)
        called.add(alert.conversation_id)
    return made + _send_mail(db, pager, now)


def _round(db: Database, tx: Connection, pager: Pager, alert: Any, now: datetime) -> int:
    """One round for one family, unless somebody else just made it. Its other urgent texts share the call."""
    again = now + timedelta(minutes=pager.minutes[min(alert.pages, len(pager.minutes) - 1)])
    mine = tx.execute(
        update(SafetyAlert)
        .where(
            SafetyAlert.id == alert.id,
            SafetyAlert.pages == alert.pages,
            SafetyAlert.next_page_at <= now,
        )
        .values(pages=alert.pages + 1, next_page_at=again)
    ).rowcount
    if not mine:
        return 0
    tx.execute(
        update(SafetyAlert)
        .where(SafetyAlert.conversation_id == alert.conversation_id, SafetyAlert.next_page_at <= now)
        .values(next_page_at=again)
    )
    pages = 0
    for person in _people(db, tx, alert.school_id):
        pages += _page(db, tx, pager, alert, person, now)
    if not pages:
        log.error("nobody_to_page", alert=alert.id, round=alert.pages + 1)
        step = {"id": new_id(), "alert_id": alert.id, "at": now, "what": "nobody_to_page"}
        if alert.pages == 0:
            tx.execute(insert(SafetyStep), step)
    return pages


def _people(db: Database, tx: Connection, school_id: int) -> Iterable[_Person]:
    """Who is on call at a school; where nobody has been chosen, every coordinator and administrator by mail."""
    rows = tx.execute(
        select(Staff.id, Staff.email, Staff.language, SafetyContact.id.label("contact"), SafetyContact.phone,
               SafetyContact.by_email)
        .outerjoin(SafetyContact, SafetyContact.staff_id == Staff.id)
        .where(Staff.school_id == school_id, Staff.active, Staff.role.in_(ROLES))
        .order_by(Staff.id)
    ).all()  # fmt: skip
    chosen = [row for row in rows if row.contact is not None]
    for row in chosen or rows:
        phone = db.vault.open(SafetyContact.phone, row.contact, row.phone) if row.phone is not None else None
        yield _Person(row.id, row.email, row.language, phone, row.by_email is not False)


def _page(db: Database, tx: Connection, pager: Pager, alert: Any, person: _Person, now: datetime) -> int:
    pages = 0
    ref = f"page.{alert.id}.{alert.pages + 1}.{person.id}"
    if person.phone and _written(tx, ref, alert.id, person.id, "text", "sent", now):
        _text(db, tx, pager, alert, person, f"{ref}.text", now)
        pages += 1
    if person.by_email and pager.mailer is not None:
        pages += _written(tx, ref, alert.id, person.id, "email", "ready", now)
    return pages


def _written(
    tx: Connection, ref: str, alert_id: int, staff_id: int, way: str, state: str, now: datetime
) -> bool:
    statement = _INSERT[tx.dialect.name](SafetyPage).values(
        id=new_id(), ref=f"{ref}.{way}", alert_id=alert_id, staff_id=staff_id, way=way, state=state, at=now,
        attempts=0, settled_at=now if state == "sent" else None,
    )  # fmt: skip
    return bool(tx.execute(statement.on_conflict_do_nothing(index_elements=["ref"])).rowcount)


def _text(
    db: Database, tx: Connection, pager: Pager, alert: Any, person: _Person, ref: str, now: datetime
) -> None:
    """Into the outbox, to the person's own number, at once."""
    assert person.phone is not None
    sample = tx.execute(select(School.sample).where(School.id == alert.school_id)).scalar_one()
    line = pager.ours.of(sample)
    index = db.vault.index(person.phone)
    open_conversation(db, tx, Incoming("", Medium(line.medium), line.sender, person.phone, ""), index, now)
    conversation = tx.execute(
        select(Conversation.id).where(
            Conversation.address_index == index,
            Conversation.sender == line.sender,
            Conversation.medium == line.medium,
        )
    ).scalar_one()
    draft = Draft(
        ref=ref,
        kind="page",
        body=_words(pager, alert.id, alert.pages, person.language),
        language=person.language,
        origin="catalog",
        not_before=now,
        priority=URGENT,
        expires_at=now + timedelta(hours=6),
    )
    queue(tx, db.vault, conversation, [draft], now, pager.wake)


def _words(pager: Pager, alert_id: int, rounds: int, language: str) -> str:
    values = {"link": pager.link(alert_id), "n": str(rounds + 1)}
    return pager.say(AGAIN if rounds else PAGE, language, values)


def _send_mail(db: Database, pager: Pager, now: datetime) -> int:
    if pager.mailer is None:
        return 0
    free = or_(SafetyPage.lease_until.is_(None), SafetyPage.lease_until <= now)
    with db.reading() as session:
        rows = session.execute(
            select(SafetyPage.id, SafetyPage.alert_id, SafetyPage.attempts, SafetyAlert.pages, Staff.email,
                   Staff.language)
            .join(SafetyAlert, SafetyAlert.id == SafetyPage.alert_id)
            .join(Staff, Staff.id == SafetyPage.staff_id)
            .where(SafetyPage.way == "email", SafetyPage.state.in_(("ready", "sending")), free)
            .order_by(SafetyPage.at, SafetyPage.id)
            .limit(AT_ONCE)
        ).all()  # fmt: skip
    sent = 0
    for row in rows:
        with db.connection() as tx:
            mine = tx.execute(
                update(SafetyPage)
                .where(SafetyPage.id == row.id, SafetyPage.attempts == row.attempts, free)
                .where(SafetyPage.state.in_(("ready", "sending")))
                .values(state="sending", attempts=row.attempts + 1, lease_until=now + LEASE)
            ).rowcount
        if not mine:
            continue
        values: dict[str, Any] = {"state": "sent", "settled_at": now}
        try:
            words = _words(pager, row.alert_id, row.pages - 1, row.language)
            pager.mailer.send(row.email, pager.say(SUBJECT, row.language, {}), words)
            sent += 1
        except MailFailed as error:
            log.warning("page_not_mailed", page=row.id, error=str(error), tries=row.attempts + 1)
            over = row.attempts + 1 >= MOST_ATTEMPTS
            wait = timedelta(seconds=15 * 2**row.attempts)
            values = (
                {"state": "failed", "settled_at": now}
                if over
                else {"state": "ready", "lease_until": now + wait}
            )
        with db.connection() as tx:
            tx.execute(update(SafetyPage).where(SafetyPage.id == row.id).values(values))
    return sent
