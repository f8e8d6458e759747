"""A text that is too long for one message, cut into several where a reader would pause.

Twilio takes at most 1,600 characters. Cuts fall after a sentence if one ends in the second half of the room, else at a
space; never inside a link, a name or any other stretch that must stay whole, nor inside a pair of UTF-16 units (which
Python cannot tear anyway). Phones put the SMS parts of *one* message together themselves, so those need no care.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

MOST_CHARACTERS: Final = 1600

_LINK: Final = re.compile(r"(?:https?://|www\.)\S+")
_SENTENCE_END: Final = re.compile(r"[.!?…。！？؟۔።।]+[\"'»”)]*\s+|\n+|(?<=[。！？])")


def split(text: str, whole: Iterable[str] = (), most: int = MOST_CHARACTERS) -> tuple[str, ...]:
    """`text` in messages of at most `most` characters. `whole` are words that must not be cut (names, times).

    Nothing is lost but the white space at the cuts. A stretch that must stay whole and is longer than a message is cut
    all the same: a torn link is better than a text that cannot be sent. Raises ValueError when `most` is below 20.
    """
    if most < 20:
        raise ValueError("A message needs room for at least 20 characters.")
    parts: list[str] = []
    rest = text.strip()
    while len(rest) > most:
        cut = _cut(rest, most, _kept_whole(rest, whole))
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return (*parts, rest) if rest or not parts else tuple(parts)


def _kept_whole(text: str, whole: Iterable[str]) -> list[tuple[int, int]]:
    spans = [found.span() for found in _LINK.finditer(text)]
    for word in whole:
        if word:
            spans += [found.span() for found in re.finditer(re.escape(word), text)]
    return spans


def _cut(text: str, most: int, spans: list[tuple[int, int]]) -> int:
    def free(place: int) -> bool:
        return 0 < place <= most and not any(start < place < end for start, end in spans)

    sentences = [
        found.end() for found in _SENTENCE_END.finditer(text) if len(text[: found.end()].rstrip()) <= most
    ]
    sentences = [min(place, most) for place in sentences]
    best = max((place for place in sentences if place > most // 2 and free(place)), default=0)
    if best:
        return best
    spaces = [place for place in range(most, 0, -1) if text[place].isspace() and free(place)]
    if spaces:
        return spaces[0]
    return next((place for place in range(most, most // 2, -1) if free(place)), most)
