"""What families told us, in a period: of one family, a section or a school.

Made without a network and without a model: structured answers are counted exactly, everything else is families' own
words, quoted in both languages. Every claim names the texts it rests on; how it was made and from how many texts is
part of the summary. People may hide, reword and correct claims (`summary_edits`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.insight.scope import Period
from bot.insight.themes import Quote, Theme, themes

READ = 200
"""The newest texts of each kind that are read for quotes and themes. Counts are of all."""

SHOWN_QUOTES = 5

_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
_PROMISED = re.compile(
    r"\b(?:i|we)(?:['’]ll| will| am going to| are going to)\b|\b(?:i['’]m|we['’]re) going to\b|\blet me (?:check|ask|find out|look)\b",
    re.IGNORECASE,
)
_DID = re.compile(
    r"\b(?:i|we)(?:['’]ve| have| did)?\s(?:just |already |now )?(?:added|arranged|asked|booked|bought|called|changed|checked|"
    r"fixed|found|gave|made|met|moved|ordered|printed|sent|set up|signed|solved|spoke|started|talked|told|translated|wrote)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Link:
    """A text a claim rests on: in which thread, and which text (from the family, or to it)."""

    conversation_id: int
    text_id: int
    from_family: bool = True


@dataclass(frozen=True, slots=True)
class Choice:
    """How many families gave one answer, and how often it was given."""

    name: str
    families: int
    answers: int
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """The answers to one question, counted exactly. For numbers: how many, the least, the mean and the most."""

    key: str
    field: str
    choices: tuple[Choice, ...]
    numbers: int = 0
    least: float | None = None
    mean: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a family, and whether a person has written to it since."""

    key: str
    quote: Quote
    answered: bool


@dataclass(frozen=True, slots=True)
class Deed:
    """A sentence in which a person at the school promised something, or told that it was done."""

    key: str
    kind: str
    """"promised" or "did"."""
    words: str
    at: datetime
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Gift:
    """A strength, a practice, an idea or a vote, in the family's own words."""

    key: str
    kind: str
    quote: Quote


@dataclass(frozen=True, slots=True)
class GoalStanding:
    """Where a goal stands: what families reported, how many of them, and when last."""

    key: str
    goal: str
    families: int
    steps: tuple[tuple[str, int], ...]
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Method:
    """How the summary was made, for people to judge it by."""

    texts_from_families: int
    texts_to_families: int
    families: int
    quotes_read: int
    quotes_there: int
    without_english: int
    """Quotes that nobody could translate: they are shown as they were written."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What was told, asked, promised, done and given in a period."""

    period: Period
    method: Method
    tallies: tuple[Tally, ...]
    themes: tuple[Theme, ...]
    other_quotes: tuple[Quote, ...]
    asked: tuple[Asked, ...]
    deeds: tuple[Deed, ...]
    gifts: tuple[Gift, ...]
    goals: tuple[GoalStanding, ...]


@dataclass(frozen=True, slots=True)
class StaffText:
    """A text that a person wrote to a family. `english` None: it was not written in English."""

    conversation_id: int
    outbox_id: int
    english: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Material:
    """What a summary is made of. Quotes, questions and gifts: the newest; tallies and goals: everything."""

    period: Period
    tallies: Sequence[Tally]
    told: Sequence[Quote]
    told_there: int
    asked: Sequence[Quote]
    gifts: Sequence[tuple[str, int, Quote]]
    """(kind, id of the contribution, quote)"""
    staff: Sequence[StaffText]
    goals: Sequence[GoalStanding]
    names: frozenset[str]
    texts_from_families: int
    texts_to_families: int
    families: int


