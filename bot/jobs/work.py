"""The five functions, bound to a World. Everything that happens in the background is one of these calls, each
idempotent, each safe to run twice or to be killed at any line; `local` and `cluster` only decide when to call."""

from __future__ import annotations

from datetime import timedelta

import structlog
from sqlalchemy import select

from bot.channels.base import Incoming, Medium
from bot.channels.mail import Mailer
from bot.conversation import receive as receiving
from bot.conversation import timers, turn
from bot.conversation.receive import Received
from bot.conversation.turn import Turn
from bot.delivery import pictures
from bot.delivery.sender import Sent, send_batch
from bot.delivery.senders import ensure_sender
from bot.delivery.sweep import Swept, sweep_sends
from bot.insight.reckoning import reckon_next
from bot.jobs.wiring import World
from bot.outreach import promises
from bot.outreach.emergencies import queue_confirmed
from bot.outreach.firing import fire_due
from bot.outreach.paging import Pager, page_people
from bot.outreach.planning import close_finished, plan_due, retime
from bot.outreach.reach import our_numbers
from bot.outreach.reminding import mail_reminders
from bot.records.retention import Keep, retain
from bot.store.talk import Inbox, Outbox, SenderRow

log = structlog.get_logger()

AT_ONCE = 200


def receive(world: World, incoming: Incoming) -> Received:
    """Store one incoming text; returns after the commit."""
    return receiving.receive(world.db, incoming, world.clock(), world.wake)


def take_turns(world: World, conversation_id: int) -> int:
    """Handle a conversation's texts, oldest first, until none is left. Returns how many."""
    handled = 0
    while True:
        outcome = turn.take_turn(world.desk, conversation_id)
        if outcome in (Turn.DONE, Turn.STUCK):
            handled += 1
        elif outcome is not Turn.OVERTAKEN:
            return handled


def fire_timers(world: World) -> int:
    """Ring what is due: emergencies that were cut short, reminders and time-outs, then prompts. Plans whose time has come are written
    first, so that a prompt that was made a minute before its hour goes too."""
    ours = our_numbers(world.settings)
    urgent = queue_confirmed(world.desk, ours)
    rang = urgent + timers.fire_timers(world.desk)
    return rang + plan_due(world.desk, ours) + fire_due(world.desk, ours)


def keep_promises(world: World) -> int:
    """Look at the promise clock: remind staff of families that wait, and tell families so. Returns what changed."""
    done = promises.tick(world.desk)
    pager, mailed = pager_of(world), 0
    if pager.mailer is not None:
        link = f"{world.settings.base_url}/staff"
        mailed = mail_reminders(world.db, pager.mailer, pager.say, link, world.clock())
    return done.nudged + done.told + done.settled + mailed


def keep_plans(world: World) -> int:
    """Families that moved: what is planned for them goes by the clock they live by now. Prompts whose day is over
    everywhere are done. Returns how many rows changed."""
    changed = close_finished(world.desk)
    while count := retime(world.desk):
        changed += count
    return changed


def send(world: World, sender: str, medium: str) -> Sent:
    """Send what one sender may send now."""
    settings = world.settings
    lease = timedelta(seconds=settings.send_lease_seconds)
    sent = send_batch(world.db, world.channels, sender, medium, world.clock, world.jitter, lease)
    if sent.count or sent.wait is not None or medium == Medium.SIMULATOR:
        return sent
    # Nothing went, and no rate held it back: perhaps a number of the messaging service that no setting names.
    if not ensure_sender(world.db, sender, medium, settings.twilio_sender_rate, settings.twilio_sender_burst):
        return sent
    return send_batch(world.db, world.channels, sender, medium, world.clock, world.jitter, lease)


def sweep(world: World) -> Swept:
    """Look after what dead processes and silent providers left behind, and erase what has been kept long enough."""
    settings = world.settings
    erased = retain(
        world.db,
        world.clock(),
        Keep(
            texts=settings.text_retention_days,
            receipts=settings.receipt_retention_days,
            strangers=settings.stranger_retention_days,
            left=settings.left_retention_days,
            audit=settings.audit_retention_days,
        ),
    )
    if erased.total:
        log.info("retention", **erased.counts)
    lag = timedelta(seconds=settings.provider_list_lag_seconds)
    return sweep_sends(world.db, world.channels, world.clock(), lag, world.clock)


def reckon(world: World) -> bool:
    """Reckon one of the school's numbers that is a day old (gaps between groups become alerts then). False: all are
    fresh. Writing a number twice changes nothing, so this may run anywhere, as often as anybody likes."""
    question = reckon_next(world.db, world.clock())
    if question is not None:
        log.info("reckoned", question=question.key)
    return question is not None


def page(world: World) -> int:
    """Call people to urgent texts nobody has seen, and call them again. Returns how many pages were made or sent."""
    return page_people(world.db, pager_of(world), world.clock())


def pager_of(world: World) -> Pager:
    """How this installation calls its staff."""
    settings, sentences = world.settings, world.catalogs["web"]

    def say(text: str, language: str, values: dict[str, str]) -> str:
        entry = sentences.entry(text, language)
        return fill(entry.forms[0] if entry else text, values)

    def fill(text: str, values: dict[str, str]) -> str:
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    mailer = (
        Mailer(
            settings.smtp_host,
            settings.smtp_port,
            settings.smtp_from,
            settings.smtp_user,
            settings.smtp_password,
            settings.smtp_security,
            settings.provider_timeout_seconds,
        )
        if settings.smtp_host
        else None
    )
    return Pager(
        our_numbers(settings),
        mailer,
        settings.page_minutes,
        lambda alert: f"{settings.base_url}/staff/safety/{alert}",
        say,
        world.wake,
    )


def fetch_media(world: World) -> int:
    """Fetch the pictures that families sent. Returns how many were looked at."""
    return pictures.fetch_media(world.db, world.media_sources, world.clock)


def conversations_waiting(world: World, limit: int = AT_ONCE) -> list[int]:
    """Conversations with a text to handle now, the longest waiting first.

    Texts are looked at oldest first and only until `limit` conversations are found: on an evening when thousands
    wait, looking costs what it costs on a quiet one.
    """
    now = world.clock()
    seen: set[int] = set()
    waiting: list[int] = []
    with world.db.reading() as session:
        texts = session.execute(
            select(Inbox.conversation_id, Inbox.retry_at)
            .where(Inbox.state == "new")
            .order_by(Inbox.received_at, Inbox.id)
            .execution_options(yield_per=100)
        )
        for conversation_id, retry_at in texts:
            if conversation_id in seen:
                continue
            seen.add(conversation_id)
            if retry_at is None or retry_at <= now:  # else it holds up what the family wrote after it
                waiting.append(conversation_id)
                if len(waiting) == limit:
                    break
    return waiting


def senders_waiting(world: World) -> list[tuple[str, str]]:
    """Senders with something to send now."""
    with world.db.reading() as session:
        rows = session.execute(
            select(Outbox.sender, Outbox.medium)
            .outerjoin(SenderRow, (SenderRow.number == Outbox.sender) & (SenderRow.medium == Outbox.medium))
            .where(
                Outbox.state == "ready",
                Outbox.not_before <= world.clock(),
                SenderRow.paused_at.is_(None),
            )
            .distinct()
        )
        return [(sender, medium) for sender, medium in rows if medium in world.channels]
