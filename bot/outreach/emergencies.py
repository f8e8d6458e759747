"""Emergencies: a path of its own, for what cannot wait. Two different people give their word; then every guardian gets the
text at once, on every channel of its number, at any hour, outside caps and budgets. No conversation is begun.

Consent is not needed for closures, fire, threats and health risks; a STOP still holds (the carrier would refuse the text,
and the family has our word): those families, and those without a phone, are listed for somebody to call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.conversation.desk import Desk
from bot.conversation.reply import LONGEST
from bot.delivery.caps import in_lists
from bot.delivery.outbox import Draft, queue
from bot.flow.lines import placeholders_in
from bot.language.codes import ENGLISH
from bot.outreach.audience import Audience, NoAudience, leads
from bot.outreach.conversations import open_with
from bot.outreach.emergency_words import Words
from bot.outreach.reach import WHATSAPP, WINDOW, OurNumbers, Reach, Talk, reach_of
from bot.store.columns import new_id
from bot.store.outreach import Emergency, EmergencyConfirmation, EmergencyRecipient
from bot.store.people import AuditEvent, Guardian, Staff
from bot.store.talk import Conversation

log = structlog.get_logger()

MAY = ("coordinator", "leader", "administrator")
"""Roles whose word counts."""

FRESH = timedelta(hours=2)
"""How long the first word stands: what is confirmed later than this is no emergency, or another one."""

USEFUL = timedelta(hours=12)
"""A text that could not be sent for this long would only frighten."""

AT_ONCE = 100
_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}

WHY_CALL: dict[str, str] = {
    "opted_out": "The family asked for no more texts.",
    "no_phone": "There is no phone number.",
    "no_channel": "No conversation with the family takes a text now.",
    "in_english": "Nobody could translate it: the text went in English.",
}
"""Why somebody has to call, in words for staff."""


class CannotSend(ValueError):
    """The emergency was not written or not confirmed. The message says why and what to do, for staff."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What somebody's word came to. `complete`: it was the second one, and the texts are going out."""

    emergency_id: int
    complete: bool


def write_emergency(
    desk: Desk, school_id: int, staff_id: int, words: str, reason: str, audience: Audience
) -> int:
    """Write an emergency down, with the writer's own word that it must go; returns its id. Nothing goes out before a
    second person confirms it. Raises `CannotSend`."""
    now, said = desk.clock(), words.strip()
    if not said:
        raise CannotSend("Write what families must know, in English.")
    if len(said) > LONGEST // 2:  # it goes out with its translation
        raise CannotSend("Shorten the text: a family must understand it at one glance.")
    if placeholders_in(said):
        raise CannotSend("Nothing is filled in here: write the text as everybody will read it.")
    if not reason.strip():
        raise CannotSend("Say what happened: the second person and the log need it.")
    with desk.db.writing() as session:
        _may(session, school_id, staff_id)
        try:
            meant = audience.checked(session, school_id)
        except NoAudience as error:
            raise CannotSend(str(error)) from None
        row_id = new_id()
        session.add(
            Emergency(
                id=row_id,
                school_id=school_id,
                reason=reason.strip(),
                words=desk.db.vault.seal(Emergency.words, row_id, said),
                audience=meant.to_json(),
                created_by=staff_id,
                created_at=now,
            )
        )
        session.flush()
        session.add(EmergencyConfirmation(emergency_id=row_id, staff_id=staff_id, at=now))
        _note(session.connection(), now, staff_id, "emergency_written", row_id)
    return row_id


