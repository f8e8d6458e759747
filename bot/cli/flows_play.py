"""A conversation in the terminal, and the differences between two revisions."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
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
from bot.flow.session import Session
from bot.flow.strands import differences, strands

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


def show_differences(new: Script, old: Script | None, as_json: bool) -> None:
    """Print what changed; without `old`, against every revision that open sessions are pinned to."""
    if old is not None:
        pairs: list[tuple[Script, list[tuple[str, Session]]]] = [(old, [])]
    else:
        pairs = _pinned(new.name)
    changes = [
        {
            "old": before.sha256,
            "conversation": change.conversation,
            "step": change.step,
            "what": change.what,
            "says": change.says,
        }
        for before, _ in pairs
        for change in differences(before, new)
    ]
    held = [
        {
            "session": strand.id,
            "conversation": strand.conversation,
            "step": strand.step,
            "says": strand.change.says,
        }
        for before, sessions in pairs
        for strand in strands(before, new, sessions)
    ]
    if as_json:
        click.echo(json.dumps({"changes": changes, "in_the_middle": held}, ensure_ascii=False, indent=1))
        return
    if not changes:
        click.echo("Nothing changed.")
    for change in changes:
        click.echo(f"{change['conversation']}.{change['step']}: {change['what']}: {change['says']}")
    for strand in held:
        click.echo(
            f"session {strand['session']} is at {strand['conversation']}.{strand['step']} and goes on with the old one"
        )


def _pinned(name: str) -> list[tuple[Script, list[tuple[str, Session]]]]:
    from bot.cli.start import database_of, settings_of_this_process
    from bot.store.flow_sessions import open_sessions

    by_sha: dict[str, tuple[Script, list[tuple[str, Session]]]] = {}
    with database_of(settings_of_this_process("flows")) as database:
        for found in open_sessions(database, name):
            by_sha.setdefault(found.script.sha256, (found.script, []))[1].append(
                (str(found.id), found.session)
            )
    return list(by_sha.values())
