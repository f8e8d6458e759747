"""The Twilio channel against a provider that misbehaves over real HTTP.

The law under test: a family never gets a text twice and none is lost. So whatever the provider does, `send` must answer
`Accepted` or `Refused` only when that is certain, `TryLater` only when it is certain that nothing was accepted, and
`Unclear` otherwise; and `find` must find exactly what was accepted.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.channels.base import Accepted, Medium, Outgoing, Receipt, Refused, Template, TryLater, Unclear
from bot.channels.twilio import TwilioChannel, TwilioConfig
from tests.fake_twilio import FakeTwilio, Plan
from tests.fake_twilio.ledger import Message, new_sid

MOTHER = "+15555550101"
SCHOOL = "+15555550100"
SERVICE = "MG" + "a" * 32


@pytest.fixture(scope="module")
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio() as running:
        yield running


@pytest.fixture
def mother(twilio: FakeTwilio, request: pytest.FixtureRequest) -> str:
    """A number of her own for every test: the provider is shared by the module."""
    return f"+1555{abs(hash(request.node.nodeid)) % 10_000_000:07d}"


def channel(twilio: FakeTwilio, **changes: Any) -> TwilioChannel:
    settings: dict[str, Any] = {
        "account_sid": twilio.account_sid,
        "auth_tokens": (twilio.auth_token,),
        "api_base": twilio.url,
        "public_url": "http://127.0.0.1:9",  # nobody listens: receipts are lost, as they may be
        "timeout_seconds": 0.4,
    }
    return TwilioChannel(TwilioConfig(**{**settings, **changes}))


def text(to: str, ref: str, body: str = "Did Ana read?", **changes: Any) -> Outgoing:
    return Outgoing(ref=ref, medium=Medium.SMS, sender=SCHOOL, to=to, body=body, **changes)


def just_now() -> datetime:
    return datetime.now(UTC)


def test_a_text_is_accepted_under_the_providers_id(twilio: FakeTwilio, mother: str) -> None:
    answer = channel(twilio).send(text(mother, "plain"))
    assert answer.state == "sent"
    kept = twilio.ledger.get(answer.provider_id)
    assert kept is not None
    assert (kept.to, kept.sender, kept.body, kept.ref) == (mother, SCHOOL, "Did Ana read?", "plain")


@pytest.mark.parametrize(
    "answer", ["accept_then_timeout", "accept_then_reset", "accept_then_close", "accept_then_500",
               "accept_then_502", "broken_201", "empty_201"]
)  # fmt: skip
def test_accepted_but_it_looks_failed_is_unclear_and_then_found(
    twilio: FakeTwilio, mother: str, answer: str
) -> None:
    message, since = text(mother, f"looks-failed-{answer}"), just_now()
    twilio.plan(mother, Plan(answer=answer, seconds=0.6))
    with pytest.raises(Unclear):
        channel(twilio).send(message)
    found = channel(twilio).find(message, since, frozenset()).found
    assert found is not None
    assert found.provider_id == twilio.ledger.messages(to=mother)[0].sid
    assert twilio.times_accepted(message.ref) == 1


@pytest.mark.parametrize("answer", ["429", "429_retry_after", "503", "401"])
def test_turned_away_for_now_is_certain_and_tried_again(twilio: FakeTwilio, mother: str, answer: str) -> None:
    message = text(mother, f"later-{answer}")
    twilio.plan(mother, Plan(answer=answer, seconds=7))
    with pytest.raises(TryLater) as caught:
        channel(twilio).send(message)
    assert caught.value.after_seconds == (7.0 if answer == "429_retry_after" else None)
    assert twilio.times_accepted(message.ref) == 0
    channel(twilio).send(message)
    assert twilio.times_accepted(message.ref) == 1


@pytest.mark.parametrize("answer", ["reset_before", "500_before"])
def test_not_accepted_but_it_cannot_be_known_is_unclear_and_not_found(
    twilio: FakeTwilio, mother: str, answer: str
) -> None:
    message = text(mother, f"unknowable-{answer}")
    twilio.plan(mother, Plan(answer=answer))
    with pytest.raises(Unclear):
        channel(twilio).send(message)
    assert channel(twilio).find(message, just_now(), frozenset()).found is None


def test_a_slow_provider_within_the_time_out_is_no_trouble(twilio: FakeTwilio, mother: str) -> None:
    twilio.plan(mother, Plan(answer="slow", seconds=0.1))
    assert isinstance(channel(twilio).send(text(mother, "slow")), Accepted)


def test_nobody_at_the_other_end_means_it_never_left(twilio: FakeTwilio, mother: str) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{unused.getsockname()[1]}"
    with pytest.raises(TryLater):
        channel(twilio, api_base=nowhere).send(text(mother, "nowhere"))


@pytest.mark.parametrize("shape", ["refuse", "refuse_rfc9457"])
@pytest.mark.parametrize(
    ("code", "kind", "opted_out"),
    [
        (21610, Refused, True),
        (21211, Refused, False),
        (21614, Refused, False),
        (21612, Refused, False),
        (63016, Refused, False),
        (99999, Refused, False),
        (21611, TryLater, False),
        (20429, TryLater, False),
        (21606, TryLater, False),
        (30034, TryLater, False),
    ],
)
def test_errors_are_read_by_number(
    twilio: FakeTwilio, mother: str, shape: str, code: int, kind: type[Refused | TryLater], opted_out: bool
) -> None:
    twilio.plan(mother, Plan(answer=shape, error_code=code))
    with pytest.raises(kind) as caught:
        channel(twilio).send(text(mother, f"code-{code}"))
    assert caught.value.code == code
    assert getattr(caught.value, "opted_out", False) is opted_out


@pytest.mark.parametrize("plan", [Plan.opted_out(), Plan(answer="503"), Plan(answer="accept_then_500")])
def test_no_error_quotes_the_number_or_the_text(twilio: FakeTwilio, mother: str, plan: Plan) -> None:
    twilio.plan(mother, plan)
    with pytest.raises((Refused, TryLater, Unclear)) as caught:
        channel(twilio).send(text(mother, "private", body="Private words"))
    said = repr(caught.value) + str(caught.value) + repr(caught.value.__cause__)
    assert mother[2:] not in said
    assert "Private" not in said
    assert caught.value.__suppress_context__


def test_nothing_is_logged(twilio: FakeTwilio, mother: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        channel(twilio).send(text(mother, "quiet", body="Private words"))
        channel(twilio).find(text(mother, "quiet", body="Private words"), just_now(), frozenset())
    assert mother[2:] not in caplog.text
    assert "Private" not in caplog.text


def test_the_secret_is_not_in_the_settings_repr(twilio: FakeTwilio) -> None:
    assert "s3cret" not in repr(TwilioConfig("AC1", ("s3cret",)))


def test_while_a_token_is_rotated_the_other_one_still_sends_once(twilio: FakeTwilio, mother: str) -> None:
    both = channel(twilio, auth_tokens=("already-revoked", twilio.auth_token))
    both.send(text(mother, "rotated"))
    assert twilio.times_accepted("rotated") == 1
    with pytest.raises(TryLater):
        channel(twilio, auth_tokens=("already-revoked",)).send(text(mother, "revoked"))


def test_a_ref_of_any_shape_comes_back_in_the_receipt(twilio: FakeTwilio, mother: str) -> None:
    channel(twilio).send(text(mother, "prompt:7/guardian 8?step=ask&ñ#1"))
    assert twilio.times_accepted("prompt:7/guardian 8?step=ask&ñ#1") == 1


def test_whatsapp_wears_its_prefix_on_both_sides(twilio: FakeTwilio, mother: str) -> None:
    message = Outgoing("wa", Medium.WHATSAPP, SCHOOL, mother, "Oi")
    answer = channel(twilio, messaging_service_sid=SERVICE).send(message)
    kept = twilio.ledger.get(answer.provider_id)
    assert kept is not None
    assert (kept.to, kept.sender, kept.service) == (f"whatsapp:{mother}", f"whatsapp:{SCHOOL}", None)
    assert channel(twilio).find(message, just_now(), frozenset()).found is not None


def test_a_whatsapp_template_is_sent_by_its_id_and_still_recognised(twilio: FakeTwilio, mother: str) -> None:
    template = Template("HX" + "b" * 32, {"1": "Bom dia, Maria"})
    message = Outgoing("wt", Medium.WHATSAPP, SCHOOL, mother, "Bom dia, Maria", template=template)
    answer = channel(twilio).send(message)
    found = channel(twilio).find(message, just_now(), frozenset()).found
    assert found is not None
    assert found.provider_id == answer.provider_id


def test_a_messaging_service_keeps_the_familys_own_sender(twilio: FakeTwilio, mother: str) -> None:
    serviced = channel(twilio, messaging_service_sid=SERVICE)
    kept = twilio.ledger.get(serviced.send(text(mother, "svc")).provider_id)
    assert kept is not None
    assert (kept.service, kept.sender) == (SERVICE, SCHOOL)
    pooled = Outgoing("pool", Medium.SMS, SERVICE, mother, "Hello")
    kept = twilio.ledger.get(channel(twilio).send(pooled).provider_id)
    assert kept is not None
    assert (kept.service, kept.sender) == (SERVICE, None)
    # Queued at a service, a message has no From yet: it must be found all the same.
    assert channel(twilio).find(pooled, just_now(), frozenset()).found is not None


# --- find ---------------------------------------------------------------------------------------------------------


def test_the_same_words_sent_twice_are_two_messages(twilio: FakeTwilio, mother: str) -> None:
    since, sender = just_now(), channel(twilio)
    first = sender.send(text(mother, "thanks-1", body="Thank you!"))
    second = text(mother, "thanks-2", body="Thank you!")
    twilio.plan(mother, Plan(answer="accept_then_500"))
    with pytest.raises(Unclear):
        sender.send(second)
    found = sender.find(second, since, frozenset({first.provider_id})).found
    assert found is not None
    assert found.provider_id != first.provider_id
    assert sender.find(second, since, frozenset({first.provider_id, found.provider_id})).found is None


def keep(twilio: FakeTwilio, to: str, body: str, **changes: Any) -> Message:
    facts: dict[str, Any] = {"sid": new_sid(), "account_sid": twilio.account_sid, "to": to, "sender": SCHOOL,
                                "service": None, "body": body, "status": "sent"}  # fmt: skip
    return twilio.ledger.accept(Message(**{**facts, **changes}))


def test_what_is_not_ours_is_not_taken_for_ours(twilio: FakeTwilio, mother: str) -> None:
    message = text(mother, "mine", body="Good morning")
    keep(twilio, mother, "Good morning", direction="inbound")
    keep(twilio, mother, "Good morning", sender="+15555559999")
    keep(twilio, mother, "Good morning, all")
    keep(twilio, mother, "Good morning", created=just_now() - timedelta(hours=1))
    assert channel(twilio).find(message, just_now(), frozenset()).found is None
    mine = keep(twilio, mother, "Good morning")
    found = channel(twilio).find(message, just_now(), frozenset()).found
    assert found is not None
    assert found.provider_id == mine.sid


def test_a_text_is_recognised_after_a_carriers_tidying(twilio: FakeTwilio, mother: str) -> None:
    kept = keep(twilio, mother, "Sent from your Twilio trial account - Hello\nthere")
    found = channel(twilio).find(text(mother, "tidied", body="Hello \nthere "), just_now(), frozenset()).found
    assert found is not None
    assert found.provider_id == kept.sid


def test_a_long_list_is_read_to_the_page_that_matters(twilio: FakeTwilio, mother: str) -> None:
    with FakeTwilio(page_limit=7) as small:
        wanted = keep(small, mother, "The one")
        for number in range(30):
            keep(small, mother, f"Other {number}")
        found = channel(small).find(text(mother, "paged", body="The one"), just_now(), frozenset()).found
        assert found is not None
        assert found.provider_id == wanted.sid
        assert len(small.ledger.entries("listed")) >= 5


def test_a_list_that_lags_says_nothing_yet(mother: str) -> None:
    with FakeTwilio(list_lag_seconds=0.3) as lagging:
        message, since = text(mother, "lag"), just_now()
        lagging.plan(mother, Plan(answer="accept_then_close"))
        with pytest.raises(Unclear):
            channel(lagging).send(message)
        assert channel(lagging).find(message, since, frozenset()).found is None
        threading.Event().wait(0.35)
        assert channel(lagging).find(message, since, frozenset()).found is not None


def test_an_account_that_keeps_no_texts_cannot_say_no(twilio: FakeTwilio, mother: str) -> None:
    keep(twilio, mother, "")
    with pytest.raises(TryLater):
        channel(twilio).find(text(mother, "redacted"), just_now(), frozenset())


def test_a_found_message_brings_how_it_fares(twilio: FakeTwilio, mother: str) -> None:
    keep(twilio, mother, "Did Ana read?", status="undelivered", error_code=30003)
    asked = channel(twilio).find(text(mother, "fares"), just_now(), frozenset())
    assert asked.receipt is not None
    assert (asked.receipt.state, asked.receipt.error_code, asked.receipt.ref) == (
        "undelivered",
        30003,
        "fares",
    )


def test_a_question_without_an_answer_can_be_asked_again(mother: str) -> None:
    gone = FakeTwilio()
    gone._server.server_close()
    with pytest.raises(TryLater):
        channel(gone).find(text(mother, "gone"), just_now(), frozenset())
    with pytest.raises(TryLater):
        channel(gone).look_up("SM1")
    gone.callbacks.close()


def test_an_accepted_message_can_be_looked_up(twilio: FakeTwilio, mother: str) -> None:
    twilio.plan(mother, Plan(fate="undelivered", error_code=30007, callbacks="absent"))
    sid = channel(twilio).send(text(mother, "silent")).provider_id
    twilio.callbacks.settle(2)
    assert channel(twilio).look_up(sid) == Receipt("undelivered", sid, None, 30007)
    with pytest.raises(TryLater):
        channel(twilio).look_up("SM" + "0" * 32)


def test_many_threads_send_through_one_channel(twilio: FakeTwilio, mother: str) -> None:
    shared = channel(twilio, timeout_seconds=10.0)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: shared.send(text(mother, f"thread-{n}")), range(40)))
    assert len({a.provider_id for a in answers}) == 40
    assert all(twilio.times_accepted(f"thread-{n}") == 1 for n in range(40))


@pytest.mark.parametrize(
    "wrong",
    [
        {"account_sid": ""},
        {"auth_tokens": ()},
        {"auth_tokens": ("",)},
        {"api_base": "ftp://x"},
        {"timeout_seconds": 0},
    ],
)
def test_settings_that_cannot_work_are_named_at_once(wrong: dict[str, Any]) -> None:
    facts: dict[str, Any] = {"account_sid": "AC1", "auth_tokens": ("t",)}
    with pytest.raises(ValueError, match="Twilio"):
        TwilioConfig(**{**facts, **wrong})
