"""How far behind the work is, read from the tables at the moment somebody asks (`/metrics`, `bot doctor`).

Open work is counted exactly, through the partial indexes that workers use. Settled texts are counted over the last
24 hours only, by the range of their ids (which grow with time), so that a scrape costs the same after ten years.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.observe.metrics import Gauge
from bot.store.columns import first_id_at
from bot.store.database import Database
from bot.store.talk import Conversation, Inbox, Outbox, Timer

OPEN = ("ready", "sending", "unknown")
SETTLED = ("sent", "delivered", "undelivered", "failed", "expired", "withheld")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Lag:
    """What waits, and since when. Ages in seconds; 0 when nothing waits."""

    inbox_new: int
    inbox_oldest_seconds: float
    inbox_stuck: int
    outbox_open: dict[str, int]
    outbox_due_oldest_seconds: float
    outbox_settled_today: dict[str, int]
    timers_due: int
    timer_oldest_seconds: float
    families_waiting_for_staff: int


def measure(session: Session, now: datetime) -> Lag:
    """Read the lag of every queue. Eight short queries, none over more than what is open or a day old."""
    new, oldest = session.execute(
        select(func.count(), func.min(Inbox.received_at)).where(Inbox.state == "new")
    ).one()
    stuck = session.scalar(
        select(func.count()).where(Inbox.state == "stuck", Inbox.id >= first_id_at(now - 30 * _DAY))
    )
    open_rows = dict(
        session.execute(
            select(Outbox.state, func.count()).where(Outbox.state.in_(OPEN)).group_by(Outbox.state)
        ).all()
    )
    due = session.scalar(
        select(func.min(Outbox.not_before)).where(Outbox.state == "ready", Outbox.not_before <= now)
    )
    settled = dict(
        session.execute(
            select(Outbox.state, func.count())
            .where(Outbox.id >= first_id_at(now - _DAY), Outbox.state.in_(SETTLED))
            .group_by(Outbox.state)
        ).all()
    )
    timers, timer = session.execute(
        select(func.count(), func.min(Timer.due_at)).where(Timer.state == "pending", Timer.due_at <= now)
    ).one()
    waiting = session.scalar(select(func.count()).where(Conversation.awaits_staff_since.is_not(None)))
    return Lag(
        inbox_new=new,
        inbox_oldest_seconds=_age(oldest, now),
        inbox_stuck=stuck or 0,
        outbox_open={state: open_rows.get(state, 0) for state in OPEN},
        outbox_due_oldest_seconds=_age(due, now),
        outbox_settled_today={state: settled.get(state, 0) for state in SETTLED},
        timers_due=timers,
        timer_oldest_seconds=_age(timer, now),
        families_waiting_for_staff=waiting or 0,
    )


def gauges(db: Database, now: datetime) -> list[Gauge]:
    """The lag as Prometheus gauges."""
    with db.reading() as session:
        lag = measure(session, now)
    return [
        Gauge.single("puente_inbox_new", "Texts from families not handled yet.", lag.inbox_new),
        Gauge.single(
            "puente_inbox_lag_seconds", "Age of the oldest unhandled text.", lag.inbox_oldest_seconds
        ),
        Gauge.single(
            "puente_inbox_stuck", "Texts given up on in 30 days; a person must look.", lag.inbox_stuck
        ),
        Gauge("puente_outbox", "Texts to families not settled yet.", lag.outbox_open, "state"),
        Gauge.single(
            "puente_outbox_lag_seconds",
            "How long the oldest due text is overdue.",
            lag.outbox_due_oldest_seconds,
        ),
        Gauge(
            "puente_outbox_settled_today",
            "Texts queued in the last 24 hours that are settled, by how.",
            lag.outbox_settled_today,
            "state",
        ),
        Gauge.single("puente_timers_due", "Prompts, reminders and time-outs that are due.", lag.timers_due),
        Gauge.single("puente_timer_lag_seconds", "How long the oldest is overdue.", lag.timer_oldest_seconds),
        Gauge.single(
            "puente_families_waiting", "Conversations that wait for a person.", lag.families_waiting_for_staff
        ),
    ]


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())
