"""How a text is read before wordings are looked for in it: clauses of folded words, in any script.

The folding is the flow engine's (`bot.flow.text.fold`), with what writers of some languages mix up besides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from bot.flow.text import fold, without_accents

# Letters of Ethiopic that sound alike and are typed for one another, a row of eight each: ሐ and ኀ for ሀ, ሠ for ሰ …
_ETHIOPIC_SAME: Final = str.maketrans(
    {
        chr(row + i): chr(base + i)
        for row, base in (
            (0x1210, 0x1200),
            (0x1280, 0x1200),
            (0x1220, 0x1230),
            (0x12D0, 0x12A0),
            (0x1340, 0x1338),
        )
        for i in range(8)
    }
)
# Letters of Arabic script that keyboards of different languages write differently.
_ARABIC_SAME: Final = str.maketrans({"ہ": "ه", "ھ": "ه", "ە": "ه", "ۂ": "ه", "ے": "ي", "ں": "ن"})

# Long and short vowels and the two nasal signs, which Nepali writers use for one another.
_DEVANAGARI_SAME: Final = str.maketrans(
    {"ी": "ि", "ू": "ु", "ँ": None, "ं": None, "ः": None, "श": "स", "ष": "स", "व": "ब"}
)

_STRETCHED: Final = re.compile(r"([^\W\d_])\1{2,}")

Word = tuple[str, str]
"""(plain, exact): the word without what writers leave out or mix up, and with it."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of a text without a stop in it."""

    words: tuple[Word, ...]

    def letters(self) -> tuple[Word, ...]:
        """The clause without its spaces, letter by letter; a Latin word or a number among them stays whole."""
        return tuple((piece, piece) for plain, _ in self.words for piece in letters_of(plain))

    def __str__(self) -> str:
        return " ".join(plain for plain, _ in self.words)


def letters_of(word: str) -> tuple[str, ...]:
    """A folded word as its letters, for languages whose spaces do not matter."""
    return (word,) if word.isascii() else tuple(word)


def clauses_of(text: str) -> tuple[Clause, ...]:
    """The clauses of `text`, folded. Empty ones are left out. Never raises."""
    found: list[Clause] = []
    words: list[tuple[str, str]] = []
    for piece in _PIECES.finditer(_APOSTROPHE.sub(_apart_or_together, fold(text))):
        if piece["stop"]:
            if words:
                found.append(Clause(tuple(words)))
                words = []
        else:
            words.append(alike(piece.group()))
    if words:
        found.append(Clause(tuple(words)))
    return tuple(found)


# A word is letters with the marks that belong to them (Devanagari vowels are marks), a number, or one Han character.
_MARKS: Final = "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963"
_HAN: Final = "\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002ffff"
_PIECES: Final = re.compile(
    rf"(?P<stop>[.,:](?!\d)|[\n;!?…。，；：！？、،؛؟։።፣፤፥፧।॥(){{}}\[\]|]|\s[-–—]+\s)|[{_HAN}]|\d+|(?:[^\W\d_{_HAN}][{_MARKS}]*)+"
)
_APOSTROPHE: Final = re.compile(r"(?<![^\W\d_])([^\W\d_]*)['’‘ʼʹ`´＇](?=[^\W\d_])")


def _apart_or_together(found: re.Match[str]) -> str:
    """ "l'école" and "m'ap" are two words, "don't" and "dom'yat" one."""
    before = found.group(1)
    return before + " " if 0 < len(before) <= 2 and before.isascii() else before


@lru_cache(maxsize=20_000)
def alike(word: str) -> Word:
    exact = _STRETCHED.sub(r"\1", word)
    return without_accents(exact).translate(_ETHIOPIC_SAME).translate(_ARABIC_SAME).translate(
        _DEVANAGARI_SAME
    ), exact
