"""How the labelled texts of tests/conversation/data are read: keywords by language, danger and need by language and tier.

The sets were completed together with the wordings, so these figures show that nothing got worse. What the wordings did
on texts before they had been completed with them stands in docs/safety.md, and is the number to expect of new texts.
`python -m bench.screening` prints the table of docs/safety.md.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from time import perf_counter

from bench.figures import Figure
from bot.conversation.keywords import decide
from bot.conversation.safety import Tier, screen

DATA = Path(__file__).resolve().parent.parent / "tests" / "conversation" / "data"


def rows(name: str) -> list[list[str]]:
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def screened() -> list[list[str]]:
    """Every labelled text of the screen."""
    return [row for name in ("safety.tsv", "safety_fourth.tsv", "safety_fifth.tsv") for row in rows(name)]


def table() -> str:
    """Precision and recall of each tier, by language: found of labelled, and how many of those raised were right."""
    labelled: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    raised: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    right: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for language, tier, _, text in screened():
        told = screen(text, None, language).tier.value
        for place in (language, "all"):
            labelled[place][tier] += 1
            raised[place][told] += 1
            right[place][tier] += told == tier
    said = [
        "| language | "
        + " | ".join(f"{t} recall | {t} precision" for t in ("urgent", "concern", "need"))
        + " | left alone |"
    ]
    said.append("|" + "---|" * 8)
    for place in sorted(labelled, key=lambda code: (code == "all", code)):
        cells = []
        for tier in ("urgent", "concern", "need"):
            cells.append(_share(right[place][tier], labelled[place][tier]))
            cells.append(_share(right[place][tier], raised[place][tier]))
        cells.append(_share(right[place]["none"], labelled[place]["none"]))
        said.append(f"| {place} | " + " | ".join(cells) + " |")
    return "\n".join(said)


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole}" if whole else "–"


def run() -> list[Figure]:
    """Accuracy on both sets, and the time of one text on this machine."""
    keywords, texts = rows("keywords.tsv"), screened()
    decide("warm"), screen("warm")
    begun = perf_counter()
    understood = sum(decide(text, language).action.value == action for language, action, text in keywords)
    keyword_ms = (perf_counter() - begun) * 1000 / len(keywords)
    begun = perf_counter()
    told = [(screen(text, None, language).tier, tier) for language, tier, _, text in texts]
    screen_ms = (perf_counter() - begun) * 1000 / len(texts)
    urgent = [found for found, tier in told if tier == "urgent"]
    quiet = [found for found, tier in told if tier == "none"]
    return [
        Figure("keywords, share of labelled texts read right", understood / len(keywords), at_least=0.99),
        Figure("screen, urgent texts found", urgent.count(Tier.URGENT) / len(urgent), at_least=0.99),
        Figure(
            "screen, idioms and ordinary texts left alone", quiet.count(Tier.NONE) / len(quiet), at_least=0.99
        ),
        Figure("keywords, one text", keyword_ms, "ms"),
        Figure("screen, one text", screen_ms, "ms"),
    ]


if __name__ == "__main__":
    print(table())
