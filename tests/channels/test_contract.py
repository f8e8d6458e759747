"""Our requests and the fake provider's answers, held against the contract Twilio publishes.

What the fake does on purpose outside the contract (broken answers, 500, HTML) is tested in test_twilio.py; here is what a
provider in good health and our channel say to each other. What every other test says to the fake is held against the
same contract when the run is over (`tests/contract.py`).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from bot.channels.base import Medium, Outgoing, Template
from bot.channels.twilio import TwilioChannel, TwilioConfig
from tests import contract
from tests.fake_twilio import FakeTwilio, Plan

MOTHER, SCHOOL = "+15555550101", "+15555550100"
SERVICE = "MG" + "a" * 32


@pytest.fixture(scope="module")
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio(page_limit=5) as running:
        yield running


@pytest.fixture(scope="module")
def proxy(twilio: FakeTwilio) -> Iterator[str]:
    """prism in front of the fake; skips (or fails, where CI wants it) when there is none."""
    try:
        contract.prism()
    except contract.NoPrism as error:
        if contract.wanted():
            pytest.fail(str(error))
        pytest.skip(str(error))
    with contract.proxy(twilio.url) as address:
        yield address


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


def test_an_exchange_of_any_test_that_breaks_the_contract_is_found(
    twilio: FakeTwilio, proxy: str, tmp_path: Path
) -> None:
    """What the rest of the suite said to the fake is held against the contract after the last test; here two lies of it."""
    channel(twilio, proxy).send(Outgoing("honest", Medium.SMS, SCHOOL, MOTHER, "Hello"))
    shown = twilio.ledger.messages(to=MOTHER)[-1].as_json()
    path = f"/2010-04-01/Accounts/{twilio.account_sid}/Messages.json"
    login = base64.b64encode(f"{twilio.account_sid}:{twilio.auth_token}".encode()).decode()
    true = {
        "method": "POST", "path": path, "authorization": f"Basic {login}", "body": "To=%2B15555550101&From=%2B15555550100&Body=x",
        "status": 201, "content": json.dumps(shown),
    }  # fmt: skip
    lies = [
        true | {"body": true["body"] + "&ValidityPeriod=never", "status": None, "content": None},
        true | {"content": json.dumps(shown | {"status": "on its way"})},
    ]
    kept = tmp_path / "1.jsonl"
    kept.write_text("".join(f"{json.dumps(one)}\n" for one in [true, *lies]), "utf-8")
    told = contract.hold_against_contract(tmp_path)
    assert (told.of, len(told.violations)) == (3, 2), told.violations
