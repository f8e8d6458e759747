"""Which script a text is written in, counted by letters. The first and surest thing detection looks at."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections import Counter

# (first code point, last code point, ISO 15924), ascending. Unicode block ranges; Latin and its extensions are one.
_RANGES = (
    (0x0041, 0x024F, "Latn"),
    (0x0250, 0x02AF, "Latn"),
    (0x0370, 0x03FF, "Grek"),
    (0x0400, 0x052F, "Cyrl"),
    (0x0530, 0x058F, "Armn"),
    (0x0590, 0x05FF, "Hebr"),
    (0x0600, 0x077F, "Arab"),
    (0x08A0, 0x08FF, "Arab"),
    (0x0900, 0x097F, "Deva"),
    (0x0980, 0x09FF, "Beng"),
    (0x0A00, 0x0A7F, "Guru"),
    (0x0A80, 0x0AFF, "Gujr"),
    (0x0B00, 0x0B7F, "Orya"),
    (0x0B80, 0x0BFF, "Taml"),
    (0x0C00, 0x0C7F, "Telu"),
    (0x0C80, 0x0CFF, "Knda"),
    (0x0D00, 0x0D7F, "Mlym"),
    (0x0D80, 0x0DFF, "Sinh"),
    (0x0E00, 0x0E7F, "Thai"),
    (0x0E80, 0x0EFF, "Laoo"),
    (0x0F00, 0x0FFF, "Tibt"),
    (0x1000, 0x109F, "Mymr"),
    (0x10A0, 0x10FF, "Geor"),
    (0x1100, 0x11FF, "Hang"),
    (0x1200, 0x139F, "Ethi"),
    (0x1780, 0x17FF, "Khmr"),
    (0x1E00, 0x1EFF, "Latn"),
    (0x1F00, 0x1FFF, "Grek"),
    (0x2C60, 0x2C7F, "Latn"),
    (0x2D80, 0x2DDF, "Ethi"),
    (0x3040, 0x309F, "Hira"),
    (0x30A0, 0x30FF, "Kana"),
    (0x3130, 0x318F, "Hang"),
    (0x31F0, 0x31FF, "Kana"),
    (0x3400, 0x4DBF, "Hani"),
    (0x4E00, 0x9FFF, "Hani"),
    (0xA9E0, 0xA9FF, "Mymr"),
    (0xAA60, 0xAA7F, "Mymr"),
    (0xAB00, 0xAB2F, "Ethi"),
    (0xAC00, 0xD7AF, "Hang"),
    (0xF900, 0xFAFF, "Hani"),
    (0xFB50, 0xFDFF, "Arab"),
    (0xFE70, 0xFEFF, "Arab"),
    (0xFF21, 0xFF5A, "Latn"),
    (0xFF66, 0xFF9D, "Kana"),
    (0x20000, 0x3FFFF, "Hani"),
)
_STARTS = tuple(first for first, _, _ in _RANGES)


def script_of(character: str) -> str | None:
    """The ISO 15924 script of one letter; None for digits, punctuation, marks, emoji and scripts not listed."""
    if not character.isalpha():
        return None
    code = ord(character)
    index = bisect_right(_STARTS, code) - 1
    if index < 0 or code > _RANGES[index][1]:
        return "Zyyy" if unicodedata.category(character).startswith("L") else None
    return _RANGES[index][2]


def scripts(text: str) -> Counter[str]:
    """How many letters of each script `text` holds."""
    counts: Counter[str] = Counter()
    for character in text:
        script = script_of(character)
        if script is not None:
            counts[script] += 1
    return counts


def has_letters(text: str) -> bool:
    """Whether there is anything to translate: emoji, digits and punctuation alone are not."""
    return any(character.isalpha() for character in text)
