"""A click group whose commands are imported when they are called.

`bot --help` and `bot version` answer at once, and a command whose module is not installed is simply not listed.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any, NamedTuple

import click

from bot.cli.errors import as_sentence


class Entry(NamedTuple):
    """Where a command lives (`module:attribute`) and the line that stands for it in the list of commands."""

    target: str
    help: str


class LazyGroup(click.Group):
    """Commands by name, grouped under headings for the help page."""

    def __init__(
        self, *args: Any, sections: dict[str, dict[str, Entry]] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.sections = sections or {}
        self.entries = {name: entry for group in self.sections.values() for name, entry in group.items()}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the commands that are there, in the order of the help page."""
        return [name for name, entry in self.entries.items() if _is_there(entry)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now; None when there is none of that name."""
        entry = self.entries.get(cmd_name)
        if entry is None or not _is_there(entry):
            return None
        module, _, attribute = entry.target.partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing any of them."""
        for heading, entries in self.sections.items():
            rows = [(name, entry.help) for name, entry in entries.items() if _is_there(entry)]
            if rows:
                with formatter.section(heading):
                    formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        """Run, and turn what a person can mend into one sentence and an exit status."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            sentence = as_sentence(error)
            if sentence is None:
                raise  # a fault of ours: its place belongs in the log
            raise sentence from error


def _is_there(entry: Entry) -> bool:
    return importlib.util.find_spec(entry.target.partition(":")[0]) is not None
