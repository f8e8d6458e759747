"""What an edit of a conversation changes, and who is in the middle of what changed. No phone number is ever shown."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import click
from sqlalchemy.exc import DBAPIError

from bot.cli.errors import Faults
from bot.flow.script import Script
from bot.flow.strands import Change, Strand, differences, strands

SHOWN = 20
"""Families that are named one by one; the JSON has all of them."""


@dataclass
class Found:
    """Everything to be told about an edit."""

    changes: dict[Change, None] = field(default_factory=dict)
    """In order, each once, whichever revisions differ by it."""
    open_sessions: int = 0
    """Sessions that are open in these conversations."""
    on_older_words: int = 0
    """Those of them whose revision differs from the file."""
    in_the_middle: list[tuple[Strand, int | None]] = field(default_factory=list)
    """Those who stand at, or come back to, a step that changed; with the guardian."""
    never_begun: list[str] = field(default_factory=list)


def between(old: Script, new: Script) -> Found:
    """The differences of two files."""
    return Found(changes=dict.fromkeys(differences(old, new)))


def against_the_database(scripts: Mapping[str, Script], wanted: Sequence[str] | None) -> Found:
    """The differences between the files and what families are in the middle of.

    `scripts` are all conversations of the folder: whoever is in one that calls an edited one is in the middle of it
    too. `wanted` are the edited ones; None: all. Raises `Faults` when the database cannot be read.
    """
    from bot.cli.start import database_of, settings_of_this_process
    from bot.store.flow_sessions import revisions_in_use

    concerned = {
        name: script
        for name, script in scripts.items()
        if wanted is None or set(wanted) & script.conversations.keys()
    }
    found = Found()
    try:
        with database_of(settings_of_this_process("flows")) as database:
            revisions = revisions_in_use(database, concerned)
    except DBAPIError as error:
        raise Faults(
            "The database cannot be read, so nobody can say who is in the middle. `bot doctor` tells what is wrong; "
            "with --old FILE two files are compared without a database."
        ) from error
    for revision in revisions:
        new = concerned[revision.script.name]
        changes = [
            change
            for change in differences(revision.script, new)
            if wanted is None or change.conversation in wanted
        ]
        found.changes |= dict.fromkeys(changes)
        found.open_sessions += len(revision.sessions)
        if not changes:
            continue
        found.on_older_words += len(revision.sessions)
        guardians = {str(one.id): one.guardian_id for one in revision.sessions}
        held = strands(revision.script, new, [(str(one.id), one.session) for one in revision.sessions])
        found.in_the_middle += [
            (strand, guardians[strand.id]) for strand in held if strand.change in found.changes
        ]
    begun = {revision.script.name for revision in revisions}
    found.never_begun = sorted(set(wanted if wanted is not None else scripts) & concerned.keys() - begun)
    return found


def show(found: Found, as_json: bool) -> None:
    """Print it."""
    if as_json:
        click.echo(json.dumps(_as_data(found), ensure_ascii=False, indent=1))
        return
    if not found.changes:
        click.echo("Nothing changed.")
    for change in found.changes:
        click.echo(f"{change.conversation}.{change.step}: {change.what}: {change.says}")
    if found.never_begun:
        click.echo(f"Never begun with a family: {', '.join(found.never_begun)}.")
    if not found.open_sessions:
        return
    click.echo(
        f"Open sessions: {found.open_sessions}; {found.on_older_words} go on with the words they began with; "
        f"{len({strand.id for strand, _ in found.in_the_middle})} are in the middle of what changed."
    )
    counted = Counter((strand.conversation, strand.step) for strand, _ in found.in_the_middle)
    for (conversation, step), count in sorted(counted.items()):
        click.echo(f"  {conversation}.{step}: {count}")
    for strand, guardian in found.in_the_middle[:SHOWN]:
        who = f"guardian {guardian}" if guardian is not None else "a number of nobody"
        click.echo(
            f"  {who}, session {strand.id}: {strand.conversation}.{strand.step} ({strand.change.what})"
        )
    if len(found.in_the_middle) > SHOWN:
        click.echo(f"  … and {len(found.in_the_middle) - SHOWN} more (--json lists all)")


def _as_data(found: Found) -> dict[str, object]:
    return {
        "changes": [
            {
                "conversation": change.conversation,
                "step": change.step,
                "what": change.what,
                "says": change.says,
            }
            for change in found.changes
        ],
        "open_sessions": found.open_sessions,
        "on_older_words": found.on_older_words,
        "in_the_middle": [
            {
                "session": strand.id,
                "guardian": guardian,
                "conversation": strand.conversation,
                "step": strand.step,
                "says": strand.change.says,
            }
            for strand, guardian in found.in_the_middle
        ],
        "never_begun": found.never_begun,
    }
