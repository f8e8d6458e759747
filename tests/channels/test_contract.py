"""Our requests and the fake provider's answers, held against the contract Twilio publishes.

What the fake does on purpose outside the contract (broken answers, 500, HTML) is tested in test_twilio.py; here is what a
provider in good health and our channel say to each other.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep

import pytest
import requests

from bot.channels.base import Medium, Outgoing, Template
from bot.channels.twilio import TwilioChannel, TwilioConfig
from tests.fake_twilio import FakeTwilio, Plan

HERE = Path(__file__).parent / "contract"
MOTHER, SCHOOL = "+15555550101", "+15555550100"
SERVICE = "MG" + "a" * 32
PATIENCE = 60.0


def prism() -> str:
    """The proxy's program; skips (or fails, where CI wants it) when there is none."""
    local = HERE / "node_modules" / ".bin" / "prism"
    found = str(local) if local.exists() else shutil.which("prism")
    if found:
        return found
    why = "No prism here: npm install --prefix tests/channels/contract --no-package-lock"
    if os.environ.get("REQUIRE_CONTRACT"):
        pytest.fail(why)
    pytest.skip(why)


@pytest.fixture(scope="module")
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio(page_limit=5) as running:
        yield running


@pytest.fixture(scope="module")
def proxy(twilio: FakeTwilio) -> Iterator[str]:
    program = prism()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    contract = str(HERE / "twilio_messages_oas.json")
    command = [program, "proxy", contract, twilio.url, "--errors", "-h", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = monotonic() + PATIENCE
    while monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            sleep(0.2)
    raise AssertionError("prism did not start")


def channel(twilio: FakeTwilio, proxy: str, service: str | None = None) -> TwilioChannel:
    secrets = (twilio.auth_token,)
    url = "https://texts.school.example"
    return TwilioChannel(TwilioConfig(twilio.account_sid, secrets, url, service, proxy, timeout_seconds=20))


MESSAGES = [
    Outgoing("plain", Medium.SMS, SCHOOL, MOTHER, "Did Ana read?"),
    Outgoing("prompt:7/guardian 8?x=ñ#1", Medium.SMS, SCHOOL, MOTHER, "¿Leyó Ana? 😀 [1] {x} €"),
    Outgoing("long", Medium.SMS, SCHOOL, MOTHER, "á" * 1600, valid_seconds=3600),
    Outgoing("forever", Medium.SMS, SCHOOL, MOTHER, "Valid for long", valid_seconds=10**9),
    Outgoing("pool", Medium.SMS, SERVICE, MOTHER, "From the pool"),
    Outgoing("whatsapp", Medium.WHATSAPP, SCHOOL, MOTHER, "Oi"),
    Outgoing("template", Medium.WHATSAPP, SCHOOL, MOTHER, "Bom dia", template=Template("HX" + "b" * 32, {"1": "Bom dia"})),
    Outgoing("picture", Medium.SMS, SCHOOL, MOTHER, "See", media_urls=("https://school.example/a.jpg",)),
]  # fmt: skip


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.ref)
def test_every_kind_of_message_keeps_the_contract(twilio: FakeTwilio, proxy: str, message: Outgoing) -> None:
    accepted = channel(twilio, proxy, SERVICE).send(message)
    assert twilio.times_accepted(message.ref) == 1
    assert channel(twilio, proxy).look_up(accepted.provider_id).provider_id == accepted.provider_id


def test_looking_for_a_message_over_several_pages_keeps_the_contract(twilio: FakeTwilio, proxy: str) -> None:
    sender = channel(twilio, proxy)
    sought = Outgoing("sought", Medium.SMS, SCHOOL, "+15555550177", "The one")
    accepted = sender.send(sought)
    for number in range(8):
        sender.send(Outgoing(f"other-{number}", Medium.SMS, SCHOOL, "+15555550177", f"Other {number}"))
    found = sender.find(sought, datetime.now(UTC), frozenset()).found
    assert found is not None
    assert found.provider_id == accepted.provider_id


@pytest.mark.parametrize("plan", [Plan.undelivered(), Plan.filtered(), Plan(fate="failed", error_code=30008)])
def test_every_fate_keeps_the_contract(twilio: FakeTwilio, proxy: str, plan: Plan) -> None:
    number = f"+1555555{plan.error_code}"[:12]
    twilio.plan(number, plan)
    accepted = channel(twilio, proxy).send(
        Outgoing(f"fate-{plan.error_code}", Medium.SMS, SCHOOL, number, "Hello")
    )
    twilio.callbacks.settle(10)
    assert channel(twilio, proxy).look_up(accepted.provider_id).error_code == plan.error_code


def test_the_proxy_bites(twilio: FakeTwilio, proxy: str) -> None:
    """A request outside the contract must be stopped, or the tests above would prove nothing."""
    path = f"{proxy}/2010-04-01/Accounts/{twilio.account_sid}/Messages.json"
    secret = (twilio.account_sid, twilio.auth_token)
    odd = {"To": MOTHER, "From": SCHOOL, "Body": "x", "ValidityPeriod": "not a number"}
    assert requests.post(path, data=odd, auth=secret, timeout=20).status_code == 422
