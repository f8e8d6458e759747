"""A picture a mother sends is fetched from Twilio and from nowhere else, within limits of size and time."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from bot.channels.base import Media, TryLater
from bot.channels.media import MOST_BYTES, MediaRefused, Refusal
from bot.channels.twilio import TwilioConfig
from bot.channels.twilio_media import TwilioMedia
from tests.fake_twilio import FakeTwilio

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio() as running:
        yield running


def source(twilio: FakeTwilio, **more: float) -> TwilioMedia:
    return TwilioMedia(TwilioConfig(twilio.account_sid, (twilio.auth_token,), api_base=twilio.url, **more))  # type: ignore[arg-type]  # only time-outs


def moved(twilio: FakeTwilio, to: str) -> str:
    url = twilio.keep_media(b"", "image/jpeg")
    twilio.moved[url.removeprefix(twilio.url)] = to
    return url


def test_a_picture_comes_byte_for_byte(twilio: FakeTwilio) -> None:
    url = twilio.keep_media(JPEG, "image/jpeg")
    found = source(twilio).fetch(Media(url, "image/jpeg"), 0)
    assert (found.content_type, found.content) == ("image/jpeg", JPEG)


def test_a_redirect_within_the_provider_is_followed(twilio: FakeTwilio) -> None:
    url = moved(twilio, twilio.keep_media(JPEG, "image/jpeg"))
    assert source(twilio).fetch(Media(url, "image/jpeg"), 0).content == JPEG


def test_a_redirect_to_anywhere_else_is_not(twilio: FakeTwilio) -> None:
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        elsewhere.settimeout(0.2)
        url = moved(twilio, f"http://127.0.0.1:{elsewhere.getsockname()[1]}/latest/meta-data")
        with pytest.raises(MediaRefused, match="not lie at the provider"):
            source(twilio).fetch(Media(url, "image/jpeg"), 0)
        with pytest.raises(TimeoutError):
            elsewhere.accept()


def test_a_circle_of_redirects_ends(twilio: FakeTwilio) -> None:
    url = twilio.keep_media(b"", "image/jpeg")
    twilio.moved[url.removeprefix(twilio.url)] = url
    with pytest.raises(TryLater):
        source(twilio).fetch(Media(url, "image/jpeg"), 0)


@pytest.mark.parametrize(
    ("content", "claimed", "really", "why"),
    [
        (JPEG + bytes(MOST_BYTES), "image/jpeg", "image/jpeg", Refusal.SIZE),
        (b"<script>alert(1)</script>", "image/jpeg", "image/jpeg", Refusal.DISGUISED),
        (b"<script>alert(1)</script>", "image/jpeg", "text/html", Refusal.KIND),
        (b"<svg/>", "image/svg+xml", "image/svg+xml", Refusal.KIND),
    ],
)
def test_what_is_not_kept_says_why(
    twilio: FakeTwilio, content: bytes, claimed: str, really: str, why: Refusal
) -> None:
    url = twilio.keep_media(content, really)
    with pytest.raises(MediaRefused) as told:
        source(twilio).fetch(Media(url, claimed), 0)
    assert str(told.value) == why


def test_what_twilio_does_not_hand_out_is_asked_for_again_later(twilio: FakeTwilio) -> None:
    with pytest.raises(TryLater):
        source(twilio).fetch(Media(f"{twilio.url}/nothing/here", "image/jpeg"), 0)
    wrong = TwilioMedia(TwilioConfig(twilio.account_sid, ("wrong",), api_base=twilio.url))
    with pytest.raises(TryLater):
        wrong.fetch(Media(twilio.keep_media(JPEG, "image/jpeg"), "image/jpeg"), 0)


def test_a_server_that_drips_byte_by_byte_is_left_when_the_time_is_up() -> None:
    ticks = iter(range(0, 10_000, 20))  # each look at the clock is 20 s later
    head = b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8\xff"
    with socket.create_server(("127.0.0.1", 0)) as server:
        over = threading.Event()

        def drip() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(head)
                try:
                    while not over.wait(0.02):
                        connection.sendall(b"x")
                except OSError:
                    return

        thread = threading.Thread(target=drip)
        thread.start()
        base = f"http://127.0.0.1:{server.getsockname()[1]}"
        slow = TwilioMedia(TwilioConfig("AC1", ("t",), api_base=base), steady=lambda: float(next(ticks)))
        with pytest.raises(TryLater, match="slowly"):
            slow.fetch(Media(f"{base}/m", "image/jpeg"), 0)
        over.set()
        thread.join()
