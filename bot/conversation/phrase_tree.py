"""What phrases are read into: small trees that say where a match which begins at one word can end.

All possible ends at once, as a set: nothing ever goes back and tries again, so that no text, however long or odd, takes
more than a little time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from bot.conversation.clauses import Word, alike


class Node(Protocol):
    def ends(self, words: Sequence[Word], at: int) -> frozenset[int]: ...

    @property
    def first(self) -> First: ...


@dataclass(frozen=True, slots=True)
class First:
    """What a match can begin with, so that most phrases need not be tried at all: plain words, or beginnings of words.
    `anything`: it cannot be told. `empty`: the match may take no word, so that what follows counts as well."""

    plain: frozenset[str] = frozenset()
    beginnings: tuple[str, ...] = ()
    anything: bool = False
    empty: bool = False

    def or_else(self, other: First, empty: bool) -> First:
        return First(
            self.plain | other.plain,
            self.beginnings + other.beginnings,
            self.anything or other.anything,
            empty,
        )


@dataclass(frozen=True, slots=True)
class OneOf:
    """One word out of some: as written without accents, exactly, or by its beginning."""

    plain: frozenset[str]
    exact: frozenset[str]
    beginnings: tuple[str, ...]
    first: First

    @classmethod
    def of(
        cls, plain: Iterable[str] = (), exact: Iterable[str] = (), beginnings: Iterable[str] = ()
    ) -> OneOf:
        plain, exact, beginnings = frozenset(plain), frozenset(exact), tuple(dict.fromkeys(beginnings))
        known = plain | {alike(word)[0] for word in exact} if exact else plain
        return cls(plain, exact, beginnings, First(known, beginnings))

    def ends(self, words: Sequence[Word], at: int) -> frozenset[int]:
        if at < len(words):
            plain, exact = words[at]
            if (
                plain in self.plain
                or exact in self.exact
                or (self.beginnings and plain.startswith(self.beginnings))
            ):
                return frozenset((at + 1,))
        return NOWHERE


@dataclass(frozen=True, slots=True)
class Row:
    """One thing after the other."""

    parts: tuple[Node, ...]
    first: First

    @classmethod
    def of(cls, parts: Sequence[Node]) -> Row:
        begins = First(empty=True)
        for part in parts:
            begins = begins.or_else(part.first, part.first.empty)
            if not begins.empty:
                break
        return cls(tuple(parts), begins)

    def ends(self, words: Sequence[Word], at: int) -> frozenset[int]:
        here = frozenset((at,))
        for part in self.parts:
            if len(here) == 1:
                (place,) = here
                here = part.ends(words, place)
            else:
                here = frozenset().union(*(part.ends(words, place) for place in here))
            if not here:
                break
        return here


@dataclass(frozen=True, slots=True)
class Either:
    """Any of these: looked up by the word that is there, tried only where that cannot be told."""

    by_first: Mapping[str, tuple[Node, ...]]
    by_beginning: tuple[tuple[tuple[str, ...], Node], ...]
    always: tuple[Node, ...]
    first: First

    @classmethod
    def of(cls, nodes: Sequence[Node]) -> Either:
        by_first: dict[str, list[Node]] = {}
        by_beginning: list[tuple[tuple[str, ...], Node]] = []
        always: list[Node] = []
        begins = First()
        for node in nodes:
            first = node.first
            begins = begins.or_else(first, begins.empty or first.empty)
            if first.anything or first.empty:
                always.append(node)
                continue
            for word in first.plain:
                by_first.setdefault(word, []).append(node)
            if first.beginnings:
                by_beginning.append((first.beginnings, node))
        known = {word: tuple(likely) for word, likely in by_first.items()}
        return cls(known, tuple(by_beginning), tuple(always), begins)

    def options(self) -> tuple[Node, ...]:
        """Each of them, once."""
        each = [*self.always, *(node for _, node in self.by_beginning)]
        each += [node for likely in self.by_first.values() for node in likely]
        return tuple({id(node): node for node in each}.values())

    def ends(self, words: Sequence[Word], at: int) -> frozenset[int]:
        found: list[frozenset[int]] = [node.ends(words, at) for node in self.always]
        if at < len(words):
            word = words[at][0]
            found += [node.ends(words, at) for node in self.by_first.get(word, ())]
            found += [
                node.ends(words, at) for beginnings, node in self.by_beginning if word.startswith(beginnings)
            ]
        return frozenset().union(*found) if found else NOWHERE


@dataclass(frozen=True, slots=True)
class Perhaps:
    """This or nothing."""

    part: Node
    first: First

    @classmethod
    def of(cls, part: Node) -> Perhaps:
        return cls(part, First(empty=True).or_else(part.first, empty=True))

    def ends(self, words: Sequence[Word], at: int) -> frozenset[int]:
        return self.part.ends(words, at) | {at}


@dataclass(frozen=True, slots=True)
class Gap:
    """Up to so many words, whatever they are."""

    most: int
    first: First = First(anything=True, empty=True)

    def ends(self, words: Sequence[Word], at: int) -> frozenset[int]:
        return frozenset(range(at, min(at + self.most, len(words)) + 1))


@dataclass(frozen=True, slots=True)
class Edge:
    """The beginning or the end of the clause."""

    end: bool
    first: First = First(empty=True)

    def ends(self, words: Sequence[Word], at: int) -> frozenset[int]:
        return frozenset((at,)) if at == (len(words) if self.end else 0) else NOWHERE


NOWHERE: Final[frozenset[int]] = frozenset()


def either(nodes: Sequence[Node]) -> Node:
    """Any of `nodes`, single words joined to one."""
    single = [node for node in nodes if isinstance(node, OneOf)]
    rest: list[Node] = [node for node in nodes if not isinstance(node, OneOf)]
    if single:
        rest.append(
            OneOf.of(
                (word for node in single for word in node.plain),
                (word for node in single for word in node.exact),
                (word for node in single for word in node.beginnings),
            )
        )
    return rest[0] if len(rest) == 1 else Either.of(rest)
