"""How often a language is recognised, by language and length: the table of docs/languages.md.

Our own short texts (bench/data/detect.txt), and cuts of 2, 3, 5 and 8 words and whole sentences out of FLORES dev
(../shared/data/flores-dev, not part of this project). No prior is given: this is the first text of an unknown family.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from bench.figures import Figure
from bot.language.codes import find, primary
from bot.language.detect import detect

DATA = Path(__file__).parent / "data" / "detect.txt"
LATER = (
    ("second set, 330 texts of 30 languages, recognised", DATA.with_name("detect_second.txt")),
    ("third set, 117 texts as people type them, recognised", DATA.with_name("detect_third.txt")),
)
FLORES = Path(__file__).parents[2] / "shared" / "data" / "flores-dev"
CUTS = (2, 3, 5, 8, 99)
UNSPACED = ("zh", "ja", "th", "my")


def own_texts(data: Path = DATA) -> Iterator[tuple[str, str]]:
    """(language, text) of our own short texts."""
    language = ""
    for line in data.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            language = line.strip("[]")
        elif line and not line.startswith("#"):
            yield language, line


def cut(sentence: str, words: int, language: str, chance: random.Random) -> str:
    """`words` words in a row, from anywhere in a sentence; twice as many letters where words are not spaced."""
    space = "" if language in UNSPACED else " "
    parts = list(sentence) if space == "" else sentence.split()
    size = words * 2 if space == "" else words
    start = chance.randrange(max(1, len(parts) - size + 1))
    return space.join(parts[start : start + size])


def table() -> list[tuple[str, dict[str, float]]]:
    """(language, {what: share right}), languages of the product first."""
    right: dict[str, dict[str, list[bool]]] = {}
    for language, text in own_texts():
        right.setdefault(language, {}).setdefault("own", []).append(detect(text).language == language)
    chance = random.Random(7)
    for file in sorted(FLORES.glob("*.txt")) if FLORES.is_dir() else ():
        known = find(file.stem)
        if known is None:
            continue
        language = primary(known.tag)
        for sentence in file.read_text(encoding="utf-8").splitlines():
            for size in CUTS:
                found = detect(cut(sentence, size, language, chance))
                right.setdefault(language, {}).setdefault(str(size), []).append(found.language == language)
    return [(tag, {what: sum(r) / len(r) for what, r in rows.items()}) for tag, rows in right.items()]


def run() -> list[Figure]:
    """Prints the table; returns the shares over all languages."""
    rows = table()
    print(
        f"{'language':<10}{'own short texts':>16}"
        + "".join(f"{f'{size} words':>10}" for size in CUTS[:-1])
        + f"{'sentence':>10}"
    )
    for tag, shares in rows:
        cells = [f"{shares['own']:>16.0%}" if "own" in shares else " " * 16]
        cells += [f"{shares[str(size)]:>10.0%}" if str(size) in shares else " " * 10 for size in CUTS]
        print(f"{tag:<10}" + "".join(cells))
    own = [shares["own"] for _, shares in rows if "own" in shares]
    figures = [
        Figure("own short texts recognised, mean over languages", 100 * sum(own) / len(own), "%", at_least=90)
    ]
    for name, file in LATER:
        hits = [detect(text).language == language for language, text in own_texts(file)]
        figures.append(Figure(name, 100 * sum(hits) / len(hits), "%", at_least=90))
    for size in CUTS:
        cuts = [shares[str(size)] for _, shares in rows if str(size) in shares]
        if cuts:
            name = "whole sentences" if size == 99 else f"{size}-word cuts"
            figures.append(
                Figure(f"FLORES {name} recognised, mean over languages", 100 * sum(cuts) / len(cuts), "%")
            )
    return figures


if __name__ == "__main__":
    for figure in run():
        print(figure.line())
