"""What the fake provider has accepted, and the journal of everything that happened at it.

The journal is one JSON object a line, flushed at each, so that a test can read it while the provider runs and after
it was killed. Kinds: `attempt` (a create request, whatever became of it), `accepted`, `callback`, `listed`, `fetched`.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bot.channels.segments import measure

API = "/2010-04-01"


@dataclass
class Message:
    """One message, as Twilio's API shows it."""

    sid: str
    account_sid: str
    to: str
    sender: str | None
    service: str | None
    body: str
    direction: str = "outbound-api"
    status: str = "queued"
    error_code: int | None = None
    status_callback: str | None = None
    media: int = 0
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    updated: datetime = field(default_factory=lambda: datetime.now(UTC))
    visible_at: float = 0.0

    @property
    def ref(self) -> str | None:
        """The ref our own StatusCallback carries in its query."""
        return ref_of(self.status_callback)

    def as_json(self) -> dict[str, Any]:
        uri = f"{API}/Accounts/{self.account_sid}/Messages/{self.sid}"
        sent = self.status not in ("queued", "accepted", "scheduled")
        return {
            "account_sid": self.account_sid,
            "api_version": "2010-04-01",
            "body": self.body,
            "date_created": format_datetime(self.created),
            "date_sent": format_datetime(self.updated) if sent else None,
            "date_updated": format_datetime(self.updated),
            "direction": self.direction,
            "error_code": self.error_code,
            "error_message": None,
            "from": self.sender,
            "messaging_service_sid": self.service,
            "num_media": str(self.media),
            "num_segments": "0" if self.sender is None else str(measure(self.body).segments),
            "price": None,
            "price_unit": "USD",
            "sid": self.sid,
            "status": self.status,
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": self.to,
            "uri": f"{uri}.json",
        }


class Ledger:
    """Messages by SID, oldest first, and the journal. Safe from several threads."""

    def __init__(self, journal: Path | None = None, list_lag_seconds: float = 0.0) -> None:
        self._lock = threading.Lock()
        self._messages: dict[str, Message] = {}
        self._file = journal.open("a", encoding="utf-8") if journal else None
        self._entries: list[dict[str, Any]] = []
        self.list_lag_seconds = list_lag_seconds

    def note(self, kind: str, **facts: Any) -> None:
        entry = {"at": time.time(), "kind": kind, **facts}
        with self._lock:
            self._entries.append(entry)
            if self._file and not self._file.closed:
                self._file.write(json.dumps(entry, ensure_ascii=False) + "\n")
                self._file.flush()

    def entries(self, kind: str | None = None) -> list[dict[str, Any]]:
        with self._lock:
            return [dict(e) for e in self._entries if kind is None or e["kind"] == kind]

    def accept(self, message: Message) -> Message:
        message.visible_at = time.monotonic() + self.list_lag_seconds
        with self._lock:
            self._messages[message.sid] = message
        self.note("accepted", ref=message.ref, sid=message.sid, to=message.to, body=message.body)
        return message

    def move(self, sid: str, status: str, error_code: int | None) -> None:
        with self._lock:
            message = self._messages[sid]
            message.status, message.error_code, message.updated = status, error_code, datetime.now(UTC)

    def get(self, sid: str) -> Message | None:
        with self._lock:
            return self._messages.get(sid)

    def messages(self, to: str | None = None, sender: str | None = None) -> list[Message]:
        """All of them, oldest first, list lag or not."""
        with self._lock:
            return [m for m in self._messages.values() if to in (None, m.to) and sender in (None, m.sender)]

    def listed(self, to: str | None, sender: str | None) -> list[Message]:
        """What the list endpoint shows now: newest first, without what it does not know yet."""
        now = time.monotonic()
        return [m for m in reversed(self.messages(to, sender)) if m.visible_at <= now]

    def close(self) -> None:
        if self._file:
            self._file.close()


def new_sid(prefix: str = "SM") -> str:
    return prefix + uuid.uuid4().hex


def ref_of(url: str | None) -> str | None:
    """The `ref` in a callback address's query."""
    return parse_qs(urlsplit(url).query).get("ref", [None])[0] if url else None


def read_journal(path: Path) -> list[dict[str, Any]]:
    """The journal of a provider process, a half-written last line left out."""
    entries: list[dict[str, Any]] = []
    for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
        if line.endswith("\n"):
            entries.append(json.loads(line))
    return entries


def accepted_per_ref(path: Path) -> Counter[str]:
    """How many times each of our refs was accepted: every number above 1 is a text a family got twice."""
    return Counter(e["ref"] for e in read_journal(path) if e["kind"] == "accepted" and e["ref"])
