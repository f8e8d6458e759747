"""A father who writes on WhatsApp: what reaches him within a day of his text, after it, and when WhatsApp says no."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.channels.base import Incoming, Medium
from bot.channels.whatsapp import Way
from bot.conversation.receive import receive
from bot.delivery.consent import opt_out
from bot.delivery.outbox import REPLY, Draft, queue
from bot.delivery.receipts import apply_receipt
from bot.delivery.retry import retry
from bot.delivery.sender import send_batch
from bot.delivery.templates import NotATemplate, add_template, all_templates, retire_template
from bot.store.talk import Conversation, Inbox, Outbox, SenderRow
from bot.store.wake import NoWake
from tests.delivery.conftest import LEASE, OURS, PostOffice
from tests.fake_twilio import Plan

WHATSAPP_NUMBER = "+15555550177"
FATHER = "+15555550161"
SID = "HX" + "5" * 32
WORDING = "Mensaje de la escuela Lincoln: {{1}} Gracias."


class Father:
    """His WhatsApp, and the SMS on the same phone."""

    def __init__(self, office: PostOffice) -> None:
        self.office, self.count = office, 0
        office.channels[Medium.WHATSAPP.value] = office.channels["sms"]
        with office.db.writing() as session:
            session.add(SenderRow(number=WHATSAPP_NUMBER, medium="whatsapp", rate=1000.0, burst=1000))

    def writes(self, body: str, medium: Medium = Medium.WHATSAPP) -> int:
        self.count += 1
        ours = WHATSAPP_NUMBER if medium is Medium.WHATSAPP else OURS
        incoming = Incoming(f"W{self.count}", medium, ours, FATHER, body)
        return receive(self.office.db, incoming, self.office.clock(), NoWake()).conversation_id

    def told(self, conversation_id: int, body: str, language: str = "es") -> int:
        self.count += 1
        now = self.office.clock()
        draft = Draft(f"w.{self.count}", "reply", body, language, "catalog", now, REPLY)
        with self.office.db.connection() as tx:
            return queue(tx, self.office.db.vault, conversation_id, [draft], now, NoWake())[0]

    def carry(self) -> None:
        """Both of our numbers send what they may."""
        office = self.office
        for _ in range(6):
            for sender, medium in ((WHATSAPP_NUMBER, "whatsapp"), (OURS, "sms")):
                send_batch(office.db, office.channels, sender, medium, office.clock, lambda: 0.5, LEASE)

    def got(self) -> list[tuple[str, str]]:
        """(over what, which words), in order."""
        return [
            ("whatsapp" if message.to.startswith("whatsapp:") else "sms", message.body)
            for message in [
                *self.office.twilio.ledger.messages(to=f"whatsapp:{FATHER}"),
                *self.office.twilio.ledger.messages(to=FATHER),
            ]
        ]


@pytest.fixture
def father(office: PostOffice) -> Father:
    return Father(office)


def approve(office: PostOffice, language: str = "es") -> None:
    add_template(office.db, language, SID, WORDING, office.clock())
    office.twilio.templates[SID] = WORDING


def test_within_a_day_of_his_text_he_is_answered_in_plain_words(office: PostOffice, father: Father) -> None:
    talk = father.writes("Hola, soy el papá de Ana")
    approve(office)
    office.clock.forward(hours=23)
    text = father.told(talk, "Gracias por escribir.")
    father.carry()
    assert father.got() == [("whatsapp", "Gracias por escribir.")]
    assert (office.row(text).way, office.row(text).content_sid) == (Way.FREE_TEXT, None)


def test_after_a_day_the_words_travel_in_the_template_of_their_language(
    office: PostOffice, father: Father
) -> None:
    talk = father.writes("Hola")
    approve(office)
    office.clock.forward(days=3)
    text = father.told(talk, "¿Leyó Ana\n con usted?")
    father.carry()
    assert father.got() == [("whatsapp", "Mensaje de la escuela Lincoln: ¿Leyó Ana con usted? Gracias.")]
    row = office.row(text)
    assert (row.way, row.content_sid, row.medium) == (Way.TEMPLATE, SID, "whatsapp")


def test_without_a_template_in_his_language_it_is_an_sms_and_his_answer_comes_back(
    office: PostOffice, father: Father
) -> None:
    talk = father.writes("Oi")
    approve(office, "es")
    office.clock.forward(days=2)
    text = father.told(talk, "A Ana leu hoje?", "pt")
    father.carry()
    assert father.got() == [("sms", "A Ana leu hoje?")]
    assert (office.row(text).medium, office.row(text).sender) == ("sms", OURS)
    assert father.writes("Leu sim!", Medium.SMS) == talk, "what he answers belongs to the question"
    with office.db.reading() as session:
        last = session.scalars(select(Inbox).where(Inbox.conversation_id == talk).order_by(Inbox.seq)).all()[
            -1
        ]
    assert (last.seq, last.came_by) == (2, "sms")
    office.clock.forward(minutes=1)
    father.told(talk, "Que bom!", "pt")
    father.carry()
    assert father.got()[-1] == ("sms", "Que bom!"), "an SMS does not open WhatsApp's window"


def test_an_sms_conversation_of_its_own_goes_on_where_it_was(office: PostOffice, father: Father) -> None:
    own = father.writes("Oi por SMS", Medium.SMS)
    talk = father.writes("Oi")
    office.clock.forward(days=2)
    father.told(talk, "A Ana leu hoje?", "pt")
    father.carry()
    assert father.writes("Leu", Medium.SMS) == talk
    father.told(own, "E a matemática?", "pt")
    father.carry()
    assert father.writes("Também", Medium.SMS) == own
    with office.db.reading() as session:
        seqs = session.scalars(
            select(Inbox.seq).where(Inbox.conversation_id == own).order_by(Inbox.seq)
        ).all()
    assert seqs == [1, 2]


def test_an_answer_to_a_conversation_that_was_erased_is_kept_with_the_line(
    office: PostOffice, father: Father
) -> None:
    own = father.writes("Oi", Medium.SMS)
    with office.db.writing() as session:
        session.execute(update(Conversation).where(Conversation.id == own).values(answers_to=7))
    assert father.writes("Alô?", Medium.SMS) == own


def test_with_no_way_left_staff_see_why_and_may_send_it_again(office: PostOffice, father: Father) -> None:
    talk = father.writes("Waan ku salaamayaa")
    with office.db.writing() as session:
        session.execute(update(SenderRow).where(SenderRow.medium == "sms").values(medium="gone"))
    office.clock.forward(days=2)
    text = father.told(talk, "Ma akhriday?", "so")
    father.carry()
    row = office.row(text)
    assert (row.state, row.error_code, row.attempts) == ("failed", 63016, 0)
    assert "24 hours" in (row.reason or "")
    father.writes("Haa")
    again = retry(office.db, text, office.clock(), NoWake())
    father.carry()
    assert father.got() == [("whatsapp", "Ma akhriday?")]
    assert office.went(again)


def test_whatsapps_own_no_at_the_door_leads_on_to_the_template(office: PostOffice, father: Father) -> None:
    talk = father.writes("Hola")
    approve(office)
    office.twilio.plan(f"whatsapp:{FATHER}", Plan(answer="refuse", error_code=63016))
    text = father.told(talk, "Gracias.")
    father.carry()
    assert father.got() == [("whatsapp", "Mensaje de la escuela Lincoln: Gracias. Gracias.")]
    assert office.went(text)


@pytest.mark.parametrize(("code", "over"), [(63016, "whatsapp"), (63003, "sms")])
def test_whatsapps_no_in_a_receipt_sends_the_words_another_way_once(
    office: PostOffice, father: Father, code: int, over: str
) -> None:
    talk = father.writes("Hola")
    approve(office)
    office.twilio.plan(f"whatsapp:{FATHER}", Plan.undelivered(code))
    text = father.told(talk, "Gracias.")
    father.carry()
    sid = office.row(text).provider_id
    assert sid is not None
    said = office.channels["whatsapp"].look_up(sid)
    for _ in range(2):
        apply_receipt(office.db, said, office.clock())
    father.carry()
    assert office.state(text) == "undelivered"
    assert [medium for medium, _ in father.got()] == ["whatsapp", over]
    with office.db.reading() as session:
        assert session.scalars(select(Outbox.ref).order_by(Outbox.seq)).all() == ["w.2", "w.2/again1"]


def test_a_template_whose_fate_is_unclear_is_found_again_and_not_doubled(
    office: PostOffice, father: Father
) -> None:
    office.clock.forward(days=-2)
    talk = father.writes("Hola")
    approve(office)
    office.clock.forward(days=2)  # the present: the provider's own dates are real ones
    office.twilio.plan(f"whatsapp:{FATHER}", Plan(answer="accept_then_reset", callbacks="absent"))
    text = father.told(talk, "¿Leyó Ana?")
    father.carry()
    assert office.state(text) == "unknown"
    office.clock.forward(seconds=5)
    office.sweep()
    father.carry()
    assert office.went(text)
    assert len(father.got()) == 1


def test_templates_are_added_replaced_and_retired(office: PostOffice) -> None:
    approve(office)
    for sid, wording in (
        (SID, WORDING),
        ("HX1", WORDING),
        ("HX" + "6" * 32, "no place"),
        ("HX" + "6" * 32, "{{1}} {{2}}"),
    ):
        with pytest.raises(NotATemplate):
            add_template(office.db, "es", sid, wording, office.clock())
    add_template(office.db, "es", "HX" + "6" * 32, "Escuela: {{1}}", office.clock())
    assert [one.wording for one in all_templates(office.db)] == ["Escuela: {{1}}"]
    assert retire_template(office.db, "es", office.clock())
    assert not retire_template(office.db, "es", office.clock() + timedelta(1))


def test_stop_on_one_channel_ends_what_is_queued_scheduled_and_to_come_on_all(
    office: PostOffice, father: Father
) -> None:
    over_whatsapp, over_sms = father.writes("Hola"), father.writes("Hola", Medium.SMS)
    queued = [father.told(over_whatsapp, "Uno"), father.told(over_sms, "Dos")]
    tomorrow = office.clock() + timedelta(days=1)
    scheduled = Draft("w.later", "flow", "Tres", "es", "catalog", tomorrow)
    with office.db.connection() as tx:
        queued += queue(tx, office.db.vault, over_sms, [scheduled], office.clock(), NoWake())
        opt_out(tx, office.db.vault.index(FATHER), office.clock(), "he wrote: alto")
    queued.append(father.told(over_whatsapp, "Cuatro"))
    office.clock.forward(days=2)
    father.carry()
    assert father.got() == []
    assert [office.state(one) for one in queued] == ["withheld", "withheld", "withheld", "ready"]
    with office.db.writing() as session:
        session.add(SenderRow(number="+15555550178", medium="sms", rate=10.0, burst=10))
    later = receive(
        office.db, Incoming("W.new", Medium.SMS, "+15555550178", FATHER, "Hola?"), office.clock(), NoWake()
    )
    with office.db.reading() as session:
        assert session.get_one(Conversation, later.conversation_id).opted_out_at is not None
