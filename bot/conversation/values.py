"""What stands in a text's placeholders, for its reader: dates and times as the language writes them, and other people's
words (a learning goal's title, a family's practice or idea) in the reader's language.

The order of trust is that of every text: a catalog or an approved translation, a machine (not for what the school lets no
machine say alone), and else the words as they are with their language named: never another language in silence. Names, phone numbers and links stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Protocol

from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton, format_time

from bot.flow.lines import KNOWN, Value, placeholders_in
from bot.language import codes
from bot.language.codes import ENGLISH
from bot.language.detect import detect
from bot.language.script import has_letters

LEFT_AS_IT_WAS = "part_in_another_language"
"""The doubt of a text in which a goal's title or a family's words could not be said in the reader's language."""

OURS = frozenset({"goal"})
"""Placeholders whose words the school wrote, in English, for many families: what a machine makes of them is remembered.
The others are families' own words, in whatever language they were written."""

_HAITIAN_DAYS = ("lendi", "madi", "mèkredi", "jedi", "vandredi", "samdi", "dimanch")
_HAITIAN_MONTHS = (
    "janvye", "fevriye", "mas", "avril", "me", "jen", "jiyè", "out", "septanm", "oktòb", "novanm", "desanm",
)  # fmt: skip
"""CLDR, which Babel reads, has no Haitian Creole yet."""


class Said(Protocol):
    """A translation, as far as it matters here."""

    @property
    def body(self) -> str: ...

    @property
    def origin(self) -> str: ...

    @property
    def engine(self) -> str | None: ...

    @property
    def model(self) -> str | None: ...

    @property
    def doubts(self) -> tuple[str, ...]: ...

    @property
    def critical(self) -> str | None: ...

    @property
    def missing(self) -> bool: ...


class Say(Protocol):
    """Says `words` of one language in another; to be remembered when they are for many families."""

    def __call__(self, words: str, source: str, target: str, *, remember: bool) -> Said: ...


@dataclass(frozen=True, slots=True)
class Told:
    """Values as the reader will see them. `machine`: the translation by a machine that is among them, if one is."""

    values: Mapping[str, Value]
    machine: Said | None = None
    doubts: tuple[str, ...] = field(default=())


def told(text: str, values: Mapping[str, Value], language: str, say: Say) -> Told:
    """The values of the placeholders in `text`, for somebody who reads `language`."""
    shown = dict(values)
    machine: Said | None = None
    doubts: dict[str, None] = {}
    for name in placeholders_in(text):
        value = values.get(name)
        if not isinstance(value, str) or not value.strip():
            continue
        match KNOWN.get(name):
            case "date":
                shown[name] = day_for(value, language)
            case "time":
                shown[name] = hour_for(value, language)
            case "text" if has_letters(value):
                source = ENGLISH if name in OURS else _written_in(value)
                if source is None or codes.same_for_readers(source, language):
                    continue
                said = say(value, source, language, remember=name in OURS)
                if said.missing or said.critical:
                    shown[name] = f"“{value}” ({name_of(source, language)})"
                    doubts[LEFT_AS_IT_WAS] = None
                    continue
                shown[name] = said.body
                machine = said if said.origin == "machine" else machine
                doubts |= dict.fromkeys(said.doubts)
            case _:
                continue
    return Told(shown, machine, tuple(doubts))


def day_for(written: str, language: str) -> str:
    """An ISO date as `language` writes it, with the weekday; anything else as it is."""
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return written
    if codes.primary(language) == "ht":
        return f"{_HAITIAN_DAYS[day.weekday()]} {day.day} {_HAITIAN_MONTHS[day.month - 1]}"
    if not _knows(language):
        return written
    return format_skeleton("MMMMEEEEd", day, fuzzy=True, locale=_locale(language))


def hour_for(written: str, language: str) -> str:
    """A time such as 17:30 as `language` writes it; anything else as it is."""
    try:
        at = time.fromisoformat(written)
    except ValueError:
        return written
    if not _knows(language):
        return written
    shown = format_time(at, "short", locale=_locale(language)).replace("\u202f", " ")
    if codes.primary(language) == "ko":  # CLDR's short form has AM and PM; nobody in Korea texts that
        return shown.replace("AM", "오전").replace("PM", "오후")
    return shown


def name_of(language: str, reader: str) -> str:
    """The name of `language` for somebody who reads `reader`: "inglés" for English in Spanish."""
    found = _locale(reader).languages.get(language.replace("-", "_")) or _locale(reader).languages.get(
        codes.primary(language)
    )
    return found if found and _knows(reader) else codes.autonym(language)


def _written_in(words: str) -> str | None:
    known = codes.find(detect(words, None).language)
    return known.tag if known else None


def _knows(language: str) -> bool:
    """Whether CLDR can write in `language`; it has Tagalog as Filipino, and of Haitian Creole next to nothing."""
    tag = codes.primary(language)
    return tag != "ht" and _locale(language).language in (tag, {"tl": "fil"}.get(tag))


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale.parse(ENGLISH)
