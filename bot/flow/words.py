"""The built-in words: what "a little" is in every language. Read once from bot/flow/data/, the same for everyone.

The lexicon is part of the program, like its code: a script says `means: [a_little]` and gets the words of every
language; a better list of words helps conversations that are already under way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

from bot.flow.text import Token, content, tokens_of, tokens_once
from bot.flow.yaml_data import read_data

EVERYWHERE = "und"
"""Language code of signs that belong to no language (emoji)."""


@dataclass(frozen=True, slots=True)
class Concept:
    """A meaning. See data/concepts.yaml for what the fields do."""

    name: str
    sort: Literal["particle", "topic", "filler"] = "topic"
    so_also: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    stands_alone: bool = False
    lack: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words of one language that mean one of `labels`. A word that ends in "*" stands for every word that begins so,
    one that begins with it for every word that ends so. `alone`: only when nothing else was said."""

    exact: tuple[str, ...]
    plain: tuple[str, ...]
    language: str
    labels: tuple[str, ...]
    alone: bool = False


@dataclass(frozen=True, slots=True)
class NumberWords:
    """How one language says numbers."""

    values: dict[tuple[str, ...], int]
    """Plain tokens of a number phrase → its value, 0 to 100."""
    weak: frozenset[str]
    """Words that are a number only before a unit or alone (a, un, 이): they mean other things too."""
    longest: int
    """Tokens of the longest number phrase."""
    units_first: bool
    """Whether the unit stands before the number (siku tatu)."""
    joined_units: tuple[tuple[str, int, str], ...]
    """(number and unit in one word, value, unit), for languages that write them together (세번)."""
    to: frozenset[str]
    """Words between the two ends of a range."""
    units: dict[str, str]
    """Plain word → days, times, minutes, hours or books."""
    half_hour: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Asks:
    """How questions sound in one language: `first` begin a clause, `last` end it. With `anywhere`, `first` may also
    stand inside it (languages that leave the question word where the answer would be)."""

    first: dict[str, tuple[Phrase, ...]]
    last: tuple[Phrase, ...]
    anywhere: bool = False


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All languages' words. `by_first` finds phrases by their first plain token."""

    languages: tuple[str, ...]
    concepts: dict[str, Concept]
    by_first: dict[str, tuple[Phrase, ...]]
    negators: dict[str, frozenset[str]]
    negators_after: dict[str, tuple[Phrase, ...]]
    """Negators that follow what they negate (아프지 않아요)."""
    but: frozenset[str]
    """Words like "but", of all languages: a new clause begins."""
    asks: dict[str, Asks]
    numbers: dict[str, NumberWords]
    days_ahead: dict[str, dict[tuple[str, ...], int]] = field(default_factory=dict)
    """Words for today, tomorrow … → how many days ahead that is."""
    shortenings: dict[str, dict[str, Token]] = field(default_factory=dict)
    """Each language's texting shortenings: plain word → what it stands for."""
    english: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Meaning → English phrases of more than one word, the most usual first."""
    vocabulary: dict[str, frozenset[str]] = field(default_factory=dict)
    """Plain words each language's phrases are made of: what a typing mistake may have meant."""

    def answers_for(self, label: str) -> tuple[str, ...]:
        """`label` and what it counts as when a question has no answer for it, nearest first."""
        concept = self.concepts.get(label)
        return (label, *concept.so_also) if concept else (label,)


_OPEN = "ꙮ"
"""Stands for "*" while a phrase is split: a letter that nobody texts."""


