"""What is found in a text: its words in clauses, and the spans of words that mean something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.flow.text import Token
from bot.flow.words import Lexicon

_ENDS = frozenset(".!?¡¿。！？؟؛;…\n")
_ASKS = frozenset("?？؟")


@dataclass(frozen=True, slots=True)
class Words:
    """A text without punctuation, and where its clauses begin. `clause[i]` is the clause of word i; `asked` the
    clauses that end in a question mark."""

    tokens: tuple[Token, ...]
    clause: tuple[int, ...]
    asked: frozenset[int]
    hard: frozenset[int]
    """Word positions that begin a new sentence."""


@dataclass(frozen=True, slots=True)
class Span:
    """Words `start` to `end` mean one of `labels` in `language`."""

    start: int
    end: int
    labels: tuple[str, ...]
    language: str
    likely: bool
    exact: bool = True
    """Written with the accents the words have."""
    guessed: bool = False
    """Read through a typing mistake."""
    negated: bool = False

    @property
    def length(self) -> int:
        return self.end - self.start

    @property
    def own(self) -> bool:
        """Whether these are the question's own words: their labels begin with "="."""
        return self.labels[0][:1] == "="


def words_of(tokens: Sequence[Token], known: Lexicon) -> Words:
    """Split a text into clauses at punctuation and at words like "but"."""
    kept: list[Token] = []
    clauses: list[int] = []
    asked: set[int] = set()
    hard: set[int] = set()
    clause = 0
    fresh = True
    for token in tokens:
        if token.sort == "break":
            if _ASKS & set(token.plain):
                asked.add(clause)
            if _ENDS & set(token.plain):
                hard.add(len(kept))
            if not fresh:
                clause += 1
                fresh = True
            continue
        if not fresh and (token.plain in known.but or (kept[-1].sort == "emoji" and token.sort != "emoji")):
            clause += 1  # "but …" goes on with something else, and so does what follows a 👍
        kept.append(token)
        clauses.append(clause)
        fresh = False
    return Words(tuple(kept), tuple(clauses), frozenset(asked & set(clauses)), frozenset(hard))


def without(words: Words, places: frozenset[int]) -> Words:
    """`words` without those at `places`."""
    kept = [place for place in range(len(words.tokens)) if place not in places]
    return Words(
        tuple(words.tokens[place] for place in kept),
        tuple(words.clause[place] for place in kept),
        words.asked & {words.clause[place] for place in kept},
        frozenset(new for new, place in enumerate(kept) if place in words.hard),
    )


def same_word(token: Token, forms: tuple[str, ...], exact: str, plain: str, loose: bool) -> bool:
    if token.exact == exact:
        return True
    if plain[-1] == "*":
        return token.exact.startswith(exact[:-1]) or (loose and token.plain.startswith(plain[:-1]))
    if plain[0] == "*":
        return token.exact.endswith(exact[1:]) or (loose and token.plain.endswith(plain[1:]))
    return loose and plain in forms
