"""Which of the meanings found in a text are said, and which are denied: "not easy", "ni fácil ni difícil", 안 어려워요."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.flow.found import Span, Words, same_word
from bot.flow.text import Token
from bot.flow.words import EVERYWHERE, Lexicon


def _before(span: Span, spans: Sequence[Span], known: Lexicon) -> list[int]:
    """The two places before `span`, polite words not counted ("hindi po ako payag")."""
    polite = {
        place
        for other in spans
        if all(label in known.concepts and known.concepts[label].sort == "filler" for label in other.labels)
        for place in range(other.start, other.end)
    }
    return [place for place in range(span.start - 1, -1, -1) if place not in polite][:2]


def _says_not_very(span: Span, tokens: Sequence[Token], negators: frozenset[str]) -> bool:
    """ "Not very …": what is easy after it is not."""
    return "a_little" in span.labels and span.length > 1 and tokens[span.start].plain in negators


_NEGATIVE = frozenset({"not_yet", "never", "none", "didnt"})


def negations(
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
            and (_NEGATIVE & set(other.labels) or _says_not_very(other, tokens, negators))
            and words.clause[other.start] == words.clause[span.start]
            for other in spans
        )
        if not negated and span.end < len(tokens) and span.end not in taken:
            after = tokens[span.end]
            negated = any(
                same_word(after, (after.plain,), phrase.exact[0], phrase.plain[0], True)
                for code in languages
                for phrase in known.negators_after.get(code, ())
            )
        yield replace(span, negated=True) if negated else span
