"""`bot flows`: check, test, draw and play conversations, see what an edit changes, and read replies."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

import click

from bot.cli.errors import Faults, Wrong
from bot.cli.flows_understand import understand_command
from bot.flow.compiling import Catalogs
from bot.flow.findings import Finding
from bot.flow.library import Library, load_library
from bot.flow.script import Script
from bot.settings import HOME

FLOWS = HOME / "flows"
LOCALES = HOME / "locales"


@click.group()
def flows() -> None:
    """Conversations: check, test, draw and play them."""


def catalogs() -> Catalogs:
    """The texts of conversations in locales/, as the library wants them."""
    from bot.language.catalog import Catalogs as Files

    if not LOCALES.is_dir():
        return {}
    files = Files.load(LOCALES, "flows")
    return {
        language: {
            (entry.context or "", entry.msgid): (entry.forms[0], entry.reviewed)
            for entry in files.entries(language)
        }
        for language in files.languages()
        if language != "en"
    }


def library_of(folder: Path) -> Library:
    """The conversations of `folder` with the texts of locales/. Raises `Wrong` when there is no such folder."""
    try:
        return load_library(folder, catalogs())
    except FileNotFoundError as error:
        raise Wrong(str(error)) from error


def script_at(path: Path) -> Script:
    """The conversation in the file `path`, with those of its folder that it calls."""
    library = library_of(path.parent)
    name = path.stem
    if name not in library.scripts:
        told = "\n".join(str(finding) for finding in library.findings if finding.file == path.name)
        raise Faults(f"{path.name} cannot be used yet.\n{told}".rstrip())
    return library.scripts[name]


def _chosen(paths: Sequence[Path]) -> tuple[Path, set[str] | None]:
    """The folder the paths lie in, and the files that were asked for (None: all of the folder)."""
    if not paths:
        return FLOWS, None
    if len(paths) == 1 and paths[0].is_dir():
        return paths[0], None
    folders = {path.parent for path in paths}
    if len(folders) > 1 or any(path.is_dir() for path in paths):
        raise Wrong("Give one folder, or files of one folder.")
    return folders.pop(), {path.name for path in paths}


_PATHS = click.argument(
    "paths", nargs=-1, type=click.Path(exists=True, path_type=Path), metavar="[FILE|FOLDER]…"
)
_JSON = click.option("--json", "as_json", is_flag=True, help="As JSON, one list.")


@flows.command()
@_PATHS
@_JSON
@click.option(
    "--no-advice", is_flag=True, help="Only faults: what must be mended before a conversation can go out."
)
def check(paths: tuple[Path, ...], as_json: bool, no_advice: bool) -> None:
    """Find what is wrong in conversation files, with the line and a way out. Exit status 1 when there are faults."""
    from bot.channels.segments import measure
    from bot.flow.lint import check as lint
    from bot.language.codes import CATALOG_LANGUAGES

    folder, only = _chosen(paths)
    texts = catalogs()
    library = load_library(folder, texts)
    found = lint(
        library,
        segments=lambda text: measure(text).segments,
        languages=("en", *CATALOG_LANGUAGES),
        catalogs=texts,
        reserved=_reserved,
    )
    _report(
        [
            finding
            for finding in found
            if (only is None or finding.file in only) and (finding.level == "fault" or not no_advice)
        ],
        folder,
        as_json,
        f"{len(library.written)} conversations",
    )


def _reserved(words: str, language: str) -> str | None:
    """What a family keyword makes of `words`, before any conversation hears them."""
    from bot.conversation.keywords import Action, decide

    action = decide(words, language).action
    return None if action in (Action.NONE, Action.UNCLEAR_TO_ME) else action.name


@flows.command()
@_PATHS
@_JSON
def test(paths: tuple[Path, ...], as_json: bool) -> None:
    """Play the tests that are written in the files. Exit status 1 when one goes otherwise than told."""
    from bot.flow.rehearsal import run_test

    folder, only = _chosen(paths)
    library = library_of(folder)
    found = [
        finding
        for finding in library.findings
        if finding.level == "fault" and (only is None or finding.file in only)
    ]
    played = 0
    for name, script in sorted(library.scripts.items()):
        placed = library.places[name]
        if only is not None and placed.file not in only:
            continue
        for number, told in enumerate(library.written[name].tests):
            played += 1
            found.extend(
                Finding(
                    placed.file,
                    placed.line(("tests", number)),
                    "test",
                    f"{told.about or 'this test'}: {problem}",
                    "correct the conversation, or what the test expects",
                )
                for problem in run_test(script, told)
            )
    _report(found, folder, as_json, f"{played} tests")


def _report(found: Iterable[Finding], folder: Path, as_json: bool, looked_at: str) -> None:
    """Print findings on standard output, a sentence on standard error, and leave with 1 when there are faults."""
    findings = sorted(found)
    faults = sum(finding.level == "fault" for finding in findings)
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=1))
    else:
        for finding in findings:
            mark = "" if finding.level == "fault" else " (advice)"
            click.echo(
                f"{folder / finding.file}:{finding.line}: {finding.code}{mark}: {finding.says} → {finding.do}"
            )
    click.echo(f"{looked_at}: {faults} faults, {len(findings) - faults} pieces of advice", err=True)
    if faults:
        sys.exit(1)


@flows.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--language", default="en", show_default=True, help="Whose texts to show.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Where to write it (default: standard output)."
)
def draw(file: Path, language: str, output: Path | None) -> None:
    """Draw a conversation as SVG."""
    from bot.flow.drawing import draw as draw_script

    picture = draw_script(script_at(file), language)
    if output is None:
        click.echo(picture, nl=False)
    else:
        output.write_text(picture, encoding="utf-8")


@flows.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--language", default="en", show_default=True, help="The family's language.")
@click.option("--child", default="Ana", show_default=True, help="The child's name in the texts.")
@click.option("--zone", default="America/Chicago", show_default=True, help="The family's time zone.")
def play(file: Path, language: str, child: str, zone: str) -> None:
    """Play a conversation in the terminal. Write as the family; +2d lets time pass, [photo] sends one, an empty
    line or Ctrl-D ends it."""
    from bot.cli.flows_play import play_in_terminal

    play_in_terminal(script_at(file), language, child, zone)


@flows.command()
@_PATHS
@click.option(
    "--old",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The file as it was: two files are compared, and no database is asked.",
)
@_JSON
def diff(paths: tuple[Path, ...], old: Path | None, as_json: bool) -> None:
    """What an edit changes, and who is in the middle of it, by the database. Without FILE: of the whole library.

    Nobody is stranded: sessions go on as they began."""
    from bot.cli.flows_diff import against_the_database, between, show

    if old is not None:
        if len(paths) != 1 or paths[0].is_dir():
            raise Wrong("Give the one file that --old is to be compared with.")
        show(between(script_at(old), script_at(paths[0])), as_json)
        return
    folder, only = _chosen(paths)
    if only is not None:
        for name in only:
            script_at(folder / name)  # a file that cannot be used says why
    wanted = None if only is None else [Path(name).stem for name in only]
    show(against_the_database(library_of(folder).scripts, wanted), as_json)


@flows.command()
def schema() -> None:
    """Print the JSON Schema of the file format (flows/schema.json)."""
    from bot.flow.schema import schema_text

    click.echo(schema_text(), nl=False)


@flows.command()
def texts() -> None:
    """Every text of the library as JSON lines {key, english, placeholders, reader, translations}: for translators."""
    from bot.flow.lint.view import views

    for view in views(library_of(FLOWS)):
        for told in view.told():
            click.echo(
                json.dumps(
                    {
                        "key": told.line.key,
                        "english": told.line.original,
                        "placeholders": told.line.placeholders,
                        "reader": told.reader,
                        "inline": sorted(view.inline(told)),
                    },
                    ensure_ascii=False,
                )
            )


flows.add_command(understand_command)
