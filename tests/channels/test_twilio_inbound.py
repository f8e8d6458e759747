"""Is it really Twilio, and what does it say? Each forged or odd request here once fooled a product like ours."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from bot.channels.base import Medium, Receipt
from bot.channels.twilio_inbound import (
    UnreadableWebhook,
    error_number,
    incoming,
    looks_signed,
    raw_target,
    receipt,
    verify,
)
from tests.fake_twilio.callbacks import sign

BASE = "https://texts.school.example"
PATH = "/webhooks/twilio/inbound"
TOKEN = "the-token"
PAIRS = [("Body", "Olá, professora"), ("From", "+15555550101"), ("To", "+15555550100"), ("FromCity", "")]


def check(
    pairs: list[tuple[str, str]] = PAIRS,
    *,
    query: str = "",
    path: str = PATH,
    header: str | None = None,
    tokens: tuple[str, ...] = (TOKEN,),
    signed_pairs: list[tuple[str, str]] | None = None,
    signed_url: str | None = None,
    base: str = BASE,
) -> bool:
    url = signed_url or BASE + path + (f"?{query}" if query else "")
    if header is None:
        header = sign(TOKEN, url, pairs if signed_pairs is None else signed_pairs)
    return verify(base, path, query, MultiDict(pairs), header, tokens)


def test_a_text_that_twilio_signed_comes_in() -> None:
    assert check()


@pytest.mark.parametrize(
    "query", ["ref=a%2Fb", "n=%C3%B1", "tilde=%7E~", "a=&b=", "x=1&x=2", "plus=a+b%20c", "%zz"]
)
def test_the_query_is_taken_as_it_stood_on_the_wire(query: str) -> None:
    assert check(query=query)


def test_a_forger_cannot_change_the_query() -> None:
    assert not check(query="ref=other", signed_url=f"{BASE}{PATH}?ref=mine")
    assert not check(query="ref=added", signed_url=f"{BASE}{PATH}")
    assert not check(query="", signed_url=f"{BASE}{PATH}?ref=mine")


def test_empty_parameters_are_signed_as_well() -> None:
    assert not check(signed_pairs=[p for p in PAIRS if p[1]])


def test_repeated_parameters_are_signed_each() -> None:
    twice = [*PAIRS, ("MediaUrl0", "https://api.twilio.com/a"), ("MediaUrl0", "https://api.twilio.com/b")]
    assert check(twice)
    assert not check(twice, signed_pairs=twice[:-1])
    assert not check([*PAIRS, ("Body", "forged")], signed_pairs=PAIRS)


def test_a_forger_cannot_change_the_body_the_path_or_the_host() -> None:
    assert not check([("Body", "forged"), *PAIRS[1:]], signed_pairs=PAIRS)
    assert not check(path="/webhooks/twilio/status", signed_url=BASE + PATH)
    assert not check(base="https://elsewhere.example", signed_url=BASE + PATH)


def test_both_tokens_hold_while_one_is_being_rotated() -> None:
    assert check(tokens=("the-new-one", TOKEN))
    assert check(tokens=(TOKEN, "the-new-one"))
    assert not check(tokens=("the-new-one",))
    assert not check(tokens=())


def test_an_empty_token_signs_nothing() -> None:
    header = sign("", BASE + PATH, PAIRS)
    assert not check(header=header, tokens=("", TOKEN))


def test_the_address_may_have_a_port_or_a_path_in_front() -> None:
    assert check(signed_url=f"https://texts.school.example:443{PATH}")
    url = f"https://district.example/puente{PATH}"
    assert verify(
        "https://district.example/puente/", PATH, "", MultiDict(PAIRS), sign(TOKEN, url, PAIRS), [TOKEN]
    )


@pytest.mark.parametrize(
    "header", [None, "", "x", "=" * 28, "é" * 28, "a" * 28, "a" * 100_000, "\x00" * 28, "AAAA\n"]
)
def test_a_missing_or_odd_signature_is_no_signature_and_no_error(header: str | None) -> None:
    assert not verify(BASE, PATH, "", MultiDict(PAIRS), header, [TOKEN])


def test_an_unsigned_request_is_told_apart_before_anything_is_read() -> None:
    assert not looks_signed(None)
    assert not looks_signed("nonsense")
    assert looks_signed(sign(TOKEN, BASE, []))


def signed_json(body: bytes, query: str) -> str:
    return base64.b64encode(
        hmac.new(TOKEN.encode(), f"{BASE}{PATH}?{query}".encode(), hashlib.sha1).digest()
    ).decode()


def test_a_json_body_is_held_by_its_hash_in_the_signed_query() -> None:
    body = json.dumps({"text": "Olá"}).encode()
    query = f"bodySHA256={hashlib.sha256(body).hexdigest()}"
    header = signed_json(body, query)
    assert verify(BASE, PATH, query, body, header, [TOKEN])
    assert not verify(BASE, PATH, query, body + b" ", header, [TOKEN])


def test_a_json_body_without_its_hash_is_refused_not_an_error() -> None:
    assert not verify(BASE, PATH, "a=1", b"{}", signed_json(b"{}", "a=1"), [TOKEN])
    assert not verify(BASE, PATH, "", b"{}", sign(TOKEN, BASE + PATH, []), [TOKEN])
    assert not verify(BASE, PATH, "bodySHA256=x", b"\xff\xfe", signed_json(b"", "bodySHA256=x"), [TOKEN])


@given(st.text(), st.text(), st.text(), st.dictionaries(st.text(), st.text()))
def test_nothing_a_stranger_sends_raises(path: str, query: str, header: str, form: dict[str, str]) -> None:
    plausible = sign("some-other-token", "x", [])
    for told in (header, plausible):
        assert verify(BASE, path, query, MultiDict(form), told, [TOKEN]) is False
        assert (
            verify(BASE, path, query, b"\x00" + form.__repr__().encode("utf-8", "replace"), told, [TOKEN])
            is False
        )


def test_odd_addresses_and_lone_surrogates_are_unsigned_not_errors() -> None:
    plausible = sign(TOKEN, "x", [])
    assert not verify("https://host:notaport", PATH, "", MultiDict(PAIRS), plausible, [TOKEN])
    assert not verify(BASE, "/\udc80", "", MultiDict([("Body", "\ud800")]), plausible, [TOKEN])


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"RAW_URI": "/a%2Fb?x=%7E", "QUERY_STRING": "x=%7E", "PATH_INFO": "/a/b"}, ("/a%2Fb", "x=%7E")),
        ({"REQUEST_URI": "/a%2Fb", "QUERY_STRING": "", "PATH_INFO": "/a/b"}, ("/a%2Fb", "")),
        ({"RAW_URI": "http://inside:8000/a?b=1", "QUERY_STRING": "b=1"}, ("/a", "b=1")),
        ({"SCRIPT_NAME": "/p", "PATH_INFO": "/a\xc3\xb1", "QUERY_STRING": "q"}, ("/p/a%C3%B1", "q")),
    ],
)
def test_the_target_is_read_as_it_stood_in_the_request(
    environ: dict[str, str], told: tuple[str, str]
) -> None:
    assert raw_target(environ) == told


def form(**changes: str | None) -> MultiDict[str, str]:
    base = {"MessageSid": "SM1", "From": "+15555550101", "To": "+15555550100", "Body": "Oi", "NumMedia": "0"}
    return MultiDict([(k, v) for k, v in {**base, **changes}.items() if v is not None])


def test_a_mothers_text_arrives_as_she_typed_it() -> None:
    told = incoming(form(Body=" \u200foi\x00 👍🏽\n"))
    assert told.body == " \u200foi\x00 👍🏽\n"
    assert (told.medium, told.address, told.sender) == (Medium.SMS, "+15555550101", "+15555550100")
    assert told.media == ()
    assert told.opt_out_type is None


def test_a_photo_without_a_word_is_a_message_too() -> None:
    told = incoming(
        form(
            Body=None,
            NumMedia="2",
            MediaUrl0="https://api.twilio.com/m/0",
            MediaContentType0="Image/JPEG",
            MediaUrl1="https://api.twilio.com/m/1",
        )
    )
    assert told.body == ""
    assert [(m.url[-1], m.content_type) for m in told.media] == [
        ("0", "image/jpeg"),
        ("1", "application/octet-stream"),
    ]


@pytest.mark.parametrize("number", ["many", "", "-1", "999999999999"])
def test_the_number_of_media_is_only_a_promise(number: str) -> None:
    assert incoming(form(NumMedia=number)).media == ()


def test_whatsapp_is_recognised_and_its_prefix_taken_off() -> None:
    told = incoming(form(From="whatsapp:+15555550101", To="whatsapp:+15555550100"))
    assert (told.medium, told.address, told.sender) == (Medium.WHATSAPP, "+15555550101", "+15555550100")


def test_the_carriers_own_opt_out_verdict_is_passed_on() -> None:
    assert incoming(form(Body="ARRET", OptOutType="stop ")).opt_out_type == "STOP"


def test_a_new_parameter_changes_nothing() -> None:
    assert incoming(form(SomethingNew="yes")) == incoming(form())


@pytest.mark.parametrize("missing", ["MessageSid", "From"])
def test_a_text_without_an_id_or_a_sender_is_named_for_what_it_lacks(missing: str) -> None:
    with pytest.raises(UnreadableWebhook, match=missing) as caught:
        incoming(form(**{missing: None}))
    assert "5555550101" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("queued", "sent"),
        ("accepted", "sent"),
        ("sent", "sent"),
        ("delivered", "delivered"),
        ("read", "delivered"),
        ("undelivered", "undelivered"),
        ("partially_delivered", "undelivered"),
        ("failed", "failed"),
        ("canceled", "failed"),
    ],
)
def test_a_receipt_speaks_our_words(status: str, state: str) -> None:
    told = receipt(MultiDict({"MessageSid": "SM1", "MessageStatus": status}), "ref-1")
    assert told == Receipt(state, "SM1", "ref-1", None)


def test_a_receipt_brings_its_error_as_a_number() -> None:
    told = receipt(
        MultiDict({"MessageSid": "SM1", "MessageStatus": "undelivered", "ErrorCode": "30007"}), None
    )
    assert told == Receipt("undelivered", "SM1", None, 30007)


def test_a_state_nobody_has_heard_of_moves_nothing() -> None:
    assert receipt(MultiDict({"MessageSid": "SM1", "MessageStatus": "teleported"}), "r") is None


def test_a_receipt_about_nothing_is_unreadable() -> None:
    with pytest.raises(UnreadableWebhook):
        receipt(MultiDict({"MessageStatus": "sent"}), None)
    with pytest.raises(UnreadableWebhook):
        receipt(MultiDict({"MessageSid": "SM1"}), None)


@pytest.mark.parametrize("odd", [None, "", "0", "x", "-3", "٣", "9" * 30, "1.5", 0])
def test_an_error_that_is_no_number_is_none(odd: object) -> None:
    assert error_number(odd) is None
