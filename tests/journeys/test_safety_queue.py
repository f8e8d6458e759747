"""A mother texts what no school may miss: somebody is called, called again, sees it, and closes it; nobody else knows."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update

from bot.jobs import work
from bot.records import privacy, safety_contacts, safety_queue, safety_steps
from bot.records.family_found import find
from bot.records.holds import OnHold
from bot.records.staff import Member, member
from bot.store.people import School, Staff
from bot.store.safety import SafetyAlert, SafetyPage, SafetyStep
from bot.store.talk import Outbox
from tests.conftest import Clock
from tests.mail_server import MailServer, mail_server
from tests.people import Town, town

DANGER = "I found her with cuts all over her arms"
PHONE = "+15555550142"


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def school(database_url: str, tmp_path: Path, clock: Clock, mail: MailServer) -> Iterator[Town]:
    more = {
        "SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(mail.port), "SMTP_SECURITY": "none",
        "SMTP_FROM": "puente@school.invalid", "PAGE_MINUTES": "5,10", "PUBLIC_URL": "https://puente.example",
    }  # fmt: skip
    with town(database_url, tmp_path, clock, **more) as found:
        yield found


def staff(school: Town, role: str = "coordinator") -> Member:
    with school.world.db.reading() as session:
        found = member(school.world.db, session.scalar(select(Staff.id).where(Staff.role == role)) or 0)
    assert found
    return found


def on_call(school: Town) -> Member:
    """The coordinator has a pager."""
    who = staff(school)
    admin = staff(school, "administrator")
    assert safety_contacts.keep(school.world.db, admin, who.id, PHONE, True, True, school.clock())
    return who


def alerts(school: Town) -> list[SafetyAlert]:
    with school.world.db.reading() as session:
        return list(session.scalars(select(SafetyAlert).order_by(SafetyAlert.id)))


def test_at_night_a_person_is_called_and_called_again_until_she_has_seen_it(
    school: Town, mail: MailServer
) -> None:
    who = on_call(school)
    school.clock.at = datetime(2026, 3, 5, 7, 30, tzinfo=UTC)  # half past two at night, in the quiet hours
    school.guardian("Juliana").texts(DANGER)
    pager, alert = school.phone(PHONE), alerts(school)[0]
    assert len(pager.shows()) == len(mail.to(who_mail(school, who))) == 1
    assert f"https://puente.example/staff/safety/{alert.id}" in pager.last.body
    for secret in ("Juliana", "cuts", "Lucas"):
        assert secret not in pager.last.body + mail.to(who_mail(school, who))[0]
    school.later(minutes=4)
    assert len(pager.shows()) == 1
    school.later(minutes=1)
    school.later(minutes=10)
    assert len(pager.shows()) == len(mail.to(who_mail(school, who))) == 3
    assert "call 3" in pager.last.body
    safety_steps.acknowledge(school.world.db, who, alert.id, school.clock())
    school.later(hours=3)
    assert len(pager.shows()) == 3


def who_mail(school: Town, who: Member) -> str:
    with school.world.db.reading() as session:
        return session.get_one(Staff, who.id).email


def test_two_schedulers_at_the_same_moment_call_once(school: Town, mail: MailServer) -> None:
    who = on_call(school)
    school.guardian("Juliana").texts(DANGER, turn=False)
    for one in work.conversations_waiting(school.world):
        work.take_turns(school.world, one)
    together = threading.Barrier(4)

    def tick() -> None:
        together.wait()
        work.page(school.world)

    threads = [threading.Thread(target=tick) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    school.settle()
    assert len(school.phone(PHONE).shows()) == len(mail.to(who_mail(school, who))) == 1


def test_many_texts_of_one_night_are_one_call_and_one_word_to_the_family(school: Town) -> None:
    who = on_call(school)
    juliana = school.guardian("Juliana")
    for _text in range(5):
        juliana.texts(DANGER)
        school.later(seconds=20)
    assert len(alerts(school)) == 5
    assert len(school.phone(PHONE).shows()) == 1
    assert [shown.line for shown in juliana.shows()].count("phrase.urgent") == 1
    safety_steps.acknowledge(school.world.db, who, alerts(school)[0].id, school.clock())
    assert all(alert.acknowledged_at and alert.next_page_at is None for alert in alerts(school))
    juliana.texts("he took a gun to school")
    assert len(school.phone(PHONE).shows()) == 2


def test_a_mail_server_that_is_busy_gets_the_page_a_little_later(school: Town, mail: MailServer) -> None:
    who = on_call(school)
    mail.refuse = True
    school.guardian("Juliana").texts(DANGER)
    assert mail.arrived == []
    mail.refuse = False
    school.later(minutes=2)
    assert mail.to(who_mail(school, who))


def test_where_nobody_is_on_call_every_coordinator_and_administrator_gets_mail(
    school: Town, mail: MailServer
) -> None:
    school.guardian("Juliana").texts(DANGER)
    with school.world.db.reading() as session:
        wanted = set(
            session.scalars(select(Staff.email).where(Staff.role.in_(("coordinator", "administrator"))))
        )
    assert {to for to, _ in mail.arrived} == wanted


def test_the_family_gets_the_school_s_own_crisis_line(school: Town) -> None:
    with school.world.db.writing() as session:
        session.execute(
            update(School).values(emergency_number="112", crisis_line="116 123", crisis_texts=False)
        )
    juliana = school.guardian("Juliana")
    juliana.texts("Meu filho disse que quer se matar")
    assert juliana.last.line == "phrase.urgent_call"
    assert juliana.last.language == "pt"
    assert "112" in juliana.last.body
    assert "116 123" in juliana.last.body
    assert "{" not in juliana.last.body


def test_concern_and_need_wait_in_the_queue_and_wake_nobody(school: Town, mail: MailServer) -> None:
    on_call(school)
    school.guardian("Juliana").texts("we ran out of food stamps and have nothing to eat")
    found = alerts(school)[0]
    assert (found.tier, found.kinds, found.next_page_at) == ("need", ["food"], None)
    assert mail.arrived == []


def test_a_case_from_the_first_look_to_the_last_word(school: Town) -> None:
    who, db = on_call(school), school.world.db
    juliana = school.guardian("Juliana")
    for text in ("Oi!", "Tudo bem?", DANGER, "Please call me"):
        juliana.texts(text)
        school.later(minutes=1)
    alert = alerts(school)[0].id
    case = safety_queue.look(db, who, alert, school.clock())
    assert case is not None
    assert case.message is not None
    assert case.message.said is not None
    assert case.message.said.text == DANGER
    assert case.rules[0].kind == "self_harm"
    assert case.rules[0].matched in DANGER.lower()
    assert len(case.before) == 3
    assert len(case.after) == 3
    safety_steps.escalate(db, who, alert, "The nurse agrees", school.clock())
    school.settle()
    safety_steps.assign(db, who, alert, staff(school, "administrator").id, school.clock())
    with pytest.raises(safety_steps.NotPossible, match="why"):
        safety_steps.settle(db, who, alert, "false_alarm", "", school.clock())
    safety_steps.settle(db, who, alert, "handled", "Talked with the mother", school.clock())
    case = safety_queue.look(db, who, alert, school.clock())
    assert case is not None
    assert [step.what for step in case.steps] == [
        "raised", "escalated", "acknowledged", "assigned", "acknowledged", "handled",
    ]  # fmt: skip
    assert [line.id for line in safety_queue.queue(db, who, settled=True).lines] == [alert]
    with pytest.raises(safety_steps.NotPossible, match="settled"):
        safety_steps.acknowledge(db, who, alert, school.clock())


def test_the_family_is_never_told_that_an_alert_exists(school: Town) -> None:
    juliana, db = school.guardian("Juliana"), school.world.db
    juliana.texts("the kids are afraid of their father")
    family = find(db, juliana.row().guardian_id or 0)
    with pytest.raises(OnHold, match="safety queue"):
        privacy.forget(db, family, school.clock())
    who, alert = staff(school), alerts(school)[0].id
    safety_queue.look(db, who, alert, school.clock())
    safety_steps.settle(db, who, alert, "handled", "Talked with Juliana", school.clock())
    told = json.dumps(privacy.everything(db, family, school.clock()).as_json())
    assert "alert" not in told
    assert "safety" not in told
    privacy.forget(db, family, school.clock())
    left = alerts(school)[0]
    assert (left.conversation_id, left.inbox_id, left.rules, left.tier) == (None, None, None, "concern")
    with db.reading() as session:
        assert set(session.scalars(select(SafetyStep.words))) == {None}
    case = safety_queue.look(db, who, alert, school.clock())
    assert case is not None
    assert case.message is None


def test_a_page_s_reference_is_made_once(school: Town) -> None:
    on_call(school)
    school.guardian("Juliana").texts(DANGER)
    with school.world.db.reading() as session:
        refs = list(session.scalars(select(SafetyPage.ref)))
        texts = list(session.scalars(select(Outbox.ref).where(Outbox.kind == "page")))
    assert len(refs) == len(set(refs)) == 2
    assert texts == [ref for ref in refs if ref.endswith(".text")]
