"""The sets of replies in tests/flow/data, for tests and for bench/understanding.py."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.flow.answers import Understanding, understand
from bot.flow.categories import Category, sort_reply
from bot.flow.meaning import Meaning
from bot.flow.script import END, NumberWanted

DATA = Path(__file__).parent / "data"
SETS = ("replies", "replies_heldout", "replies_third", "replies_fourth", "replies_fifth")


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply and what it means. `asks`: it holds a question for us."""

    language: str
    question: str
    text: str
    means: str
    asks: bool


def replies(name: str) -> list[Reply]:
    """The replies of one set."""
    found: list[Reply] = []
    for line in (DATA / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            language, question, text, means = (part.strip() for part in line.split(" | "))
            found.append(Reply(language, question, text, means.rstrip("?"), means.endswith("?")))
    return found


def questions() -> dict[str, Any]:
    """Question → its categories with English examples, or "number"."""
    found: dict[str, Any] = yaml.safe_load((DATA / "replies_questions.yaml").read_text(encoding="utf-8"))
    return found


def read(reply: Reply, asked: Any, language_known: bool, meaning: Meaning | None) -> Understanding:
    """Read one reply the way `bot flows understand` does, without a translation."""
    languages = (reply.language,) if language_known else ()
    if asked == "number":
        return understand(NumberWanted(0, 999_999, END), reply.text, None, languages)
    categories = [Category(name, tuple(examples)) for name, examples in asked.items()]
    return sort_reply(categories, reply.text, None, languages, meaning)


def verdict(reply: Reply, found: Understanding) -> str:
    """right, wrong (and confident), or unclear (though it meant something)."""
    said = "unclear" if not found.clear else str(found.value)
    if said == reply.means:
        return "right"
    return "unclear" if said == "unclear" else "wrong"


def measured(
    name: str, language_known: bool = True, meaning: Meaning | None = None
) -> dict[str, Counter[str]]:
    """Language (and "all") → how many replies were read right, wrong, unclear; and `missed_questions`."""
    asked = questions()
    counted: dict[str, Counter[str]] = {"all": Counter()}
    for reply in replies(name):
        found = read(reply, asked[reply.question], language_known, meaning)
        for key in ("all", reply.language):
            counted.setdefault(key, Counter())[verdict(reply, found)] += 1
            if found.question_inside != reply.asks:
                counted[key]["missed_questions"] += 1
    return counted
