"""A conversation in the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rich.console import Console

from bot.cli.errors import Wrong
from bot.flow.happenings import (
    Ask,
    Event,
    Finished,
    GoalProgress,
    HandOff,
    LeftOver,
    QuestionAsked,
    RaiseAlert,
    Record,
    Remind,
    Save,
    Say,
)
from bot.flow.lines import Value, fill
from bot.flow.rehearsal import Rehearsal
from bot.flow.script import Script

PEOPLE: dict[str, Value] = {
    "guardian": "Rosa",
    "teacher": "Ms. Lee",
    "staff": "Ms. Lee",
    "school": "Lincoln School",
    "section": "Room 12",
    "goal": "reading.daily_20min",
    "date": "2026-03-12",
    "time": "17:30",
    "place": "Lincoln School",
    "event": "family night",
    "days_missed": 3,
    "idea": "a reading evening",
    "decision": "We will do it in May.",
    "practice": "We count the stairs together.",
    "phone": "+15555550100",
    "link": "https://example.org",
}
"""Invented values for a conversation that is only played."""


def play_in_terminal(script: Script, language: str, child: str, zone: str) -> None:
    """Read the family's lines from standard input until the conversation ends."""
    try:
        here = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Wrong(f"There is no time zone {zone}; use a name like America/Chicago.") from error
    console = Console(highlight=False, soft_wrap=True)
    rehearsal = Rehearsal(
        script, datetime.now(UTC).astimezone(here).replace(hour=17, minute=30, second=0, microsecond=0)
    )
    known: dict[str, Value] = {**PEOPLE, "child": child}
    _show(console, rehearsal.begin(known, (language,)), language)
    while rehearsal.session.status != "ended":
        console.print(f"[dim]{rehearsal.now:%a %H:%M}[/] › ", end="")
        try:
            words = input()
        except EOFError:
            console.print()
            return
        if not words.strip():
            return
        _show(console, rehearsal.says(words), language)


def _show(console: Console, events: Iterable[Event], language: str) -> None:
    for event in events:
        match event:
            case Say() | Ask() | Remind():
                text = fill(event.line.texts.get(language, event.line.original), event.values, language)
                mark = "" if language in event.line.texts else f" [dim]({event.line.written_in})[/]"
                console.print(f"  [bold cyan]bot[/]{mark} ", end="")
                console.print(text, markup=False)
            case Save():
                console.print(f"      [dim]{event.field} =[/] ", end="")
                console.print(repr(event.value), markup=False)
            case HandOff():
                console.print(f"      [yellow]to {event.to}:[/] {fill(event.note.original, event.values)}")
            case RaiseAlert():
                console.print(f"      [red]alert: {event.kind}[/]")
            case QuestionAsked():
                console.print("      [yellow]a question for the teacher[/]")
            case LeftOver():
                console.print("      [yellow]not an answer: a person will read it[/]")
            case GoalProgress():
                console.print(f"      [green]goal {event.goal}: {event.did}[/]")
            case Record():
                console.print(f"      [green]kept as {event.kind}[/]")
            case Finished():
                console.print(f"  [dim]— {event.outcome} —[/]")
            case _:
                continue