def confirm(desk: Desk, emergency_id: int, school_id: int, staff_id: int) -> Confirmed:
    """Give one's word that an emergency must go. The word of a second, different person sets it off.

    Raises `CannotSend`: the writer confirming alone, a role that may not, an emergency that is called off or stale.
    """
    now = desk.clock()
    with desk.db.writing() as session:
        row = session.scalars(
            select(Emergency)
            .where(Emergency.id == emergency_id, Emergency.school_id == school_id)
            .with_for_update()
        ).one_or_none()
        if row is None:
            raise CannotSend("There is no such emergency.")
        _may(session, school_id, staff_id)
        if row.cancelled_at is not None:
            raise CannotSend("It was called off. Write it anew if it is needed after all.")
        if row.confirmed_at is not None:
            return Confirmed(emergency_id, True)
        if now - row.created_at > FRESH:
            raise CannotSend("It is older than two hours. Look whether it still holds, and write it anew.")
        given = set(
            session.scalars(
                select(EmergencyConfirmation.staff_id).where(
                    EmergencyConfirmation.emergency_id == emergency_id
                )
            )
        )
        if staff_id in given:
            raise CannotSend("You have given your word already. A second person must give theirs.")
        session.add(EmergencyConfirmation(emergency_id=emergency_id, staff_id=staff_id, at=now))
        row.confirmed_at = now
        _note(session.connection(), now, staff_id, "emergency_confirmed", emergency_id)
    log.warning("emergency_confirmed", emergency=emergency_id)
    return Confirmed(emergency_id, True)


def call_off(desk: Desk, emergency_id: int, school_id: int, staff_id: int) -> None:
    """Call an emergency off before it was confirmed. Raises `CannotSend` when it is too late."""
    now = desk.clock()
    with desk.db.connection() as tx:
        stopped = tx.execute(
            update(Emergency)
            .where(
                Emergency.id == emergency_id,
                Emergency.school_id == school_id,
                Emergency.confirmed_at.is_(None),
                Emergency.cancelled_at.is_(None),
            )
            .values(cancelled_at=now)
        ).rowcount
        if not stopped:
            raise CannotSend("It has gone out already, or was called off before.")
        _note(tx, now, staff_id, "emergency_called_off", emergency_id)


def queue_confirmed(desk: Desk, ours: OurNumbers) -> int:
    """Put the texts of confirmed emergencies into the outbox. Returns how many texts. Safe to repeat, to run twice at
    once and to be killed at any line: a text's ref names emergency and conversation."""
    with desk.db.reading() as session:
        waiting = session.scalars(
            select(Emergency)
            .where(Emergency.confirmed_at.is_not(None), Emergency.queued_at.is_(None))
            .order_by(Emergency.confirmed_at, Emergency.id)
        ).all()
    return sum(_queue(desk, ours, one) for one in waiting)


def _queue(desk: Desk, ours: OurNumbers, row: Emergency) -> int:
    words = Words(desk, desk.db.vault.open(Emergency.words, row.id, row.words), row.school_id)
    audience = Audience.from_json(row.audience)
    with desk.db.reading() as session:
        meant = sorted(leads(session, row.school_id, audience))
    texts = 0
    for some in in_lists(meant, AT_ONCE):
        with desk.db.reading() as session:
            reaches = {
                guardian: reach
                for guardian, reach in reach_of(session, some).items()
                if audience.wants(reach, row.created_at)
            }
        bodies = {reach.language or ENGLISH: words.into(reach.language) for reach in reaches.values()}
        texts += _write(desk, ours, row, reaches, bodies)
    with desk.db.connection() as tx:
        tx.execute(
            update(Emergency)
            .where(Emergency.id == row.id, Emergency.queued_at.is_(None))
            .values(queued_at=desk.clock())
        )
    log.warning("emergency_queued", emergency=row.id, guardians=len(meant), texts=texts)
    return texts


