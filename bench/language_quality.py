"""How well translations read beside the raw engine (chrF), and how much of what matters they keep.

FLORES dev sentences are read from ../shared/data/flores-dev (CC BY-SA 4.0, not part of this project); our own school
messages from bench/data/. Every pair that can be run here is measured.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.figures import Figure
from bot.language.agreement import BETA, ORDER, _grams
from bot.language.checks import digit_runs
from bot.language.codes import primary
from bot.language.engines.router import open_router
from bot.language.phrasebook import CatalogPhrasebook
from bot.language.sentences import join, split
from bot.language.translator import Translator

HERE = Path(__file__).parent
FLORES = HERE.parents[1] / "shared" / "data" / "flores-dev"
MESSAGES = HERE / "data" / "school_en_pt.jsonl"


def corpus_chrf(candidates: Sequence[str], references: Sequence[str]) -> float:
    """chrF of a whole test set, 0 to 100: counts are summed over the sentences first, as sacreBLEU does."""
    total = 0.0
    for size in range(1, ORDER + 1):
        shared = ours = theirs = 0
        for candidate, reference in zip(candidates, references, strict=True):
            a, b = _grams("".join(candidate.split()), size), _grams("".join(reference.split()), size)
            shared, ours, theirs = shared + (a & b).total(), ours + a.total(), theirs + b.total()
        if shared:
            precision, recall = shared / ours, shared / theirs
            total += (1 + BETA**2) * precision * recall / (BETA**2 * precision + recall)
    return 100 * total / ORDER


def keeps(text: str, part: str) -> bool:
    """Whether `part` is in `text`, as it stands."""
    return part.casefold() in text.casefold()


def _messages(source: str) -> list[dict[str, object]]:
    rows = [json.loads(line) for line in MESSAGES.read_text(encoding="utf-8").splitlines()]
    return [row for row in rows if row["source"] == source]


def raw_translate(translator: Translator, source: str, target: str) -> Callable[[list[str]], list[str]]:
    """The engine alone, sentence by sentence: what everything around it is compared with."""
    [route, *_] = translator.router.routes(source, target)

    def run(texts: list[str]) -> list[str]:
        whole = [split(text, source) for text in texts]
        flat = [piece.text for pieces in whole for piece in pieces]
        made = iter(translator.router.run(route, flat))
        return [join(pieces, [next(made) for _ in pieces]) for pieces in whole]

    return run


def _kept(texts: Sequence[str], rows: Sequence[dict[str, object]]) -> tuple[int, int, list[str]]:
    good = every = 0
    missed = []
    for text, row in zip(texts, rows, strict=True):
        found = digit_runs(text)
        parts = [str(part) for part in row["keep"]] if isinstance(row["keep"], list) else []
        for part in parts:
            every += 1
            if keeps(text, part):
                good += 1
            else:
                missed.append(f"{part} | {text}")
        for digits in row.get("digits") or []:  # type: ignore[attr-defined]
            every += 1
            good += found[str(digits)] > 0
            if not found[str(digits)]:
                missed.append(f"{digits} | {text}")
    return good, every, missed


def _digits_kept(source: Sequence[str], target: Sequence[str]) -> float:
    whole = kept = 0
    for a, b in zip(source, target, strict=True):
        need, have = digit_runs(a), digit_runs(b)
        whole += need.total()
        kept += (need & have).total()
    return kept / whole if whole else 1.0


def run() -> list[Figure]:
    """Prints and returns chrF and what is kept, raw and through the pipeline, for every pair that runs here."""
    router = open_router(None)
    translator = Translator(router, phrasebook=CatalogPhrasebook(HERE.parent / "locales"))
    figures: list[Figure] = []
    for source, target in (("en", "pt"), ("pt", "en")):
        raw = raw_translate(translator, source, target)
        pair = f"{source}→{target}"
        rows = _messages(source)
        texts, references = [str(r["text"]) for r in rows], [str(r["reference"]) for r in rows]
        bare, ours = raw(texts), [made.text for made in translator.translate(texts, source, target)]
        figures += _compare(f"{pair} school messages", bare, ours, references)
        for label, result, floor in (("raw engine", bare, None), ("pipeline", ours, 99.5)):
            good, every, missed = _kept(result, rows)
            figures.append(
                Figure(
                    f"{pair} school messages, kept of {every} names, digits, times, links, {label}",
                    100 * good / every,
                    "%",
                    floor,
                )
            )
            if label == "pipeline":
                print(*(f"  missed: {line}" for line in missed), sep="\n")
        if not FLORES.is_dir():
            print(f"FLORES is not at {FLORES}: its figures are left out.")
            continue
        texts, references = (
            (FLORES / f"{primary(tag)}.txt").read_text(encoding="utf-8").splitlines()[:200]
            for tag in (source, target)
        )
        bare, ours = raw(texts), [made.text for made in translator.translate(texts, source, target)]
        figures += _compare(f"{pair} FLORES dev", bare, ours, references)
        figures.append(
            Figure(f"{pair} FLORES dev, digit runs kept, raw engine", 100 * _digits_kept(texts, bare), "%")
        )
        figures.append(
            Figure(f"{pair} FLORES dev, digit runs kept, pipeline", 100 * _digits_kept(texts, ours), "%")
        )
    router.close()
    return figures


def _compare(name: str, bare: list[str], ours: list[str], references: list[str]) -> list[Figure]:
    before, after = corpus_chrf(bare, references), corpus_chrf(ours, references)
    return [
        Figure(f"{name}, chrF, raw engine", before),
        Figure(f"{name}, chrF, pipeline", after),
        Figure(f"{name}, chrF that protection costs", before - after, "", at_most=0.5),
    ]


if __name__ == "__main__":
    for figure in run():
        print(figure.line())
