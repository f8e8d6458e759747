"""Where to draw the line for "translated back, it says something else": chrF of right and of exchanged translations."""

from __future__ import annotations

from bench.figures import Figure
from bench.language_quality import _messages, raw_translate
from bot.language.agreement import AGREES, chrf
from bot.language.engines.router import open_router
from bot.language.translator import Translator


def run() -> list[Figure]:
    """Shares of right translations that pass the line, and of exchanged ones that are caught, on our school messages."""
    router = open_router(None)
    translator = Translator(router)
    right: list[float] = []
    wrong: list[float] = []
    for source, target in (("en", "pt"), ("pt", "en")):
        texts = [str(row["text"]) for row in _messages(source)]
        back = raw_translate(translator, target, source)(raw_translate(translator, source, target)(texts))
        for index, text in enumerate(texts):
            right.append(chrf(back[index].casefold(), text.casefold()))
            wrong.append(chrf(back[(index + 7) % len(texts)].casefold(), text.casefold()))
    router.close()
    return [
        Figure(
            "right translations whose way back agrees",
            100 * sum(x >= AGREES for x in right) / len(right),
            "%",
            95,
        ),
        Figure(
            "exchanged translations that are caught",
            100 * sum(x < AGREES for x in wrong) / len(wrong),
            "%",
            95,
        ),
        Figure("lowest agreement of a right translation", min(right)),
        Figure("highest agreement of an exchanged one", max(wrong)),
    ]


if __name__ == "__main__":
    for figure in run():
        print(figure.line())
