"""Which days of the week a family names, in any catalog language: "los domingos", "周五和周六", "Monday to Wednesday".

Pure: reads its own data (data/days.yaml) once. What it cannot read with certainty is None: a person reads it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import yaml

from bot.delivery.quiet_days import WEEKDAYS
from bot.flow.text import fold, without_accents

_WITHOUT_SPACES = frozenset({"zh", "ko"})
"""Languages in which a day's name may stand inside a longer word."""

_ARABIC_PREFIXES = "[وبفل]?"
""" "And", "on", "so", "for", written together with the word."""

_WORD = re.compile(r"[^\W\d_]+")
_APOSTROPHE = re.compile("['’‘ʼ`´]")


@dataclass(frozen=True, slots=True)
class _Book:
    days: dict[str, re.Pattern[str]]
    """By language; the group that matched, d0 to d6, is the weekday."""
    weekend: re.Pattern[str]
    span: frozenset[str]
    exceptions: re.Pattern[str]


def days_named(text: str, languages: Sequence[str]) -> tuple[str, ...] | None:
    """The weekdays `text` names, as `bot.delivery.quiet_days` writes them, Monday first; None when it names none, or
    says it in a way that could mean the others ("every day except Friday"). `languages`: the family's own, which are
    asked first."""
    book, said = _book(), _plain(text)
    if book.exceptions.search(said):
        return None
    found: set[int] = {5, 6} if book.weekend.search(said) else set()
    own = [language.partition("-")[0] for language in languages]
    for language in dict.fromkeys((*own, "en", *book.days)):
        if pattern := book.days.get(language):
            named = _in_one_language(pattern, said, book.span)
            found |= named
            if named:
                break
    return tuple(WEEKDAYS[day] for day in sorted(found)) or None


def _in_one_language(pattern: re.Pattern[str], said: str, span: frozenset[str]) -> set[int]:
    found: set[int] = set()
    before: tuple[int, int] | None = None
    for match in pattern.finditer(said):
        day = int((match.lastgroup or "d0")[1:])
        if before is not None and said[before[1] : match.start()].strip() in span:
            found |= {(before[0] + ahead) % 7 for ahead in range((day - before[0]) % 7)}
        found.add(day)
        before = (day, match.end())
    return found


def _plain(text: str) -> str:
    folded = _APOSTROPHE.sub("ʼ", fold(text))
    return _WORD.sub(lambda word: without_accents(word.group()), folded)


@lru_cache(maxsize=1)
def _book() -> _Book:
    data = files("bot.conversation") / "data" / "days.yaml"
    told = yaml.safe_load(data.read_text(encoding="utf-8"))
    return _Book(
        {
            language: re.compile(
                "|".join(f"(?P<d{number}>{_any_of(names, language)})" for number, names in enumerate(days))
            )
            for language, days in told["days"].items()
        },
        re.compile(_any_of(told["weekend"])),
        frozenset(_plain(str(words)) for words in told["span"]),
        re.compile(_any_of(told["except"])),
    )


def _any_of(names: Iterable[str], language: str | None = None) -> str:
    """A pattern for any of these names, the longest first, as whole words where the language has spaces."""
    written = sorted((_plain(str(name)) for name in names), key=len, reverse=True)
    return "(?:" + "|".join(_one(name, language) for name in written) + ")"


def _one(name: str, language: str | None) -> str:
    stem = re.escape(name.removesuffix("*")).replace(r"\ ", r"[\s-]*")
    if language in _WITHOUT_SPACES or (language is None and not _spaced(name)):
        return stem
    ending = r"\w*" if name.endswith("*") else ""
    prefix = _ARABIC_PREFIXES if language == "ar" else ""
    return rf"\b{prefix}{stem}{ending}\b"


def _spaced(name: str) -> bool:
    """Whether the script of `name` puts spaces between words: not so in Chinese and (within a phrase) Korean."""
    return not re.search(r"[\u3400-\u9fff\uac00-\ud7af]", name)
