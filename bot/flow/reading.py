"""Finding known meanings in a text: which words mean what, what is a question, what is left over.

This room only reads. What a reading means for a certain question is decided in `answers`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from bot.flow.text import Token
from bot.flow.typing_mistakes import nearest, shortened
from bot.flow.words import EVERYWHERE, Lexicon, Phrase, is_likely, lexicon

_ENDS = frozenset(".!?¡¿。！？؟؛;…\n")
_ASKS = frozenset("?？؟")
_LONGEST_STEM = 14


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


@dataclass(frozen=True, slots=True)
class Phrases:
    """What to look for besides the lexicon: one question's own words, by first plain token."""

    by_first: Mapping[str, tuple[Phrase, ...]] = field(default_factory=dict)
    vocabulary: frozenset[str] = frozenset()


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
        if token.plain in known.but and not fresh:
            clause += 1
        kept.append(token)
        clauses.append(clause)
        fresh = False
    return Words(tuple(kept), tuple(clauses), frozenset(asked & set(clauses)), frozenset(hard))


# --- typing mistakes ----------------------------------------------------------------------------------------------


def mend(
    words: Words, known: Lexicon, own: Phrases, likely: Sequence[str]
) -> tuple[tuple[Token, ...], frozenset[int]]:
    """The words with typing mistakes and stretched letters (siiii) mended towards words of the `likely` languages,
    and the places that were."""
    vocabulary = _vocabulary(tuple(likely), own.vocabulary)
    mended: list[Token] = []
    places: set[int] = set()
    for place, token in enumerate(words.tokens):
        if token.sort == "word" and token.plain not in vocabulary and not _has_stem(token.plain, vocabulary):
            better = shortened(token.plain, vocabulary) or nearest(token.plain, vocabulary)
            if better is not None:
                token = Token(better, better, "word")
                places.add(place)
        mended.append(token)
    return tuple(mended), frozenset(places)


def _has_stem(word: str, vocabulary: frozenset[str]) -> bool:
    return any(stem in vocabulary for stem in _stems(word))


@lru_cache(maxsize=512)
def _vocabulary(likely: tuple[str, ...], own: frozenset[str]) -> frozenset[str]:
    known = lexicon().vocabulary
    return frozenset().union(own, *(known[code] for code in known if is_likely(code, likely)))


# --- meanings -----------------------------------------------------------------------------------------------------


def spans_in(
    words: Words, known: Lexicon, own: Phrases, likely: Sequence[str], everywhere: bool
) -> tuple[Span, ...]:
    """The meanings in `words`, longest first where they compete, in the order of the text. `everywhere` also reads
    words of languages that are not `likely` (exactly as written, no mistakes forgiven)."""
    tokens, mended = mend(words, known, own, likely)
    forms = [_forms(token) for token in tokens]
    bare = all(token.exact == token.plain for token in tokens)
    found: list[Span] = []
    for start, token in enumerate(tokens):
        for phrase in _candidates(token, forms[start], known, own):
            near = is_likely(phrase.language, likely)
            if not near and not everywhere and phrase.labels[0][:1] != "=":
                continue
            end = start + len(phrase.plain)
            loose = _loose(phrase, near, bare)
            if _matches(phrase, tokens, forms, words, start, near, loose):
                exact = _matches(phrase, tokens, forms, words, start, near, False)
                guessed = any(place in mended for place in range(start, end))
                found.append(Span(start, end, phrase.labels, phrase.language, near, exact, guessed))
    return tuple(_negations(_longest(found), tokens, words, known, likely))


def _candidates(token: Token, forms: tuple[str, ...], known: Lexicon, own: Phrases) -> Iterable[Phrase]:
    for form in forms or (token.plain,):
        yield from own.by_first.get(form, ())
        yield from known.by_first.get(form, ())
    if token.sort == "word":
        for stem in _stems(token.plain):
            yield from own.by_first.get(stem, ())
            yield from known.by_first.get(stem, ())


