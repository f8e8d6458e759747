"""Finding known meanings in a text: which words mean what, what is a question, what is left over.

This room only reads. What a reading means for a certain question is decided in `answers`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from bot.flow.text import Token
from bot.flow.typing_mistakes import nearest, shortened
from bot.flow.words import EVERYWHERE, Lexicon, Phrase, is_likely

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
    guessed: bool = False
    """Read through a typing mistake."""
    negated: bool = False

    @property
    def length(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Phrases:
    """What to look for besides the lexicon: one question's own words, by first plain token."""

    by_first: Mapping[str, tuple[Phrase, ...]] = field(default_factory=dict)
    vocabulary: frozenset[str] = frozenset()


def words_of(tokens: Sequence[Token], lexicon: Lexicon) -> Words:
    """Split a text into clauses at punctuation and at words like "but"."""
    but = frozenset().union(*lexicon.but.values()) if lexicon.but else frozenset()
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
        if token.plain in but and not fresh:
            clause += 1
        kept.append(token)
        clauses.append(clause)
        fresh = False
    return Words(tuple(kept), tuple(clauses), frozenset(asked & set(clauses)), frozenset(hard))


def mend(
    words: Words, lexicon: Lexicon, own: Phrases, likely: Sequence[str]
) -> tuple[tuple[Token, ...], frozenset[int]]:
    """The words with typing mistakes and stretched letters (siiii) mended towards words of the `likely` languages,
    and the places that were."""
    known = _vocabulary(lexicon, tuple(likely)) | own.vocabulary
    mended: list[Token] = []
    places: set[int] = set()
    for place, token in enumerate(words.tokens):
        if token.sort == "word" and token.plain not in known:
            better = shortened(token.plain, known) or nearest(token.plain, known)
            if better is not None:
                token = Token(better, better, "word")
                places.add(place)
        mended.append(token)
    return tuple(mended), frozenset(places)


