"""Which pictures and files that families send are kept, and from where they may be fetched. Pure: nothing is fetched here.

Limits: Twilio accepts up to ten media a message and 5 MB for the picture kinds (its public documentation on MMS); what is
not shown to staff as it is (documents with macros, archives, programs, SVG, HTML) is never kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final
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
"""Content types that are kept and shown."""


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
    allowed = set(hosts)
    try:
        parts = urlsplit(media.url)
        host = parts.netloc.lower()
    except ValueError:
        return Refusal.ELSEWHERE
    local = host.startswith("127.0.0.1:")
    if host not in allowed or (parts.scheme != "https" and not (parts.scheme == "http" and local)):
        return Refusal.ELSEWHERE
    return None if media.content_type.partition(";")[0].strip() in KEPT else Refusal.KIND


def may_keep(content_type: str, content: bytes) -> Refusal | None:
    """Whether fetched `content` may be kept: its size, and its first bytes against what it says it is."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in KEPT:
        return Refusal.KIND
    if len(content) > MOST_BYTES:
        return Refusal.SIZE
    genuine = content.startswith(_MAGIC[kind]) and (kind != "image/webp" or content[8:12] == b"WEBP")
    return None if genuine else Refusal.DISGUISED