def phrase_of(words: str, language: str, labels: Iterable[str]) -> Phrase | None:
    """`words` as something to look for; None when nothing is left of them."""
    alone = words.endswith("$")
    is_open = "*" in words
    tokens = content(tokens_once(words.removesuffix("$").replace("*", _OPEN)))
    if not tokens:
        return None
    exact = tuple(token.exact for token in tokens)
    plain = tuple(token.plain for token in tokens)
    if is_open:
        exact = tuple(word.replace(_OPEN, "*") for word in exact)
        plain = tuple(word.replace(_OPEN, "*") for word in plain)
    return Phrase(exact, plain, language, tuple(labels), alone)


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The built-in lexicon. Raises ValueError when a data file names an unknown concept (a fault of a release)."""
    concepts = {
        name: Concept(
            name,
            entry.get("sort", "topic"),
            tuple(entry.get("so_also", ())),
            tuple(entry.get("against", ())),
            bool(entry.get("stands_alone", False)),
            bool(entry.get("lack", False)),
        )
        for name, entry in _read("concepts.yaml").items()
    }
    merged: dict[tuple[tuple[str, ...], str, bool], list[str]] = {}
    plain_of: dict[tuple[str, ...], tuple[str, ...]] = {}
    negators: dict[str, frozenset[str]] = {}
    negators_after: dict[str, tuple[Phrase, ...]] = {}
    but: set[str] = set()
    asks: dict[str, Asks] = {}
    numbers: dict[str, NumberWords] = {}
    days_ahead: dict[str, dict[tuple[str, ...], int]] = {}
    shortenings: dict[str, dict[str, Token]] = {}
    languages: list[str] = []
    for data in _data_files():
        language = str(data["language"])
        if language != EVERYWHERE:
            languages.append(language)
        for label, words in data.get("concepts", {}).items():
            if label not in concepts:
                raise ValueError(f"The words of {language} name a meaning that concepts.yaml lacks: {label}.")
            for word in words:
                phrase = phrase_of(str(word), language, ())
                if phrase is not None:
                    labels = merged.setdefault((phrase.exact, language, phrase.alone), [])
                    if label not in labels:
                        labels.append(label)
                    plain_of[phrase.exact] = phrase.plain
        negators[language] = frozenset(
            phrase.plain[0] for phrase in _phrases(data, "negators", language) if len(phrase.plain) == 1
        )
        negators_after[language] = tuple(_phrases(data, "negators_after", language))
        but.update(phrase.plain[0] for phrase in _phrases(data, "but", language) if len(phrase.plain) == 1)
        asks[language] = Asks(
            _by_first(_phrases(data, "asks", language)),
            tuple(_phrases(data, "asks_at_end", language)),
            bool(data.get("asks_anywhere", False)),
        )
        days_ahead[language] = {
            _plain(str(words)): int(days)
            for days, all_words in data.get("days_ahead", {}).items()
            for words in all_words
        }
        shortenings[language] = {
            str(short): tokens_of(str(long))[0] for short, long in data.get("shortenings", {}).items()
        }
        if "numbers" in data:
            numbers[language] = _numbers(data["numbers"])
    phrases = [
        Phrase(exact, plain_of[exact], language, tuple(labels), alone)
        for (exact, language, alone), labels in merged.items()
    ]
    vocabulary: dict[str, set[str]] = {}
    for phrase in phrases:
        vocabulary.setdefault(phrase.language, set()).update(phrase.plain)
    for language, single in negators.items():
        # A "wasn't" taken for a misspelt word would turn a meaning round.
        vocabulary.setdefault(language, set()).update(single)
    for language, number_words in numbers.items():
        for words in number_words.values:
            vocabulary.setdefault(language, set()).update(words)
    english: dict[str, list[str]] = {}
    for phrase in phrases:
        if phrase.language == "en" and len(phrase.exact) > 1 and "*" not in "".join(phrase.exact):
            english.setdefault(phrase.labels[0], []).append(" ".join(phrase.exact))
    return Lexicon(
        english={label: tuple(words) for label, words in english.items()},
        languages=tuple(sorted(languages)),
        concepts=concepts,
        by_first=_by_first(phrases),
        negators=negators,
        negators_after=negators_after,
        but=frozenset(but),
        asks=asks,
        numbers=numbers,
        days_ahead=days_ahead,
        shortenings=shortenings,
        vocabulary={language: frozenset(words) for language, words in vocabulary.items()},
    )


def _read(name: str) -> dict[str, Any]:
    data: dict[str, Any] = read_data(files("bot.flow").joinpath("data", name))
    return data


def _data_files() -> Iterator[dict[str, Any]]:
    folder = files("bot.flow").joinpath("data")
    for name in sorted(entry.name for entry in folder.iterdir()):
        if name.startswith("words."):
            yield _read(name)


def _phrases(data: Mapping[str, Any], key: str, language: str) -> Iterator[Phrase]:
    for words in data.get(key, ()):
        phrase = phrase_of(str(words), language, (key,))
        if phrase is not None:
            yield phrase


def _by_first(phrases: Iterable[Phrase]) -> dict[str, tuple[Phrase, ...]]:
    found: dict[str, list[Phrase]] = {}
    for phrase in phrases:
        found.setdefault(phrase.plain[0], []).append(phrase)
    return {first: tuple(those) for first, those in found.items()}


def _plain(words: str) -> tuple[str, ...]:
    return tuple(token.plain for token in content(tokens_once(words)))


def _numbers(data: Mapping[str, Any]) -> NumberWords:
    """The table of one language: its words, and what its patterns make of tens and units."""
    said: dict[int, list[str]] = {
        int(value): [str(word) for word in words] for value, words in data["words"].items()
    }
    values: dict[tuple[str, ...], int] = {}
    for ten in range(20, 100, 10):
        for unit in range(1, 10):
            for pattern in data.get("compounds", ()):
                for ten_word in said.get(ten, ()):
                    for unit_word in [*said.get(unit, ()), *data.get("units_after_ten", {}).get(unit, ())]:
                        words = _plain(pattern.format(ten=ten_word, unit=unit_word))
                        values.setdefault(words, ten + unit)
    for value, words_of in said.items():
        for word in words_of:
            values[_plain(word)] = value
    for word in data.get("pair", ()):
        values.setdefault(_plain(word), 2)
    for word, value in data.get("whole", {}).items():
        values[_plain(str(word))] = int(value)
    weak = frozenset(_plain(word)[0] for word in data.get("weak", ()))
    for word in weak:
        values.setdefault((word,), 1)
    units = {
        " ".join(_plain(str(word))): unit
        for unit, words_of in data.get("units", {}).items()
        for word in words_of
    }
    return NumberWords(
        values=values,
        weak=weak,
        longest=max(len(words) for words in values),
        units_first=bool(data.get("units_first", False)),
        joined_units=_joined_units(values, units) if data.get("joined_units") else (),
        to=frozenset(" ".join(_plain(word)) for word in data.get("to", ())),
        units=units,
        half_hour=tuple(_plain(word) for word in data.get("half_hour", ())),
    )


def _joined_units(
    values: Mapping[tuple[str, ...], int], units: Mapping[str, str]
) -> tuple[tuple[str, int, str], ...]:
    return tuple(
        sorted(
            (
                (words[0] + unit_word, value, unit)
                for words, value in values.items()
                if len(words) == 1
                for unit_word, unit in units.items()
            ),
            key=lambda joined: -len(joined[0]),
        )
    )


def same_language(one: str, other: str) -> bool:
    """Whether two codes are the same language for understanding: zh-Hans reads zh-Hant's words, pt-BR is pt."""
    return one.split("-")[0] == other.split("-")[0]


@lru_cache(maxsize=4_096)
def likely_among(codes: tuple[str, ...], likely: tuple[str, ...]) -> tuple[str, ...]:
    """Those of `codes` whose words may be expected from somebody whose languages are `likely`."""
    return tuple(code for code in codes if is_likely(code, likely))


def is_likely(language: str, likely: Iterable[str]) -> bool:
    """Whether words of `language` may be expected from somebody whose languages are `likely`."""
    return language == EVERYWHERE or any(same_language(language, code) for code in likely)
