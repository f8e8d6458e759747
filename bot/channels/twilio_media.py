"""Fetching what families send from Twilio, and from nowhere else.

The address in a webhook leads to Twilio's API, which asks for our account and may answer with a redirect to its own
storage. Every hop is looked at before it is taken; our account goes to the API alone. Nothing is unpacked or rendered,
and reading stops at the limit of size and of time, however slowly the bytes drip.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError

from bot.channels.base import Media, TryLater
from bot.channels.media import MOST_BYTES, Fetched, MediaRefused, Refusal, is_providers, may_fetch, may_keep
from bot.channels.twilio import TwilioConfig

STORAGE: Final = frozenset({"mms.twiliocdn.com", "media.twiliocdn.com"})
"""Where Twilio's API sends us on to for the bytes themselves."""

MOST_HOPS: Final = 3
MOST_SECONDS: Final = 45.0
"""For one medium altogether; each single read has the configured time-out besides."""

_CHUNK: Final = 64 * 1024


class TwilioMedia:
    """Media at Twilio. `steady` is a clock that only goes forward, in seconds."""

    def __init__(self, config: TwilioConfig, steady: Callable[[], float] = time.monotonic) -> None:
        self._config = config
        self._steady = steady
        own = urlsplit(config.api_base).netloc.lower()
        # A region or an edge of Twilio has another name than the one in the webhook.
        self._api = frozenset({own, "api.twilio.com"}) if own.endswith(".twilio.com") else frozenset({own})
        self._hosts = self._api | STORAGE if own.endswith(".twilio.com") else self._api

    def fetch(self, media: Media, number: int) -> Fetched:
        """The `number`-th medium (from 0) of a message. Raises `MediaRefused` (with a `Refusal` for staff) or `TryLater`."""
        refusal = may_fetch(media, number, self._hosts)
        if refusal is not None:
            raise MediaRefused(refusal.value)
        until = self._steady() + MOST_SECONDS
        try:
            with requests.Session() as session:
                content_type, content = self._follow(session, media.url, until)
        except (requests.RequestException, HTTPError):
            raise TryLater(None, "Twilio could not be reached.") from None  # the original quotes the address
        refusal = may_keep(content_type, content)
        if refusal is not None:
            raise MediaRefused(refusal.value)
        return Fetched(content_type.partition(";")[0].strip().lower(), content)

    def _follow(self, session: requests.Session, url: str, until: float) -> tuple[str, bytes]:
        for _ in range(MOST_HOPS):
            with self._get(session, url) as answer:
                if answer.is_redirect:
                    url = urljoin(url, answer.headers["Location"])
                    if not is_providers(url, self._hosts):
                        raise MediaRefused(Refusal.ELSEWHERE.value)
                    continue
                if answer.status_code != 200:
                    raise TryLater(answer.status_code, "Twilio did not hand the picture out.")
                return answer.headers.get("Content-Type", ""), self._read(answer, until)
        raise TryLater(None, "Twilio sent us from one address to the next.")

    def _get(self, session: requests.Session, url: str) -> requests.Response:
        ours = urlsplit(url).netloc.lower() in self._api
        account = (self._config.account_sid, self._config.auth_tokens[0]) if ours else _nobody
        return session.get(
            url,
            auth=account,
            allow_redirects=False,
            stream=True,
            timeout=self._config.timeout_seconds,
            headers={"Accept-Encoding": "identity"},
        )

    def _read(self, answer: requests.Response, until: float) -> bytes:
        if (length := answer.headers.get("Content-Length", "")).isdigit() and int(length) > MOST_BYTES:
            raise MediaRefused(Refusal.SIZE.value)
        content = bytearray()
        while some := answer.raw.read1(_CHUNK, decode_content=False):
            content += some
            if len(content) > MOST_BYTES:
                raise MediaRefused(Refusal.SIZE.value)
            if self._steady() > until:
                raise TryLater(None, "Twilio handed the picture out too slowly.")
        if length.isdigit() and len(content) < int(length):
            raise TryLater(None, "The picture came only in part.")
        return bytes(content)


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """No account at all: not even one that a .netrc file names."""
    return request