def _write(
    desk: Desk, ours: OurNumbers, row: Emergency, reaches: Mapping[int, Reach], bodies: Mapping[str, Draft]
) -> int:
    """One transaction: the texts of these guardians, and what became of each."""
    now, count = desk.clock(), 0
    silent = [
        one.guardian_id
        for one in reaches.values()
        if one.phone_index is not None and not one.opted_out and not _open_now(one, now)
    ]
    with desk.db.connection() as tx:
        opened = open_with(tx, desk.db.vault, ours, silent, now)
        stopped = set(  # by the ledger: a STOP to a number or conversation that is not there any more
            tx.execute(
                select(Conversation.id).where(
                    Conversation.id.in_(opened.values()), Conversation.opted_out_at.is_not(None)
                )
            ).scalars()
        )
        rows = []
        for reach in reaches.values():
            body = bodies[reach.language or ENGLISH]
            fresh = opened.get(reach.guardian_id)
            refused = reach.opted_out or fresh in stopped
            talks = [] if refused else [talk.id for talk in _open_now(reach, now)]
            if not talks and fresh is not None and not refused and _takes_texts(reach, fresh):
                talks = [fresh]
            for talk in talks:
                draft = _for(row, talk, body, now)
                queue(tx, desk.db.vault, talk, [draft], now, desk.wake)
            count += len(talks)
            rows.append(
                {
                    "emergency_id": row.id,
                    "guardian_id": reach.guardian_id,
                    "texts": len(talks),
                    "why": _why(reach, refused, bool(talks), body),
                }
            )
        if rows:
            tx.execute(
                _INSERT[tx.dialect.name](EmergencyRecipient).on_conflict_do_nothing(
                    index_elements=["emergency_id", "guardian_id"]
                ),
                rows,
            )
    return count


def _for(row: Emergency, talk_id: int, body: Draft, now: datetime) -> Draft:
    return replace(
        body,
        ref=f"emergency.{row.id}.{talk_id}",
        not_before=now,
        author_id=row.created_by,
        line="emergency",
        expires_at=now + USEFUL,
    )


def _open_now(reach: Reach, now: datetime) -> list[Talk]:
    """Every conversation that takes a text now (WhatsApp: within 24 hours of the family's last message)."""
    return [
        talk
        for talk in reach.talks
        if talk.medium != WHATSAPP or (talk.last_in_at is not None and now - talk.last_in_at < WINDOW)
    ]


def _takes_texts(reach: Reach, talk_id: int) -> bool:
    """A conversation that was just opened; not one over WhatsApp that was there and is closed."""
    return talk_id not in {talk.id for talk in reach.talks}


def _why(reach: Reach, refused: bool, reached: bool, body: Draft) -> str | None:
    if reach.phone_index is None:
        return "no_phone"
    if refused:
        return "opted_out"
    if not reached:
        return "no_channel"
    understood = body.language == reach.language
    return None if understood else "in_english"


def called(desk: Desk, emergency_id: int, guardian_id: int, school_id: int, staff_id: int) -> bool:
    """Somebody has called this guardian. False when there was nobody to call."""
    now = desk.clock()
    with desk.db.connection() as tx:
        mine = select(Guardian.id).where(Guardian.school_id == school_id)
        done = tx.execute(
            update(EmergencyRecipient)
            .where(
                EmergencyRecipient.emergency_id == emergency_id,
                EmergencyRecipient.guardian_id == guardian_id,
                EmergencyRecipient.guardian_id.in_(mine),
                EmergencyRecipient.why.is_not(None),
                EmergencyRecipient.called_at.is_(None),
            )
            .values(called_at=now)
        ).rowcount
        if done:
            _note(tx, now, staff_id, "emergency_called", emergency_id)
        return done > 0


def _may(session: Session, school_id: int, staff_id: int) -> None:
    allowed = session.scalar(
        select(Staff.id).where(
            Staff.id == staff_id, Staff.school_id == school_id, Staff.active, Staff.role.in_(MAY)
        )
    )
    if allowed is None:
        raise CannotSend("Only coordinators, school leaders and administrators of this school may do this.")


def _note(tx: Connection, now: datetime, staff_id: int, action: str, emergency_id: int) -> None:
    tx.execute(
        insert(AuditEvent),
        {
            "id": new_id(), "at": now, "staff_id": staff_id, "action": action, "subject": "emergency",
            "subject_id": emergency_id, "detail": {},
        },
    )  # fmt: skip
