"""The fake provider keeps its promises: what it tells a test is what really happened on the wire."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from werkzeug.datastructures import MultiDict

from bot.channels.base import Medium, Outgoing, Receipt, Unclear
from bot.channels.twilio import TwilioChannel, TwilioConfig
from bot.channels.twilio_inbound import incoming, receipt, verify
from tests.fake_twilio import FakeTwilio, Plan, accepted_per_ref, read_journal
from tests.fake_twilio.server import DEFAULT_SID, DEFAULT_TOKEN

MOTHER = "+15555550101"
SCHOOL = "+15555550100"


class Webhooks:
    """Our side of the line: checks every signature and keeps what came."""

    def __init__(self) -> None:
        told: list[Receipt] = []
        self.told = told
        self.forms: list[MultiDict[str, str]] = []
        forms, ours = self.forms, self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = MultiDict(parse_qsl(raw, keep_blank_values=True))
                path, _, query = self.path.partition("?")
                header = self.headers["X-Twilio-Signature"]
                genuine = verify(ours.url, path, query, form, header, [DEFAULT_TOKEN])
                if genuine:
                    forms.append(form)
                    if "MessageStatus" in form:
                        ref = dict(parse_qsl(query)).get("ref")
                        said = receipt(form, ref)
                        assert said is not None
                        told.append(said)
                self.send_response(204 if genuine else 403)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        class Server(ThreadingHTTPServer):
            def handle_error(self, request: object, client_address: object) -> None:
                """A caller that closed its connection is no fault of ours."""

        self._server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def ours() -> Iterator[Webhooks]:
    webhooks = Webhooks()
    yield webhooks
    webhooks.close()


def send(
    twilio_url: str, ours: Webhooks, ref: str, plan: Plan | None = None, fake: FakeTwilio | None = None
) -> None:
    if fake is not None and plan is not None:
        fake.plan(MOTHER, plan)
    config = TwilioConfig(DEFAULT_SID, (DEFAULT_TOKEN,), ours.url, api_base=twilio_url, timeout_seconds=2)
    TwilioChannel(config).send(Outgoing(ref, Medium.SMS, SCHOOL, MOTHER, "Hello"))


@pytest.mark.parametrize(
    ("callbacks", "states"),
    [
        ("normal", ["sent", "delivered"]),
        ("early", ["sent", "delivered"]),
        ("late", ["sent", "delivered"]),
        ("doubled", ["sent", "sent", "delivered", "delivered"]),
        ("shuffled", ["delivered", "sent"]),
        ("absent", []),
    ],
)
def test_receipts_come_signed_and_as_planned(ours: Webhooks, callbacks: str, states: list[str]) -> None:
    with FakeTwilio() as fake:
        send(fake.url, ours, "ref/1 ñ", Plan(callbacks=callbacks, callback_seconds=0.05), fake)
        if callbacks == "early":
            assert fake.ledger.entries("callback"), "the receipt was there before the answer"
        fake.callbacks.settle(5)
    assert [r.state for r in ours.told] == states
    assert all(r.ref == "ref/1 ñ" for r in ours.told)


def test_a_filtered_text_brings_its_code(ours: Webhooks) -> None:
    with FakeTwilio() as fake:
        send(fake.url, ours, "f", Plan.filtered(), fake)
        fake.callbacks.settle(5)
    assert [(r.state, r.error_code) for r in ours.told] == [("sent", None), ("undelivered", 30007)]


def test_a_familys_text_with_a_photo_comes_in_signed(ours: Webhooks) -> None:
    with FakeTwilio() as fake:
        photo = fake.keep_media(b"\xff\xd8jpeg", "image/jpeg")
        answer = fake.text_from_family(
            f"{ours.url}/webhooks/twilio/inbound",
            sender=MOTHER,
            to=SCHOOL,
            body="",
            media=[(photo, "image/jpeg")],
            opt_out_type="STOP",
            extra=[("Repeated", "a"), ("Repeated", "b"), ("Empty", "")],
        )
        assert answer.status_code == 204
        told = incoming(ours.forms[0])
        assert told.media[0].url == photo
        assert told.opt_out_type == "STOP"
        assert requests.get(photo, timeout=2).status_code == 401
        assert requests.get(photo, auth=(DEFAULT_SID, DEFAULT_TOKEN), timeout=2).content == b"\xff\xd8jpeg"


def test_as_a_process_it_keeps_a_journal_that_outlives_it(tmp_path: Path, ours: Webhooks) -> None:
    journal = tmp_path / "journal.jsonl"
    command = [sys.executable, "-m", "tests.fake_twilio", "--port", "0", "--journal", str(journal)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        order = {"to": MOTHER, "plans": [{"answer": "accept_then_close"}]}
        assert requests.post(f"{url}/_control/plan", json=order, timeout=5).json() == {"done": True}
        with pytest.raises(Unclear):
            send(url, ours, "twice")
        send(url, ours, "twice")
        send(url, ours, "once")
        process.kill()
    assert accepted_per_ref(journal) == {"twice": 2, "once": 1}
    assert {e["kind"] for e in read_journal(journal)} >= {"attempt", "accepted"}


def test_a_torn_last_line_does_not_hide_the_rest(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    journal.write_text('{"kind": "accepted", "ref": "a"}\n{"kind": "acce')
    assert accepted_per_ref(journal) == {"a": 1}


def test_what_is_not_planned_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="teleport"):
        Plan(answer="teleport")
    assert urlsplit(FakeTwilio().url).hostname == "127.0.0.1"
