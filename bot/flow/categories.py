"""Sorting a reply into categories that have nothing but a name and English examples.

Each example is read with the built-in words: "she has a fever" is the meaning `sick`, and with it the words for being
sick in every language. A meaning that two categories claim belongs to neither. Where words fail, a model of meaning
may propose (see `Meaning`); a proposal must be clearly nearer to one category than to the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from bot.flow.answers import PROPOSABLE, SURE, Understanding, understand
from bot.flow.choosing import measures
from bot.flow.found import words_of
from bot.flow.meaning import Meaning, nearest_name
from bot.flow.script import END, Answer, ChoiceWanted
from bot.flow.spans import Phrases, spans_in
from bot.flow.text import tokens_of
from bot.flow.words import lexicon


@dataclass(frozen=True, slots=True)
class Category:
    """A category: its name, and what an English-speaking family might say that belongs to it."""

    name: str
    examples: tuple[str, ...]


def sort_reply(
    categories: Sequence[Category],
    text: str,
    english: str | None = None,
    languages: Sequence[str] = (),
    meaning: Meaning | None = None,
) -> Understanding:
    """The category of `text`, or unclear. Never raises. See `bot.flow.answers.understand` for the arguments."""
    wants = ChoiceWanted(_answers(tuple(categories)))
    found = understand(wants, text, english, languages)
    if found.clear or meaning is None or found.why not in PROPOSABLE:
        return found
    return _proposed(categories, text, english, found, meaning)


@lru_cache(maxsize=256)
def _answers(categories: tuple[Category, ...]) -> tuple[Answer, ...]:
    claims: dict[str, dict[str, float]] = {}
    for category in categories:
        for example in (*category.examples, category.name.replace("_", " ")):
            for label, share in _meanings(example):
                held = claims.setdefault(label, {})
                held[category.name] = max(held.get(category.name, 0.0), share)
    if (
        sum(
            any(name in held for label, held in claims.items() if _names_a_language(label))
            for name in (category.name for category in categories)
        )
        > 1
    ):
        # Asked which language, "tiếng" (language) in "tiếng Việt" says nothing.
        claims.pop("language", None)
    means: dict[str, list[str]] = {category.name: [] for category in categories}
    for label, held in claims.items():
        ranked = sorted(held.items(), key=lambda claim: -claim[1])
        if len(ranked) == 1 or ranked[0][1] - ranked[1][1] >= CLEARER:
            means[ranked[0][0]].append(label)
    return tuple(
        Answer(
            category.name,
            END,
            tuple(means[category.name]),
            (("en", (*category.examples, category.name.replace("_", " "))),),
        )
        for category in categories
    )


def _names_a_language(label: str) -> bool:
    return label.startswith("lang_") or label in ("own_language", "both")


CLEARER = 0.34
"""How much more of an example a meaning must be in one category than in another to belong to it."""


def _meanings(example: str) -> list[tuple[str, float]]:
    """The meanings an English example speaks of, and how much of it each is."""
    known = lexicon()
    words = words_of(tokens_of(example), known)
    spans = spans_in(words, known, Phrases(), ("en",), everywhere=False)
    total = max(1, len(words.tokens))
    amounts = {span for span in spans for other in spans if measures(span, other)}
    return [
        (label, span.length / total)
        for span in spans
        # "A little hard" is about being hard.
        if not span.negated and span not in amounts
        for label in span.labels
        if known.concepts[label].sort != "filler" and label not in ("not_understood", "wrong_person")
    ]


def _proposed(
    categories: Sequence[Category], text: str, english: str | None, found: Understanding, meaning: Meaning
) -> Understanding:
    examples = [(category.name, example) for category in categories for example in category.examples]
    name = nearest_name(english or text, examples, meaning)
    if name is None:
        return found
    return replace(found, answer=name, value=name, confidence=SURE, why="meaning")
