"""What writing out accents and shortenings is worth: chrF of our own sloppy messages, as typed and written out."""

from __future__ import annotations

from pathlib import Path

from bench.figures import Figure
from bench.language_quality import corpus_chrf, raw_translate
from bot.language.engines.router import open_router
from bot.language.translator import Translator
from bot.language.typed import SWITCHED_ON, restored

DATA = Path(__file__).parent / "data"


def run() -> list[Figure]:
    """For each language with test messages and an engine here: chrF before, after, and the gain."""
    router = open_router(None)
    translator = Translator(router)
    figures = []
    for language in ("en", "pt", "es", "fr", "ht", "vi"):
        other = "pt" if language == "en" else "en"
        file = DATA / f"typed_{language}.tsv"
        if not file.is_file() or not translator.can(language, other):
            print(f"{language}: no engine here reads it, so nothing was measured and it stays switched off.")
            continue
        rows = [
            line.split("\t")
            for line in file.read_text(encoding="utf-8").splitlines()
            if not line.startswith("#")
        ]
        typed, references = [row[0] for row in rows], [row[1] for row in rows]
        raw = raw_translate(translator, language, other)
        before = corpus_chrf(raw(typed), references)
        after = corpus_chrf(raw([restored(text, language) for text in typed]), references)
        figures += [
            Figure(f"{language}→{other} sloppy messages, chrF, as typed", before),
            Figure(f"{language}→{other} sloppy messages, chrF, written out", after),
            Figure(
                f"{language}→{other} sloppy messages, chrF gained",
                after - before,
                at_least=1.0 if language in SWITCHED_ON else None,
            ),
        ]
    router.close()
    return figures


if __name__ == "__main__":
    for figure in run():
        print(figure.line())
