"""Small typing mistakes: stretched letters, one letter wrong, missing, doubled or swapped."""

from __future__ import annotations

import re
from functools import lru_cache

_STRETCHED = re.compile(r"(.)\1{2,}")
_DOUBLED = re.compile(r"(.)\1+")
SHORTEST_FORGIVEN = 5
"""Letters a word must have before a mistake is forgiven: short words are too close to each other."""


def shortened(word: str, known: frozenset[str]) -> str | None:
    """`word` with stretched letters let go ("siiii" → "si", "nooo" → "no"), when that is a known word."""
    if not _STRETCHED.search(word) and not (len(word) <= 4 and _DOUBLED.search(word)):
        return None
    for better in (_STRETCHED.sub(r"\1\1", word), _STRETCHED.sub(r"\1", word), _DOUBLED.sub(r"\1", word)):
        if better in known:
            return better
    return None


def nearest(word: str, known: frozenset[str], more: frozenset[str] = frozenset()) -> str | None:
    """The one word of `known` and `more` at a single mistake's distance, or None when there is none or more than one.

    The first letter must be right, except when the first two are swapped: people rarely miss it, and it keeps
    different words apart.
    """
    if len(word) < SHORTEST_FORGIVEN or not word.isalpha():
        return None
    candidates: set[str] = set()
    for words in (known, more) if more else (known,):
        close = _by_hole(words)
        for hole in _holes(word):
            candidates.update(close.get(hole, ()))
    near = {
        other
        for other in candidates
        if len(other) >= SHORTEST_FORGIVEN - 1
        and (other[0] == word[0] or other[:2] == word[1::-1])
        and one_mistake_apart(word, other)
    }
    return near.pop() if len(near) == 1 else None


_CONFUSED = (
    "aeiouyáéíóúàèìòùâêîôûãõäëïöüæœ",
    "sczxçš",
    "bv",
    "gjh",
    "ckq",
    "mn",
    "dt",
    "lr",
    "аяоеэиыуюёіїє",
    "сзц",
    "шщчж",
    "тд",
    "бпв",
    "гкх",
    "йи",
    "اأإآىيئ",
    "تطث",
    "سصش",
    "ذزظض",
    "هةح",
    "كق",
)
"""Letters that sound alike or nearly so: what people write for one another."""
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю", "фівапролджє")


def _mistakable() -> frozenset[frozenset[str]]:
    pairs = {
        frozenset((one, other)) for group in _CONFUSED for one in group for other in group if one != other
    }
    pairs |= {frozenset(row[at : at + 2]) for row in _ROWS for at in range(len(row) - 1)}
    return frozenset(pairs)


_MISTAKABLE = _mistakable()


def one_mistake_apart(one: str, other: str) -> bool:
    """Whether one typing mistake turns `one` into `other`: a letter missing or too much, two neighbours swapped, or a
    letter changed for one that sounds like it or lies beside it on the keyboard ("banana" is not "bacana")."""
    if one == other:
        return True
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1:
        return False
    start = 0
    while start < len(one) and one[start] == other[start]:
        start += 1
    if len(one) < len(other):
        return one[start:] == other[start + 1 :]
    if one[start + 1 :] == other[start + 1 :]:
        return frozenset((one[start], other[start])) in _MISTAKABLE
    return one[start : start + 2] == other[start : start + 2][::-1] and one[start + 2 :] == other[start + 2 :]


def _holes(word: str) -> set[str]:
    """`word` itself and `word` with any one letter left out."""
    return {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}


@lru_cache(maxsize=512)
def _by_hole(known: frozenset[str]) -> dict[str, tuple[str, ...]]:
    index: dict[str, list[str]] = {}
    for word in known:
        if len(word) >= SHORTEST_FORGIVEN - 1:
            for hole in _holes(word):
                index.setdefault(hole, []).append(word)
    return {hole: tuple(sorted(words)) for hole, words in index.items()}
