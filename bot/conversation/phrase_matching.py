"""A small language for the phrases people text, and the matching of them. Used by keywords and by the safety screen.

A phrase is written as a person would say it, with a few signs:

    don't (text|message|write to) me [again|anymore] $

    (a|b)     one of these            [a|b]   one of these or nothing
    {name}    one of a named set      word*   any ending ("envi*": envíe, envíen, enviando)
    ...       up to four words        =mot    accents must be as written (otherwise "no mas" is as good as "no más")
    ^  $      where a clause begins, where it ends

Case, punctuation and invisible characters never matter. A clause ends at punctuation or a line's end, and no phrase
reaches over it. Languages that are written without (or with careless) spaces are matched without them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Generic, TypeVar

from bot.conversation.clauses import Clause, Word, clauses_of, letters_of
from bot.conversation.phrase_tree import NOWHERE, Edge, Either, Gap, Node, OneOf, Perhaps, Row, either

_LONGEST_GAP: Final = 4
_LONGEST_GAP_IN_LETTERS: Final = 10


class PhraseError(ValueError):
    """A phrase that cannot be read; says which and why."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """Phrases of one language. `spaced` is False where spaces do not matter."""

    phrases: Node
    spaced: bool

    def is_whole(self, clause: Clause) -> bool:
        """Whether the clause is one of the phrases and nothing else."""
        words = self._words(clause)
        return len(words) in self.phrases.ends(words, 0)

    def find(self, clause: Clause) -> str | None:
        """The first phrase found in the clause (the longest that begins there), folded; None when there is none."""
        words = self._words(clause)
        for at in range(len(words)):
            ends = self.phrases.ends(words, at)
            if ends and max(ends) > at:
                return (" " if self.spaced else "").join(plain for plain, _ in words[at : max(ends)])
        return None

    def _words(self, clause: Clause) -> tuple[Word, ...]:
        return clause.words if self.spaced else clause.letters()


Tag = TypeVar("Tag")


class Index(Generic[Tag]):
    """Very many phrases at once, each group with a tag: which of them are in a clause, and where?

    Every word is looked up once, however many languages and phrases there are; only what can begin with it is tried.
    """

    def __init__(self, groups: Iterable[tuple[Tag, Matcher]]) -> None:
        self._spaced = _Tagged[Tag]()
        self._letters = _Tagged[Tag]()
        for tag, matcher in groups:
            (self._spaced if matcher.spaced else self._letters).add(tag, matcher.phrases)

    def find(self, clause: Clause) -> Iterator[Found[Tag]]:
        """Every group found in `clause`, at each place where one of its phrases begins."""
        yield from self._spaced.find(clause.words, " ")
        yield from self._letters.find(clause.letters(), "")


@dataclass(frozen=True, slots=True)
class Found(Generic[Tag]):
    """A group of phrases found in a clause: `matched` is the longest stretch; `whole` says that one of its phrases is
    the clause and nothing else."""

    tag: Tag
    matched: str
    whole: bool
    at: int
    """Where it begins and ends, in words (or in letters, where spaces do not matter)."""
    end: int
    spaced: bool

    def overlaps(self, other: Found[Tag]) -> bool:
        """Whether the two have a word in common."""
        return self.spaced == other.spaced and self.at < other.end and other.at < self.end


class _Tagged(Generic[Tag]):
    def __init__(self) -> None:
        self._by_first: dict[str, list[tuple[Tag, Node]]] = {}
        self._by_beginning: list[tuple[tuple[str, ...], Tag, Node]] = []
        self._always: list[tuple[Tag, Node]] = []

    def add(self, tag: Tag, phrases: Node) -> None:
        for node in phrases.options() if isinstance(phrases, Either) else (phrases,):
            first = node.first
            if first.anything or first.empty:
                self._always.append((tag, node))
                continue
            for word in first.plain:
                self._by_first.setdefault(word, []).append((tag, node))
            if first.beginnings:
                self._by_beginning.append((first.beginnings, tag, node))

    def find(self, words: Sequence[Word], between: str) -> Iterator[Found[Tag]]:
        for at, (word, _) in enumerate(words):
            ends: dict[Tag, frozenset[int]] = {}
            for tag, node in self._likely(word):
                if here := node.ends(words, at):
                    ends[tag] = ends.get(tag, NOWHERE) | here
            for tag, places in ends.items():
                if (end := max(places)) > at:
                    matched = between.join(plain for plain, _ in words[at:end])
                    yield Found(tag, matched, at == 0 and end == len(words), at, end, between == " ")

    def _likely(self, word: str) -> Iterator[tuple[Tag, Node]]:
        yield from self._by_first.get(word, ())
        yield from self._always
        for beginnings, tag, node in self._by_beginning:
            if word.startswith(beginnings):
                yield tag, node


def language_of(told: Mapping[str, Any]) -> Language:
    """What a data file says of its language: `spaces: free`, `accents: matter`, `sets`."""
    return Language(
        told.get("sets") or {}, spaced=told.get("spaces") != "free", accented=told.get("accents") == "matter"
    )


def lines(block: str | None) -> list[str]:
    """The phrases of a block of a data file, one a line."""
    return [line.strip() for line in (block or "").splitlines() if line.strip()]


class Language:
    """The named sets of one language's file, and how it is written: what its phrases are read with.

    `accented` languages (Vietnamese) tell words apart by their marks: "hóc" (to choke) is not "học" (to learn). A word
    typed without any mark is still understood.
    """

    def __init__(self, sets: Mapping[str, str | None], spaced: bool = True, accented: bool = False) -> None:
        self.spaced, self.accented = spaced, accented
        self._texts = sets
        self._nodes: dict[str, Node] = {}
        self._reading: list[str] = []

    def matcher(self, phrases: Sequence[str]) -> Matcher | None:
        """A matcher for `phrases`; None when there are none. Raises `PhraseError` for one that cannot be read."""
        if not phrases:
            return None
        return Matcher(either([self._read(phrase) for phrase in phrases]), self.spaced)

    def _read(self, phrase: str) -> Node:
        reader = _Reader(phrase, self)
        node = reader.alternatives()
        reader.expect_end()
        return node

    def named(self, name: str, phrase: str) -> Node:
        """The set called `name`, read once."""
        if name not in self._nodes:
            if name not in self._texts:
                raise PhraseError(f"No set is called “{name}”: {phrase}")
            if name in self._reading:
                raise PhraseError(f"Sets name each other in a circle: {name}")
            self._reading.append(name)
            self._nodes[name] = either([self._read(line) for line in lines(self._texts[name])])
            self._reading.pop()
        return self._nodes[name]

    def literal(self, word: str, phrase: str) -> tuple[Node, ...]:
        """The nodes of one written word: usually one, more when it falls apart (l'école, 不要)."""
        nodes = _literal(word, self.spaced, self.accented)
        if not nodes:
            raise PhraseError(f"“{word}” has no letters in: {phrase}")
        return nodes


@lru_cache(maxsize=20_000)
def _literal(word: str, spaced: bool, accented: bool) -> tuple[Node, ...]:
    folded = [w for clause in clauses_of(word.strip("=*")) for w in clause.words]
    if not spaced:
        return tuple(OneOf.of((piece,)) for plain, _ in folded for piece in letters_of(plain))
    if word.startswith("="):
        return tuple(OneOf.of(exact=(exact,)) for _, exact in folded)
    if accented:
        return tuple(OneOf.of(exact=(exact, plain)) for plain, exact in folded)
    nodes = [OneOf.of((plain,)) for plain, _ in folded]
    if word.endswith("*") and nodes:
        nodes[-1] = OneOf.of(beginnings=(folded[-1][0],))
    return tuple(nodes)


_SIGNS: Final = re.compile(r"\s*(\.\.\.|[()\[\]|^$]|\{\w+\}|[^\s()\[\]|^${}]+)")


class _Reader:
    """Reads one phrase, left to right."""

    def __init__(self, phrase: str, language: Language) -> None:
        self._phrase, self._language = phrase, language
        self._signs: list[str] = []
        end = 0
        text = phrase.rstrip()
        for found in _SIGNS.finditer(text):
            if found.start() != end:
                break
            self._signs.append(found.group(1))
            end = found.end()
        if end != len(text):
            raise PhraseError(f"Cannot read “{text[end:]}” in: {phrase}")
        self._at = 0

    def expect_end(self) -> None:
        """Raises `PhraseError` when something is left over."""
        if self._at != len(self._signs):
            raise PhraseError(f"A bracket too many in: {self._phrase}")

    def alternatives(self) -> Node:
        """Rows separated by |."""
        options = [self._row()]
        while self._next() == "|":
            self._at += 1
            options.append(self._row())
        return either(options)

    def _row(self) -> Node:
        parts: list[Node] = []
        while (sign := self._next()) not in (None, "|", ")", "]"):
            assert sign is not None
            self._at += 1
            parts += self._part(sign)
        return parts[0] if len(parts) == 1 else Row.of(parts)

    def _part(self, sign: str) -> Sequence[Node]:
        if sign in "([":
            inner = self.alternatives()
            closing = ")" if sign == "(" else "]"
            if self._next() != closing:
                raise PhraseError(f"A bracket is not closed in: {self._phrase}")
            self._at += 1
            return [inner if sign == "(" else Perhaps.of(inner)]
        if sign == "...":
            return [Gap(_LONGEST_GAP if self._language.spaced else _LONGEST_GAP_IN_LETTERS)]
        if sign in "^$":
            return [Edge(end=sign == "$")]
        if sign.startswith("{"):
            return [self._language.named(sign[1:-1], self._phrase)]
        return self._language.literal(sign, self._phrase)

    def _next(self) -> str | None:
        return self._signs[self._at] if self._at < len(self._signs) else None
