"""The second of the five functions: take one family's turn.

Read the oldest unhandled text; detect, translate and step outside any transaction; then one transaction, guarded by
the conversation's version, writes everything the text caused. Killed at any line, the turn is simply taken again.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from sqlalchemy import or_, select, update

from bot.conversation.answering import answer
from bot.conversation.danger import danger_in, say_crisis_line
from bot.conversation.desk import Desk
from bot.conversation.effects import Effects, MovedOn, Read, write
from bot.conversation.safety import Tier
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

WITH_ENGLISH = 3
"""Errors over one text before it is handled without its English: STOP and danger are heard whatever is broken in there."""

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


@dataclass(frozen=True, slots=True)
class _Claim:
    """The text this worker may handle now: its row, and how it fared so far."""

    inbox_id: int
    attempts: int
    failures: int

    @property
    def hopeless(self) -> bool:
        return self.failures >= MOST_FAILURES or self.attempts > MOST_ATTEMPTS

    @property
    def without_english(self) -> bool:
        """Translating it has failed, or killed whoever tried, often enough."""
        return self.failures >= WITH_ENGLISH or self.attempts > MOST_ATTEMPTS // 2


def _turn(desk: Desk, conversation_id: int) -> Turn:
    now = desk.clock()
    with desk.db.reading() as session:
        waits = session.execute(
            select(Inbox.id).where(Inbox.conversation_id == conversation_id, Inbox.state == "new").limit(1)
        ).first()
    if waits is None:
        return Turn.NOTHING
    claim = _claim(desk, conversation_id, now)
    if claim is None:
        return Turn.BUSY
    try:
        if claim.hopeless:
            return _give_to_staff(desk, conversation_id, claim, now)
        seen = _look(desk, conversation_id)
        if seen.inbound is None:
            _release(desk, conversation_id)
            return Turn.NOTHING
        read, detection = (
            as_it_stands(seen, seen.inbound) if claim.without_english else read_text(desk, seen, seen.inbound)
        )
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
        # A bug of ours, or a row that does not open, must neither be hidden nor hold the family's conversation up.
        log.exception(
            "turn_failed", conversation=conversation_id, text=claim.inbox_id, tries=claim.failures + 1
        )
        _try_later(desk, conversation_id, claim, now)
        return Turn.FAILED
    return Turn.DONE


def _look(desk: Desk, conversation_id: int) -> Seen:
    with desk.db.reading() as session:
        seen = look(session, desk.db.vault, desk.scripts, conversation_id, desk.default_zone)
    if seen is None:
        raise LookupError(f"conversation {conversation_id} is gone")
    return seen


def read_text(desk: Desk, seen: Seen, text: Unhandled) -> tuple[Read, Detection]:
    """The text's language and its English, as far as they can be had. Runs outside any transaction."""
    read, detection = as_it_stands(seen, text)
    language = read.language
    if language is None:
        return read, detection
    began = time.perf_counter()
    made = desk.translator.translate(
        [text.body], language, ENGLISH, names=seen.family.names(), school=seen.family.school_id
    )[0]
    metrics.translation(language, ENGLISH, made.engine or made.origin.value, time.perf_counter() - began)
    if made.missing:
        return Read(language, None, origin="none"), detection
    origin = "original" if made.why else made.origin.value
    doubts = tuple(doubt.value for doubt in made.doubts)
    return Read(language, made.text, origin, made.engine, made.model, doubts, made.read_as), detection


def as_it_stands(seen: Seen, text: Unhandled) -> tuple[Read, Detection]:
    """The text's language, without its English (but for one that has no letters, and so needs none)."""
    detection = detect(text.body, seen.language)
    if not has_letters(text.body):
        return Read(None, text.body), detection
    known = codes.find(detection.language)
    language = known.tag if known else seen.language
    if seen.language and codes.primary(detection.language) == codes.primary(seen.language):
        language = seen.language  # detection says "zh"; the family's setting says which writing
    return Read(language, None, origin="none"), detection


def _claim(desk: Desk, conversation_id: int, now: datetime) -> _Claim | None:
    """Lease the conversation and count the attempt, in one transaction: a text that kills workers is counted too.
    None while another worker has it."""
    with desk.db.connection() as tx:
        mine = tx.execute(
            update(Conversation)
            .where(
                Conversation.id == conversation_id,
                or_(Conversation.lease_until.is_(None), Conversation.lease_until <= now),
            )
            .values(lease_until=now + desk.lease)
        ).rowcount
        if not mine:
            return None
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
        oldest = (
            select(Inbox.id)
            .where(Inbox.conversation_id == conversation_id, Inbox.state == "new")
            .order_by(Inbox.seq)
            .limit(1)
            .scalar_subquery()
        )
        row = tx.execute(
            update(Inbox)
            .where(Inbox.id == oldest)
            .values(attempts=Inbox.attempts + 1)
            .returning(Inbox.id, Inbox.attempts, Inbox.failures)
        ).one_or_none()
        if row is None:  # somebody handled it between our look and our lease
            tx.execute(
                update(Conversation).where(Conversation.id == conversation_id).values(lease_until=None)
            )
            return None
        return _Claim(row.id, row.attempts, row.failures)


def _release(desk: Desk, conversation_id: int) -> None:
    with desk.db.connection() as tx:
        tx.execute(update(Conversation).where(Conversation.id == conversation_id).values(lease_until=None))


def _try_later(desk: Desk, conversation_id: int, claim: _Claim, now: datetime) -> None:
    wait = timedelta(seconds=min(2.0 ** (claim.failures + 1), 300.0))
    with desk.db.connection() as tx:
        tx.execute(
            update(Inbox)
            .where(Inbox.id == claim.inbox_id, Inbox.state == "new")
            .values(retry_at=now + wait, failures=Inbox.failures + 1)
        )
        tx.execute(update(Conversation).where(Conversation.id == conversation_id).values(lease_until=None))


def _give_to_staff(desk: Desk, conversation_id: int, claim: _Claim, now: datetime) -> Turn:
    """We cannot handle this text. A person can: it is shown to staff, the family is told, the rest goes on. Danger in it
    is screened for here as well."""
    effects = Effects(notes=["stuck"], awaits_staff=True)
    try:
        seen = _look(desk, conversation_id)
        version = seen.version
        step = Step(desk, seen, f"in{claim.inbox_id}", now)
        tier = Tier.NONE
        if seen.inbound is not None:
            tier = danger_in(step, seen.inbound, as_it_stands(seen, seen.inbound)[0])
        if tier is Tier.URGENT:
            say_crisis_line(step)
        elif not seen.opted_out:
            step.phrase("trouble")
        step.needs_staff("stuck")
        effects = step.effects
    except Exception as error:
        if is_down(error):
            raise
        log.exception("stuck_without_a_word", conversation=conversation_id, text=claim.inbox_id)
        with desk.db.reading() as session:
            version = session.execute(
                select(Conversation.version).where(Conversation.id == conversation_id)
            ).scalar_one()
    with desk.db.connection() as tx:
        write(tx, desk.db.vault, conversation_id, version, effects, now, desk.wake, inbox_id=claim.inbox_id)
        tx.execute(update(Inbox).where(Inbox.id == claim.inbox_id).values(state="stuck"))
    log.error("turn_stuck", conversation=conversation_id, text=claim.inbox_id)
    return Turn.STUCK
