"""Column types that keep promises: sealed texts, blind indexes, UTC times, 64-bit ids.

Phone numbers and texts are sealed with AES-GCM-SIV (RFC 8452: a repeated nonce costs equality, not secrecy). The
associated data is `table.column.row-id`, so a ciphertext moved to another row or column does not open. The key's id
travels in the ciphertext, so keys rotate row by row while everything stays readable. Where a number must be found
again, an HMAC-SHA256 *blind index* stands beside it: equality can be looked up, nothing can be read back.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from sqlalchemy import BigInteger, DateTime, Dialect, Integer, LargeBinary, TypeDecorator
from sqlalchemy.orm import InstrumentedAttribute

_FORMAT = 1
_NONCE_BYTES = 12
HEAD_BYTES = 2 + 32 + _NONCE_BYTES
"""So much of a sealed value is enough to say which key it was sealed with."""
KEY_BYTES = 32


class VaultError(Exception):
    """A sealed value cannot be opened: unknown key, or it was changed or moved. Never carries the value."""


class Sealed(bytes):
    """Ciphertext. Only a `Vault` makes one, and a sealed column takes nothing else: plain text cannot slip in."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<sealed {len(self)} bytes>"


@dataclass(frozen=True, slots=True)
class Key:
    """One data key with its short id."""

    id: str
    secret: bytes

    @classmethod
    def new(cls) -> Key:
        """A fresh key. The id is random too: two machines that rotate at once do not clash."""
        return cls(secrets.token_hex(4), secrets.token_bytes(KEY_BYTES))

    def text(self) -> str:
        """As the setting DATA_KEYS writes it."""
        return f"{self.id}:{base64.b64encode(self.secret).decode()}"


def parse_keys(text: str) -> tuple[Key, ...]:
    """The keys of a DATA_KEYS setting, newest first. Raises `VaultError` naming the entry that is wrong."""
    keys = []
    for number, entry in enumerate((part.strip() for part in text.split(",") if part.strip()), start=1):
        name, colon, value = entry.partition(":")
        try:
            secret = base64.b64decode(value, validate=True)
        except ValueError:
            secret = b""
        if not colon or not name.isascii() or not 1 <= len(name) <= 32 or len(secret) != KEY_BYTES:
            raise VaultError(
                f"DATA_KEYS entry {number} is wrong: write id:base64 of {KEY_BYTES} bytes (`bot keys new`)."
            )
        keys.append(Key(name, secret))
    if len({key.id for key in keys}) != len(keys):
        raise VaultError("DATA_KEYS names one key id twice.")
    return tuple(keys)


class Vault:
    """Seals and opens columns. The first key seals; every key opens.

    `look_again` gives the keys as they are now. It is called when a value was sealed with a key this vault has not
    seen: another process has rotated since this one started.
    """

    def __init__(
        self, keys: Iterable[Key], index_key: bytes, look_again: Callable[[], Iterable[Key]] | None = None
    ) -> None:
        if len(index_key) != KEY_BYTES:
            raise VaultError(f"INDEX_KEY is wrong: it must be base64 of {KEY_BYTES} bytes.")
        self._index_key = index_key
        self._look_again = look_again
        self._ciphers: dict[str, AESGCMSIV] = {}
        self._take(keys)

    def _take(self, keys: Iterable[Key]) -> None:
        ring = tuple(keys)
        if not ring:
            raise VaultError("There is no data key: set DATA_KEYS (`bot keys new` prints one).")
        self._ciphers = self._ciphers | {key.id: AESGCMSIV(key.secret) for key in ring}
        self.newest = ring[0].id  # last: other threads seal with it from now on

    def seal(self, column: InstrumentedAttribute[Any], row_id: int, text: str) -> Sealed:
        """`text` bound to one column of one row. Any text is kept as it is, lone surrogates and NUL included."""
        return self.seal_bytes(column, row_id, text.encode("utf-8", "surrogatepass"))

    def seal_bytes(self, column: InstrumentedAttribute[Any], row_id: int, content: bytes) -> Sealed:
        """As `seal`, for what is no text: a picture."""
        newest = self.newest  # once: another thread may learn a newer key meanwhile
        name = newest.encode()
        nonce = os.urandom(_NONCE_BYTES)
        body = self._ciphers[newest].encrypt(nonce, content, _associated(column, row_id))
        return Sealed(bytes((_FORMAT, len(name))) + name + nonce + body)

    def open(self, column: InstrumentedAttribute[Any], row_id: int, sealed: bytes) -> str:
        """The text of a sealed value. Raises `VaultError` when it was sealed for another place or by an unknown key."""
        return self.open_bytes(column, row_id, sealed).decode("utf-8", "surrogatepass")

    def open_bytes(self, column: InstrumentedAttribute[Any], row_id: int, sealed: bytes) -> bytes:
        """As `open`, for what is no text."""
        place = _associated(column, row_id)
        key_id, rest = _split(sealed)
        cipher = self._ciphers.get(key_id)
        if cipher is None and self._look_again is not None:
            self._take(self._look_again())
            cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise VaultError(
                f"{place.decode()} was sealed with key {key_id!r}, which DATA_KEYS does not have."
            )
        try:
            return cipher.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], place)
        except InvalidTag:
            raise VaultError(
                f"{place.decode()} does not open: it was changed, or belongs to another row."
            ) from None

    def open_or(
        self, column: InstrumentedAttribute[Any], row_id: int, sealed: bytes | None, default: str = ""
    ) -> str:
        """As `open`, for a column that may be empty."""
        return default if sealed is None else self.open(column, row_id, sealed)

    def show(
        self, column: InstrumentedAttribute[Any], row_id: int, sealed: bytes | None, default: str = ""
    ) -> str:
        """As `open_or`, for a page: one damaged value is shown as � and must not hide all the others."""
        try:
            return self.open_or(column, row_id, sealed, default)
        except VaultError:
            return "\N{REPLACEMENT CHARACTER}"

    def index(self, text: str) -> bytes:
        """The blind index of a phone number (E.164) or address: equal numbers, equal bytes; nothing reads it back."""
        return hmac.digest(self._index_key, text.encode("utf-8", "surrogatepass"), hashlib.sha256)

    @property
    def newest_prefix(self) -> bytes:
        """What every value sealed with the newest key begins with: how a query finds the others."""
        name = self.newest.encode()
        return bytes((_FORMAT, len(name))) + name

    @staticmethod
    def key_of(sealed: bytes) -> str:
        """The id of the key a value was sealed with."""
        return _split(sealed)[0]


