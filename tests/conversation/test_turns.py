"""A turn is taken once, whoever begins it, however often, and a text that breaks us reaches a person."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from bot.conversation.turn import MOST_ATTEMPTS, MOST_FAILURES, WITH_ENGLISH, Turn, take_turn
from bot.jobs import work
from bot.language.translation import Translation
from bot.language.translator import Translator
from bot.outreach.prompts import begin
from bot.store.learning import Answer
from bot.store.safety import SafetyAlert
from bot.store.talk import Conversation, Inbox, Outbox
from tests.people import Phone, Town

pytestmark = pytest.mark.model


@pytest.fixture
def juliana(school: Town) -> Phone:
    return school.guardian("Juliana")


def test_eight_workers_at_one_familys_texts_handle_each_once_and_in_order(juliana: Phone) -> None:
    town = juliana.town
    for number in range(6):
        juliana.texts(f"Mensagem {number} para a escola", turn=False)
    until = threading.Event()

    def worker() -> None:
        while not until.is_set() and work.conversations_waiting(town.world):
            work.take_turns(town.world, juliana.conversation)

    threads = [threading.Thread(target=worker) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    until.set()
    with town.world.db.reading() as session:
        texts = session.scalars(select(Inbox).order_by(Inbox.seq)).all()
        causes = [ref.rpartition(".")[0] for ref in session.scalars(select(Outbox.ref).order_by(Outbox.seq))]
    assert {text.state for text in texts} == {"done"}
    handled = [text.handled_at for text in texts if text.handled_at is not None]
    assert handled == sorted(handled)
    assert list(dict.fromkeys(causes)) == [f"in{text.id}" for text in texts], (
        "answers follow their texts in order"
    )


def test_a_worker_that_was_overtaken_writes_nothing(juliana: Phone) -> None:
    juliana.texts("Oi", turn=False)
    desk = juliana.town.world.desk

    class Slow(Translator):
        """A translator during whose work somebody else moves the conversation on."""

        def translate(
            self, texts: Sequence[str], source: str, target: str, **more: object
        ) -> list[Translation]:
            with desk.db.connection() as tx:
                tx.execute(update(Conversation).values(version=Conversation.version + 1))
            return desk.translator.translate(texts, source, target)

    slow = replace(desk, translator=Slow(desk.translator.router))
    assert take_turn(slow, juliana.conversation) is Turn.OVERTAKEN
    with desk.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Outbox)) == 0


def test_while_one_worker_is_at_it_another_leaves_it_alone_until_the_lease_runs_out(juliana: Phone) -> None:
    town = juliana.town
    juliana.texts("Oi", turn=False)
    with town.world.db.connection() as tx:
        tx.execute(update(Conversation).values(lease_until=town.clock() + timedelta(seconds=20)))
    assert take_turn(town.world.desk, juliana.conversation) is Turn.BUSY
    town.clock.forward(seconds=21)
    assert take_turn(town.world.desk, juliana.conversation) is Turn.DONE


class Broken(Translator):
    """A translator with a bug of ours."""

    def translate(self, texts: Sequence[str], source: str, target: str, **more: object) -> list[Translation]:
        raise RuntimeError("a bug of ours")


@pytest.mark.parametrize("words", ["Uma mensagem que quebra tudo", "STOP", "Quero me matar"])
def test_when_translating_breaks_the_family_is_heard_without_it(juliana: Phone, words: str) -> None:
    town = juliana.town
    text = juliana.texts(words, turn=False)
    desk = town.world.desk
    broken = replace(desk, translator=Broken(desk.translator.router))
    for attempt in range(WITH_ENGLISH):
        assert take_turn(broken, juliana.conversation) is Turn.FAILED, attempt
        assert work.conversations_waiting(town.world) == [], "not at once"
        town.clock.forward(seconds=10)
    assert take_turn(broken, juliana.conversation) is Turn.DONE
    row = juliana.sent(text)
    assert (row.state, row.body_en) == ("done", None)
    if words == "STOP":
        assert juliana.row().opted_out_at is not None
    else:
        assert juliana.row().awaits_staff_since is not None
    with desk.db.reading() as session:
        alerts = session.scalars(select(SafetyAlert.tier)).all()
    assert alerts == (["urgent"] if words == "Quero me matar" else [])
    after = juliana.texts("Bom dia, agora funciona?")
    assert juliana.sent(after).body_en is not None


def test_a_text_that_kills_its_worker_is_counted_too(juliana: Phone) -> None:
    juliana.texts("Oi", turn=False)
    desk = juliana.town.world.desk

    class Deadly(Translator):
        def translate(
            self, texts: Sequence[str], source: str, target: str, **more: object
        ) -> list[Translation]:
            raise KeyboardInterrupt  # the process ends here: nothing after the claim is written

    deadly = replace(desk, translator=Deadly(desk.translator.router))
    with pytest.raises(KeyboardInterrupt):
        take_turn(deadly, juliana.conversation)
    with desk.db.reading() as session:
        assert session.scalars(select(Inbox.attempts)).one() == 1
        assert session.scalars(select(Inbox.state)).one() == "new"


def test_a_text_that_kills_every_worker_ends_with_a_person_too(juliana: Phone) -> None:
    text = juliana.texts("Oi", turn=False)
    with juliana.town.world.db.connection() as tx:
        tx.execute(update(Inbox).values(attempts=MOST_ATTEMPTS))
    assert take_turn(juliana.town.world.desk, juliana.conversation) is Turn.STUCK
    assert juliana.sent(text).notes == ["stuck"]
    assert juliana.row().awaits_staff_since is not None
    juliana.town.settle()
    assert [(shown.line, shown.language) for shown in juliana.shows()] == [("phrase.trouble", "pt")]


def test_danger_in_a_text_that_kills_every_worker_raises_the_alarm_all_the_same(juliana: Phone) -> None:
    text = juliana.texts("Quero me matar", turn=False)
    world = juliana.town.world
    with world.db.connection() as tx:
        tx.execute(update(Inbox).values(attempts=MOST_ATTEMPTS))
    assert take_turn(world.desk, juliana.conversation) is Turn.STUCK
    with world.db.reading() as session:
        assert session.scalars(select(SafetyAlert.tier)).all() == ["urgent"]
    assert juliana.sent(text).notes == ["alert_urgent", "stuck"]
    juliana.town.settle()
    assert next(shown.line for shown in juliana.shows()).startswith("phrase.urgent")


def test_a_text_that_a_bad_disk_damaged_reaches_a_person_and_the_family_goes_on(juliana: Phone) -> None:
    town = juliana.town
    text = juliana.texts("Oi", turn=False)
    with town.world.db.writing() as session:
        row = session.get_one(Inbox, text)
        assert row.body is not None
        row.body = type(row.body)(bytes(row.body[:-1]) + bytes([row.body[-1] ^ 1]))
    for _ in range(MOST_FAILURES):
        assert take_turn(town.world.desk, juliana.conversation) is Turn.FAILED
        town.clock.forward(minutes=6)
    assert take_turn(town.world.desk, juliana.conversation) is Turn.STUCK
    assert juliana.row().awaits_staff_since is not None
    after = juliana.texts("Bom dia, agora funciona?")
    assert juliana.sent(after).state == "done"


class Near:
    """A model of meaning that finds one English sentence near and all others far."""

    def __init__(self, near: str) -> None:
        self.near = near

    def nearness(self, text: str, others: Sequence[str]) -> list[float]:
        return [0.95 if other == self.near else 0.8 for other in others]


def test_where_words_fail_the_turn_takes_what_the_model_of_meaning_proposes(embedded: Town) -> None:
    juliana = embedded.guardian("Juliana")
    for words in ("Oi! Sou a mãe do Lucas.", "Que ele seja feliz e aprenda a ler"):
        juliana.texts(words)
    begin(embedded.world.desk, juliana.conversation, "reading_checkin", "week2")
    embedded.settle()
    juliana.texts("passamos os olhos nas figuras", turn=False)
    desk = replace(embedded.world.desk, meaning=Near("a little bit"))

    assert take_turn(desk, juliana.conversation) is Turn.DONE

    with desk.db.reading() as session:
        answers = {row.field: row.choice for row in session.scalars(select(Answer))}
    assert answers["family.last_reading"] == "a_bit"