def _stems(word: str) -> Iterable[str]:
    """The ways `word` may stand in the lexicon with an open end or an open beginning."""
    longest = min(len(word), _LONGEST_STEM)
    for length in range(1, longest + 1):
        yield word[:length] + "*"
    for length in range(3, longest + 1):
        yield "*" + word[-length:]


_ARABIC_PREFIXES = ("وال", "بال", "فال", "كال", "ال", "لل", "و", "ف", "ب", "ل", "ك")


def _forms(token: Token) -> tuple[str, ...]:
    """The plain word, and for Arabic the word without what is written together with it (and, the, with …)."""
    word = token.plain
    if not word or not "\u0620" <= word[0] <= "\u064a":
        return (word,)
    return (
        word,
        *(
            word[len(prefix) :]
            for prefix in _ARABIC_PREFIXES
            if word.startswith(prefix) and len(word) - len(prefix) >= 3
        ),
    )


def _too_short(word: str, near: bool) -> bool:
    """Words that mean something only when they are all that was said: a single letter ("y", "n"), and up to three
    letters of a language the family is not likely to write ("la" is no in Swahili)."""
    return word.isascii() and len(word) <= (1 if near else 3)


_TONAL = frozenset({"vi"})
"""Languages in which another accent is another word: there, accents may be left out of a whole text, not of a word."""


def _loose(phrase: Phrase, near: bool, bare: bool) -> bool:
    """Whether `phrase` may be found without its accents."""
    if phrase.language in _TONAL and not bare:
        return False
    return near or sum(len(word) for word in phrase.plain) >= 5


def _matches(
    phrase: Phrase,
    tokens: Sequence[Token],
    forms: Sequence[tuple[str, ...]],
    words: Words,
    start: int,
    near: bool,
    loose: bool,
) -> bool:
    end = start + len(phrase.plain)
    if end > len(tokens):
        return False
    if len(phrase.plain) == 1 and len(tokens) > 1 and _too_short(phrase.plain[0], near):
        return False
    if any(place in words.hard for place in range(start + 1, end)):
        return False
    return all(
        _same(tokens[place], forms[place], exact, plain, loose)
        for place, exact, plain in zip(range(start, end), phrase.exact, phrase.plain, strict=True)
    )


def _same(token: Token, forms: tuple[str, ...], exact: str, plain: str, loose: bool) -> bool:
    if plain[-1] == "*":
        return token.exact.startswith(exact[:-1]) or (loose and token.plain.startswith(plain[:-1]))
    if plain[0] == "*":
        return token.exact.endswith(exact[1:]) or (loose and token.plain.endswith(plain[1:]))
    return token.exact == exact or (loose and plain in forms)


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


def _before(span: Span, spans: Sequence[Span], known: Lexicon) -> list[int]:
    """The two places before `span`, polite words not counted ("hindi po ako payag")."""
    polite = {
        place
        for other in spans
        if all(label in known.concepts and known.concepts[label].sort == "filler" for label in other.labels)
        for place in range(other.start, other.end)
    }
    return [place for place in range(span.start - 1, -1, -1) if place not in polite][:2]


_UNSURE = frozenset({"dont_know", "maybe", "not_understood"})
"""Where two readings of the same length overlap ("ще не знаю"), the unsure one is kept."""


def _standing(span: Span) -> tuple[int, int, bool, bool, bool]:
    return span.start, span.end, span.likely, span.own, span.exact


_NEGATIVE = frozenset({"not_yet", "never", "none", "didnt"})


def _negations(
    spans: list[Span], tokens: Sequence[Token], words: Words, known: Lexicon, likely: Sequence[str]
) -> Iterable[Span]:
    """A meaning with a negator up to two words before it, in the same clause and outside other spans, is negated;
    so is one after a bare "no" without a comma, and one that a negator follows where languages do that."""
    bare_no = {place for span in spans if "no" in span.labels for place in range(span.start, span.end)}
    taken = {place for span in spans for place in range(span.start, span.end)}
    for span in spans:
        languages = [span.language] if span.language != EVERYWHERE else list(likely)
        negators = frozenset().union(*(known.negators.get(code, frozenset()) for code in languages))
        before = _before(span, spans, known)
        negated = any(
            tokens[place].plain in negators
            and (place not in taken or place in bare_no)
            and words.clause[place] == words.clause[span.start]
            for place in before
        )
        negated = negated or any(
            other.end == span.start
            and _NEGATIVE & set(other.labels)
            and words.clause[other.start] == words.clause[span.start]
            for other in spans
        )
        if not negated and span.end < len(tokens) and span.end not in taken:
            after = tokens[span.end]
            negated = any(
                _same(after, (after.plain,), phrase.exact[0], phrase.plain[0], True)
                for code in languages
                for phrase in known.negators_after.get(code, ())
            )
        yield replace(span, negated=True) if negated else span


