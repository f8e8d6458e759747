"""Keeping names, numbers, links and the like out of a model's reach, and putting them back where they belong.

Spans are replaced by tokens XQ1, XQ2 …, which Bergamot copies through every time it was tried (brackets, braces and
tags it does not). Opaque kinds (see `spans.OPAQUE`) always become tokens; the others are first left in the sentence,
times already in the reader's clock, because the words around them bend to them; what a model harmed is hidden then.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.language.names import mended
from bot.language.spans import EMOJI, GUESSED, OPAQUE, Kind, Span

_TOKEN = re.compile(r"XQ ?(\d{1,3})(?!\d)", re.IGNORECASE)
_EDGE = re.compile(rf"^(?:\s|{EMOJI.pattern})+|(?:\s|{EMOJI.pattern})+$")


@dataclass(frozen=True, slots=True)
class Shielded:
    """A sentence ready for a model."""

    text: str
    hidden: tuple[Span, ...]
    """Spans that became XQ1, XQ2 … in this order."""
    left_in: tuple[Span, ...]
    """Spans the model sees and must keep."""
    loud: bool = False
    """Whether it was all in capitals, which models hand back untouched: it is asked in small letters."""

    @property
    def spans(self) -> tuple[Span, ...]:
        return self.hidden + self.left_in


@dataclass(frozen=True, slots=True)
class Restored:
    """A model's sentence with the tokens put back, and which spans were lost or doubled on the way."""

    text: str
    lost: tuple[Span, ...]


def trim(sentence: str) -> tuple[str, str, str]:
    """(before, core, after): emoji and spaces at a sentence's ends never reach a model."""
    before = after = ""
    for match in list(_EDGE.finditer(sentence)):
        if match.start() == 0:
            before = match.group()
        else:
            after = match.group()
    if len(before) >= len(sentence):
        return sentence, "", ""
    return before, sentence[len(before) : len(sentence) - len(after)], after


def shield(
    sentence: str, spans: Iterable[Span], hide: Callable[[Span], bool] = lambda span: False
) -> Shielded:
    """`sentence` with its opaque spans, and those that `hide` says, replaced by tokens.

    A text that already says "XQ1" is shielded too: its own token becomes a span like any other.
    """
    own = [
        Span(match.start(), match.end(), Kind.CODE, match.group(), match.group())
        for match in _TOKEN.finditer(sentence)
    ]
    given = [s for s in spans if all(s.end <= o.start or s.start >= o.end for o in own)]
    loud = _is_loud(sentence)
    parts: list[str] = []
    hidden: list[Span] = []
    left_in: list[Span] = []
    at = 0
    for span in sorted(given + own, key=lambda s: s.start):
        parts.append(_calm(sentence[at : span.start]) if loud else sentence[at : span.start])
        at = span.end
        if span.kind in OPAQUE or span in own or hide(span):
            hidden.append(span)
            parts.append(f"XQ{len(hidden)}")
        else:
            left_in.append(span)
            shown = span.kept if span.kind is Kind.TIME else span.original
            parts.append(shown.title() if loud and span.kind is Kind.NAME else shown)
    parts.append(_calm(sentence[at:]) if loud else sentence[at:])
    text = "".join(parts)
    if loud:
        text = text[0].upper() + text[1:]
    return Shielded(text, tuple(hidden), tuple(left_in), loud)


def _is_loud(sentence: str) -> bool:
    return sentence.isupper() and len(sentence.split()) >= 2 and sum(c.isalpha() for c in sentence) >= 8


def _calm(part: str) -> str:
    """Small letters; "I" and what it carries stay as English writes them."""
    return re.sub(r"\bi\b", "I", part.lower())


def restore(translated: str, shielded: Shielded) -> Restored:
    """`translated` with each token replaced by what it stood for, and names mended.

    A token that came twice or not at all is `lost`; a token nobody gave is taken out.
    """
    if shielded.loud:
        translated = translated.upper()
    seen: dict[int, int] = {}

    def put_back(match: re.Match[str]) -> str:
        number = int(match.group(1))
        seen[number] = seen.get(number, 0) + 1
        if 1 <= number <= len(shielded.hidden):
            return shielded.hidden[number - 1].kept
        return ""

    text = _TOKEN.sub(put_back, translated)
    for span in () if shielded.loud else shielded.left_in:
        if span.kind is Kind.NAME:
            text = mended(text, span.kept)
        elif span.kind in GUESSED:
            text = mended(text, span.kept, at_least=1.0)
    lost = tuple(span for number, span in enumerate(shielded.hidden, 1) if seen.get(number, 0) != 1)
    return Restored(text, lost)
