"""What writing out accents and shortenings is worth: in translation where an engine is here, else in restoration.

Two measures, never mixed up. *Translation*: chrF of the English of our own sloppy messages, as typed and written out, by
a model of the product or, for Spanish and French, by Apertium where the machine happens to have it (an engine for this
bench, not for families). *Restoration*, where no engine is: chrF of the message with the same message in full, and on
sentences the lists have never seen (FLORES without its accents): how many of the missing accents come back, how many of
the words that were changed are right, and how many words of a clean text are changed at all.
"""

from __future__ import annotations

import shutil
import subprocess
import unicodedata
from collections.abc import Callable
from pathlib import Path

from bench.figures import Figure
from bench.language_quality import corpus_chrf, raw_translate
from bot.language.engines.router import open_router
from bot.language.translator import Translator
from bot.language.typed import SWITCHED_ON, restored

DATA = Path(__file__).parent / "data"
FLORES = Path(__file__).parents[2] / "shared" / "data" / "flores-dev"
APERTIUM = {"es": ("spa-eng",), "fr": ("fr-es", "spa-eng")}
RIGHT = 98.0
"""Per cent of changed words that must be right before a language is switched on without an engine to measure it."""


def run() -> list[Figure]:
    """Every language with test messages: translation where it can be had, restoration everywhere."""
    router = open_router(None)
    translator = Translator(router)
    figures: list[Figure] = []
    for language in ("en", "pt", "es", "fr", "ht", "vi"):
        rows = _rows(language)
        other = "pt" if language == "en" else "en"
        typed, references = [row[0] for row in rows], [row[-1] for row in rows]
        if translator.can(language, other):
            by, translate = "", raw_translate(translator, language, other)
            figures += _translation(f"{language}→{other}", language, typed, references, translate, by)
        elif language in APERTIUM and shutil.which("apertium"):
            figures += _translation(
                f"{language}→en", language, typed, references, _apertium(language), " (Apertium)"
            )
        else:
            print(f"{language}: no engine here reads it; only restoration is measured.")
        if len(rows[0]) == 3:
            figures += _restoration(language, typed, [row[1] for row in rows])
        figures += _unseen(language)
    router.close()
    return figures


def _rows(language: str) -> list[list[str]]:
    lines = (DATA / f"typed_{language}.tsv").read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


def _translation(
    pair: str,
    language: str,
    typed: list[str],
    references: list[str],
    translate: Callable[[list[str]], list[str]],
    by: str,
) -> list[Figure]:
    before = corpus_chrf(translate(typed), references)
    after = corpus_chrf(translate([restored(text, language) for text in typed]), references)
    least = 1.0 if language in SWITCHED_ON else None
    return [
        Figure(f"{pair} sloppy messages{by}, chrF, as typed", before),
        Figure(f"{pair} sloppy messages{by}, chrF, written out", after),
        Figure(f"{pair} sloppy messages{by}, chrF gained", after - before, at_least=least),
    ]


def _apertium(language: str) -> Callable[[list[str]], list[str]]:
    def translate(texts: list[str]) -> list[str]:
        for mode in APERTIUM[language]:
            done = subprocess.run(
                ["apertium", "-u", mode], input="\n".join(texts), capture_output=True, text=True, check=True
            )
            texts = done.stdout.split("\n")[: len(texts)]
        return texts

    return translate


def _restoration(language: str, typed: list[str], full: list[str]) -> list[Figure]:
    before = corpus_chrf(typed, full)
    after = corpus_chrf([restored(text, language) for text in typed], full)
    return [
        Figure(f"{language} sloppy messages beside the same in full (restoration), chrF, as typed", before),
        Figure(f"{language} sloppy messages beside the same in full (restoration), chrF, written out", after),
    ]


def _unseen(language: str) -> list[Figure]:
    """FLORES without its accents, word by word. Nothing where the folder or the language is missing."""
    file = FLORES / f"{language}.txt"
    if language == "en" or not file.is_file():
        return []
    back = missing = changed = right = words = touched = 0
    for sentence in file.read_text(encoding="utf-8").splitlines():
        plain, clean = restored(_bare(sentence), language).split(), restored(sentence, language).split()
        original, bare = sentence.split(), _bare(sentence).split()
        if not len(original) == len(bare) == len(plain) == len(clean):
            continue  # a shortening became two words: nothing to compare word by word
        words += len(original)
        touched += sum(one != other for one, other in zip(original, clean, strict=True))
        for meant, typed, made in zip(original, bare, plain, strict=True):
            missing += meant != typed
            back += meant not in (typed,) and made == meant
            changed += made != typed
            right += made != typed and made == meant
    if not changed:
        return []
    return [
        Figure(f"{language} FLORES without accents: accents that come back", 100 * back / missing, "%"),
        Figure(
            f"{language} FLORES without accents: changed words that are right",
            100 * right / changed,
            "%",
            at_least=RIGHT if language in SWITCHED_ON else None,
        ),
        Figure(f"{language} FLORES as it is: words changed of 1,000", 1000 * touched / words),
    ]


def _bare(text: str) -> str:
    marks = unicodedata.normalize("NFD", text)
    return "".join(c for c in marks if not unicodedata.combining(c)).replace("đ", "d").replace("Đ", "D")


if __name__ == "__main__":
    for figure in run():
        print(figure.line())