# --- questions ----------------------------------------------------------------------------------------------------


def question_clauses(
    words: Words, known: Lexicon, spans: Sequence[Span], likely: Sequence[str]
) -> frozenset[int]:
    """The clauses that ask something: with a question mark, or sounding like a question in a likely language.
    Words that are part of a known meaning ("whenever", "nothing at all") are not taken for question words."""
    asking = set(words.asked)
    bounds: dict[int, tuple[int, int]] = {}
    for place, clause in enumerate(words.clause):
        first, _ = bounds.get(clause, (place, place))
        bounds[clause] = (first, place)
    meant = {place for span in spans if span.length > 1 for place in range(span.start, span.end)}
    for clause, (first, last) in bounds.items():
        if clause in asking or last == first:
            continue
        for code, asks in known.asks.items():
            if not is_likely(code, likely):
                continue
            starts = _starts(words, known, spans, first, last, asks.anywhere)
            # One word alone ("when", "как") is a question at the beginning of a text or after "but"; inside, it
            # is more often a conjunction.
            shortest = 1 if asks.anywhere or clause == 0 or words.tokens[first].plain in known.but else 2
            if any(_asks_at(words, asks.first, place, last, meant, shortest) for place in starts) or any(
                _ends_with(words, phrase, first, last, meant) for phrase in asks.last
            ):
                asking.add(clause)
                break
    return frozenset(asking)


def _starts(
    words: Words, known: Lexicon, spans: Sequence[Span], first: int, last: int, anywhere: bool
) -> list[int]:
    """Where in a clause a question may begin: at its first word, after its "but" or "and", after an answer that
    was not set off by a comma ("sí qué libro")."""
    if anywhere:
        return list(range(first, last + 1))
    starts = [first]
    if words.tokens[first].plain in known.but and first < last:
        starts.append(first + 1)
    for span in spans:
        alone = any(known.concepts[label].stands_alone for label in span.labels if label in known.concepts)
        if span.start in starts and span.end <= last and not alone:
            starts.append(span.end)
    starts.extend(place + 1 for place in list(starts) if words.tokens[place].plain in _AND and place < last)
    return starts


_AND = frozenset(
    ["and", "y", "e", "et", "ak", "và", "va", "и", "і", "та", "و", "和", "也", "na", "iyo", "at"]
)


def _asks_at(
    words: Words,
    phrases: Mapping[str, tuple[Phrase, ...]],
    start: int,
    last: int,
    meant: set[int],
    shortest: int,
) -> bool:
    for phrase in phrases.get(words.tokens[start].plain, ()):
        end = start + len(phrase.plain)
        if (
            len(phrase.plain) < shortest
            or end > last + 1
            or any(place in meant for place in range(start, end))
        ):
            continue
        if all(
            token.exact == exact or (len(phrase.plain) > 1 and token.plain == plain)
            for token, exact, plain in zip(words.tokens[start:end], phrase.exact, phrase.plain, strict=True)
        ):
            return True
    return False


def _ends_with(words: Words, phrase: Phrase, first: int, last: int, meant: set[int]) -> bool:
    start = last + 1 - len(phrase.plain)
    # The particle needs something before it: "không" alone is an answer, "... không" a question.
    return (
        start - first >= 2
        and not any(place in meant for place in range(start, last + 1))
        and tuple(token.exact for token in words.tokens[start : last + 1]) == phrase.exact
    )
