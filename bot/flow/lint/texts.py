"""Rules about texts: placeholders, translations, length, plain words, one request at a time, strengths first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files

import yaml

from bot.flow.compiling import Catalogs
from bot.flow.findings import Finding
from bot.flow.lines import KNOWN, Line, Value, fill, placeholders_in
from bot.flow.lint.plainness import hard_to_read
from bot.flow.lint.view import Told, View

MOST_SEGMENTS = 2

TYPICAL: dict[str, Value] = {
    "child": "Guadalupe",
    "guardian": "Mrs. Nguyen",
    "teacher": "Ms. Thompson",
    "school": "Lincoln School",
    "staff": "Ms. Thompson",
    "section": "Room 12",
    "goal": "read together",
    "phone": "(415) 555-0123",
    "link": "https://example.org/a",
    "event": "family night",
    "date": "Wednesday, March 4",
    "time": "5:30 PM",
    "place": "the library",
    "days_missed": 3,
    "idea": "a reading evening in our languages",
    "decision": "We will do it in May.",
    "option_1": "a reading evening in our languages",
    "option_2": "more light at the bus stop",
    "option_3": "a cooking day with families",
    "practice": "We count the stairs together.",
    "other_family": "a family",
}
"""Values of usual length, to measure a text as it will be sent. `KNOWN` names them all."""
assert TYPICAL.keys() == KNOWN.keys(), "every known value needs a typical one"

_REQUESTS = {
    "en": re.compile(
        r"(?:^|[.!?;]\s+)(?:please|read|send|write|bring|sign|try|call|reply|tell us|ask|talk|show|count|choose|come|visit|"
        r"fill|return|check|play|practi[cs]e|sing|draw|help)\b",
        re.IGNORECASE,
    )
}
_QUESTION_MARKS = re.compile(r"[?？؟]+")
_QUOTED = re.compile(r"[“\"«„「『][^”\"»“」』]*[”\"»“」』]")


def text_findings(
    view: View, segments: Callable[[str], int], languages: Sequence[str], catalogs: Catalogs
) -> Iterator[Finding]:
    """Everything about the texts of one conversation. `segments` counts SMS segments; `languages` are those that
    families here read; `catalogs` tell stale entries from missing ones."""
    unreviewed: dict[str, int] = {}
    for told in view.told():
        yield from _placeholders(view, told)
        if told.slot != "title":
            yield from _length(view, told, segments)
            yield from _plain(view, told)
            yield from _requests(view, told)
            yield from _deficit(view, told)
        if told.reader == "family":
            yield from _translations(view, told, languages, catalogs)
            for language in languages:
                if told.line.state(language) == "draft":
                    unreviewed[language] = unreviewed.get(language, 0) + 1
    if unreviewed:
        listed = ", ".join(f"{language} ({number})" for language, number in sorted(unreviewed.items()))
        yield view.finding(
            ("title",),
            "unreviewed",
            f"texts that no speaker has approved yet: {listed}",
            "let a speaker approve them in the product, or list the language under reviewed:",
            "advice",
        )


def _placeholders(view: View, told: Told) -> Iterator[Finding]:
    line = told.line
    kinds = view.kinds
    expected = set(placeholders_in(line.original))
    for name in sorted(expected):
        if name not in kinds:
            yield view.finding(
                told.path,
                "unknown-placeholder",
                f"nothing is known as {{{name}}}",
                f"use one of {', '.join(sorted(KNOWN))}, a field, or name it under takes:",
            )
        elif kinds[name] == "choice":
            yield view.finding(
                told.path,
                "choice-placeholder",
                f"{{{name}}} holds the name of an answer, which is no word for a family",
                "branch on it and say each case in its own words",
            )
    for language, text in line.texts.items():
        found = set(placeholders_in(text))
        if found != expected:
            lost = ", ".join(f"{{{name}}}" for name in sorted(expected - found))
            new = ", ".join(f"{{{name}}}" for name in sorted(found - expected))
            says = " and ".join(
                part for part in (lost and f"lacks {lost}", new and f"has {new} too much") if part
            )
            yield view.finding(
                (*told.path, language),
                "placeholders",
                f"the {language} text {says}",
                f"use the same placeholders as the {line.written_in} text",
            )
        if re.search(r"[{}]", re.sub(r"\{[a-z][a-z0-9_.]*\}", "", text)):
            yield view.finding(
                (*told.path, language),
                "placeholders",
                f"the {language} text has a brace that is no placeholder",
                "write placeholders as {name}, and no other braces",
            )


def _length(view: View, told: Told, segments: Callable[[str], int]) -> Iterator[Finding]:
    if told.reader != "family":
        return
    for language, text in told.line.texts.items():
        count = segments(fill(text, TYPICAL, language))
        if count > MOST_SEGMENTS:
            yield view.finding(
                (*told.path, language),
                "too-long",
                f"the {language} text takes {count} segments",
                "shorten it, or split it into two steps (134 characters with letters outside GSM-7, else 306)",
                "advice",
            )


def _plain(view: View, told: Told) -> Iterator[Finding]:
    for language, text in told.line.texts.items():
        why = hard_to_read(fill(text, TYPICAL, language), language)
        if why is not None:
            yield view.finding(
                (*told.path, language),
                "reading-level",
                f"the {language} text is hard to read: {why}",
                "use shorter sentences and everyday words",
                "advice",
            )


def _requests(view: View, told: Told) -> Iterator[Finding]:
    if told.reader != "family":
        return
    for language, text in told.line.texts.items():
        bare = _QUOTED.sub("", text)
        questions = len(_QUESTION_MARKS.findall(bare))
        asked = len(_REQUESTS[language].findall(bare)) if language in _REQUESTS else 0
        if questions > 1 or asked > 1 or (questions and asked > 1):
            yield view.finding(
                (*told.path, language),
                "two-requests",
                f"the {language} text asks for more than one thing",
                "one request a text: put the second into its own step",
                "advice",
            )


def _deficit(view: View, told: Told) -> Iterator[Finding]:
    for language, text in told.line.texts.items():
        for pattern, words, instead in deficit_words(language):
            if pattern.search(text):
                yield view.finding(
                    (*told.path, language),
                    "deficit-wording",
                    f"“{words}” starts from what is lacking",
                    instead,
                )


@lru_cache(maxsize=32)
def deficit_words(language: str) -> tuple[tuple[re.Pattern[str], str, str], ...]:
    """Patterns of deficit wording in `language`: (pattern, words, what to say instead)."""
    text = files("bot.flow").joinpath("data", "deficit.yaml").read_text(encoding="utf-8")
    listed: Mapping[str, Mapping[str, str]] = yaml.safe_load(text)
    return tuple(
        (re.compile(rf"(?<!\w){re.escape(words)}(?!\w)", re.IGNORECASE), words, instead)
        for words, instead in listed.get(language, {}).items()
    )


def _translations(view: View, told: Told, languages: Sequence[str], catalogs: Catalogs) -> Iterator[Finding]:
    missing = [language for language in languages if told.line.state(language) is None]
    if not missing:
        return
    stale = [language for language in missing if _has_other_english(told.line, catalogs.get(language, {}))]
    if stale:
        yield view.finding(
            told.path,
            "stale-translation",
            f"the {told.line.written_in} text has changed since it was translated into {', '.join(stale)}",
            "have those translations looked at again",
            "advice",
        )
    absent = [language for language in missing if language not in stale]
    if absent:
        yield view.finding(
            told.path,
            "missing-translation",
            f"there is no text in {', '.join(absent)}",
            "add it here or in locales/; until then a machine translates, where one can",
            "advice",
        )


def _has_other_english(line: Line, catalog: Mapping[tuple[str, str], tuple[str, bool]]) -> bool:
    return line.key in _keys(tuple(key for key, _ in catalog))


@lru_cache(maxsize=64)
def _keys(keys: tuple[str, ...]) -> frozenset[str]:
    return frozenset(keys)
