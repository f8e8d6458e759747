"""How a guardian likes to be reached, from the answers a conversation saves: languages, name, days of rest.

Conversations save words (`guardian.quiet_days`: "los domingos"); what the product does afterwards goes by the
guardian's columns. Here the one becomes the other. What cannot be read with certainty changes nothing: a person
is told. (The best time of day is a choice already: `bot.delivery.best_time` reads the answer itself.) Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Final

import yaml

from bot.conversation.days import days_named
from bot.conversation.keywords import language_named
from bot.conversation.snapshot import Family
from bot.delivery.quiet_days import WEEKDAYS
from bot.flow.text import fold
from bot.language import codes

LANGUAGE_FIELDS: Final = ("guardian.reads", "guardian.speaks")

LONGEST_NAME: Final = 40
"""Characters. What is longer is a sentence, and no way to address anybody."""
MOST_NAMES: Final = 5


@dataclass(frozen=True, slots=True)
class Wish:
    """What one answer changes. `columns` are the guardian's; `unclear`: it said something nobody here can apply."""

    columns: Mapping[str, object] = field(default_factory=dict)
    unclear: bool = False


NOTHING: Final = Wish()
UNCLEAR: Final = Wish(unclear=True)


def wish_of(
    saved: str,
    value: object,
    raw: str | None,
    family: Family,
    language: str | None,
    sayable: Callable[[str], bool],
) -> Wish:
    """What the answer to the field `saved` changes about a guardian.

    `value` is a choice's name or the words; `raw` the words. `language` is what the family reads now, `sayable` tells
    whether the product can write to somebody in a language at all. Fields of other people change nothing.
    """
    words = raw if raw is not None and value == raw else None
    match saved:
        case "guardian.reads" if value == "this_one":
            return Wish({"language": language}) if language else NOTHING
        case "guardian.reads" if words is not None:
            tag = language_in(words, language)
            return Wish({"language": tag}) if tag is not None and sayable(tag) else UNCLEAR
        case "guardian.speaks" if value == "this_one":
            return Wish({"spoken_language": language}) if language else NOTHING
        case "guardian.speaks" if words is not None:
            tag = language_in(words, language)
            return UNCLEAR if tag is None else Wish({"spoken_language": tag})
        case "guardian.address_as" if words is not None:
            name = name_in(words)
            return UNCLEAR if name is None else Wish({"address_as": name})
        case "guardian.quiet_days" if value == "none":
            return Wish({"quiet_days": _dates(family)})
        case "guardian.quiet_days" if words is not None:
            own = tuple(one for one in (language, family.spoken_language) if one)
            days = days_named(words, own)
            if days is None or len(days) == len(WEEKDAYS):
                return UNCLEAR
            return Wish({"quiet_days": [*days, *_dates(family)]})
        case _:
            return NOTHING


def name_in(words: str) -> str | None:
    """The name in an answer to "how should we call you?"; None when it is more than a name."""
    kept = " ".join(words.split()).strip(" .,!¡。،")
    while found := _call_me().match(kept):
        kept = kept[found.end() :].strip(" .,!:¡")
    letters = any(letter.isalpha() for letter in kept)
    if (
        not letters
        or len(kept) > LONGEST_NAME
        or len(kept.split()) > MOST_NAMES
        or re.search(r"[\d?？؟¿/@]", kept)
    ):
        return None
    return kept


def _dates(family: Family) -> list[str]:
    """Dates and spans that stand in the profile already: an answer about weekdays leaves them."""
    return [day for day in family.quiet_days if day not in WEEKDAYS]


def language_in(words: str, now: str | None) -> str | None:
    """The one language that `words` name, as a tag. Chinese in general leaves a reader the writing it has."""
    exact = codes.find(words.strip(" .!¡。"))
    named = exact.tag if exact else language_named(words)
    if named is None or (exact is None and _others(words, named)):
        return None
    if exact is None and now is not None and codes.primary(now) == named:
        return now
    if named == "zh" and re.search("[繁粵]|traditional|tradicional|traditionnel", fold(words)):
        return "zh-Hant"
    known = codes.find(named)
    return known.tag if known else None


def _others(words: str, named: str) -> bool:
    """Whether the words name yet another language by its full name ("hablo mam, leo español")."""
    said = set(fold(words).replace(",", " ").replace(".", " ").split())
    return any(
        {fold(one.english), fold(one.autonym)} & said and codes.primary(one.tag) != named
        for one in codes.LANGUAGES.values()
    )


@lru_cache(maxsize=1)
def _call_me() -> re.Pattern[str]:
    data = files("bot.conversation") / "data" / "call_me.yaml"
    written = sorted(yaml.safe_load(data.read_text(encoding="utf-8")), key=len, reverse=True)
    spaced = [re.escape(one) for one in written if one.isascii() or not re.search(r"[\u3400-\u9fff]", one)]
    others = [re.escape(one) for one in written if re.search(r"[\u3400-\u9fff]", one)]
    return re.compile(rf"(?:(?:{'|'.join(spaced)})\b|{'|'.join(others)})", re.IGNORECASE)
