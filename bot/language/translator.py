"""From one language to another, with everything around the engine that lets people trust the result.

The order of trust: a catalog entry, an approved translation from the memory, a machine, and else plainly nothing.
For the machine a text is cut into sentences, names and the like are shielded, whole batches go to the engine, tokens
come back, every sentence is verified, and what failed is tried once the other way round before it is called doubtful.

Works without a database: memory and phrasebook come in as protocols. Never raises for a missing pair or a broken
engine; the caller reads `Translation.missing`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import structlog

from bot.language import checks, codes, sentences
from bot.language.catalog import Origin
from bot.language.checks import Doubt
from bot.language.detect import detect
from bot.language.engines.base import EngineFailed
from bot.language.engines.router import Route, Router
from bot.language.protect import Shielded, restore, shield, trim
from bot.language.script import has_letters
from bot.language.spans import Span

AUTO = "auto"
MAX_TEXT = 20_000
"""Characters of one text that are translated; what comes after is left out and said (`Doubt.TOO_LONG`)."""

_UNSEEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_FATAL = frozenset(
    {Doubt.LOST_PART, Doubt.DIGITS_CHANGED, Doubt.REPETITION, Doubt.UNTRANSLATED, Doubt.ODD_LENGTH}
)

_log = structlog.get_logger(__name__)


class Memory(Protocol):
    """Approved translations, by school; also where machine translations are kept so that each is made once."""

    def recall(self, text: str, source: str, target: str, school: int | None) -> Translation | None:
        """What we have for this very text (origin reviewed or machine), or None."""
        ...

    def keep(self, translation: Translation, school: int | None) -> None:
        """Remember a machine translation. Called once per new text and pair."""
        ...


class Phrasebook(Protocol):
    """Texts the product itself says, in every catalog language."""

    def look_up(self, text: str, source: str, target: str) -> str | None:
        """The catalog's wording of this very text, or None."""
        ...


@dataclass(frozen=True, slots=True)
class Translation:
    """One text in another language, and how far to trust it."""

    text: str
    """The translation; the original itself when there was nothing to translate; empty when it could not be done."""
    source: str
    target: str
    origin: Origin
    original: str
    engine: str | None = None
    model: str | None = None
    doubts: tuple[Doubt, ...] = ()
    protected: tuple[str, ...] = ()
    """What was kept out of the model's hands or verified after it, as it stands in the translation."""
    ms: float = 0.0
    why: str = ""
    """For origin `none`: same_language, nothing_to_translate, unknown_language, no_engine or engine_failed."""
    tier: str = ""
    """For a machine: good, usable, review or unmeasured, by measured quality of engine and pair."""

    @property
    def missing(self) -> bool:
        """Whether a reader of `target` has nothing to read: say so to staff, never send another language instead."""
        return self.origin is Origin.NONE and self.why not in ("same_language", "nothing_to_translate")

    @property
    def doubtful(self) -> bool:
        """Whether a person should look before it is trusted."""
        return bool(self.doubts)

    def says(self) -> str:
        """The state in words for staff: “machine, unreviewed”, “doubtful: a number changed”."""
        if self.missing:
            return "not translated"
        if self.doubts:
            return "doubtful: " + "; ".join(checks.SAYS[doubt] for doubt in self.doubts)
        return {
            Origin.CATALOG: "phrasebook",
            Origin.REVIEWED: "reviewed by a person",
            Origin.MACHINE: "machine, unreviewed",
            Origin.NONE: "original",
        }[self.origin]


@dataclass(slots=True)
class _Sentence:
    """One unit on its way through an engine."""

    before: str
    core: str
    after: str
    shielded: Shielded | None = None
    result: str = ""
    doubts: set[Doubt] = field(default_factory=set)


