"""Texts for a command: one TEXT, `-` for standard input, or `--batch FILE` of JSON lines, answered line by line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from bot.cli.errors import Wrong


def takes_texts(command: Callable[..., None]) -> Callable[..., None]:
    """The argument and options that every text command shares: TEXT, --batch FILE, --json."""
    batch = click.Path(path_type=Path, allow_dash=True)
    decorators: list[Callable[[Callable[..., None]], Callable[..., None]]] = [
        click.option("--json", "as_json", is_flag=True, help="Print JSON instead of words."),
        click.option(
            "--batch", type=batch, help="JSON lines in, JSON lines out, same order (- for standard input)."
        ),
        click.argument("text", required=False),
    ]
    for decorate in decorators:
        command = decorate(command)
    return command


def one_text(text: str | None) -> str:
    """The TEXT of the command line, standard input for `-`. Raises `Wrong` when there is none."""
    if text is None:
        raise Wrong("Give a TEXT, - for standard input, or --batch FILE.")
    if text != "-":
        return text
    return sys.stdin.buffer.read().decode("utf-8", "replace").removesuffix("\n")


def lines_of(batch: Path, words: Sequence[str] = (), lists: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
    """The objects of a batch file. `words` and `lists` name the keys that, where given, hold a string or a list of
    strings. Raises `Wrong` that names the line and the key which is not as it must be."""
    try:
        source = sys.stdin if str(batch) == "-" else batch.open(encoding="utf-8-sig")
        with source:
            for number, line in enumerate(source, start=1):
                if not line.strip():
                    continue
                try:
                    item = json.loads(line)
                except ValueError:
                    raise Wrong(f"{batch} line {number} is not JSON.") from None
                if not isinstance(item, dict) or not isinstance(item.get("text"), str):
                    raise Wrong(f"{batch} line {number} must be an object with a “text”.")
                for key in words:
                    if not isinstance(item.get(key), str | None):
                        raise Wrong(f"{batch} line {number}: “{key}” must be a string.")
                for key in lists:
                    if not _strings(item.get(key)):
                        raise Wrong(f"{batch} line {number}: “{key}” must be a list of strings.")
                yield item
    except UnicodeDecodeError:
        raise Wrong(f"{batch} is not UTF-8. Save it as UTF-8 and try again.") from None
    except OSError as error:
        raise Wrong(f"{batch} cannot be read: {error.strerror}.") from error


def answer(item: dict[str, Any], result: dict[str, Any]) -> None:
    """One JSON line on standard output; the `id` that came in goes out first."""
    echoed = {"id": item["id"], **result} if "id" in item else result
    line = json.dumps(echoed, ensure_ascii=False)
    # Half an emoji (a lone surrogate) is no UTF-8; as \ud83d it goes out just as it came in.
    click.echo(line if _is_text(line) else json.dumps(echoed))


def _strings(given: object) -> bool:
    return given is None or (isinstance(given, list) and all(isinstance(one, str) for one in given))


def _is_text(line: str) -> bool:
    try:
        line.encode()
    except UnicodeEncodeError:
        return False
    return True
