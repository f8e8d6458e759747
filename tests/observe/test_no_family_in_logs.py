"""A technician sends the logs to a stranger for help. No family can be found in them.

Real processes, as talkative as they can be made, and everything that goes wrong in a bad week: texts signed and
forged, a provider that refuses, breaks off and times out, a stored text that no longer opens, a database that loses a
table. Every line they print is searched for the family's number and words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import requests
from sqlalchemy import create_engine, func, select, text, update

from bot.records.sample import seed
from bot.store.database import Database
from bot.store.migrate import upgrade
from bot.store.talk import Inbox, Outbox
from tests.cli.processes import Installation, wait_for
from tests.fake_twilio import FakeTwilio, Plan

OURS = "+15555550199"
MOTHER, FATHER, GRANDFATHER, STRANGER = "+15555550123", "+15555550132", "+15555550137", "+15555554242"
SECRET = "querubim"
"""A word no program and no model comes up with by itself."""

TEXTS = (
    f"Professora, minha filha está com febre e o {SECRET} também",
    f"{SECRET.upper()}?? 😀 +55 11 91234-5678",
    f"Um pouco. {SECRET}",
)
ANSWERS = ("ok", "429", "500_before", "reset_before", "accept_then_timeout", "broken_201", "503", "refuse")


@contextmanager
def installation(folder: Path, database_url: str) -> Iterator[tuple[Installation, FakeTwilio]]:
    with FakeTwilio() as twilio:
        house = Installation(
            folder,
            database_url,
            LOG_LEVEL="debug",
            LOG_FORMAT="json",
            TWILIO_ACCOUNT_SID=twilio.account_sid,
            TWILIO_AUTH_TOKEN=twilio.auth_token,
            TWILIO_SENDERS=OURS,
            TWILIO_SENDER_RATE="100",
            TWILIO_SENDER_BURST="100",
            TWILIO_API_BASE=twilio.url,
            PROVIDER_TIMEOUT_SECONDS="1",
            PROVIDER_LIST_LAG_SECONDS="1",
            QUIET_FROM="00:00",
            QUIET_UNTIL="00:00",
        )
        db = house.database()
        upgrade(db.engine)
        seed(db, datetime.now(UTC))
        db.dispose()
        yield house, twilio


def give_text(house: Installation, twilio: FakeTwilio, sender: str, body: str) -> int:
    hook = f"{house.url}/webhooks/twilio/inbound"
    return twilio.text_from_family(hook, sender=sender, to=OURS, body=body).status_code


def break_a_stored_text(db: Database) -> int:
    """A disk that flips bits: the oldest text of one family does not open any more. Returns its conversation."""
    with db.writing() as session:
        row = session.scalars(select(Inbox).order_by(Inbox.id).limit(1)).one()
        assert row.body is not None
        session.execute(
            update(Inbox)
            .where(Inbox.id == row.id)
            .values(body=type(row.body)(bytes(row.body[:-1]) + b"\x00"))
        )
        return row.conversation_id


def reply_as_staff(house: Installation, words: str) -> None:
    """A coordinator opens the family's page in a browser without JavaScript, and answers."""
    browser = requests.Session()

    def token(page: requests.Response) -> dict[str, str]:
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
        assert found, page.status_code
        return {"csrf_token": found[1]}

    doors = browser.get(f"{house.url}/sign-in", timeout=30)
    door = re.search(r"/sign-in/sample/\d+", doors.text[doors.text.find("Bennett") - 1500 :])
    assert door
    browser.post(house.url + door[0], data=token(doors), timeout=30)
    today = browser.get(f"{house.url}/staff", timeout=30)
    thread = re.search(r"/staff/families/\d+", today.text)
    assert thread, today.text
    page = browser.get(house.url + thread[0], timeout=30)
    answer = browser.post(f"{house.url}{thread[0]}/reply", data=token(page) | {"text": words}, timeout=30)
    assert answer.ok, answer.status_code
    browser.get(f"{house.url}/staff/families/{MOTHER}", timeout=30)  # a number where an id belongs


def nothing_is_left_to_do(db: Database, broken: int) -> bool:
    """But for the family whose text does not open, and what waits for another try."""
    with db.reading() as session:
        new = session.scalar(
            select(func.count())
            .select_from(Inbox)
            .where(Inbox.state == "new", Inbox.conversation_id != broken)
        )
        moving = session.scalar(
            select(func.count()).select_from(Outbox).where(Outbox.state.in_(("sending", "unknown")))
        )
        tried = session.scalar(select(func.count()).select_from(Outbox).where(Outbox.attempts > 0))
    return not new and not moving and bool(tried)


def lose_a_table(house: Installation) -> None:
    engine = create_engine(house.database_url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE conversation RENAME TO conversation_gone"))
    engine.dispose()


def test_no_number_and_no_word_of_a_family_stands_in_any_log_line(tmp_path: Path, database_url: str) -> None:
    with installation(tmp_path, database_url) as (house, twilio), house.running("web") as web:
        wait_for("the web server", lambda: house.status_of("/healthz") == 200)
        for number in (MOTHER, FATHER, GRANDFATHER, STRANGER):
            for body in TEXTS:
                assert give_text(house, twilio, number, body) == 200
        forged = {"From": MOTHER, "To": OURS, "Body": SECRET, "MessageSid": "SM1"}
        requests.post(f"{house.url}/webhooks/twilio/inbound", data=forged, timeout=30)
        requests.get(f"{house.url}/phone/{MOTHER}?body={SECRET}", timeout=30)
        db = house.database()
        broken = break_a_stored_text(db)
        answers = iter(ANSWERS)
        for number in (MOTHER, FATHER, GRANDFATHER, STRANGER):
            for _ in range(2):
                answer = next(answers)
                twilio.plan(number, Plan(answer, error_code=30005 if answer == "refuse" else None))
        with house.running("worker") as worker, house.running("scheduler") as scheduler:
            wait_for("the texts to be handled", lambda: nothing_is_left_to_do(db, broken))
            reply_as_staff(house, f"Melhoras! {SECRET} {MOTHER}")
            wait_for("the reply to be tried", lambda: nothing_is_left_to_do(db, broken))
            db.dispose()
            lose_a_table(house)
            assert give_text(house, twilio, MOTHER, TEXTS[0]) in (500, 503)
            wait_for(
                "a complaint of the worker",
                lambda: "worker_error" in worker.said or "database_down" in worker.said,
            )
            processes = [web, worker, scheduler]
        said = "".join(process.said for process in processes)
    assert_nobody_in(said)
    assert "does not open" in said  # the broken text was met, and its place told
    assert re.search(r"no such table|SQLSTATE 42P01|database_down", said)
    for line in said.splitlines():
        json.loads(line)  # one event a line, whatever happened: nothing was printed beside the log


def assert_nobody_in(said: str) -> None:
    low = said.casefold()
    assert SECRET not in low, context(low, SECRET)
    assert "febre" not in low
    digits = re.sub(r"[^\d\n]", "", low)
    for number in (MOTHER, FATHER, GRANDFATHER, STRANGER, "+5511912345678"):
        assert number[-9:] not in digits, context(digits, number[-9:])


def context(said: str, what: str) -> str:
    place = said.index(what)
    return said[max(0, place - 600) : place + 200]
