"""WhatsApp's day-long window, and what becomes of the pictures families send."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import Media
from bot.channels.media import MOST_BYTES, Refusal, may_fetch, may_keep
from bot.channels.whatsapp import Way, way

NOW = datetime(2026, 3, 4, 17, 30, tzinfo=UTC)
TEMPLATES = {"pt": "HXpt", "zh-Hans": "HXhans"}


@pytest.mark.parametrize(
    ("heard_ago", "language", "sms", "expected"),
    [
        (timedelta(hours=3), "pt", True, (Way.FREE_TEXT, None)),
        (timedelta(hours=23, minutes=54), "so", False, (Way.FREE_TEXT, None)),
        (timedelta(hours=23, minutes=58), "pt", True, (Way.TEMPLATE, "HXpt")),
        (timedelta(days=3), "pt-BR", True, (Way.TEMPLATE, "HXpt")),
        (None, "pt", True, (Way.TEMPLATE, "HXpt")),
        (None, "so", True, (Way.SMS, None)),
        (None, "so", False, (Way.NONE, None)),
        (None, "zh-Hant", True, (Way.SMS, None)),
    ],
)
def test_a_family_on_whatsapp_gets_what_may_be_sent_now(
    heard_ago: timedelta | None, language: str, sms: bool, expected: tuple[Way, str | None]
) -> None:
    heard = NOW - heard_ago if heard_ago is not None else None
    assert way(NOW, heard, language, TEMPLATES, sms) == expected


@given(
    st.timedeltas(timedelta(0), timedelta(days=9)), st.sampled_from(["pt", "so", "zh-Hant"]), st.booleans()
)
def test_free_text_never_leaves_the_window_and_no_family_gets_anothers_language(
    ago: timedelta, language: str, sms: bool
) -> None:
    told, template = way(NOW, NOW - ago, language, TEMPLATES, sms)
    assert (told is not Way.FREE_TEXT) or ago < timedelta(hours=24)
    assert template in (None, TEMPLATES.get(language))


HOSTS = ["api.twilio.com"]


@pytest.mark.parametrize(
    ("url", "kind", "refused"),
    [
        ("https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1", "image/jpeg", None),
        ("https://API.twilio.com/m", "image/png", None),
        ("https://api.twilio.com/m", "application/pdf; name=x", None),
        ("http://api.twilio.com/m", "image/jpeg", Refusal.ELSEWHERE),
        ("https://evil.example/m", "image/jpeg", Refusal.ELSEWHERE),
        ("https://api.twilio.com.evil.example/m", "image/jpeg", Refusal.ELSEWHERE),
        ("https://api.twilio.com@evil.example/m", "image/jpeg", Refusal.ELSEWHERE),
        ("https://user@api.twilio.com/m", "image/jpeg", Refusal.ELSEWHERE),
        ("https://api.twilio.com:8443/m", "image/jpeg", Refusal.ELSEWHERE),
        ("http://169.254.169.254/latest/meta-data", "image/jpeg", Refusal.ELSEWHERE),
        ("file:///etc/passwd", "image/jpeg", Refusal.ELSEWHERE),
        ("https://[broken", "image/jpeg", Refusal.ELSEWHERE),
        ("https://api.twilio.com/m", "image/svg+xml", Refusal.KIND),
        ("https://api.twilio.com/m", "text/html", Refusal.KIND),
        ("https://api.twilio.com/m", "application/zip", Refusal.KIND),
    ],
)
def test_nothing_is_fetched_but_from_the_provider(url: str, kind: str, refused: Refusal | None) -> None:
    assert may_fetch(Media(url, kind), 0, HOSTS) == refused


def test_the_eleventh_picture_is_one_too_many() -> None:
    media = Media("https://api.twilio.com/m", "image/jpeg")
    assert may_fetch(media, 9, HOSTS) is None
    assert may_fetch(media, 10, HOSTS) is Refusal.TOO_MANY


@pytest.mark.parametrize(
    ("kind", "content", "refused"),
    [
        ("image/jpeg", b"\xff\xd8\xff\xe0 picture", None),
        ("image/webp", b"RIFF\x00\x00\x00\x00WEBP", None),
        ("image/webp", b"RIFF\x00\x00\x00\x00WAVE", Refusal.DISGUISED),
        ("image/jpeg", b"<script>", Refusal.DISGUISED),
        ("image/png", b"", Refusal.DISGUISED),
        ("application/x-msdownload", b"MZ", Refusal.KIND),
        ("image/jpeg", b"\xff\xd8\xff" + bytes(MOST_BYTES), Refusal.SIZE),
    ],
)
def test_a_file_is_kept_only_when_it_is_what_it_says(
    kind: str, content: bytes, refused: Refusal | None
) -> None:
    assert may_keep(kind, content) == refused