def summarise(material: Material) -> Summary:
    """Put the material in order. Pure: the same material makes the same summary."""
    spoken = [*material.told, *(quote for _, _, quote in material.gifts)]
    once = list({(quote.conversation_id, quote.inbox_id, quote.words): quote for quote in spoken}.values())
    found, rest = themes(once, material.names)
    answered = _last_staff_text(material.staff)
    everything = [*once, *material.asked]
    return Summary(
        material.period,
        Method(
            material.texts_from_families,
            material.texts_to_families,
            material.families,
            len(once),
            max(material.told_there, len(material.told)) + len(once) - len(material.told),
            sum(quote.english is None and quote.language != "en" for quote in everything),
        ),
        tuple(material.tallies),
        tuple(found),
        tuple(rest),
        tuple(
            Asked(f"asked:{quote.inbox_id}", quote, answered.get(quote.conversation_id, quote.at) > quote.at)
            for quote in material.asked
        ),
        tuple(deeds(material.staff)),
        tuple(Gift(f"gift:{row_id}", kind, quote) for kind, row_id, quote in material.gifts),
        tuple(material.goals),
    )


def _last_staff_text(staff: Iterable[StaffText]) -> dict[int, datetime]:
    last: dict[int, datetime] = {}
    for one in staff:
        last[one.conversation_id] = max(one.at, last.get(one.conversation_id, one.at))
    return last


def deeds(staff: Iterable[StaffText]) -> Iterable[Deed]:
    """Sentences of the staff that promise or report, word for word, the newest first."""
    for text in sorted(staff, key=lambda one: (one.at, one.outbox_id), reverse=True):
        for number, match in enumerate(_SENTENCE.finditer(text.english or "")):
            sentence = match.group().strip()
            kind = "promised" if _PROMISED.search(sentence) else "did" if _DID.search(sentence) else None
            if kind is not None:
                link = Link(text.conversation_id, text.outbox_id, from_family=False)
                yield Deed(f"deed:{text.outbox_id}:{number}", kind, sentence, text.at, (link,))


def csv_rows(summary: Summary) -> tuple[tuple[str, ...], list[list[Any]]]:
    """The summary as one table: header and rows. Cells are made safe by `csv_cells.as_csv`."""
    header = (
        "part",
        "what",
        "families",
        "count",
        "in the family's words",
        "in English",
        "language",
        "at",
        "thread",
    )
    rows: list[list[Any]] = []
    for tally in summary.tallies:
        for choice in tally.choices:
            rows.append(
                [
                    "answer",
                    f"{tally.field}: {choice.name}",
                    choice.families,
                    choice.answers,
                    "",
                    "",
                    "",
                    "",
                    "",
                ]
            )
        if tally.numbers:
            rows.append(
                ["answer", f"{tally.field}: mean {tally.mean:.2f}", "", tally.numbers, "", "", "", "", ""]
            )
    for theme in summary.themes:
        for quote in theme.quotes:
            rows.append(["theme", ", ".join(theme.words), theme.families, len(theme.quotes), *_quoted(quote)])
    for quote in summary.other_quotes:
        rows.append(["told", "", "", "", *_quoted(quote)])
    for asked in summary.asked:
        rows.append(["asked", "answered" if asked.answered else "waits", "", "", *_quoted(asked.quote)])
    for deed in summary.deeds:
        rows.append(
            [
                "school",
                deed.kind,
                "",
                "",
                "",
                deed.words,
                "en",
                deed.at.isoformat(),
                deed.links[0].conversation_id,
            ]
        )
    for gift in summary.gifts:
        rows.append(["gave", gift.kind, "", "", *_quoted(gift.quote)])
    for goal in summary.goals:
        for did, count in goal.steps:
            rows.append(
                [
                    "goal",
                    f"{goal.goal}: {did}",
                    goal.families,
                    count,
                    "",
                    "",
                    "",
                    goal.last_at.isoformat(),
                    "",
                ]
            )
    return header, rows


def _quoted(quote: Quote) -> list[Any]:
    return [
        quote.words,
        quote.english or "",
        quote.language or "",
        quote.at.isoformat(),
        quote.conversation_id,
    ]
