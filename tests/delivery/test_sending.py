"""A text leaves once, whatever the provider answers, and a family reads its texts in order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.channels.base import Accepted, Receipt
from bot.channels.twilio import TwilioChannel
from bot.delivery.outbox import claim
from bot.delivery.receipts import apply_receipt
from bot.delivery.retry import NotRetriable, retry
from bot.delivery.sender import record_accepted, send_one
from bot.store.talk import ConsentEvent, Conversation, Outbox, SenderRow
from bot.store.wake import NoWake
from tests.delivery.conftest import LEASE, LIST_LAG, OURS, PostOffice
from tests.fake_twilio.plan import Plan

ROSA, OMAR = "+15555561001", "+15555561002"


def test_a_text_goes_out_and_its_provider_id_is_kept(office: PostOffice) -> None:
    (text,) = office.queue(ROSA, "Hola")
    office.send_all()
    assert office.went(text)
    assert office.row(text).provider_id is not None
    assert office.accepted(text) == 1


@pytest.mark.parametrize(
    "answer",
    ["accept_then_timeout", "accept_then_reset", "accept_then_close", "accept_then_500", "broken_201"],
)
def test_accepted_but_looks_failed_is_found_and_never_sent_again(office: PostOffice, answer: str) -> None:
    (text,) = office.queue(ROSA, "¿Puede venir mañana?")
    office.twilio.plan(ROSA, Plan(answer=answer, callbacks="absent"))
    office.send_all()
    assert office.state(text) == "unknown"
    office.clock.forward(seconds=5)
    assert office.sweep().found == 1
    assert office.went(text)
    office.clock.forward(seconds=600)
    office.sweep()
    office.send_all()
    assert office.accepted(text) == 1


def test_not_accepted_but_looks_unclear_is_sent_again_only_after_the_list_has_caught_up(
    office: PostOffice,
) -> None:
    (text,) = office.queue(ROSA, "Hola")
    office.twilio.plan(ROSA, Plan(answer="500_before"))
    office.send_all()
    assert office.state(text) == "unknown"
    office.clock.forward(seconds=LIST_LAG.total_seconds() - 1)
    assert office.sweep().resent == 0, "the provider may only be slow to list it"
    office.clock.forward(seconds=12)
    assert office.sweep().resent == 1
    office.send_all()
    assert office.went(text)
    assert office.accepted(text) == 1


@pytest.mark.parametrize("answer", ["429", "429_retry_after", "503"])
def test_not_now_is_tried_again_with_patience(office: PostOffice, answer: str) -> None:
    (text,) = office.queue(ROSA, "Hola")
    office.twilio.plan(ROSA, Plan(answer=answer))
    office.send()
    assert office.state(text) == "ready"
    assert office.row(text).not_before > office.clock()
    assert office.send().count == 0, "not at once"
    office.clock.forward(hours=1)
    office.send_all()
    assert office.went(text)
    assert office.accepted(text) == 1


def test_a_worker_that_died_after_the_post_sends_nothing_twice(office: PostOffice) -> None:
    (text,) = office.queue(ROSA, "Hola")
    office.send_all()
    with office.db.connection() as tx:  # as if it had died before it could write the answer down
        tx.execute(
            update(Outbox)
            .where(Outbox.id == text)
            .values(state="sending", provider_id=None, lease_until=office.clock.forward(seconds=1))
        )
    office.clock.forward(seconds=1)
    swept = office.sweep()
    assert (swept.lapsed, swept.found) == (1, 1)
    assert office.went(text)
    assert office.accepted(text) == 1


def test_a_number_that_opted_out_at_the_carrier_gets_nothing_more_on_any_line(office: PostOffice) -> None:
    first, second = office.queue(ROSA, "Hola", "¿Cómo está?")
    office.twilio.plan(ROSA, Plan.opted_out())
    office.send_all()
    assert office.state(first) == "failed"
    assert office.row(first).error_code == 21610
    assert office.state(second) == "withheld"
    with office.db.reading() as session:
        assert session.get_one(Conversation, office.family(ROSA)).opted_out_at is not None
        (event,) = session.scalars(select(ConsentEvent)).all()
    assert event.kind == "opt_out"
    assert "carrier" in event.basis


def test_a_bad_number_fails_with_a_reason_and_can_be_tried_again_by_a_person_once(office: PostOffice) -> None:
    (text,) = office.queue(ROSA, "Hola")
    office.twilio.plan(ROSA, Plan.not_a_mobile())
    office.send_all()
    assert office.state(text) == "failed"
    assert office.row(text).reason
    again = retry(office.db, text, office.clock(), NoWake())
    with pytest.raises(NotRetriable, match="already"):
        retry(office.db, text, office.clock(), NoWake())
    office.send_all()
    assert office.went(again)
    with pytest.raises(NotRetriable, match="did not fail"):
        retry(office.db, again, office.clock(), NoWake())


def test_a_familys_texts_leave_in_order_and_an_unclear_one_holds_the_next(office: PostOffice) -> None:
    first, second = office.queue(ROSA, "uno", "dos")
    (other,) = office.queue(OMAR, "tres")
    office.twilio.plan(ROSA, Plan(answer="500_before"))
    office.send_all()
    assert [office.state(text) for text in (first, second)] == ["unknown", "ready"]
    assert office.went(other)
    office.clock.forward(seconds=LIST_LAG.total_seconds() + 1)
    office.sweep()
    office.send_all()
    assert [body.body for body in office.twilio.ledger.messages(to=ROSA)] == ["uno", "dos"]


@pytest.mark.parametrize("answer", ["429", "429_retry_after", "503"])
def test_a_text_that_was_told_to_wait_is_not_overtaken_by_the_familys_next(
    office: PostOffice, answer: str
) -> None:
    office.queue(ROSA, "uno", "dos")
    office.twilio.plan(ROSA, Plan(answer=answer))
    office.send_all()
    assert office.twilio.ledger.messages(to=ROSA) == []
    office.clock.forward(hours=1)
    office.send_all()
    assert [message.body for message in office.twilio.ledger.messages(to=ROSA)] == ["uno", "dos"]


def test_two_equal_texts_to_one_family_are_never_taken_for_each_other(office: PostOffice) -> None:
    """The provider is asked for words and a number: while one copy is unclear, no other copy may be on its way."""
    config = replace(office.config, public_url="https://puente.invalid")  # so that texts bear their ref
    office.channels["sms"] = TwilioChannel(config)
    (planned,) = office.queue(ROSA, "Obrigado", not_before=office.clock().replace() + LIST_LAG / 6)
    (answer,) = office.queue(ROSA, "Obrigado")
    office.twilio.plan(ROSA, Plan(answer="500_before"))
    office.send_all()
    assert office.state(answer) == "unknown"
    office.clock.forward(seconds=11)
    office.twilio.plan(ROSA, Plan(answer="accept_then_500", callbacks="absent"))
    for _ in range(8):
        office.send_all()
        office.sweep()
        office.clock.forward(seconds=20)
    assert office.went(answer)
    assert office.went(planned)
    taken = [(message.ref, message.sid) for message in office.twilio.ledger.messages(to=ROSA)]
    assert sorted(taken) == sorted((row.ref, row.provider_id) for row in map(office.row, (planned, answer)))


def test_a_list_is_believed_only_some_time_after_the_request_itself(office: PostOffice) -> None:
    """A slow worker asks the provider long after it took the text in hand; from then on the list has time to catch up."""
    (text,) = office.queue(ROSA, "Hola")
    office.twilio.ledger.list_lag_seconds = 1000.0
    office.twilio.plan(ROSA, Plan(answer="accept_then_500", callbacks="absent"))
    started = office.clock()
    with office.db.connection() as tx:
        (row,) = claim(
            tx, office.db.vault, OURS, "sms", office.clock(), LEASE, shared_now=office.clock()
        ).rows
    office.clock.forward(seconds=14)
    send_one(office.db, office.channels["sms"], row, office.clock, lambda: 0.5, LEASE / 2)
    assert office.state(text) == "unknown"
    office.clock.at = started + LIST_LAG + timedelta(seconds=1)
    assert office.sweep().resent == 0
    office.clock.forward(seconds=14)
    assert office.sweep().resent == 1


def test_a_text_planned_for_tomorrow_holds_nobody_up(office: PostOffice) -> None:
    tomorrow = office.clock().replace() + LIST_LAG * 1000
    (planned,) = office.queue(ROSA, "mañana", not_before=tomorrow)
    (answer,) = office.queue(ROSA, "ahora")
    office.send_all()
    assert office.state(planned) == "ready"
    assert office.went(answer)


def test_a_text_that_is_too_late_expires_instead_of_puzzling_a_family(office: PostOffice) -> None:
    (text,) = office.queue(ROSA, "Hoy a las 5", expires_at=office.clock() + LIST_LAG)
    office.clock.forward(hours=2)
    office.send_all()
    assert office.state(text) == "expired"
    assert office.accepted(text) == 0


def test_answers_go_before_broadcasts_when_the_line_is_slow(office: PostOffice) -> None:
    with office.db.connection() as tx:
        tx.execute(update(SenderRow).values(rate=0.01, burst=1))
    (prompt,) = office.queue(OMAR, "prompt", priority=5)
    (answer,) = office.queue(ROSA, "answer")
    sent = office.send()
    assert sent.count == 1
    assert sent.wait is not None
    assert office.state(prompt) == "ready"
    assert office.went(answer)


def test_receipts_early_late_doubled_and_out_of_order_end_in_the_right_state(office: PostOffice) -> None:
    (text,) = office.queue(ROSA, "Hola")
    ref = office.row(text).ref
    office.send_all()
    sid = office.row(text).provider_id
    for state in ("delivered", "sent", "delivered", "sent"):
        assert apply_receipt(office.db, Receipt(state, sid, ref), office.clock())
    assert office.state(text) == "delivered"
    assert [applied for _, applied in office.history(text)].count(True) == 2
    assert not apply_receipt(office.db, Receipt("failed", "SM_of_somebody_else", ref), office.clock())
    assert not apply_receipt(office.db, Receipt("failed", None, "no such ref"), office.clock())
    assert office.state(text) == "delivered"


def test_a_receipt_that_beats_the_answer_is_not_undone_by_it(office: PostOffice) -> None:
    (text,) = office.queue(ROSA, "Hola")
    with office.db.connection() as tx:
        tx.execute(update(Outbox).where(Outbox.id == text).values(state="sending"))
    apply_receipt(office.db, Receipt("delivered", "SM1", office.row(text).ref), office.clock())
    record_accepted(office.db, text, Accepted("SM1"), office.clock())
    assert office.state(text) == "delivered"
    assert office.row(text).provider_id == "SM1"


def test_a_text_without_receipts_is_asked_about_after_an_hour(office: PostOffice) -> None:
    (text,) = office.queue(ROSA, "Hola")
    office.twilio.plan(ROSA, Plan.undelivered(30003))
    office.send_all()
    office.twilio.callbacks.settle(5)
    assert office.sweep().asked == 0
    office.clock.forward(hours=1, minutes=1)
    assert office.sweep().asked == 1
    assert office.state(text) == "undelivered"
    assert office.row(text).error_code == 30003
