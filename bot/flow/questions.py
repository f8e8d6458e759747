"""Which clauses of a reply ask us something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.flow.found import Span, Words
from bot.flow.words import Lexicon, Phrase, likely_among


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
    expected = [known.asks[code] for code in likely_among(tuple(known.asks), tuple(likely))]
    for clause, (first, last) in bounds.items():
        if clause in asking or last == first:
            continue
        for asks in expected:
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
