"""Passwords: argon2id hashes, and which ones are too weak to keep.

The policy follows NIST SP 800-63B: length counts, composition rules and forced changes do not; what an attacker tries
first is refused (the person's own name, the product, keyboard walks, one thing repeated).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12
MOST_BYTES = 1024
"""Longer than anybody's password, short enough that hashing one is no attack."""

_HASHER = PasswordHasher()
_WALKS = (
    "0123456789",
    "9876543210",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qazwsxedc",
)
_FIRST_TRIED = (
    "password",
    "passwort",
    "contraseña",
    "contrasena",
    "senha",
    "letmein",
    "welcome",
    "puente",
    "school",
    "teacher",
)
_DIFFERENT = 5
"""Fewest different characters."""


def hash_password(password: str) -> str:
    """The argon2id hash to keep."""
    return _HASHER.hash(password.encode("utf-8", "surrogatepass"))


def fits(kept: str | None, password: str) -> bool:
    """Whether this is the password. Without a kept hash it costs the same time and is never right."""
    given = password.encode("utf-8", "surrogatepass")
    if len(given) > MOST_BYTES:
        return False
    try:
        return _HASHER.verify(kept or _nobodys(), given) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def weakness(password: str, about: Iterable[str] = ()) -> str | None:
    """Why a password is too weak to keep, in a sentence for the person who chose it; None when it will do.

    `about`: what others know of this person (name, address, school).
    """
    if len(password) < SHORTEST:
        return "A password needs at least 12 characters. A few random words are good."
    if len(password.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        return "That is longer than we can keep."
    if len(set(password)) < _DIFFERENT:
        return "That repeats too much. A few random words are good."
    rest = password.casefold()
    for known in sorted({*_FIRST_TRIED, *_words(about), *_steps()}, key=len, reverse=True):
        rest = rest.replace(known, "")
    if len(rest) < SHORTEST // 2:
        return "That is among the first things somebody would try. A few random words are good."
    return None


def _words(about: Iterable[str]) -> set[str]:
    return {
        word
        for text in about
        for word in text.casefold().replace("@", " ").replace(".", " ").split()
        if len(word) > 2
    }


@cache
def _steps() -> frozenset[str]:
    """Pieces of walks along the keyboard or the alphabet, four keys and more."""
    return frozenset(
        walk[start : start + length]
        for walk in _WALKS
        for length in range(4, len(walk) + 1)
        for start in range(len(walk) - length + 1)
    )


@cache
def _nobodys() -> str:
    return _HASHER.hash("nobody has this password: it only makes an unknown address cost the same time")
