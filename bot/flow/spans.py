"""Finding known meanings in a text: which of its words mean what, in which language, said outright or denied.

This room only reads. What a reading means for a certain question is decided in `choosing`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from bot.flow.denied import negations
from bot.flow.endings import forms_of
from bot.flow.found import Span, Words, same_word
from bot.flow.text import Token
from bot.flow.typing_mistakes import nearest, shortened
from bot.flow.words import EVERYWHERE, Lexicon, Phrase, is_likely, lexicon, likely_among

_LONGEST_STEM = 14
_FEW = 4
"""Shortenings of at most so many languages at once: "k" is "que" to one family and "okay" to another."""


@dataclass(frozen=True, slots=True)
class Phrases:
    """What to look for besides the lexicon: one question's own words, by first plain token."""

    by_first: tuple[tuple[str, tuple[Phrase, ...]], ...] = ()
    vocabulary: frozenset[str] = frozenset()
    means: frozenset[str] = frozenset()
    """Meanings of the lexicon that answer the question."""


# --- typing mistakes and shortenings ------------------------------------------------------------------------------


def mend(
    words: Words, known: Lexicon, own: Phrases, likely: tuple[str, ...]
) -> tuple[tuple[Token, ...], frozenset[int]]:
    """The words with shortenings written out, and typing mistakes and stretched letters (siiii) mended towards words
    of the `likely` languages; and the places where a mistake was mended."""
    vocabulary = _vocabulary(likely)
    short = _shortenings(likely)
    mended: list[Token] = []
    places: set[int] = set()
    for place, token in enumerate(words.tokens):
        if token.sort == "word" and token.plain not in vocabulary and token.plain not in own.vocabulary:
            token = short.get(token.plain, token)
            if token.plain not in vocabulary and not any(stem in vocabulary for stem in _stems(token.plain)):
                better = shortened(token.plain, vocabulary) or nearest(
                    token.plain, vocabulary, own.vocabulary
                )
                if better is not None:
                    token = Token(better, better, "word")
                    places.add(place)
        mended.append(token)
    return tuple(mended), frozenset(places)


@lru_cache(maxsize=512)
def _vocabulary(likely: tuple[str, ...]) -> frozenset[str]:
    known = lexicon().vocabulary
    return frozenset().union(*(known[code] for code in known if is_likely(code, likely)))


@lru_cache(maxsize=512)
def _shortenings(likely: tuple[str, ...]) -> dict[str, Token]:
    known = lexicon().shortenings
    codes = [code for code in sorted(known) if known[code] and is_likely(code, likely)]
    return {} if len(codes) > _FEW else {word: long for code in codes for word, long in known[code].items()}


# --- meanings -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Entry:
    """A phrase, seen from one family: in a language it is likely to write or not; findable without accents or not."""

    phrase: Phrase
    near: bool
    loose: bool
    loose_when_bare: bool


_TONAL = frozenset({"vi"})
"""Languages in which another accent is another word: there, accents may be left out of a whole text, not of a word."""


def _entry(phrase: Phrase, near: bool) -> _Entry:
    bare = near or sum(len(word) for word in phrase.plain) >= 5
    return _Entry(phrase, near, bare and phrase.language not in _TONAL, bare)


@dataclass(frozen=True, slots=True)
class _Bucket:
    """The phrases that begin with one word: those of one word, and the longer ones by their second. `is_open` tells that
    a second word may stand for every word that begins so."""

    single: tuple[_Entry, ...]
    longer: dict[str, tuple[_Entry, ...]]
    is_open: bool


def _bucket(entries: Sequence[_Entry]) -> _Bucket:
    longer: dict[str, list[_Entry]] = {}
    for entry in entries:
        if len(entry.phrase.plain) > 1:
            longer.setdefault(entry.phrase.plain[1], []).append(entry)
    return _Bucket(
        tuple(entry for entry in entries if len(entry.phrase.plain) == 1),
        {second: tuple(those) for second, those in longer.items()},
        any(second[0] == "*" or second[-1] == "*" for second in longer),
    )


class _Index:
    """The lexicon's phrases by first plain word, as a family of these languages needs them. A bucket is made when its
    word is first read: few of the words are ever asked for."""

    def __init__(self, likely: tuple[str, ...], everywhere: bool) -> None:
        self._near = frozenset((*likely_among(lexicon().languages, likely), EVERYWHERE))
        self._everywhere = everywhere
        self._made: dict[str, _Bucket | None] = {}

    def get(self, first: str) -> _Bucket | None:
        """The phrases that begin with `first`; None when there are none."""
        phrases = lexicon().by_first.get(first)
        if phrases is None:
            return None
        if first not in self._made:
            entries = [
                _entry(phrase, near)
                for phrase in phrases
                if (near := phrase.language in self._near) or self._everywhere
            ]
            self._made[first] = _bucket(entries) if entries else None
        return self._made[first]


@lru_cache(maxsize=256)
def _index(likely: tuple[str, ...], everywhere: bool) -> _Index:
    return _Index(likely, everywhere)


@lru_cache(maxsize=2_048)
def _own_index(own: Phrases, likely: tuple[str, ...]) -> dict[str, _Bucket]:
    return {
        first: _bucket([_entry(phrase, is_likely(phrase.language, likely)) for phrase in phrases])
        for first, phrases in own.by_first
    }


