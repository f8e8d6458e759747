"""From one language to another, with everything around the engine that lets people trust the result.

The order of trust: a catalog entry, an approved translation from the memory, a machine, and else plainly nothing.
For the machine a text is cut into sentences, names and the like are shielded, whole batches go to the engine, tokens
come back, every sentence is verified, and what failed is tried once the other way round before it is called doubtful.

Works without a database: memory and phrasebook come in as protocols. Never raises for a missing pair or a broken
engine; the caller reads `Translation.missing`.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import structlog

from bot.language import agreement, checks, codes
from bot.language.catalog import Origin
from bot.language.checks import Doubt
from bot.language.detect import detect
from bot.language.engines.base import EngineFailed
from bot.language.engines.router import Route, Router
from bot.language.phrasebook import Phrase
from bot.language.protect import Shielded, restore
from bot.language.script import has_letters
from bot.language.spans import GUESSED, NUMERIC
from bot.language.translation import Memory, Phrasebook, Translation
from bot.language.typed import written_out
from bot.language.units import MAX_TEXT, Job, Plan, Unit, plan, visible

AUTO = "auto"
_FATAL = frozenset(
    {Doubt.LOST_PART, Doubt.DIGITS_CHANGED, Doubt.REPETITION, Doubt.UNTRANSLATED, Doubt.ODD_LENGTH}
)
_HARM = frozenset({Doubt.LOST_PART, Doubt.DIGITS_CHANGED})
_PASSES_WORDS, _PASSES_CONFIDENCE = 4, 0.97
"""How sure we must be that a sentence is in the reader's language already before it is left as it is."""

