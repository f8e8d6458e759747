"""What a cell of a roster says: names, dates, grades, lists, yes or no. Pure; a cell that cannot be read raises `BadCell`."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from bot.observe.privacy import mask_text

LONGEST_NAME = 120
_NOTHING = frozenset(
    {"", "-", "--", ".", "n/a", "na", "none", "null", "nil", "#n/a", "unknown", "not provided"}
)

# Format characters that carry no letter: direction marks and overrides, joiners of words, soft hyphens, tags. The
# zero-width joiner and non-joiner stay: Persian, Urdu and the scripts of India are spelled with them.
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_SPACES = re.compile(r"\s+")

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?")
_US = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?: .*)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")

_GRADES = {
    "kg": "K", "k": "K", "kindergarten": "K", "kinder": "K", "tk": "TK", "transitionalkindergarten": "TK",
    "pk": "PK", "pr": "PK", "ps": "PK", "prek": "PK", "prekindergarten": "PK", "preschool": "PK",
    "infanttoddler": "IT", "it": "IT", "postsecondary": "PS", "postgraduate": "PG", "pg": "PG",
    "ungraded": "UG", "ug": "UG", "other": "UG",
}  # fmt: skip
_ORDINAL = re.compile(r"(?:grade)?0*(\d{1,2})(?:st|nd|rd|th)?(?:grade)?")


class BadCell(ValueError):
    """A cell that says nothing we can use. The message ends a sentence that begins with the field's name."""


def clean(text: str) -> str:
    """Text without characters nobody sees, in one Unicode form, with single spaces."""
    if text.isascii() and text.isprintable():
        return _SPACES.sub(" ", text).strip() if "  " in text else text.strip()
    plain = unicodedata.normalize("NFC", _INVISIBLE.sub("", _CONTROL.sub(" ", text)))
    return _SPACES.sub(" ", plain).strip()


def quoted(cell: str, most: int = 60) -> str:
    """A cell as a message quotes it: short, and with nothing in it that looks like a phone number. Numbers end up in
    the column of identifiers too when columns have slipped, and messages are kept and copied into mails."""
    return f"“{mask_text(cell)[:most]}”"


def says_nothing(text: str) -> bool:
    """Whether a cell is empty or says in words that it is."""
    return text.casefold() in _NOTHING


def name_in(text: str) -> str:
    """A name as it is written. Raises `BadCell` when it is missing or no name by its length."""
    name = clean(text)
    if not name:
        raise BadCell("is missing.")
    if len(name) > LONGEST_NAME:
        raise BadCell(f"is longer than {LONGEST_NAME} characters: is this the right column?")
    return name


def list_in(text: str) -> tuple[str, ...]:
    """The parts of a list in one cell, which OneRoster separates by commas; semicolons and bars are met too."""
    parts = re.split(r"[,;|]", text)
    return tuple(dict.fromkeys(part for part in map(clean, parts) if part))


def date_in(text: str) -> date | None:
    """A day, as ISO 8601 or as spreadsheets in the United States write it; None for an empty cell.

    Raises `BadCell` for anything else: 13/4/2026 is no day where months come first.
    """
    cell = clean(text)
    if not cell or says_nothing(cell):
        return None
    try:
        if match := _ISO.fullmatch(cell) or _COMPACT.fullmatch(cell):
            return date(int(match[1]), int(match[2]), int(match[3]))
        if match := _US.fullmatch(cell):
            year = int(match[3])
            return date(year + 2000 if year < 100 else year, int(match[1]), int(match[2]))
    except ValueError:
        pass
    raise BadCell("is no date: write it as 2026-08-25 (or 8/25/2026).")


def grade_in(text: str) -> str | None:
    """A grade in the form we show: "3" for 03, "K" for KG; None for an empty cell."""
    cell = clean(text)
    if not cell or says_nothing(cell):
        return None
    folded = re.sub(r"[\W_]+", "", cell.casefold())
    if match := _ORDINAL.fullmatch(folded):
        number = int(match[1])
        return str(number) if number else "K"
    return _GRADES.get(folded, cell[:20])


def fold(name: str) -> str:
    """A name to compare with: no accents, no case, no signs, single spaces."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    return _SPACES.sub(" ", re.sub(r"[^\w\s]+", " ", letters.replace("'", "").replace("’", ""))).strip()
