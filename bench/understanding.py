"""How well replies are understood: right, wrong and confident, unclear, by language; words alone and with the model.

The sets lie in tests/flow/data. The first three have been learned from, so that their figures tell that nothing got
worse; what each set gave on the first look, before anything was changed because of it, stands in docs/flows.md and
says more about replies nobody has seen.
"""

from __future__ import annotations

import sys
from collections import Counter

from bench.figures import Figure
from bot.flow.meaning import Meaning, installed_meaning
from tests.flow.replies import SETS, measured, questions, replies


def run() -> list[Figure]:
    """A table for each set on standard error, and its shares as figures."""
    meaning = installed_meaning()
    if meaning is None:
        print("The extra “meaning” is not installed: words alone are measured.", file=sys.stderr)
    figures: list[Figure] = []
    for name in SETS:
        ways: list[tuple[str, bool, Meaning | None]] = [
            ("words", True, None),
            ("words, language not told", False, None),
        ]
        if meaning is not None:
            ways.append(("words and meaning", True, meaning))
        for way, known, model in ways:
            counted = measured(name, known, model)
            total = counted["all"]["right"] + counted["all"]["wrong"] + counted["all"]["unclear"]
            learned = name in SETS[:3]
            figures += [
                Figure(
                    f"{name}, {way}: right of {total}",
                    counted["all"]["right"] / total,
                    at_least=0.95 if learned else None,
                ),
                Figure(
                    f"{name}, {way}: wrong and confident",
                    counted["all"]["wrong"] / total,
                    at_most=0.01 if learned else None,
                ),
                Figure(f"{name}, {way}: unclear", counted["all"]["unclear"] / total),
                Figure(
                    f"{name}, {way}: question missed or imagined", counted["all"]["missed_questions"] / total
                ),
            ]
            if known:
                _table(name, way, counted)
    if meaning is not None:
        figures += _calibration(meaning)
    return figures


def _table(name: str, way: str, counted: dict[str, Counter[str]]) -> None:
    print(f"\n{name}, {way}\n{'language':<10}{'right':>7}{'wrong':>7}{'unclear':>9}", file=sys.stderr)
    for language, row in sorted(counted.items()):
        print(f"{language:<10}{row['right']:>7}{row['wrong']:>7}{row['unclear']:>9}", file=sys.stderr)


def _calibration(meaning: Meaning) -> list[Figure]:
    """What the model of meaning proposes by itself, words set aside, on the first two sets."""
    from bot.flow.meaning import nearest_name

    asked = questions()
    proposed = right = total = 0
    for name in SETS[:2]:
        for reply in replies(name):
            if asked[reply.question] == "number":
                continue
            total += 1
            examples = [
                (key, words) for key, all_words in asked[reply.question].items() for words in all_words
            ]
            found = nearest_name(reply.text, examples, meaning)
            proposed += found is not None
            right += found == reply.means
    return [
        Figure("model of meaning alone: proposes, share of replies", proposed / total),
        Figure("model of meaning alone: right when it proposes", right / max(1, proposed), at_least=0.97),
    ]


if __name__ == "__main__":
    for figure in run():
        print(figure.line())
