"""Texts that a person must see at once, or soon: danger, worry, need, in any language.

Matched on the original *and* on its English translation: a translation model smooths exactly the words that matter, and
where no model exists only the original is left. The wordings are our own, one file a language (data/safety/), with the
idioms that look like danger and are not ("me muero de risa"). They are `draft` until a speaker approves them.

This pages people. It never judges a family, never decides anything, and never discharges anyone's duty to report. A
language without its own file and without a translation is said to be not covered, so that nobody takes silence for
safety. Pure: reads its own data once, nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final, Literal

from bot.conversation.clauses import Clause, clauses_of
from bot.conversation.phrase_matching import Found, Index, Matcher, PhraseError, language_of, lines
from bot.flow.yaml_data import read_data


class Tier(StrEnum):
    """How soon a person must look: now, today, this week."""

    URGENT = "urgent"
    CONCERN = "concern"
    NEED = "need"
    NONE = "none"


_TIERS: Final = (Tier.URGENT, Tier.CONCERN, Tier.NEED)


@dataclass(frozen=True, slots=True)
class Rule:
    """Why a text was raised, as staff are shown it: whose wording, how urgent, what about, and the words found."""

    language: str
    tier: Tier
    kind: str
    matched: str
    seen_in: Literal["original", "translation"]

    def __str__(self) -> str:
        where = "" if self.seen_in == "original" else " in the translation"
        return f"{self.language}:{self.tier}:{self.kind} “{self.matched}”{where}"


@dataclass(frozen=True, slots=True)
class Screening:
    """What was found in a text. `tier` is the highest; `kinds` and `rules` hold everything, the most urgent first."""

    tier: Tier
    kinds: tuple[str, ...]
    rules: tuple[Rule, ...]
    languages_covered: bool
    """Whether the text's language has wordings of its own, or there was a translation to look at. When it is False,
    nothing found means nothing."""


@dataclass(frozen=True, slots=True)
class _Tag:
    language: str
    tier: Tier
    """`NONE`: an idiom."""
    kind: str


@dataclass(frozen=True, slots=True)
class _Book:
    index: Index[_Tag]
    contexts: Mapping[tuple[str, str], list[Matcher]]
    languages: frozenset[str]
    accented: frozenset[str]
    """The languages whose marks tell words apart; typed without them they are only theirs when the text is."""


ENGLISH: Final = "en"


def screen(original: str, english: str | None = None, language: str | None = None) -> Screening:
    """Look for danger and need in `original` and in `english`, its translation when there is one.

    `language` is what the text is written in (BCP-47) when that is known; every language's wordings are tried anyway,
    since detection fails on short and mixed texts. Never raises.
    """
    rules = [rule for rule in _rules(original, "original", language) if _counts(rule, language, original)]
    if english is not None:
        rules += [rule for rule in _rules(english, "translation", ENGLISH) if rule.language == ENGLISH]
    rules = sorted(
        _longest(dict.fromkeys(rules)), key=lambda rule: (_TIERS.index(rule.tier), rule.kind, rule.language)
    )
    kinds = tuple(dict.fromkeys(rule.kind for rule in rules))
    covered = english is not None or (language is not None and covers(language))
    return Screening(rules[0].tier if rules else Tier.NONE, kinds, tuple(rules), covered)


def _longest(rules: Iterable[Rule]) -> list[Rule]:
    """The rules without those whose words are only part of another's of the same kind."""
    said = list(rules)
    return [
        rule
        for rule in said
        if not any(
            rule.matched != other.matched
            and rule.matched in other.matched
            and replace(other, matched="") == replace(rule, matched="")
            for other in said
        )
    ]


def covers(language: str) -> bool:
    """Whether `language` has wordings of its own: by its tag, or by its primary subtag."""
    return any(_primary(known) == _primary(language) for known in languages())


def languages() -> frozenset[str]:
    """The languages with wordings of their own."""
    return _book().languages


