"""Names nobody told us about: finding them in a text, and seeing whether a translation still has them.

A roster gives most names (`Translator.translate(names=...)`). For the others: a capitalised word of
data/given_names.txt is a name; any other word capitalised inside a sentence *may* be one, and counts as one when the
translation holds a near copy of it ("Oleksandr" → "Olexandre") instead of the word itself or a translation.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib import resources

from babel import Locale
from babel.dates import get_day_names, get_month_names

from bot.language.codes import LANGUAGES, find

_CAPITALISED = re.compile(r"(?<![\w@/.'’-])[A-ZÀ-ÖØ-ÞĀ-Ž][\w]*(?:['’-][\w]+)*(?![\w@/])")
_OPENS = re.compile(r"(?:^|[.!?…:;\n\"“”«»(\[]|[¿¡•–-])\s*$")
_TITLE_BEFORE = re.compile(r"[A-ZÀ-Þ][\w'’-]*\s+(?:d[aeo]s?\s+|of\s+|of the\s+|del?\s+|y\s+)?$")
_TITLE_AFTER = re.compile(r"\s+(?:d[aeo]s?\s+|of\s+|of the\s+|del?\s+)?[A-ZÀ-Þ]")
_PLAIN_ALPHABETS = frozenset({"en", "pt", "es", "fr", "ht", "tl", "so", "sw", "it"})
_FOREIGN_LETTER = re.compile(r"[\u0100-\u0151\u0154-\u024f\u1e00-\u1eff]")  # Đặng, Łukasz; not Œ
_NEAR, _MANGLED = 0.8, 0.62

# Words that English and Portuguese write with a capital and that are to be translated, besides days, months,
# languages and countries (which come from CLDR).
_COMMON = [
    "i",
    "mr",
    "mrs",
    "ms",
    "miss",
    "dr",
    "sr",
    "sra",
    "srta",
    "dona",
    "professor",
    "professora",
    "teacher",
    "principal",
    "director",
    "coach",
    "nurse",
    "counselor",
    "school",
    "escola",
    "escuela",
    "high",
    "middle",
    "elementary",
    "kindergarten",
    "preschool",
    "grade",
    "math",
    "science",
    "reading",
    "history",
    "art",
    "music",
    "english",
    "library",
    "office",
    "room",
    "gym",
    "bus",
    "district",
    "board",
    "family",
    "night",
    "open",
    "house",
    "back",
    "parent",
    "guardian",
    "mom",
    "dad",
    "mother",
    "father",
    "conference",
    "report",
    "card",
    "picture",
    "day",
    "fair",
    "field",
    "trip",
    "homework",
    "summer",
    "winter",
    "spring",
    "fall",
    "christmas",
    "thanksgiving",
    "easter",
    "halloween",
    "ramadan",
    "eid",
    "hanukkah",
    "diwali",
    "carnaval",
    "natal",
    "páscoa",
    "god",
    "deus",
    "dios",
    "saint",
    "são",
    "san",
    "santa",
    "street",
    "avenue",
    "road",
    "city",
    "state",
    "united",
    "states",
    "america",
    "american",
    "brazilian",
    "mexican",
    "haitian",
    "chinese",
    "zoom",
    "google",
    "classroom",
    "whatsapp",
    "facebook",
    "youtube",
    "internet",
    "covid",
    "grandma",
    "grandpa",
    "vovó",
    "vovô",
    "tio",
    "tia",
    "senhor",
    "senhora",
    "new",
    "year",
    "president",
    "department",
    "education",
    "health",
    "center",
    "hospital",
]


# Names that are words too: at a sentence's start they are taken for the word.
_ALSO_WORDS = frozenset(
    [
        "alma",
        "art",
        "aurora",
        "autumn",
        "bella",
        "blessing",
        "campos",
        "chi",
        "costa",
        "cruz",
        "daisy",
        "dan",
        "do",
        "dos",
        "esperanza",
        "faith",
        "flores",
        "franco",
        "genesis",
        "gloria",
        "grace",
        "hai",
        "hong",
        "hope",
        "iris",
        "israel",
        "jade",
        "jordan",
        "joy",
        "jung",
        "lam",
        "le",
        "leite",
        "leon",
        "lila",
        "lily",
        "lima",
        "luz",
        "machado",
        "marina",
        "mark",
        "max",
        "mercedes",
        "milagros",
        "moreno",
        "park",
        "paz",
        "pinto",
        "ramos",
        "reis",
        "rocha",
        "rosa",
        "rose",
        "ruby",
        "santos",
        "soledad",
        "summer",
        "sung",
        "violeta",
        "will",
        "young",
        "islam",
        "guadalupe",
        "rosario",
        "reina",
        "vera",
    ]
)


def _fold(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))


@cache
def _given_names() -> frozenset[str]:
    source = resources.files("bot.language").joinpath("data/given_names.txt").read_text(encoding="utf-8")
    return frozenset(
        _fold(n) for line in source.splitlines() if not line.startswith("#") for n in line.split()
    )


@cache
def _translatable(tag: str) -> frozenset[str]:
    """Capitalised words of a language that are no names: days, months, languages, countries, school words."""
    words = set(_COMMON)
    language = find(tag)
    if language is not None and language.babel:
        locale = Locale.parse(language.babel)
        phrases: list[str] = [*get_day_names("wide", locale=locale).values()]
        phrases += get_month_names("wide", locale=locale).values()
        phrases += [str(name) for name in locale.languages.values()]
        phrases += [str(name) for name in locale.territories.values()]
        words |= {word for phrase in phrases for word in re.findall(r"[^\W\d_]+", phrase.casefold())}
    words |= {language.english.casefold().partition(" ")[0] for language in LANGUAGES.values()}
    return frozenset(map(_fold, words))


def sure_names(text: str, source: str) -> Iterator[tuple[int, int]]:
    """Where capitalised words stand that are on the list of names, or written in letters the language has not."""
    for match in _CAPITALISED.finditer(text):
        word = re.sub(r"['’]s$", "", match.group())
        folded = _fold(word)
        if text.isupper() and folded in _ALSO_WORDS:
            continue
        foreign = source in _PLAIN_ALPHABETS and _FOREIGN_LETTER.search(word) is not None
        if len(word) < 2 or not (foreign or folded in _given_names()):
            continue
        if _inside(text, match) or (len(word) > 2 and folded not in _ALSO_WORDS):
            yield match.start(), match.start() + len(word)


def possible_names(text: str, source: str) -> Iterator[tuple[int, int, bool]]:
    """Where other words stand that are capitalised inside a sentence, and whether each stands alone: part of no longer
    title such as "Universidade de Stanford"."""
    if text.isupper() or text.istitle():
        return
    for match in _CAPITALISED.finditer(text):
        word = re.sub(r"['’]s$", "", match.group())
        if (
            len(word) < 3
            or word.isupper()
            or not _inside(text, match)
            or _fold(word) in _translatable(source)
        ):
            continue
        alone = not (_TITLE_BEFORE.search(text, 0, match.start()) or _TITLE_AFTER.match(text, match.end()))
        yield match.start(), match.start() + len(word), alone


def capitals(text: str, language: str) -> int:
    """How many words are capitalised for another reason than opening the text: names, as far as one can tell."""
    found = 0
    for match in _CAPITALISED.finditer(text):
        word = match.group()
        opens = not text[: match.start()].strip("\"'“”¿¡ ") and _fold(word) not in _given_names()
        if len(word) > 1 and not word.isupper() and not opens and _fold(word) not in _translatable(language):
            found += 1
    return found


def _inside(text: str, match: re.Match[str]) -> bool:
    return _OPENS.search(text[: match.start()]) is None


def has_word(text: str, word: str) -> bool:
    """Whether `word` stands in `text` as a whole word, capitals and all. (A pattern a name would cost ten times this.)"""
    at = text.find(word)
    while at >= 0:
        end = at + len(word)
        if not (at and text[at - 1].isalnum()) and not (end < len(text) and text[end].isalnum()):
            return True
        at = text.find(word, at + 1)
    return False


def near_copy(name: str, text: str, at_least: float = _MANGLED) -> str | None:
    """The capitalised word of `text` that is the name misspelt, or None. The name itself is no near copy."""
    wanted = _fold(name)
    best, best_ratio = None, at_least
    for match in _CAPITALISED.finditer(text):
        word = re.sub(r"['’]s$", "", match.group())
        if word == name:
            return None
        ratio = difflib.SequenceMatcher(None, wanted, _fold(word)).ratio()
        if ratio >= best_ratio:
            best, best_ratio = word, ratio
    return best


def mended(text: str, name: str, at_least: float = _NEAR) -> str:
    """`text` with a missing name put back where only its accents (or, in a long name, a letter) went wrong."""
    if has_word(text, name):
        return text
    for word in name.split():
        copy = near_copy(word, text, at_least)
        if copy is not None and (_fold(copy) == _fold(word) or len(word) >= 6):
            text = re.sub(rf"(?<!\w){re.escape(copy)}(?!\w)", word, text, count=1)
    return text
