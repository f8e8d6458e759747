"""Whoever runs the server sees how far behind it is, in numbers read from the tables themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from bot.insight.lag import gauges, measure
from bot.store.columns import first_id_at, new_id
from bot.store.database import Database
from bot.store.talk import Conversation, Inbox, Outbox, Timer


def a_conversation(db: Database, now: datetime) -> int:
    row_id = new_id()
    with db.writing() as session:
        session.add(
            Conversation(
                id=row_id,
                medium="sms",
                sender="+15555550100",
                address=db.vault.seal(Conversation.address, row_id, "+15555550123"),
                address_index=db.vault.index("+15555550123"),
                created_at=now,
            )
        )
    return row_id


def a_text_in(db: Database, conversation: int, seq: int, at: datetime, state: str = "new") -> None:
    with db.writing() as session:
        session.add(
            Inbox(
                id=new_id(), provider_id=f"SM{seq}", conversation_id=conversation, seq=seq, state=state, received_at=at
            )
        )  # fmt: skip


def a_text_out(db: Database, conversation: int, seq: int, at: datetime, state: str) -> int:
    row_id = new_id()
    with db.writing() as session:
        session.add(
            Outbox(
                id=row_id,
                conversation_id=conversation,
                seq=seq,
                ref=f"test:{seq}",
                kind="reply",
                priority=1,
                sender="+15555550100",
                medium="sms",
                to=db.vault.seal(Outbox.to, row_id, "+15555550123"),
                origin="catalog",
                segments=1,
                not_before=at,
                state=state,
                created_at=at,
            )
        )
    return row_id


def test_an_idle_school_has_no_lag(db: Database) -> None:
    with db.reading() as session:
        lag = measure(session, datetime.now(UTC))
    assert (lag.inbox_new, lag.inbox_oldest_seconds, lag.timers_due) == (0, 0.0, 0)
    assert lag.outbox_open == {"ready": 0, "sending": 0, "unknown": 0}


def test_the_oldest_text_decides_the_lag(db: Database) -> None:
    now = datetime.now(UTC)
    conversation = a_conversation(db, now)
    a_text_in(db, conversation, 1, now - timedelta(seconds=90))
    a_text_in(db, conversation, 2, now - timedelta(seconds=5))
    a_text_in(db, conversation, 3, now - timedelta(hours=5), state="done")
    a_text_in(db, conversation, 4, now - timedelta(hours=5), state="stuck")
    with db.reading() as session:
        lag = measure(session, now)
    assert lag.inbox_new == 2
    assert lag.inbox_oldest_seconds == 90
    assert lag.inbox_stuck == 1


def test_texts_to_families_are_counted_by_state(db: Database) -> None:
    now = datetime.now(UTC)
    conversation = a_conversation(db, now)
    for seq, (state, age) in enumerate(
        [("ready", 40), ("ready", -600), ("sending", 10), ("unknown", 10), ("delivered", 10), ("failed", 10)],
        start=1,
    ):
        a_text_out(db, conversation, seq, now - timedelta(seconds=age), state)
    with db.reading() as session:
        lag = measure(session, now)
    assert lag.outbox_open == {"ready": 2, "sending": 1, "unknown": 1}
    assert lag.outbox_due_oldest_seconds == 40  # the other one waits for the end of quiet hours
    assert lag.outbox_settled_today["delivered"] == 1
    assert lag.outbox_settled_today["failed"] == 1


def test_a_year_of_delivered_texts_does_not_make_the_page_slower(db: Database) -> None:
    now = datetime.now(UTC)
    conversation = a_conversation(db, now)
    old = a_text_out(db, conversation, 1, now, "delivered")
    with db.writing() as session:
        session.execute(
            update(Outbox).where(Outbox.id == old).values(id=first_id_at(now - timedelta(days=2)))
        )
    with db.reading() as session:
        assert measure(session, now).outbox_settled_today["delivered"] == 0


def test_due_timers_and_waiting_families_are_gauges(db: Database) -> None:
    now = datetime.now(UTC)
    conversation = a_conversation(db, now)
    with db.writing() as session:
        for visit, seconds in enumerate((-30, -5, 3600)):
            session.add(
                Timer(
                    id=new_id(),
                    conversation_id=conversation,
                    kind="reminder",
                    visit=visit,
                    due_at=now + timedelta(seconds=seconds),
                )
            )
        session.execute(update(Conversation).values(awaits_staff_since=now))
    by_name = {gauge.name: gauge.values for gauge in gauges(db, now)}
    assert by_name["puente_timers_due"] == {"": 2}
    assert by_name["puente_timer_lag_seconds"] == {"": 30.0}
    assert by_name["puente_families_waiting"] == {"": 1}


def test_an_id_made_now_lies_between_now_and_the_next_second() -> None:
    now = datetime.now(UTC)
    assert first_id_at(now) <= new_id() < first_id_at(now + timedelta(seconds=1))
