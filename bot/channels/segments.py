"""What a text costs: its SMS encoding, and how many parts ("segments") the carriers count.

Source: 3GPP TS 23.038 (the GSM 7-bit default alphabet and its extension table) and TS 23.040 (a part of a longer
text loses six octets to its header: 160 → 153 septets, 70 → 67 UTF-16 units). A pair (a surrogate pair, or the escape
and its extension character) is never torn over two parts, so parts are packed greedily and `ceil(n / 153)` is wrong.

Nothing in here changes a text. Most Spanish and nearly all Haitian Creole needs UCS-2 because of its accents; that is
its price, and spelling a family's language wrongly to save a cent is not for a program to decide.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

Encoding = Literal["GSM-7", "UCS-2"]

GSM_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENSION: Final = frozenset("\f^{}\\[~]|€")

_SINGLE: Final[dict[Encoding, int]] = {"GSM-7": 160, "UCS-2": 70}
_PART: Final[dict[Encoding, int]] = {"GSM-7": 153, "UCS-2": 67}

# Characters that only dress a text up: an ordinary one says exactly the same, in every language.
_PLAIN: Final[dict[str, str]] = {
    "’": "'",
    "‘": "'",
    "‚": "'",
    "`": "'",
    "´": "'",
    "“": '"',
    "”": '"',
    "„": '"',
    "«": '"',
    "»": '"',
    "…": "...",
    "–": "-",
    "—": "-",
    "‑": "-",
    "−": "-",
    "•": "-",
    "\u00a0": " ",
    "\u2009": " ",
    "\u202f": " ",
    "\t": " ",
    "\u200b": "",
    "\ufeff": "",
}

# Marks by category, but parts of emoji: the text and emoji presentation selectors and the keycap.
_EMOJI_MARKS: Final = frozenset("\ufe0e\ufe0f\u20e3")


@dataclass(frozen=True, slots=True)
class Segments:
    """What a text costs. `units` are septets (GSM-7) or UTF-16 code units (UCS-2), headers not counted."""

    encoding: Encoding
    segments: int
    units: int
    forced_by: tuple[str, ...]
    """The characters that forced UCS-2, each once, in the order they appear."""


@dataclass(frozen=True, slots=True)
class Cheaper:
    """What would have to change for a text to cost less. A hint for the person who writes; never applied here."""

    now: Segments
    swaps: tuple[tuple[str, str], ...]
    """Typographic characters with a plain equal ("’" → "'"): changing them changes no word."""
    pictures: tuple[str, ...]
    """Emoji and other signs that a text could do without."""
    letters: tuple[str, ...]
    """Letters the language needs. Without them the text would be misspelt, so the way out is fewer words."""
    then: Segments | None
    """What the text would cost with `swaps` made and `pictures` left out; None when `letters` keep it in UCS-2."""
    spare: int
    """How many units would have to go from the end of the text (as it is) for it to cost one segment less."""


def measure(text: str) -> Segments:
    """Encoding, parts and units of `text` as the carriers count them. An empty text still costs one part.

    Never raises: a lone surrogate counts as the one UTF-16 unit it is.
    """
    used = set(text)
    forced = used - GSM_BASIC - GSM_EXTENSION
    encoding: Encoding = "UCS-2" if forced else "GSM-7"
    forced_by = tuple(dict.fromkeys(c for c in text if c in forced)) if forced else ()
    if not (max(used, default="") > "\uffff" if forced else used & GSM_EXTENSION):
        # Nothing is two units wide, so no part can be short of its limit.
        units = len(text)
        parts = 1 if units <= _SINGLE[encoding] else -(-units // _PART[encoding])
        return Segments(encoding, parts, units, forced_by)
    widths = list(_widths(text, encoding))
    units = sum(widths)
    return Segments(encoding, _parts(widths, units, encoding), units, forced_by)


def count(text: str) -> int:
    """How many parts `text` costs: `measure(text).segments`, a few times faster for the texts of thousands."""
    used = set(text)
    if used <= GSM_BASIC:
        encoding: Encoding = "GSM-7"
    elif used - GSM_EXTENSION - GSM_BASIC and max(used) <= "\uffff":
        encoding = "UCS-2"
    else:
        return measure(text).segments
    return 1 if len(text) <= _SINGLE[encoding] else -(-len(text) // _PART[encoding])


def cheaper(text: str) -> Cheaper | None:
    """What would make `text` cheaper, or None when it already costs one part.

    A GSM-7 text of several parts gets a hint as well: `spare` says how much shorter it would have to be.
    """
    now = measure(text)
    if now.segments == 1:
        return None
    swaps = tuple((c, _PLAIN[c]) for c in now.forced_by if c in _PLAIN)
    rest = [c for c in now.forced_by if c not in _PLAIN]
    letters = tuple(c for c in rest if _belongs_to_a_word(c))
    pictures = tuple(c for c in rest if not _belongs_to_a_word(c))
    then = None if letters else measure(_without(text, dict(swaps), pictures))
    return Cheaper(now, swaps, pictures, letters, then, _spare(text, now))


def _widths(text: str, encoding: Encoding) -> Iterator[int]:
    if encoding == "GSM-7":
        return (2 if c in GSM_EXTENSION else 1 for c in text)
    return (2 if ord(c) > 0xFFFF else 1 for c in text)


def _parts(widths: list[int], units: int, encoding: Encoding) -> int:
    if units <= _SINGLE[encoding]:
        return 1
    limit, parts, used = _PART[encoding], 1, 0
    for width in widths:
        if used + width > limit:
            parts, used = parts + 1, 0
        used += width
    return parts


def _spare(text: str, now: Segments) -> int:
    """Units to drop from the end until one part is saved: exact, because packing is greedy from the front."""
    widths = list(_widths(text, now.encoding))
    units, dropped = now.units, 0
    while widths and _parts(widths, units, now.encoding) == now.segments:
        last = widths.pop()
        units -= last
        dropped += last
    return dropped if now.segments > 1 else 0


def _belongs_to_a_word(char: str) -> bool:
    """Whether leaving the character out would misspell a word: letters, digits of a script, marks on letters."""

    return unicodedata.category(char)[0] in "LMN" and char not in _EMOJI_MARKS


def _without(text: str, swaps: dict[str, str], pictures: tuple[str, ...]) -> str:
    drop = frozenset(pictures)
    return "".join(swaps.get(c, c) for c in text if c not in drop)