def spans_in(
    words: Words, known: Lexicon, own: Phrases, likely: tuple[str, ...], everywhere: bool
) -> tuple[Span, ...]:
    """The meanings in `words`, longest first where they compete, in the order of the text. `everywhere` also reads
    words of languages that are not `likely` (exactly as written, no mistakes forgiven)."""
    tokens, mended = mend(words, known, own, likely)
    forms = [forms_of(token.plain) for token in tokens]
    bare = all(token.exact == token.plain for token in tokens)
    indexes = (_own_index(own, likely), _index(likely, everywhere))
    found: list[Span] = []
    for start in range(len(tokens)):
        for entry in _candidates(tokens, forms, start, indexes):
            loose = entry.loose_when_bare if bare else entry.loose
            if _matches(entry, tokens, forms, words, start, loose):
                end = start + len(entry.phrase.plain)
                found.append(
                    Span(
                        start,
                        end,
                        entry.phrase.labels,
                        entry.phrase.language,
                        entry.near,
                        not loose or _matches(entry, tokens, forms, words, start, False),
                        any(place in mended for place in range(start, end)),
                    )
                )
    return tuple(negations(_longest(_own_topics(found, own, known)), tokens, words, known, likely))


def _candidates(
    tokens: Sequence[Token],
    forms: Sequence[tuple[str, ...]],
    start: int,
    indexes: tuple[dict[str, _Bucket] | _Index, ...],
) -> Iterable[_Entry]:
    """Phrases whose first two words fit at `start`."""
    token = tokens[start]
    keys = (*forms[start], *_stems(token.plain)) if token.sort == "word" else forms[start]
    for index in indexes:
        for key in keys:
            bucket = index.get(key)
            if bucket is None:
                continue
            yield from bucket.single
            if bucket.longer and start + 1 < len(tokens):
                for second in forms[start + 1]:
                    yield from bucket.longer.get(second, ())
                if bucket.is_open:
                    for second in _stems(tokens[start + 1].plain):
                        yield from bucket.longer.get(second, ())


@lru_cache(maxsize=8_192)
def _stems(word: str) -> tuple[str, ...]:
    """The ways `word` may stand in the lexicon with an open end or an open beginning."""
    longest = min(len(word), _LONGEST_STEM)
    return (
        *(word[:length] + "*" for length in range(1, longest + 1)),
        *("*" + word[-length:] for length in range(3, longest + 1)),
    )


def _too_short(word: str, near: bool) -> bool:
    """Words that mean something only when they are all that was said: a single letter ("y", "n"), and up to three
    letters of a language the family is not likely to write ("la" is no in Swahili)."""
    return word.isascii() and len(word) <= (1 if near else 3)


def _matches(
    entry: _Entry,
    tokens: Sequence[Token],
    forms: Sequence[tuple[str, ...]],
    words: Words,
    start: int,
    loose: bool,
) -> bool:
    phrase = entry.phrase
    length = len(phrase.plain)
    end = start + length
    if end > len(tokens):
        return False
    # From the last word back: the first was looked up and nearly always fits.
    for offset in range(length - 1, -1, -1):
        place = start + offset
        if not same_word(tokens[place], forms[place], phrase.exact[offset], phrase.plain[offset], loose):
            return False
    if length == 1:
        if len(tokens) > 1 and _too_short(phrase.plain[0], entry.near):
            return False
    elif any(place in words.hard for place in range(start + 1, end)):
        return False
    return not phrase.alone or not any(
        token.sort == "word" for place, token in enumerate(tokens) if not start <= place < end
    )


def _own_topics(found: Sequence[Span], own: Phrases, known: Lexicon) -> Sequence[Span]:
    """`found` without topics that answer nothing here and would swallow the question's own words: its "park" counts,
    whether or not the lexicon knows "in the park"."""
    mine = [span for span in found if span.own]
    if not mine:
        return found
    return [
        span
        for span in found
        if span.own
        or own.means & set(span.labels)
        or not all(known.concepts[label].sort == "topic" for label in span.labels)
        or not any(span.start <= word.start and word.end <= span.end for word in mine)
    ]


def _longest(found: Iterable[Span]) -> list[Span]:
    """Longer beats shorter, likely languages beat others, the question's own words beat the lexicon's. Equal
    claims on the same words become one span with all the labels."""
    chosen: list[Span] = []
    for span in sorted(
        found,
        key=lambda span: (
            -span.length,
            not span.likely,
            not span.own,
            not span.exact,
            not _UNSURE & set(span.labels),
            span.start,
            span.language,
        ),
    ):
        rivals = [other for other in chosen if span.start < other.end and other.start < span.end]
        if not rivals:
            chosen.append(span)
            continue
        rival = rivals[0]
        if _standing(rival) == _standing(span):
            labels = tuple(dict.fromkeys((*rival.labels, *span.labels)))
            chosen[chosen.index(rival)] = replace(rival, labels=labels)
    return sorted(chosen, key=lambda span: span.start)


_UNSURE = frozenset({"dont_know", "maybe", "not_understood"})
"""Where two readings of the same length overlap ("ще не знаю"), the unsure one is kept."""


def _standing(span: Span) -> tuple[int, int, bool, bool, bool]:
    return span.start, span.end, span.likely, span.own, span.exact
