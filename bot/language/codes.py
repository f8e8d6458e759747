"""The languages this product knows: how each is called, written and read, and which codes mean it.

Every tag inside the product is one of `LANGUAGES` (BCP-47, shortest form that still says what a reader needs: Chinese
carries its script because families read one or the other, Portuguese means Brazil's). Codes that people, rosters,
carriers and engines use are brought here by `normalise`. Sources of the facts: Unicode CLDR for names and direction,
ISO 639-3 for which codes are one language.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from functools import cache

from bot.language.table import ALL
from bot.language.table import Direction as Direction
from bot.language.table import Language as Language

ENGLISH = "en"
UNDETERMINED = "und"


class UnknownLanguage(ValueError):
    """A code or name that means no language we know. The message says what was given and what might be meant."""


LANGUAGES: dict[str, Language] = {language.tag: language for language in ALL}
CATALOG_LANGUAGES: tuple[str, ...] = tuple(language.tag for language in ALL if language.catalog)
"""The languages `locales/` must be complete in, English (the source of every entry) left out."""

WRITTEN: dict[str, str] = {"yue": "zh-Hant"}
"""Languages whose speakers read another one: who asks for Cantonese is written to in traditional Chinese, and is
known to speak Cantonese."""

_SHAPE = re.compile(r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$")


def _fold(name: str) -> str:
    """Lower case, without accents, brackets and doubled spaces: how people type a language's name."""
    bare = "".join(c for c in unicodedata.normalize("NFD", name.strip()) if not unicodedata.combining(c))
    return re.sub(r"[\s()_,]+", " ", bare).strip().casefold()


@cache
def _names() -> dict[str, str]:
    names: dict[str, str] = {}
    for language in ALL:
        for name in (language.tag, language.english, language.autonym, *language.aliases):
            names.setdefault(_fold(name), language.tag)
    for language in ALL:  # "Portuguese" and "Farsi", as rosters write them, without our bracket
        names.setdefault(_fold(language.english.partition(" (")[0]), language.tag)
        names.setdefault(_fold(language.autonym.partition(" (")[0]), language.tag)
    return names


def find(code: str) -> Language | None:
    """The language that `code` (a tag, an ISO 639 code, an English name or a language's own name) means, or None."""
    names = _names()
    folded = _fold(code)
    if not folded:
        return None
    if folded in names:
        return LANGUAGES[names[folded]]
    if not _SHAPE.match(code.strip()):
        return None
    parts = re.split(r"[-_]", code.strip().casefold())
    if parts[0] in ("zh", "cmn", "zho", "chi"):
        rest = set(parts[1:])
        if "yue" in rest:
            return LANGUAGES["yue"]
        return LANGUAGES["zh-Hant" if rest & {"hant", "tw", "hk", "mo"} else "zh-Hans"]
    for length in range(len(parts), 0, -1):
        tag = names.get("-".join(parts[:length]))
        if tag:
            return LANGUAGES[tag]
    return None


def normalise(code: str) -> str:
    """The product's tag for `code`. Raises `UnknownLanguage`, with the nearest names, when it means none we know."""
    language = find(code)
    if language is not None:
        return language.tag
    near = difflib.get_close_matches(_fold(code), list(_names()), n=3, cutoff=0.75)
    tags = sorted({_names()[name] for name in near})
    hint = f" Did you mean {', '.join(tags)}?" if tags else " Use a BCP-47 tag such as es, pt, ht or zh-Hans."
    raise UnknownLanguage(f"“{code[:40]}” is not a language this product knows.{hint}")


def primary(tag: str) -> str:
    """The primary subtag, as detection reports it: `zh` for both ways of writing Chinese."""
    return tag.partition("-")[0].casefold()


def direction(tag: str) -> Direction:
    """Which way `tag` is written; left to right when we do not know the language."""
    language = find(tag)
    return language.direction if language else Direction.LTR


def english_name(tag: str) -> str:
    """The name staff read: "Haitian Creole". An unknown tag is shown as it is."""
    language = find(tag)
    return language.english if language else tag


def autonym(tag: str) -> str:
    """The name its own speakers read: "Kreyòl ayisyen". An unknown tag is shown as it is."""
    language = find(tag)
    return language.autonym if language else tag


def same_for_readers(one: str, other: str) -> bool:
    """Whether a text in `one` can be handed to a reader of `other` as it stands. Scripts count: simplified and
    traditional Chinese differ, and so do Dari and Farsi. A detected bare `zh` passes for either."""
    if one == other:
        return True
    if "zh" in (one, other):
        return primary(one) == primary(other)
    a, b = find(one), find(other)
    return a is not None and b is not None and a.tag == b.tag


def abilities(tag: str, reads: bool, writes: bool) -> list[str]:
    """What the product can and cannot do for a family of this language, each as a plain English sentence.

    `reads`: an engine here translates from it to English; `writes`: from English to it (ask the router).
    """
    language = LANGUAGES[normalise(tag)]
    name = language.english
    if language.tag == ENGLISH:
        return ["Everything is written in English; nothing needs translating."]
    says = [
        f"The bot's own texts are written in {name}."
        if language.catalog
        else f"The bot's own texts are not yet written in {name}: they wait for a person, or the family names another "
        "language it reads."
    ]
    if tag in WRITTEN:
        says = [
            f"Who asks for {name} is written to in {english_name(WRITTEN[tag])}, the bot's own texts too."
        ]
    says.append(
        "What the family writes is translated to English by machine, marked as such, beside the original."
        if reads
        else "What the family writes reaches staff in the original only, marked “not translated”, until a person translates it."
    )
    says.append(
        f"What staff write is translated to {name} by machine, marked as such."
        if writes
        else f"What staff write is sent only when an approved {name} translation exists or a person has written one."
    )
    if language.spoken_first:
        says.append(f"{name} is mostly spoken: offer a call or an interpreter as well.")
    if language.caution:
        says.append(language.caution)
    return says
