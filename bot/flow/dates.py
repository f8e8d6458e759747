"""Days as people text them: tomorrow, on Friday, 3 March, 3/14. Names of days and months come from CLDR (Babel)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import get_day_names, get_month_names

from bot.flow.text import Token, content, tokens_of
from bot.flow.words import lexicon

_NUMERIC = re.compile(r"(\d{1,2})[/.](\d{1,2})(?:[/.](\d{2}|\d{4}))?")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
MONTH_FIRST = frozenset({"en", "tl"})
"""Languages whose readers here write 3/14 for 14 March; others write 14/3."""


@lru_cache(maxsize=64)
def _names(language: str) -> tuple[dict[tuple[str, ...], int], dict[tuple[str, ...], int]]:
    """Weekdays (Monday is 0) and months (1 to 12) of `language`, as plain words."""
    try:
        locale = Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return {}, {}
    days: dict[tuple[str, ...], int] = {}
    months: dict[tuple[str, ...], int] = {}
    for width in ("wide", "abbreviated"):
        for context in ("format", "stand-alone"):
            for number, name in get_day_names(width, context, locale).items():
                days.setdefault(_plain(name), int(number))
            for number, name in get_month_names(width, context, locale).items():
                months.setdefault(_plain(name), int(number))
    return days, months


def _plain(words: str) -> tuple[str, ...]:
    return tuple(token.plain for token in content(tokens_of(words)))


def day_in(text: str, languages: Sequence[str], today: date | None) -> date | None:
    """The one day `text` names, from `today` on; None when it names none, or more than one, or without `today`."""
    if today is None:
        return None
    tokens = content(tokens_of(text))
    found = {
        *_iso(text),
        *_numeric(text, languages, today),
        *(day for language in languages for day in _named(tokens, language, today)),
        *_relative(tokens, languages, today),
    }
    return found.pop() if len(found) == 1 else None


def _iso(text: str) -> set[date]:
    return {day for found in _ISO.finditer(text) if (day := _made(*map(int, found.groups()))) is not None}


def _numeric(text: str, languages: Sequence[str], today: date) -> set[date]:
    days: set[date] = set()
    for found in _NUMERIC.finditer(text):
        first, second = int(found.group(1)), int(found.group(2))
        if (first > 12 and second <= 12) or (
            second <= 12 and languages and languages[0].split("-")[0] not in MONTH_FIRST
        ):
            first, second = second, first
        year = found.group(3)
        day = _made(int(year) % 100 + 2000, first, second) if year else _next(first, second, today)
        if day is not None:
            days.add(day)
    return days


def _named(tokens: Sequence[Token], language: str, today: date) -> set[date]:
    weekdays, months = _names(language)
    found: set[date] = set()
    for start in range(len(tokens)):
        for length in (3, 2, 1):
            words = tuple(token.plain for token in tokens[start : start + length])
            if words in months and len(words) == length:
                near = [
                    *reversed(tokens[max(0, start - 2) : start]),
                    *tokens[start + length : start + length + 1],
                ]
                numbers = [int(token.plain) for token in near if token.plain.isdecimal()]
                if numbers and (day := _next(months[words], numbers[0], today)) is not None:
                    found.add(day)
            elif words in weekdays and len(words) == length:
                found.add(today + timedelta(days=(weekdays[words] - today.weekday() - 1) % 7 + 1))
    return found


def _relative(tokens: Sequence[Token], languages: Sequence[str], today: date) -> set[date]:
    said = tuple(token.plain for token in tokens)
    found: set[date] = set()
    for language in languages:
        for words, days in lexicon().days_ahead.get(language.split("-")[0], {}).items():
            if any(said[start : start + len(words)] == words for start in range(len(said))):
                found.add(today + timedelta(days=days))
    # "The day after tomorrow" holds "tomorrow": the farther day is the one that was meant.
    return {max(found)} if found else set()


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _next(month: int, day: int, today: date) -> date | None:
    this_year = _made(today.year, month, day)
    if this_year is not None and this_year < today:
        return _made(today.year + 1, month, day)
    return this_year
