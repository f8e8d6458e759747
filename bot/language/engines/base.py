"""What an engine is: sentences in, sentences out, for the pairs of languages it has models for.

An engine knows nothing of names, numbers or doubts; `bot.language.translator` does that around it. It loads a model
when first asked for its pair, and must be safe to call from several threads at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

Pair = tuple[str, str]
"""(source, target), both tags of `bot.language.codes`."""


class EngineFailed(Exception):
    """An engine could not translate now: a broken model, a host that does not answer. The next engine is tried.

    The message names engine, pair and what to do; it never holds any of the text.
    """


class EngineMissing(Exception):
    """Nothing installed can serve what was asked for. The message says how to get it."""


@dataclass(frozen=True, slots=True)
class Model:
    """One installed model: one direction of a pair."""

    engine: str
    name: str
    """Name and version, as it is recorded with every translation it makes ("enpt-1693087644", "translate-en_es-1.0")."""
    source: str
    target: str
    megabytes: int
    """Memory it takes once loaded, estimated from its files."""
    where: str = ""
    """Folder or host, for people."""

    @property
    def pair(self) -> Pair:
        return (self.source, self.target)


class Engine(Protocol):
    """One way to translate."""

    name: str

    def models(self) -> list[Model]:
        """What it can serve, without loading anything."""
        ...

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str]:
        """Each sentence's translation, same order and number. Raises `EngineFailed`, also when the pair is not served."""
        ...

    def loaded(self) -> list[Model]:
        """Models in memory now, the least recently used first."""
        ...

    def unload(self, source: str, target: str) -> None:
        """Give a model's memory back. Nothing happens when it is not loaded."""
        ...

    def close(self) -> None:
        """Give everything back. The engine is not used afterwards."""
        ...
