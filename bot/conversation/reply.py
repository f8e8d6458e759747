"""A member of staff writes to a family: seen in the family's language first, then queued like everything else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from bot.channels.segments import Cheaper, cheaper, measure
from bot.channels.splitting import split
from bot.conversation.desk import Desk
from bot.conversation.effects import Effects, MovedOn, write
from bot.conversation.snapshot import Seen, look
from bot.conversation.step import CRITICAL, Step, held_back
from bot.conversation.wording import Worded
from bot.delivery.outbox import REPLY, Draft, queue
from bot.delivery.pacing import next_allowed
from bot.flow.happenings import HandedBack, Heard, TakenOver
from bot.language.codes import ENGLISH
from bot.store.talk import Conversation, Outbox

LONGEST = 1600
"""Characters of one text (Twilio's limit for a body)."""

MOST_TEXTS = 3
"""So many texts one answer may become; more is a letter."""

IN_TALK = timedelta(minutes=15)
"""A family that wrote this recently is awake and talking: an answer to it does not wait for the morning."""


class CannotReply(Exception):
    """The text was not queued. The message says why and what to do, for staff."""


@dataclass(frozen=True, slots=True)
class Preview:
    """How the family would read it."""

    body: str
    language: str
    origin: str
    doubts: tuple[str, ...]
    segments: int
    waits: bool
    """A reviewer must see it first: the school lets no machine say this alone."""
    back: str | None
    """The family's version in English again, by machine (None: it is in English, or nothing could translate it)."""
    messages: int = 1
    """How many texts it goes in: Twilio takes 1,600 characters in one."""

    @property
    def cheaper(self) -> Cheaper | None:
        """What makes it cost more than one part, and what would cost less. Nothing is ever changed by itself."""
        return cheaper(self.body)


@dataclass(frozen=True, slots=True)
class Queued:
    """What was queued. `withheld`: why it does not go out by itself; `not_before`: when it may go."""

    outbox_id: int
    body: str
    language: str | None
    origin: str
    doubts: tuple[str, ...]
    segments: int
    not_before: datetime
    withheld: str | None


def preview_reply(desk: Desk, conversation_id: int, text: str) -> Preview:
    """The family's version of `text`, its segments, and what it says in English again. Nothing is kept."""
    seen = _seen(desk, conversation_id)
    worded = _worded(desk, seen, text)
    back = None
    if worded.language != ENGLISH and not worded.missing:
        again = desk.translator.translate([worded.body], worded.language, ENGLISH, names=seen.family.names())[
            0
        ]
        back = None if again.missing else again.text
    return Preview(
        worded.body,
        worded.language,
        worded.origin,
        worded.doubts,
        sum(measure(part).segments for part in _in_texts(seen, worded.body)),
        worded.critical is not None,
        back,
        len(_in_texts(seen, worded.body)),
    )


def send_reply(desk: Desk, conversation_id: int, staff_id: int, text: str, token: str) -> Queued:
    """Queue a staff member's English `text`. `token` names this very click: a second one with it queues nothing new.

    Raises `CannotReply` when there is nothing to send, it is too long, or the family wants no texts.
    """
    now = desk.clock()
    seen = _seen(desk, conversation_id)
    words = text.strip()
    if not words:
        raise CannotReply("There is no text to send. Write a few words first.")
    if seen.opted_out:
        raise CannotReply("This family asked for no more texts. Call, or speak with them at school.")
    worded = _worded(desk, seen, words)
    withheld = held_back(worded)
    if withheld == CRITICAL:
        worded = worded.unsaid()
    # What waits for a person stays whole: she may word it anew.
    texts = (worded.body,) if withheld else _in_texts(seen, worded.body)
    if len(texts) > MOST_TEXTS:
        raise CannotReply(
            "The text is too long for the family in its language. Shorten it, or send it in two."
        )
    ref = f"staff.{staff_id}.{token}"
    not_before = _when(desk, seen, conversation_id, now)
    translated = worded.origin not in ("original", "none")
    draft = Draft(
        ref=ref,
        kind="staff",
        body=texts[0],
        language=worded.language,
        origin=worded.origin if translated or withheld else "staff",
        not_before=not_before,
        priority=REPLY,
        original=words if translated else None,
        original_language=ENGLISH if translated else None,
        engine=worded.engine,
        model=worded.model,
        doubts=worded.doubts,
        author_id=staff_id,
        withheld=withheld,
    )
    further = [
        replace(draft, ref=f"{ref}.{number}", body=part, original=None, original_language=None)
        for number, part in enumerate(texts[1:], start=2)
    ]
    with desk.db.connection() as tx:
        queue(tx, desk.db.vault, conversation_id, [draft, *further], now, desk.wake)
        row = tx.execute(select(Outbox.id, Outbox.segments, Outbox.not_before).where(Outbox.ref == ref)).one()
        if withheld is None:
            tx.execute(
                update(Conversation).where(Conversation.id == conversation_id).values(awaits_staff_since=None)
            )
    return Queued(
        row.id,
        worded.body,
        worded.language,
        draft.origin,
        worded.doubts,
        row.segments + sum(measure(one.body).segments for one in further),
        row.not_before,
        withheld,
    )


def _in_texts(seen: Seen, body: str) -> tuple[str, ...]:
    """A translation may be half as long again as what was written: cut where a reader would pause, never inside a link
    or a name."""
    return split(body, seen.family.names(), LONGEST)


def take_over(desk: Desk, conversation_id: int) -> None:
    """From now on a person talks: the bot keeps quiet and its timers rest."""
    _tell_sessions(desk, conversation_id, TakenOver(), desk.clock())


def hand_back(desk: Desk, conversation_id: int) -> None:
    """The bot goes on: a question that was open is asked again."""
    _tell_sessions(desk, conversation_id, HandedBack(), None)


def _tell_sessions(desk: Desk, conversation_id: int, heard: Heard, taken_over_at: datetime | None) -> None:
    for _ in range(5):
        now = desk.clock()
        seen = _seen(desk, conversation_id)
        step = Step(desk, seen, f"hand.{seen.version}", now)
        for run in seen.running:
            step.advance(run, heard)
        effects: Effects = step.effects
        try:
            with desk.db.connection() as tx:
                write(tx, desk.db.vault, conversation_id, seen.version, effects, now, desk.wake)
                tx.execute(
                    update(Conversation)
                    .where(Conversation.id == conversation_id)
                    .values(staff_took_over_at=taken_over_at)
                )
            return
        except MovedOn:
            continue
    raise CannotReply("The family is writing at this moment. Try again.")


def _seen(desk: Desk, conversation_id: int) -> Seen:
    with desk.db.reading() as session:
        seen = look(session, desk.db.vault, desk.scripts, conversation_id, desk.default_zone)
    if seen is None:
        raise CannotReply("This conversation does not exist any more.")
    return seen


def _worded(desk: Desk, seen: Seen, text: str) -> Worded:
    return desk.wording.text(text.strip(), ENGLISH, seen.language or ENGLISH, seen.family)


def _when(desk: Desk, seen: Seen, conversation_id: int, now: datetime) -> datetime:
    with desk.db.reading() as session:
        last = session.execute(
            select(Conversation.last_in_at).where(Conversation.id == conversation_id)
        ).scalar_one_or_none()
    if last is not None and now - last <= IN_TALK:
        return now
    return next_allowed(now, ZoneInfo(seen.time_zone or desk.default_zone), desk.quiet)