def _counts(rule: Rule, language: str | None, original: str) -> bool:
    """Whether a wording of another language counts. A short one may be a false friend ("ayuda" is food aid in Tagalog
    and help in Spanish), so of those only danger counts, and only when it is long enough to be no accident."""
    if language is not None and _primary(language) == _primary(rule.language):
        return True
    if (
        language is not None
        and rule.language in _book().accented
        and not _VIETNAMESE.search(original.lower())
    ):
        return False  # without its marks, "se burlan de él porque no" reads like "they will blow it up"
    if " " in rule.matched:
        return True
    if language is None or not covers(language):
        return len(rule.matched) > _SHORT_WORD or _is_east_asian(rule.matched)
    if rule.tier is not Tier.URGENT or rule.matched.isdigit():
        return False
    return _is_east_asian(rule.matched) or len(rule.matched) >= _LONG_WORD


_VIETNAMESE: Final = re.compile("[ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]")
"""Letters that no other language of ours writes."""

_SHORT_WORD: Final = 4
_LONG_WORD: Final = 7


def _is_east_asian(text: str) -> bool:
    """Han and Hangul say in two signs what Latin letters say in seven, and no other language is written with them."""
    return any("\u3400" <= sign <= "\u9fff" or "\uac00" <= sign <= "\ud7a3" for sign in text)


def _rules(text: str, seen_in: Literal["original", "translation"], language: str | None) -> Iterable[Rule]:
    """Each rule that fits `text`."""
    book = _book()
    for clause in clauses_of(text):
        found = list(book.index.find(clause))
        idioms = [hit for hit in found if hit.tag.tier is Tier.NONE]
        for hit in found:
            if hit.tag.tier is not Tier.NONE and not _harmless(hit, clause, idioms, book, language):
                yield Rule(hit.tag.language, hit.tag.tier, hit.tag.kind, hit.matched, seen_in)


def _harmless(
    hit: Found[_Tag], clause: Clause, idioms: Iterable[Found[_Tag]], book: _Book, language: str | None
) -> bool:
    """Whether the words found are part of an idiom, or the clause tells of a book or a game: in the language of the
    wording, or in the text's own ("casi me da un infarto" must not be raised by a Portuguese wording either)."""
    spoken = {_primary(hit.tag.language), _primary(language or "")}
    if any(_primary(idiom.tag.language) in spoken and idiom.overlaps(hit) for idiom in idioms):
        return True
    contexts = (context for code in spoken for context in book.contexts.get((code, hit.tag.kind), ()))
    return any(context.find(clause) for context in contexts)


def _primary(language: str) -> str:
    """zh of zh-Hans: what is an idiom in one script is one in the other."""
    return language.partition("-")[0]


@lru_cache(maxsize=1)
def _book() -> _Book:
    groups: list[tuple[_Tag, Matcher]] = []
    contexts: dict[tuple[str, str], list[Matcher]] = {}
    known: set[str] = set()
    accented: set[str] = set()
    folder = files("bot.conversation") / "data" / "safety"
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if path.name.endswith(".yaml"):
            code = path.name.removesuffix(".yaml")
            known.add(code)
            try:
                told = read_data(path)
                _read(code, told, groups, contexts)
            except PhraseError as error:
                raise PhraseError(f"data/safety/{path.name}: {error}") from error
            if told.get("accents") == "matter":
                accented.add(code)
    return _Book(Index(groups), contexts, frozenset(known), frozenset(accented))


def _read(
    code: str,
    told: Mapping[str, Any],
    groups: list[tuple[_Tag, Matcher]],
    contexts: dict[tuple[str, str], list[Matcher]],
) -> None:
    language = language_of(told)
    wordings = [
        (_Tag(code, tier, kind), block)
        for tier in _TIERS
        for kind, block in (told.get(tier.value) or {}).items()
    ]
    for tag, block in (*wordings, (_Tag(code, Tier.NONE, "idiom"), told.get("idioms"))):
        if matcher := language.matcher(lines(block)):
            groups.append((tag, matcher))
    for kind, block in (told.get("contexts") or {}).items():
        if matcher := language.matcher(lines(block)):
            contexts.setdefault((_primary(code), kind), []).append(matcher)