class Translator:
    """The pipeline. Holds no text between calls; safe to share between threads as far as its parts are."""

    def __init__(
        self, router: Router, memory: Memory | None = None, phrasebook: Phrasebook | None = None
    ) -> None:
        self.router = router
        self._memory = memory
        self._phrasebook = phrasebook

    def can(self, source: str, target: str) -> bool:
        """Whether a machine here serves the pair at all (see `codes.abilities`)."""
        return self.router.serves(source, target)

    def translate(
        self,
        texts: Sequence[str],
        source: str,
        target: str,
        *,
        names: Iterable[str] = (),
        glossary: Mapping[str, str] | None = None,
        school: int | None = None,
        prior: str | None = None,
    ) -> list[Translation]:
        """Each text's translation, in order. `source` may be "auto" (detected, with `prior` the family's language).

        `names`: people and places to keep as written; `glossary`: source term → what this community calls it.
        Raises `codes.UnknownLanguage` for a code that means nothing; every other trouble is in the result.
        """
        target = codes.normalise(target)
        fixed = None if source == AUTO else codes.normalise(source)
        done: dict[str, Translation] = {}
        waiting: dict[str, list[str]] = {}
        for text in dict.fromkeys(texts):
            known = fixed or self._source_of(text, prior)
            ready = self._without_machine(text, known, target, school)
            if ready is not None:
                done[text] = ready
            else:
                waiting.setdefault(known, []).append(text)
        for known, group in waiting.items():
            for made in self._by_machine(group, known, target, tuple(names), glossary or {}):
                done[made.original] = made
                if self._memory is not None and made.origin is Origin.MACHINE:
                    self._memory.keep(made, school)
        return [done[text] for text in texts]

    @staticmethod
    def _source_of(text: str, prior: str | None) -> str:
        found = detect(text, prior)
        if found.language == "zh":
            return f"zh-{found.script}"
        known = codes.find(found.language)
        return known.tag if known else codes.UNDETERMINED

    def _without_machine(self, text: str, source: str, target: str, school: int | None) -> Translation | None:
        """The translation when no machine is needed: same language, nothing to say, catalog, or memory."""
        start = time.perf_counter()
        plain = Translation(text, source, target, Origin.NONE, text)
        if not has_letters(text):
            return replace(plain, why="nothing_to_translate")
        if source == codes.UNDETERMINED:
            return replace(plain, text="", why="unknown_language")
        if codes.same_for_readers(source, target):
            return replace(plain, why="same_language")
        if self._phrasebook is not None:
            phrase = self._phrasebook.look_up(text, source, target)
            if phrase is not None:
                return replace(plain, text=phrase, origin=Origin.CATALOG, ms=_since(start))
        if self._memory is not None:
            recalled = self._memory.recall(text, source, target, school)
            if recalled is not None:
                return replace(recalled, original=text, ms=_since(start))
        return None

    def _by_machine(
        self, texts: list[str], source: str, target: str, names: tuple[str, ...], glossary: Mapping[str, str]
    ) -> list[Translation]:
        start = time.perf_counter()
        routes = self.router.routes(source, target)
        plans = [self._plan(text, source, target, names, glossary) for text in texts]
        if not any(unit.shielded for _, units in plans for unit in units):  # only links, names, codes
            return [
                Translation(text, source, target, Origin.NONE, text, why="nothing_to_translate")
                for text in texts
            ]
        why = "no_engine"
        for route in routes:
            try:
                self._run(
                    route, [unit for _, units in plans for unit in units], source, target, names, glossary
                )
            except EngineFailed as problem:
                _log.warning(
                    "engine_failed", engine=route.engine, source=source, target=target, says=str(problem)
                )
                why = "engine_failed"
                continue
            total, length = _since(start), sum(map(len, texts)) or 1
            return [
                self._finish(text, plan, route, source, target, round(total * len(text) / length, 2))
                for text, plan in zip(texts, plans, strict=True)
            ]
        return [Translation("", source, target, Origin.NONE, text, why=why) for text in texts]

    @staticmethod
    def _plan(
        text: str, source: str, target: str, names: tuple[str, ...], glossary: Mapping[str, str]
    ) -> tuple[list[sentences.Piece], list[_Sentence]]:
        pieces = sentences.together(sentences.split(_UNSEEN.sub("", text[:MAX_TEXT]), source))
        units = []
        for piece in pieces:
            before, core, after = trim(piece.text)
            unit = _Sentence(before, core, after, result=core)
            if has_letters(core):
                shielded = shield(core, source, target, names, glossary)
                rest = re.sub(r"XQ\d+", "", shielded.text)
                if has_letters(_drop(rest, shielded.left_in)):
                    unit.shielded = shielded
                else:
                    unit.result = restore(shielded.text, shielded).text
            units.append(unit)
        return pieces, units

    def _run(
        self,
        route: Route,
        units: list[_Sentence],
        source: str,
        target: str,
        names: tuple[str, ...],
        glossary: Mapping[str, str],
    ) -> None:
        """Translate, verify, and give what failed a second chance, protected the other way."""
        open_units = [unit for unit in units if unit.shielded is not None]
        self._attempt(route, open_units, source, target)
        again = []
        for unit in open_units:
            if not unit.doubts & _FATAL or unit.shielded is None:
                continue
            if unit.shielded.left_in:
                again.append((unit, shield(unit.core, source, target, names, glossary, hide_all=True)))
            elif unit.shielded.hidden:
                again.append((unit, Shielded(unit.core, (), unit.shielded.hidden)))
        if not again:
            return
        second = [
            _Sentence(unit.before, unit.core, unit.after, shielded=other)
            for unit, other in again
            if other is not None
        ]
        self._attempt(route, second, source, target)
        for (unit, _), tried in zip(again, second, strict=True):
            if _badness(tried.doubts) < _badness(unit.doubts):
                unit.result, unit.doubts, unit.shielded = tried.result, tried.doubts, tried.shielded

    def _attempt(self, route: Route, units: list[_Sentence], source: str, target: str) -> None:
        unique = list(dict.fromkeys(unit.shielded.text for unit in units if unit.shielded))
        results = dict(zip(unique, self.router.run(route, unique), strict=True))
        for unit in units:
            if unit.shielded is None:
                continue
            restored = restore(results[unit.shielded.text], unit.shielded)
            unit.result = restored.text
            unit.doubts = checks.doubts(
                unit.core, restored.text, source, target, unit.shielded.spans, restored.lost
            )

    @staticmethod
    def _finish(
        text: str,
        plan: tuple[list[sentences.Piece], list[_Sentence]],
        route: Route,
        source: str,
        target: str,
        ms: float,
    ) -> Translation:
        pieces, units = plan
        whole = sentences.join(pieces, [unit.before + unit.result + unit.after for unit in units])
        found = set().union(*(unit.doubts for unit in units))
        if route.tier == "review":
            found.add(Doubt.WEAK_PAIR)
        if len(text) > MAX_TEXT:
            found.add(Doubt.TOO_LONG)
        protected = [span.kept for unit in units if unit.shielded for span in unit.shielded.spans]
        return Translation(
            whole,
            source,
            target,
            Origin.MACHINE,
            text,
            engine=route.engine,
            model=route.model,
            doubts=tuple(doubt for doubt in Doubt if doubt in found),
            protected=tuple(dict.fromkeys(protected)),
            ms=ms,
            tier=route.tier,
        )


def _badness(found: set[Doubt]) -> tuple[int, int]:
    return len(found & _FATAL), len(found)


def _drop(text: str, spans: Iterable[Span]) -> str:
    for span in spans:
        text = text.replace(span.original, " ").replace(span.kept, " ")
    return text


def _since(start: float) -> float:
    return round((time.perf_counter() - start) * 1000, 2)
