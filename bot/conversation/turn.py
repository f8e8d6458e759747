"""The second of the five functions: take one family's turn.

Read the oldest unhandled text; detect, translate and step outside any transaction; then one transaction, guarded by
the conversation's version, writes everything the text caused. Killed at any line, the turn is simply taken again.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from sqlalchemy import or_, select, update

from bot.conversation.answering import answer
from bot.conversation.desk import Desk
from bot.conversation.effects import Effects, MovedOn, Read, write
from bot.conversation.snapshot import Seen, Unhandled, look
from bot.conversation.step import Step
from bot.language import codes
from bot.language.codes import ENGLISH
from bot.language.detect import Detection, detect
from bot.language.script import has_letters
from bot.observe import metrics
from bot.store.database import is_down
from bot.store.people import Guardian
from bot.store.talk import Conversation, Inbox

log = structlog.get_logger()

MOST_FAILURES = 8
"""Errors of ours over one text before a person takes it over and the conversation goes on."""

MOST_ATTEMPTS = 25
"""Turns begun for one text, those that a crash ended included. Higher, because most crashes are not the text's fault:
with a process killed every second on a busy machine, 7 of 1,300 texts were begun more than 8 times."""


class Turn(StrEnum):
    """How a turn ended."""

    DONE = "done"
    NOTHING = "nothing"
    BUSY = "busy"
    OVERTAKEN = "overtaken"
    FAILED = "failed"
    STUCK = "stuck"


def take_turn(desk: Desk, conversation_id: int) -> Turn:
    """Handle the oldest unhandled text of a conversation, if there is one and nobody else is at it.

    `DONE`, `OVERTAKEN` and `STUCK` mean that another text may be waiting: call again. An error of ours is logged
    and tried again later (`FAILED`); only a database that is down is raised.
    """
    began = time.perf_counter()
    outcome = _turn(desk, conversation_id)
    if outcome not in (Turn.NOTHING, Turn.BUSY):
        metrics.turn(time.perf_counter() - began, outcome.value)
    return outcome


def _turn(desk: Desk, conversation_id: int) -> Turn:
    now = desk.clock()
    with desk.db.reading() as session:
        waits = session.execute(
            select(Inbox.id).where(Inbox.conversation_id == conversation_id, Inbox.state == "new").limit(1)
        ).first()
    if waits is None:
        return Turn.NOTHING
    if not _lease(desk, conversation_id, now):
        return Turn.BUSY
    with desk.db.reading() as session:
        seen = look(session, desk.db.vault, desk.scripts, conversation_id, desk.default_zone)
    if seen is None or seen.inbound is None:
        _release(desk, conversation_id)
        return Turn.NOTHING
    if seen.inbound.failures >= MOST_FAILURES or seen.inbound.attempts > MOST_ATTEMPTS:
        return _give_to_staff(desk, seen, seen.inbound, now)
    try:
        read, detection = read_text(desk, seen, seen.inbound)
        effects = answer(Step(desk, seen, f"in{seen.inbound.id}", now), read, detection)
        with desk.db.connection() as tx:
            write(
                tx, desk.db.vault, conversation_id, seen.version, effects, desk.clock(), desk.wake,
                inbox_id=seen.inbound.id, read=read,
            )  # fmt: skip
    except MovedOn:
        return Turn.OVERTAKEN
    except Exception as error:
        if is_down(error):
            raise
        # A bug of ours must neither be hidden nor hold the family's conversation up for ever.
        log.exception(
            "turn_failed", conversation=conversation_id, text=seen.inbound.id, tries=seen.inbound.attempts
        )
        _try_later(desk, conversation_id, seen.inbound, now)
        return Turn.FAILED
    return Turn.DONE


def read_text(desk: Desk, seen: Seen, text: Unhandled) -> tuple[Read, Detection]:
    """The text's language and its English, as far as they can be had. Runs outside any transaction."""
    detection = detect(text.body, seen.language)
    if not has_letters(text.body):
        return Read(None, text.body), detection
    known = codes.find(detection.language)
    language = known.tag if known else seen.language
    if seen.language and codes.primary(detection.language) == codes.primary(seen.language):
        language = seen.language  # detection says "zh"; the family's setting says which writing
    if language is None:
        return Read(None, None, origin="none"), detection
    began = time.perf_counter()
    made = desk.translator.translate(
        [text.body], language, ENGLISH, names=seen.family.names(), school=seen.family.school_id
    )[0]
    metrics.translation(language, ENGLISH, made.engine or made.origin.value, time.perf_counter() - began)
    if made.missing:
        return Read(language, None, origin="none"), detection
    origin = "original" if made.why else made.origin.value
    doubts = tuple(doubt.value for doubt in made.doubts)
    return Read(language, made.text, origin, made.engine, made.model, doubts), detection


def _lease(desk: Desk, conversation_id: int, now: datetime) -> bool:
    """Claim the conversation and count the attempt, in one transaction: a text that kills workers is counted too."""
    with desk.db.connection() as tx:
        mine = tx.execute(
            update(Conversation)
            .where(
                Conversation.id == conversation_id,
                or_(Conversation.lease_until.is_(None), Conversation.lease_until <= now),
            )
            .values(lease_until=now + desk.lease)
        ).rowcount
        if mine:
            first = (
                select(Inbox.id)
                .where(Inbox.conversation_id == conversation_id, Inbox.state == "new")
                .order_by(Inbox.seq)
                .limit(1)
                .scalar_subquery()
            )
            tx.execute(update(Inbox).where(Inbox.id == first).values(attempts=Inbox.attempts + 1))
            # A number that nobody knew may be on the roster by now.
            guardian = (
                select(Guardian.id)
                .where(Guardian.phone_index == Conversation.address_index, Guardian.active)
                .order_by(Guardian.id)
                .limit(1)
                .scalar_subquery()
            )
            tx.execute(
                update(Conversation)
                .where(Conversation.id == conversation_id, Conversation.guardian_id.is_(None))
                .values(guardian_id=guardian)
            )
    return bool(mine)


def _release(desk: Desk, conversation_id: int) -> None:
    with desk.db.connection() as tx:
        tx.execute(update(Conversation).where(Conversation.id == conversation_id).values(lease_until=None))


def _try_later(desk: Desk, conversation_id: int, text: Unhandled, now: datetime) -> None:
    wait = timedelta(seconds=min(2.0 ** (text.failures + 1), 300.0))
    with desk.db.connection() as tx:
        tx.execute(
            update(Inbox)
            .where(Inbox.id == text.id, Inbox.state == "new")
            .values(retry_at=now + wait, failures=Inbox.failures + 1)
        )
        tx.execute(update(Conversation).where(Conversation.id == conversation_id).values(lease_until=None))


def _give_to_staff(desk: Desk, seen: Seen, text: Unhandled, now: datetime) -> Turn:
    """We cannot handle this text. A person can: it is shown to staff, the family is told, the rest goes on."""
    step = Step(desk, seen, f"in{text.id}", now)
    step.needs_staff("stuck")
    effects: Effects = step.effects
    if not seen.opted_out:
        step.phrase("trouble")
    try:
        with desk.db.connection() as tx:
            write(tx, desk.db.vault, seen.id, seen.version, effects, now, desk.wake, inbox_id=text.id)
            tx.execute(update(Inbox).where(Inbox.id == text.id).values(state="stuck"))
    except MovedOn:
        return Turn.OVERTAKEN
    log.error("turn_stuck", conversation=seen.id, text=text.id)
    return Turn.STUCK
