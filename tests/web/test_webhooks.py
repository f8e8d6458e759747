"""What a carrier posts: believed only when signed, answered only after the commit."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from sqlalchemy import func, select
from werkzeug.serving import make_server

from bot.app import create_app
from bot.store.database import Database
from bot.store.talk import Conversation, Inbox, Outbox
from tests.conftest import Clock
from tests.fake_twilio import FakeTwilio
from tests.people import town
from tests.web.conftest import Served, Site

OURS = "+15555550111"
MOTHER = "+15555550123"


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio() as provider:
        yield provider


@pytest.fixture
def line(database_url: str, tmp_path: Path, clock: Clock, twilio: FakeTwilio) -> Iterator[Served]:
    """A school that texts through (a fake) Twilio, behind a real socket."""
    server = make_server("127.0.0.1", 0, lambda environ, start: [], threaded=True)
    more = {
        "TWILIO_ACCOUNT_SID": twilio.account_sid,
        "TWILIO_AUTH_TOKEN": f"the-next-token,{twilio.auth_token}",
        "TWILIO_SENDERS": OURS,
        "TWILIO_API_BASE": twilio.url,
        "PUBLIC_URL": f"http://127.0.0.1:{server.server_port}",
    }
    with town(database_url, tmp_path, clock, **more) as found:
        server.app = create_app(found.world)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Served(Site(found, server.app), server)  # type: ignore[arg-type]
        server.shutdown()
        thread.join()


def count(db: Database, table: type) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def text_in(
    twilio: FakeTwilio, line: Served, body: str, path: str = "/webhooks/twilio/inbound", **more: object
) -> requests.Response:
    return twilio.text_from_family(f"{line.url}{path}", sender=MOTHER, to=OURS, body=body, **more)  # type: ignore[arg-type]


def test_a_signed_text_is_stored_before_the_carrier_hears_yes(line: Served, twilio: FakeTwilio) -> None:
    answer = text_in(twilio, line, "Olá! ¿ñ? 👍 a+b&c=d", "/webhooks/twilio/inbound?school=a%2Fb%C3%B1")
    assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (200, "text/xml")
    assert answer.text.endswith("<Response/>")
    db = line.site.town.world.db
    with db.reading() as session:
        row = session.scalars(select(Inbox)).one()
    assert db.vault.open_or(Inbox.body, row.id, row.body) == "Olá! ¿ñ? 👍 a+b&c=d"


def test_the_same_text_delivered_twice_is_one_text(line: Served, twilio: FakeTwilio) -> None:
    assert [text_in(twilio, line, "Oi", sid="SM" + "1" * 32).status_code for _ in range(2)] == [200, 200]
    assert count(line.site.town.world.db, Inbox) == 1


def test_a_text_that_twilio_did_not_sign_is_refused_and_leaves_nothing(
    line: Served, twilio: FakeTwilio
) -> None:
    form = {"MessageSid": "SM1", "From": MOTHER, "To": OURS, "Body": "Oi"}
    url = f"{line.url}/webhooks/twilio/inbound"
    for headers in ({}, {"X-Twilio-Signature": "A" * 27 + "="}, {"X-Twilio-Signature": "short"}):
        assert requests.post(url, data=form, headers=headers, timeout=5).status_code == 403
    assert count(line.site.town.world.db, Inbox) == count(line.site.town.world.db, Conversation) == 0


def test_a_changed_text_is_refused(line: Served, twilio: FakeTwilio) -> None:
    signed = text_in(twilio, line, "Oi").request
    body = signed.body if isinstance(signed.body, str) else (signed.body or b"").decode()
    forged = body.replace("Body=Oi", "Body=Pague")
    answer = requests.post(str(signed.url), data=forged, headers=dict(signed.headers), timeout=5)
    assert answer.status_code in (400, 403)
    assert count(line.site.town.world.db, Inbox) == 1


def test_without_a_twilio_account_nothing_is_believed(served: Served) -> None:
    answer = requests.post(
        f"{served.url}/webhooks/twilio/inbound",
        headers={"X-Twilio-Signature": "A" * 27 + "="},
        data={},
        timeout=5,
    )
    assert answer.status_code == 403


def test_a_database_that_is_away_makes_the_carrier_try_again(
    line: Served, twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = line.site.town.world
    away = Database("postgresql+psycopg://nobody@127.0.0.1:1/none", world.db.vault)
    object.__setattr__(world, "db", away)
    answer = text_in(twilio, line, "Oi, tudo bem?")
    assert answer.status_code == 503
    assert "tudo bem" not in answer.text


def test_a_receipt_tells_staff_that_the_text_arrived(line: Served, twilio: FakeTwilio) -> None:
    here = line.site.town
    text_in(twilio, line, "Oi")
    here.settle()
    with here.world.db.reading() as session:
        row = session.scalars(select(Outbox).order_by(Outbox.seq).limit(1)).one()
    assert row.provider_id
    twilio.callbacks.settle(5)
    with here.world.db.reading() as session:
        assert session.get_one(Outbox, row.id).state == "delivered"


def test_a_receipt_about_nothing_of_ours_is_accepted_and_ignored(line: Served, twilio: FakeTwilio) -> None:
    answer = twilio.text_from_family(
        f"{line.url}/webhooks/twilio/status?ref=somebody-else", sender=MOTHER, to=OURS, body="",
        extra=[("MessageStatus", "delivered")],
    )  # fmt: skip
    assert answer.status_code == 204


def test_a_signed_request_that_is_no_text_is_a_400(line: Served, twilio: FakeTwilio) -> None:
    answer = twilio.text_from_family(f"{line.url}/webhooks/twilio/inbound", sender="", to=OURS, body="Oi")
    assert answer.status_code == 400