_log = structlog.get_logger(__name__)


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

    def approved(self, text: str, source: str, target: str, school: int | None) -> Translation | None:
        """A person's approved wording of this very text, or None."""
        found = None if self._memory is None else self._memory.recall(text, source, target, school)
        return found if found is not None and found.origin is Origin.REVIEWED else None

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
        double_check: bool = False,
        remember: bool = False,
    ) -> list[Translation]:
        """Each text's translation, in order. `source` may be "auto" (detected, with `prior` the family's language).

        `names`: people and places to keep as written; `glossary`: source term → what this community calls it;
        `double_check` translates a machine's text back and doubts it where the two disagree (twice the time);
        `remember` keeps what a machine makes in the memory, for texts that many families get (never what a family wrote).
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
            job = Job(known, target, tuple(names), dict(glossary or {}))
            for made in self._by_machine(group, job):
                if double_check and made.origin is Origin.MACHINE:
                    made = self._double_checked(made)
                done[made.original] = made
                if remember and self._memory is not None and made.origin is Origin.MACHINE:
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
        phrase = self._wording(text, source, target)
        if phrase is not None:
            return replace(
                plain, text=phrase.text, origin=Origin.CATALOG, reviewed=phrase.reviewed, ms=_since(start)
            )
        if self._memory is not None:
            recalled = self._memory.recall(text, source, target, school)
            if recalled is not None:
                return replace(recalled, original=text, ms=_since(start))
        return None

    def _wording(self, text: str, source: str, target: str) -> Phrase | None:
        return None if self._phrasebook is None else self._phrasebook.look_up(text, source, target)

    def _by_machine(self, texts: list[str], job: Job) -> list[Translation]:
        start = time.perf_counter()
        plans = [self._plan(text, job) for text in texts]
        why = "no_engine"
        made: dict[str, Translation] = {p.text: self._settled(p, job) for p in plans if not p.open}
        plans = [p for p in plans if p.open]
        for route in self.router.routes(job.source, job.target) if plans else []:
            remote = "remote" in route.engine
            if remote:
                job = replace(job, hide_all=True)
                plans = [self._plan(p.text, job) for p in plans]
            try:
                self._run(route, [unit for p in plans for unit in p.open], job)
            except EngineFailed as problem:
                _log.warning(
                    "engine_failed", engine=route.engine, pair=f"{job.source}>{job.target}", says=str(problem)
                )
                why = "engine_failed"
                continue
            total, length = _since(start), sum(len(p.text) for p in plans)
            for p in plans:
                made[p.text] = self._finished(p, route, job, round(total * len(p.text) / length, 2))
            break
        absent = [text for text in texts if text not in made]
        made |= {text: Translation("", job.source, job.target, Origin.NONE, text, why=why) for text in absent}
        return [made[text] for text in texts]

    def _plan(self, text: str, job: Job) -> Plan:
        def passes(sentence: str) -> bool:
            if len(sentence.split()) < _PASSES_WORDS:
                return False
            found = detect(sentence, job.source)
            return found.confidence >= _PASSES_CONFIDENCE and found.language == codes.primary(job.target)

        return plan(
            text,
            written_out(visible(text), job.source),
            job,
            lambda sentence: self._wording(sentence, job.source, job.target),
            passes,
        )

    @staticmethod
    def _settled(done: Plan, job: Job) -> Translation:
        """A text no machine was needed for: only links, names and codes, phrases, or the reader's own language."""
        worded = any(unit.worded for unit in done.units)
        return Translation(
            done.joined(),
            job.source,
            job.target,
            Origin.CATALOG if worded else Origin.NONE,
            done.text,
            why="" if worded else "nothing_to_translate",
        )

    def _run(self, route: Route, units: list[Unit], job: Job) -> None:
        """Translate and verify; what was harmed is hidden from the engine and tried again, then everything is."""
        self._attempt(route, units, job)
        for hide_everything in (False, True):
            again: list[tuple[Unit, Unit]] = []
            for unit in units:
                other = self._otherwise(unit, job, hide_everything)
                if other is not None:
                    again.append((unit, other))
            if not again:
                return
            self._attempt(route, [other for _, other in again], job)
            for unit, other in again:
                if _badness(other.doubts) < _badness(unit.doubts):
                    unit.result, unit.doubts, unit.shielded = other.result, other.doubts, other.shielded

    @staticmethod
    def _otherwise(unit: Unit, job: Job, hide_everything: bool) -> Unit | None:
        """The unit shielded another way, when something in it was harmed and there is another way."""
        before = unit.shielded
        if before is None or not unit.doubts & _HARM:
            return None
        lost = checks.harmed(before.left_in, unit.result, job.target)
        if (
            hide_everything
            and Doubt.DIGITS_CHANGED not in unit.doubts
            and all(span.kind in GUESSED for span in lost)
        ):
            return None  # what only may be a name had its chance
        harmed = {span.original for span in lost}
        lost_hidden = not harmed and not hide_everything and Doubt.LOST_PART in unit.doubts
        if (
            lost_hidden and before.hidden and not job.hide_all
        ):  # a token went astray: show the engine what it hid
            return replace(unit, shielded=Shielded(unit.core, (), before.hidden))
        other = job.shield(
            unit.core,
            lambda span: hide_everything or span.original in harmed or (not harmed and span.kind in NUMERIC),
        )
        return None if other.text == before.text else replace(unit, shielded=other)

    def _attempt(self, route: Route, units: list[Unit], job: Job) -> None:
        unique = list(dict.fromkeys(unit.shielded.text for unit in units if unit.shielded))
        results = dict(zip(unique, self.router.run(route, unique), strict=True))
        for unit in units:
            if unit.shielded is None:
                continue
            restored = restore(results[unit.shielded.text], unit.shielded)
            unit.result = restored.text
            unit.doubts = checks.doubts(
                unit.core, restored.text, job.source, job.target, unit.shielded.spans, restored.lost
            )

    @staticmethod
    def _finished(done: Plan, route: Route, job: Job, ms: float) -> Translation:
        found = set().union(*(unit.doubts for unit in done.units))
        if route.tier == "review":
            found.add(Doubt.WEAK_PAIR)
        if len(done.text) > MAX_TEXT:
            found.add(Doubt.TOO_LONG)
        protected = [
            span.kept
            for unit in done.open
            if unit.shielded
            for span in unit.shielded.spans
            if span.kind not in GUESSED or span in unit.shielded.hidden
        ]
        seen = visible(done.text)
        read_as = written_out(seen, job.source)
        return Translation(
            done.joined(),
            job.source,
            job.target,
            Origin.MACHINE,
            done.text,
            engine=route.engine,
            model=route.model,
            doubts=tuple(doubt for doubt in Doubt if doubt in found),
            protected=tuple(dict.fromkeys(protected)),
            ms=ms,
            tier=route.tier,
            read_as="" if read_as == seen else read_as,
        )

    def _double_checked(self, made: Translation) -> Translation:
        """`made`, doubted as well when a way back exists and what comes back says something else."""
        job = Job(made.target, made.source)
        [back] = self._by_machine([made.text], job)
        if back.origin is not Origin.MACHINE or agreement.agrees(made.read_as or made.original, back.text):
            return made
        found = {*made.doubts, Doubt.LOW_AGREEMENT}
        return replace(made, doubts=tuple(doubt for doubt in Doubt if doubt in found))


def _badness(found: set[Doubt]) -> tuple[int, int]:
    return len(found & _FATAL), len(found)


def _since(start: float) -> float:
    return round((time.perf_counter() - start) * 1000, 2)