@lru_cache(maxsize=64)
def _vocabulary_of(languages: tuple[str, ...], likely: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(code for code in languages if is_likely(code, likely))


@lru_cache(maxsize=64)
def _joined(parts: tuple[frozenset[str], ...]) -> frozenset[str]:
    return frozenset().union(*parts)


def _vocabulary(lexicon: Lexicon, likely: tuple[str, ...]) -> frozenset[str]:
    codes = _vocabulary_of(tuple(sorted(lexicon.vocabulary)), likely)
    return _joined(tuple(lexicon.vocabulary[code] for code in codes))


def spans_in(
    words: Words, lexicon: Lexicon, own: Phrases, likely: Sequence[str], everywhere: bool
) -> tuple[Span, ...]:
    """The meanings in `words`, longest first where they compete, in the order of the text. `everywhere` also reads
    words of languages that are not `likely` (exactly as written, no mistakes forgiven)."""
    tokens, mended = mend(words, lexicon, own, likely)
    found: list[Span] = []
    for start, token in enumerate(tokens):
        for phrase in (*own.by_first.get(token.plain, ()), *lexicon.by_first.get(token.plain, ())):
            near = is_likely(phrase.language, likely)
            if not near and not everywhere and phrase.labels[0][:1] != "=":
                continue
            end = start + len(phrase.plain)
            if _matches(phrase, tokens, words, start, near):
                guessed = any(place in mended for place in range(start, end))
                found.append(Span(start, end, phrase.labels, phrase.language, near, guessed))
    chosen = _longest(found)
    return tuple(_negations(chosen, tokens, words, lexicon, likely))


def _matches(phrase: Phrase, tokens: Sequence[Token], words: Words, start: int, near: bool) -> bool:
    end = start + len(phrase.plain)
    if end > len(tokens):
        return False
    if len(phrase.plain) == 1 and len(phrase.plain[0]) == 1 and phrase.plain[0].isascii() and len(tokens) > 1:
        return False
    if any(place in words.hard for place in range(start + 1, end)):
        return False
    loose = near or sum(len(word) for word in phrase.plain) >= 5
    return all(
        token.exact == exact or (loose and token.plain == plain)
        for token, exact, plain in zip(tokens[start:end], phrase.exact, phrase.plain, strict=True)
    )


def _longest(found: Iterable[Span]) -> list[Span]:
    """Longer beats shorter, the question's own words beat the lexicon's, likely languages beat others. Equal
    claims on the same words are kept side by side as one span when they are likely; otherwise as rivals."""
    chosen: list[Span] = []
    for span in sorted(
        found,
        key=lambda span: (
            -span.length,
            span.labels[0][:1] != "=",
            not span.likely,
            span.start,
            span.language,
        ),
    ):
        rivals = [other for other in chosen if span.start < other.end and other.start < span.end]
        if not rivals:
            chosen.append(span)
            continue
        same = [other for other in rivals if (other.start, other.end) == (span.start, span.end)]
        if len(rivals) == len(same) == 1 and same[0].likely == span.likely:
            other = same[0]
            own = any(label.startswith("=") for label in other.labels)
            if own and not any(label.startswith("=") for label in span.labels):
                continue
            labels = tuple(dict.fromkeys((*other.labels, *span.labels)))
            chosen[chosen.index(other)] = replace(other, labels=labels)
    return sorted(chosen, key=lambda span: span.start)


def _negations(
    spans: list[Span], tokens: Sequence[Token], words: Words, lexicon: Lexicon, likely: Sequence[str]
) -> Iterable[Span]:
    """A meaning with a negator up to two words before it, in the same clause and outside other spans, is negated."""
    taken = {place for span in spans for place in range(span.start, span.end)}
    for span in spans:
        languages = [span.language] if span.language != EVERYWHERE else list(likely)
        negators = frozenset().union(*(lexicon.negators.get(code, frozenset()) for code in languages))
        before = range(max(0, span.start - 2), span.start)
        if any(
            (tokens[place].plain,) in negators
            and place not in taken
            and words.clause[place] == words.clause[span.start]
            for place in before
        ):
            span = replace(span, negated=True)
        yield span


def question_clauses(words: Words, lexicon: Lexicon) -> frozenset[int]:
    """The clauses that ask something: with a question mark, or beginning the way questions begin."""
    asking = set(words.asked)
    first_of: dict[int, int] = {}
    last_of: dict[int, int] = {}
    for place, clause in enumerate(words.clause):
        first_of.setdefault(clause, place)
        last_of[clause] = place
    for clause, first in first_of.items():
        if clause in asking:
            continue
        for starts in _clause_starts(words, lexicon, first, last_of[clause]):
            if last_of[clause] - starts >= 1 and _begins_asking(words, lexicon, starts, last_of[clause]):
                asking.add(clause)
        if any(
            _ends_with(words, phrase, first, last_of[clause])
            for phrases in lexicon.asks_at_end.values()
            for phrase in phrases
        ):
            asking.add(clause)
    return frozenset(asking)


def _clause_starts(words: Words, lexicon: Lexicon, first: int, last: int) -> list[int]:
    """Where in the clause a question may begin: at its first word, or after its "but"."""
    but = frozenset().union(*lexicon.but.values()) if lexicon.but else frozenset()
    return [first, first + 1] if words.tokens[first].plain in but and first < last else [first]


def _begins_asking(words: Words, lexicon: Lexicon, start: int, last: int) -> bool:
    for phrases in lexicon.asks.values():
        for phrase in phrases:
            end = start + len(phrase.plain)
            if end > last + 1:
                continue
            if all(
                token.exact == exact or (len(phrase.plain) > 1 and token.plain == plain)
                for token, exact, plain in zip(
                    words.tokens[start:end], phrase.exact, phrase.plain, strict=True
                )
            ):
                return True
    return False


def _ends_with(words: Words, phrase: Phrase, first: int, last: int) -> bool:
    start = last + 1 - len(phrase.plain)
    # The particle needs something before it: "không" alone is an answer, "... không" a question.
    return (
        start > first
        and tuple(token.exact for token in words.tokens[start : last + 1]) == phrase.exact
        and start - first >= 2
    )
