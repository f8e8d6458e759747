"""How alike two texts of one language are, by shared runs of characters (chrF, Popović 2015, without word n-grams)."""

from __future__ import annotations

from collections import Counter

ORDER, BETA = 6, 2.0
AGREES = 0.30
"""chrF below which a text translated there and back says something else; see docs/languages.md for how it was chosen."""


def _grams(text: str, size: int) -> Counter[str]:
    return Counter(text[at : at + size] for at in range(len(text) - size + 1))


def chrf(candidate: str, reference: str) -> float:
    """chrF of one sentence, 0 to 1: spaces left out, orders 1 to 6 averaged, recall weighed twice."""
    candidate, reference = "".join(candidate.split()), "".join(reference.split())
    scores = []
    for size in range(1, ORDER + 1):
        ours, theirs = _grams(candidate, size), _grams(reference, size)
        if not ours or not theirs:
            continue
        shared = (ours & theirs).total()
        precision, recall = shared / ours.total(), shared / theirs.total()
        if shared:
            scores.append((1 + BETA**2) * precision * recall / (BETA**2 * precision + recall))
        else:
            scores.append(0.0)
    return sum(scores) / len(scores) if scores else float(candidate == reference)


def agrees(original: str, back: str) -> bool:
    """Whether a back-translation still says what the original says, as far as its characters tell."""
    return chrf(back.casefold(), original.casefold()) >= AGREES