def _associated(column: InstrumentedAttribute[Any], row_id: int) -> bytes:
    return f"{column.class_.__tablename__}.{column.key}.{row_id}".encode()


def _split(sealed: bytes) -> tuple[str, bytes]:
    if len(sealed) < 2 or sealed[0] != _FORMAT or len(sealed) < 2 + sealed[1] + _NONCE_BYTES:
        raise VaultError("A sealed value is cut short or not one of ours.")
    end = 2 + sealed[1]
    return sealed[2:end].decode("ascii", "replace"), bytes(sealed[end:])


class SealedBytes(TypeDecorator[Sealed]):
    """A column that holds ciphertext and refuses anything else."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Sealed | None, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        if not isinstance(value, Sealed):
            raise TypeError("a sealed column takes only what Vault.seal made")
        return bytes(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Sealed | None:
        return None if value is None else Sealed(value)


class Utc(TypeDecorator[datetime]):
    """An instant. Takes aware datetimes only and gives UTC back, on SQLite too (which knows no time zone)."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(DateTime(timezone=dialect.name == "postgresql"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("a time without a zone is no instant")
        if value.tzinfo is not UTC:
            value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Id = BigInteger().with_variant(Integer(), "sqlite")
"""64-bit row id. On SQLite INTEGER, so that the primary key is the rowid itself."""

_ID_EPOCH_MS = 1_735_689_600_000  # 2025-01-01, so that 41 bits of milliseconds last until 2094
_TAIL_BITS = 22


def make_ids(milliseconds: Callable[[], int], tail: Callable[[int], int]) -> Callable[[], int]:
    """A source of row ids: 41 bits of milliseconds, 22 random bits; within a process each is larger than the last.

    A row's id is part of what its sealed columns are bound to, so it must be known before the row is written; and
    ids that grow with time keep the index pages of new rows together. Within one process none is given twice,
    however many a millisecond has and wherever the clock is set. Two processes that insert in the same millisecond
    clash once in 4 million; the unique key then refuses the row and the transaction is tried again.
    """
    lock = threading.Lock()
    last = 0

    def new_id() -> int:
        nonlocal last
        first = (milliseconds() - _ID_EPOCH_MS) << _TAIL_BITS
        with lock:
            if first > last:
                last = first | tail(_TAIL_BITS)
            else:  # this millisecond has one already, or the clock was set back
                last += 1
            return last

    return new_id


new_id = make_ids(lambda: time.time_ns() // 1_000_000, secrets.randbits)


def first_id_at(moment: datetime) -> int:
    """The smallest id a row made at `moment` could have: "rows of the last day" as a range of the primary key."""
    return max(0, int(moment.timestamp() * 1000) - _ID_EPOCH_MS) << _TAIL_BITS
