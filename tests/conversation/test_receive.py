"""A carrier delivers a text once, twice, or many at a time; each is stored once, with its place."""

from __future__ import annotations

import threading

from sqlalchemy import select

from bot.channels.base import Incoming, Medium
from bot.jobs import work
from bot.store.talk import Conversation, Inbox
from tests.people import Town

ROSA = "+15555550123"


def _text(school: Town, provider_id: str, body: str = "oi", number: str = ROSA) -> Incoming:
    return Incoming(provider_id, Medium.SIMULATOR, school.number, number, body)


def test_a_text_delivered_twice_is_stored_once_and_uses_up_one_place(school: Town) -> None:
    first = work.receive(school.world, _text(school, "SM1"))
    again = work.receive(school.world, _text(school, "SM1"))
    third = work.receive(school.world, _text(school, "SM2"))
    assert (again.inbox_id, again.duplicate) == (first.inbox_id, True)
    with school.world.db.reading() as session:
        assert session.get_one(Inbox, third.inbox_id).seq == 2


def test_sixteen_carriers_at_once_leave_no_gap_and_no_double(school: Town) -> None:
    def pour(worker: int) -> None:
        for number in range(10):
            for _ in range(2):  # each of them twice
                work.receive(school.world, _text(school, f"SM{worker}.{number}"))

    threads = [threading.Thread(target=pour, args=(worker,)) for worker in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with school.world.db.reading() as session:
        assert sorted(session.scalars(select(Inbox.seq))) == list(range(1, 161))
        assert session.scalars(select(Conversation.in_seq)).one() == 160


def test_the_first_text_of_a_number_that_arrives_on_two_lines_at_once_begins_one_conversation(
    school: Town,
) -> None:
    start = threading.Barrier(8)

    def pour(worker: int) -> None:
        start.wait()
        work.receive(school.world, _text(school, f"SM{worker}", number="+15555550999"))

    threads = [threading.Thread(target=pour, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with school.world.db.reading() as session:
        assert session.scalars(select(Conversation.in_seq)).all() == [8]


def test_the_same_number_by_sms_and_whatsapp_is_two_conversations_of_one_guardian(school: Town) -> None:
    for medium in (Medium.SIMULATOR, Medium.WHATSAPP):
        work.receive(school.world, Incoming(f"SM{medium}", medium, school.number, ROSA, "oi"))
    with school.world.db.reading() as session:
        guardians = session.scalars(select(Conversation.guardian_id)).all()
    assert len(guardians) == 2
    assert len(set(guardians)) == 1
