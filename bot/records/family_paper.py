"""MY DATA as a paper a family can read: everything we hold, in its language, in the order a person would tell it.

The words on it are in `WORDS`; their translations are in locales/ (domain `papers`). What the family and the school
wrote stands as it was written, each text with its own direction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from bot.records.privacy import Everything

WORDS = {
    "title": "What {school} holds about your family",
    "made": "Made on {date}.",
    "explain": "This is everything we keep. You can ask us at any time to correct it or to erase it.",
    "about_you": "About you",
    "name": "Name",
    "address_as": "How we address you",
    "phone": "Phone number",
    "reads": "Language we write to you in",
    "speaks": "Language spoken at home",
    "zone": "Time zone",
    "quiet_days": "Days we leave you alone",
    "pace": "Learning texts a week, at most",
    "paused": "No texts until",
    "stopped": "You asked for no more texts on",
    "children": "Your children",
    "relationship": "Relationship",
    "grade": "Grade",
    "class": "Class",
    "teacher": "Teacher",
    "texts": "Texts",
    "you_wrote": "You wrote",
    "school_wrote": "The school wrote",
    "computer_wrote": "The school’s computer wrote",
    "in_english": "In English, for the school",
    "not_sent": "Did not reach you",
    "picture": "Pictures",
    "answers": "What you answered",
    "gave": "What you shared with us",
    "progress": "What you did together",
    "permission": "When texts were allowed or stopped",
    "allowed": "Texts allowed",
    "not_allowed": "Texts stopped",
    "seen_by": "Who at the school looked at this",
    "nothing": "Nothing.",
    "erased": "Erased because of its age.",
}
"""Every word the paper has of its own, in English. Notes for translators are in the head of papers.pot."""

_ARRIVED = frozenset({"sent", "delivered"})
_BY_PEOPLE = frozenset({"staff", "emergency", "announcement"})


@dataclass(frozen=True, slots=True)
class Reader:
    """Who the paper is for: its language (BCP-47), Babel's locale for dates, direction, and the words by key."""

    language: str
    locale: str
    direction: str
    say: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Line:
    """One line: a label, what is held, and that text's own language (None: the reader's)."""

    label: str
    value: str
    language: str | None = None
    when: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A heading with its lines."""

    heading: str
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """The paper, ready to be set in any form."""

    title: str
    introduction: tuple[str, ...]
    blocks: tuple[Block, ...] = field(default=())
    language: str = "en"
    direction: str = "ltr"
    nothing: str = ""


def paper(held: Everything, reader: Reader, now: datetime) -> Paper:
    """Put everything held of a family into the reader's words."""
    say = reader.say
    zone = ZoneInfo(held.time_zone)

    def when(value: Any) -> str:
        instant = datetime.fromisoformat(value) if isinstance(value, str) else value
        if instant is None:
            return ""
        local = (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(zone)
        return str(format_datetime(local, "medium", locale=reader.locale))

    title = say("title").replace("{school}", held.school)
    made = say("made").replace("{date}", when(now))
    blocks = (
        Block(say("about_you"), _you(held, say, when)),
        Block(say("children"), _children(held, say)),
        Block(say("gave"), _words(held.rows.get("contribution", []), when, say)),
        Block(say("answers"), _words(held.rows.get("answer", []), when, say)),
        Block(say("progress"), _progress(held.rows.get("goal_progress", []), when)),
        Block(say("texts"), _texts(held, say, when)),
        Block(say("permission"), _permission(held, say, when)),
        Block(say("seen_by"), _seen_by(held, when)),
    )
    return Paper(title, (made, say("explain")), blocks, reader.language, reader.direction, say("nothing"))


def _you(held: Everything, say: Callable[[str], str], when: Callable[[Any], str]) -> tuple[Line, ...]:
    lines: list[Line] = []

    def add(key: str, value: object) -> None:
        if value not in (None, "", []):
            line = Line(say(key), ", ".join(map(str, value)) if isinstance(value, list) else str(value))
            if line not in lines:
                lines.append(line)

    for row in held.rows.get("guardian", []):
        for key, column in (
            ("name", "name"), ("address_as", "address_as"), ("phone", "phone"), ("reads", "language"),
            ("speaks", "spoken_language"), ("zone", "time_zone"), ("quiet_days", "quiet_days"),
        ):  # fmt: skip
            add(key, row.get(column))
    for row in held.rows.get("conversation", []):
        add("phone", row.get("address"))
        add("pace", row.get("weekly_cap"))
        add("paused", when(row.get("paused_until")) if row.get("paused_until") else None)
        add("stopped", when(row.get("opted_out_at")) if row.get("opted_out_at") else None)
    return tuple(lines)


def _children(held: Everything, say: Callable[[str], str]) -> tuple[Line, ...]:
    lines = []
    for child in held.children:
        lines.append(Line(say("name"), f"{child['given_name']} {child['family_name']}".strip()))
        for key in ("relationship", "grade"):
            if child[key]:
                lines.append(Line(say(key), str(child[key])))
        for section, teachers in child["classes"].items():
            lines.append(Line(say("class"), section))
            lines += [Line(say("teacher"), teacher) for teacher in teachers]
    return tuple(lines)


def _words(
    rows: list[dict[str, Any]], when: Callable[[Any], str], say: Callable[[str], str]
) -> tuple[Line, ...]:
    """Answers and gifts in the family's own words; a number or a choice where that is all there was."""
    lines = []
    for row in sorted(rows, key=lambda row: (str(row["at"]), row["id"])):
        value = row.get("words") or row.get("choice")
        if value is None and row.get("number") is not None:
            value = f"{row['number']:g}"
        lines.append(Line("", str(value) if value else say("erased"), None, when(row["at"])))
    return tuple(lines)


def _progress(rows: list[dict[str, Any]], when: Callable[[Any], str]) -> tuple[Line, ...]:
    ordered = sorted(rows, key=lambda row: (str(row["at"]), row["id"]))
    amounts = (f" × {row['amount']:g}" if row["amount"] is not None else "" for row in ordered)
    return tuple(
        Line("", f"{row['goal']}: {row['did']}{amount}", None, when(row["at"]))
        for row, amount in zip(ordered, amounts, strict=True)
    )


def _texts(held: Everything, say: Callable[[str], str], when: Callable[[Any], str]) -> tuple[Line, ...]:
    """Both sides, in the order in which they were written."""
    found: list[tuple[str, int, list[Line]]] = []
    for row in held.rows.get("inbox", []):
        at = when(row["received_at"])
        mine = [Line(say("you_wrote"), row["body"] or say("erased"), row["language"], at)]
        if row["body_en"] and row["body_en"] != row["body"]:
            mine.append(Line(say("in_english"), row["body_en"], "en"))
        if isinstance(row["media"], list) and row["media"]:
            mine.append(Line(say("picture"), str(len(row["media"]))))
        found.append((str(row["received_at"]), row["id"], mine))
    for row in held.rows.get("outbox", []):
        who = say("school_wrote" if row["kind"] in _BY_PEOPLE else "computer_wrote")
        theirs = [Line(who, row["body"] or say("erased"), row["language"], when(row["created_at"]))]
        if row["original"] and row["original"] != row["body"]:
            theirs.append(Line(say("in_english"), row["original"], row["original_language"]))
        if row["state"] not in _ARRIVED:
            theirs.append(Line(say("not_sent"), ""))
        found.append((str(row["created_at"]), row["id"], theirs))
    return tuple(line for _, _, lines in sorted(found, key=lambda one: one[:2]) for line in lines)


def _permission(held: Everything, say: Callable[[str], str], when: Callable[[Any], str]) -> tuple[Line, ...]:
    return tuple(
        Line(
            say("allowed" if row["kind"] == "opt_in" else "not_allowed"), row["basis"], "en", when(row["at"])
        )
        for row in held.rows.get("consent_event", [])
    )


def _seen_by(held: Everything, when: Callable[[Any], str]) -> tuple[Line, ...]:
    return tuple(Line("", one["who"] or "–", None, when(one["at"])) for one in held.seen_by)


# --- two forms ------------------------------------------------------------------------------------------------------


def as_text(page: Paper) -> str:
    """The paper as plain text."""
    parts = [page.title, *page.introduction, ""]
    for block in page.blocks:
        parts += ["", block.heading, "-" * len(block.heading)]
        parts += [_plain(line) for line in block.lines] or [page.nothing]
    return "\n".join(parts) + "\n"


def _plain(line: Line) -> str:
    label = f"{line.label}: " if line.label and line.value else line.label
    return f"{line.when}  {label}{line.value}".strip()


_STYLE = (
    "body{font:1rem/1.6 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#1c2733}"
    "h1{font-size:1.5rem;line-height:1.3}h2{font-size:1.15rem;margin:2rem 0 .5rem;border-bottom:1px solid #ccd4dc}"
    "p{margin:.35rem 0}b{font-weight:600}time{color:#51606f;font-size:.85rem;margin-inline-end:.5rem}"
    "@media print{body{margin:0}h2{break-after:avoid}p{break-inside:avoid}}"
)


def as_html(page: Paper) -> str:
    """The paper as one page of HTML that needs nothing else and prints well. Every text is escaped."""
    parts = [
        "<!doctype html>",
        f'<html lang="{escape(page.language)}" dir="{escape(page.direction)}">',
        f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(page.title)}</title>',
        f"<style>{_STYLE}</style>",
        f"<h1>{escape(page.title)}</h1>",
        *(f"<p>{escape(text)}</p>" for text in page.introduction),
    ]
    for block in page.blocks:
        parts.append(f"<h2>{escape(block.heading)}</h2>")
        parts += [_marked_up(line) for line in block.lines] or [f"<p>{escape(page.nothing)}</p>"]
    return "\n".join(parts) + "\n"


def _marked_up(line: Line) -> str:
    time = f"<time>{escape(line.when)}</time> " if line.when else ""
    label = f"<b>{escape(line.label)}</b> " if line.label else ""
    language = f' lang="{escape(line.language)}"' if line.language else ""
    return f'<p>{time}{label}<span dir="auto"{language}>{escape(line.value)}</span></p>'
