"""A LibreTranslate-compatible server that a district runs itself. Off unless its URL *and* its host are in the settings.

Families' words leave the machine only this way, so the host must stand on an allow-list, redirects are not followed,
and every call has a time-out. The API key is never part of a message.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from urllib.parse import urlsplit

from bot.language import codes
from bot.language.engines.base import EngineFailed, Model

_CODES = {
    "zh-Hans": ("zh-Hans", "zh"),
    "zh-Hant": ("zh-Hant", "zt"),
    "pt": ("pt-BR", "pb", "pt"),
    "tl": ("tl", "fil"),
}
_REMEMBERED_SECONDS = 600.0
_CONNECT_SECONDS = 3.05


class RemoteEngine:
    """One LibreTranslate-compatible URL. Raises ValueError when its host is not allow-listed or it is no http(s) URL."""

    name = "remote"

    def __init__(
        self, url: str, allowed_hosts: Collection[str], api_key: str | None = None, seconds: float = 20.0
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("The remote translation URL must start with http:// or https://.")
        if parts.hostname not in allowed_hosts:
            raise ValueError(
                f"The remote translation host {parts.hostname} is not on the allow-list. Families' words would go there: "
                "add it to REMOTE_TRANSLATION_HOSTS if the district runs it."
            )
        if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
            raise ValueError("The remote translation URL must be https:// unless it is on this machine.")
        self._url = url.rstrip("/")
        self._host = parts.hostname
        self._key = api_key
        self._timeout = (_CONNECT_SECONDS, seconds)
        self._pairs: dict[tuple[str, str], tuple[str, str]] = {}
        self._asked_at: float | None = None

    def models(self) -> list[Model]:
        """What the server says it serves, remembered for ten minutes. Empty when it does not answer."""
        if self._asked_at is None or time.monotonic() - self._asked_at > _REMEMBERED_SECONDS:
            self._asked_at = time.monotonic()
            try:
                self._pairs = self._ask_languages()
            except EngineFailed:
                self._pairs = {}
        return [Model(self.name, self._host, *pair, megabytes=0, where=self._host) for pair in self._pairs]

    def _ask_languages(self) -> dict[tuple[str, str], tuple[str, str]]:
        answer = self._call("GET", "/languages", None)
        pairs: dict[tuple[str, str], tuple[str, str]] = {}
        for entry in answer if isinstance(answer, list) else []:
            code = entry.get("code") if isinstance(entry, dict) else None
            source = self._tag(code)
            for other in entry.get("targets", []) if source else []:
                target = self._tag(other)
                if source and target and source != target:
                    pairs.setdefault((source, target), (str(code), str(other)))
        return pairs

    @staticmethod
    def _tag(code: object) -> str | None:
        if not isinstance(code, str):
            return None
        ours = next((tag for tag, theirs in _CODES.items() if code in theirs), None)
        language = codes.find(ours or code)
        return language.tag if language else None

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str]:
        self.models()
        theirs = self._pairs.get((source, target))
        if theirs is None:
            raise EngineFailed(f"{self._host} does not translate {source} → {target}, or does not answer.")
        body: dict[str, object] = {
            "q": list(texts),
            "source": theirs[0],
            "target": theirs[1],
            "format": "text",
        }
        if self._key:
            body["api_key"] = self._key
        answer = self._call("POST", "/translate", body)
        found = answer.get("translatedText") if isinstance(answer, dict) else None
        if isinstance(found, str) and len(texts) == 1:
            found = [found]
        if (
            not isinstance(found, list)
            or len(found) != len(texts)
            or not all(isinstance(t, str) for t in found)
        ):
            raise EngineFailed(f"{self._host} did not answer as LibreTranslate does.")
        return list(found)

    def _call(self, method: str, path: str, body: dict[str, object] | None) -> object:
        import requests  # a tenth of a second that only installations with a server of their own pay

        try:
            answer = requests.request(
                method, self._url + path, json=body, timeout=self._timeout, allow_redirects=False
            )
            if answer.status_code != 200:
                raise EngineFailed(f"{self._host} answered {answer.status_code}.")
            result: object = answer.json()
        except (requests.RequestException, ValueError) as error:
            raise EngineFailed(f"{self._host} could not be reached or did not answer in time.") from error
        return result

    def loaded(self) -> list[Model]:
        return []

    def unload(self, source: str, target: str) -> None:
        """Nothing of a remote model is in our memory."""

    def close(self) -> None:
        self._pairs = {}
