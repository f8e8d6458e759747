"""Which pictures and files that families send are kept, and from where they may be fetched. Pure: nothing is fetched
here (`bot.channels.twilio_media` does).

Limits: Twilio accepts up to ten media a message and 5 MB for the picture kinds (its public documentation on MMS); what is
not shown to staff as it is (documents with macros, archives, programs, SVG, HTML) is never kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol
from urllib.parse import urlsplit

from bot.channels.base import Media

MOST_MEDIA: Final = 10
MOST_BYTES: Final = 5 * 1024 * 1024

_MAGIC: Final[dict[str, tuple[bytes, ...]]] = {
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/webp": (b"RIFF",),
    "audio/ogg": (b"OggS",),
    "audio/mpeg": (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"),
    "audio/amr": (b"#!AMR",),
    "application/pdf": (b"%PDF-",),
}
KEPT: Final = frozenset(_MAGIC)
"""Content types that are kept."""

SHOWN: Final = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
"""Content types a page shows as they are; the others are handed out as files."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A medium that may be kept."""

    content_type: str
    content: bytes = field(repr=False)


class MediaRefused(Exception):
    """This medium is not kept, now or later; the message is why, for staff."""


class MediaSource(Protocol):
    """Where media come from. Safe to call from several threads at once."""

    def fetch(self, media: Media, number: int) -> Fetched:
        """The `number`-th medium (from 0) of a message. Raises `MediaRefused` or `TryLater`; always with a time-out."""
        ...


class Refusal(StrEnum):
    """Why a medium is not fetched or not kept, in words for staff."""

    ELSEWHERE = "It does not lie at the provider."
    KIND = "This kind of file is not kept."
    SIZE = "It is larger than 5 MB."
    DISGUISED = "It is not the kind of file it says it is."
    TOO_MANY = "More than ten came with one message."


def may_fetch(media: Media, number: int, hosts: Iterable[str]) -> Refusal | None:
    """Whether the `number`-th medium (from 0) of a message may be fetched; None means yes.

    `hosts` are the provider's own (`api.twilio.com`; in a test the fake's `127.0.0.1:PORT`), compared whole: a user name in
    front, another port, or a look-alike is elsewhere. Whoever fetches must not follow a redirect to another host without
    asking again, must send no credentials there, and must stop reading after `MOST_BYTES`.
    """
    if number >= MOST_MEDIA:
        return Refusal.TOO_MANY
    if not is_providers(media.url, hosts):
        return Refusal.ELSEWHERE
    return None if kind_of(media.content_type) in KEPT else Refusal.KIND


def is_providers(url: str, hosts: Iterable[str]) -> bool:
    """Whether `url` lies on one of `hosts`: over https, or http on this very machine (tests)."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.lower()
    except ValueError:
        return False
    secure = parts.scheme == "https" or (parts.scheme == "http" and host.startswith("127.0.0.1:"))
    return secure and host in set(hosts)


def kind_of(content_type: str) -> str:
    """A content type without its parameters."""
    return content_type.partition(";")[0].strip().lower()


def may_keep(content_type: str, content: bytes) -> Refusal | None:
    """Whether fetched `content` may be kept: its size, and its first bytes against what it says it is."""
    kind = kind_of(content_type)
    if kind not in KEPT:
        return Refusal.KIND
    if len(content) > MOST_BYTES:
        return Refusal.SIZE
    genuine = content.startswith(_MAGIC[kind]) and (kind != "image/webp" or content[8:12] == b"WEBP")
    return None if genuine else Refusal.DISGUISED
