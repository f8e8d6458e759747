"""How a text message is read before anybody asks what it means: folded, split, nothing thrown away.

The same folding is applied to families' texts and to the words they are compared with.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Literal, NamedTuple

from bot.flow.han import SIMPLIFIED

LONGEST_READ = 1600
"""Characters looked at; a text message is never longer, and work stays bounded."""

Sort = Literal["word", "number", "emoji", "break"]


class Token(NamedTuple):
    """One piece of a text. `exact` keeps accents, `plain` does not; `sort` "break" is punctuation or a new line,
    with its mark in `plain`."""

    exact: str
    plain: str
    sort: Sort


_INVISIBLE = re.compile(
    r"[\u00ad\u061c\u0640\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff\u20e3\x00-\x08"
    r"\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
)
_ARABIC_MARKS = re.compile(r"[\u064b-\u065f\u0670\u06d6-\u06ed]")
_ARABIC_SAME = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ئ": "ي", "ؤ": "و", "ة": "ه", "ی": "ي", "ک": "ك"}
)
_SAME = {
    **_ARABIC_SAME,
    **SIMPLIFIED,
    **str.maketrans({"đ": "d", "ı": "i", "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "ё": "е", "ґ": "г"}),
}
_MARKED_BASES = ("LATIN", "GREEK")
_STRESS = frozenset("\u0300\u0301")
"""Marks on Cyrillic letters that only show the stress; и with a breve is a letter of its own (й)."""
_MARKS = "".join(
    sign
    for code in (*range(0x300, 0x1D00), *range(0xA800, 0xAC00))
    if unicodedata.category(sign := chr(code))[0] == "M"
)
"""Signs that belong to the letter before them: accents, and the vowels of Devanagari, Thai and their kin."""
_APOSTROPHES = "'’‘ʼʹ`´＇"
_ANY_APOSTROPHE = re.compile(f"[{_APOSTROPHES}]")
_ELISION = re.compile(rf"\b([cdjklmnpst]|qu)[{_APOSTROPHES}](?=[^\W\d_])")
_INNER = re.compile(rf"(?<=[^\W\d_])[{_APOSTROPHES}](?=[^\W\d_])")
_OTHER_DIGIT = re.compile(r"[^\D0-9]")

_PIECE = re.compile(
    r"(?P<number>\d+(?:[.,:/]\d+)*)"
    rf"|(?P<word>[^\W\d_]+(?:[{_MARKS}]+[^\W\d_]*)*)"
    r"|(?P<break>[\n.,;:!?¡¿。，、；：！？؟،؛…\-–—/()\"«»“”]+)"
    r"|(?P<emoji>[^\s\w])"
)
_HAN = re.compile(r"[\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002ffff]")
"""Characters that stand alone, each a token."""
_HAN_OR_REST = re.compile(_HAN.pattern + "|[^" + _HAN.pattern[1:-1] + "]+")


def fold(text: str) -> str:
    """NFKC, without invisible characters, case-folded; digits of every script become 0–9."""
    text = text[:LONGEST_READ]
    if text.isascii() and text.isprintable():
        return text.casefold()
    text = _INVISIBLE.sub("", text)
    text = unicodedata.normalize("NFKC", text).casefold()
    text = _ARABIC_MARKS.sub("", text)
    text = _OTHER_DIGIT.sub(lambda digit: str(unicodedata.digit(digit.group())), text)
    return unicodedata.normalize("NFC", text)


@lru_cache(maxsize=50_000)
def without_accents(word: str) -> str:
    """`word` (already folded) as people type it in a hurry: á → a, ё → е, أ → ا. Scripts whose marks are
    letters (Devanagari, Thai, Hangul, й) keep them."""
    if word.isascii():
        return word
    word = word.translate(_SAME)
    kept: list[str] = []
    base = ""
    for letter in unicodedata.normalize("NFD", word):
        if unicodedata.combining(letter):
            if not (base.startswith(_MARKED_BASES) or (base.startswith("CYRILLIC") and letter in _STRESS)):
                kept.append(letter)
            continue
        base = unicodedata.name(letter, "")
        kept.append(letter)
    return unicodedata.normalize("NFC", "".join(kept))


def _join_apostrophes(text: str) -> str:
    """ "don't" is one word, "l'école" and "m'ap" are two."""
    if not _ANY_APOSTROPHE.search(text):
        return text
    return _INNER.sub("", _ELISION.sub(r"\1 ", text))


def tokens_of(text: str) -> tuple[Token, ...]:
    """The pieces of `text`. Never raises; an empty or invisible text has none."""
    return _tokens(text[:LONGEST_READ])


def tokens_once(text: str) -> tuple[Token, ...]:
    """The same, not remembered: for texts that are read only once."""
    return _split(text[:LONGEST_READ])


@lru_cache(maxsize=4_096)
def _tokens(text: str) -> tuple[Token, ...]:
    return _split(text)


def _split(text: str) -> tuple[Token, ...]:
    found: list[Token] = []
    for piece in _PIECE.finditer(_join_apostrophes(fold(text))):
        exact = piece.group()
        match piece.lastgroup:
            case "number":
                found.append(Token(exact, exact, "number"))
            case "break":
                found.append(Token(exact, exact, "break"))
            case "word":
                found.extend(Token(part, without_accents(part), "word") for part in _parts(exact))
            case _ if not unicodedata.category(exact).startswith("M"):
                found.append(Token(exact, exact, "emoji"))
            case _:
                continue
    return tuple(found)


def _parts(word: str) -> list[str]:
    """Han characters stand alone; letters of other scripts stay together."""
    return _HAN_OR_REST.findall(word) if _HAN.search(word) else [word]


def content(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """`tokens` without punctuation."""
    return tuple(token for token in tokens if token.sort != "break")


def bare(text: str) -> str:
    """The words and numbers of `text`, folded, without accents, marks and signs: for comparing a whole text with one
    that somebody wrote down ("¡Idée!" is "idee")."""
    return " ".join(token.plain for token in tokens_of(text) if token.sort in ("word", "number"))
