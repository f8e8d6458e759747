"""`bot memory` and `bot glossary`: what people approved, to and from translators' tools and spreadsheets."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.errors import Faults, Wrong
from bot.cli.staff import school_id
from bot.cli.start import database_of, settings_of_this_process
from bot.language.exchange import Exchanged, ExchangeError, from_csv, from_tmx, to_csv, to_tmx

if TYPE_CHECKING:
    from bot.store.database import Database

_SCHOOL = click.option(
    "--school", "school_name", default="", help="Needed when there is more than one school."
)
_DISTRICT = click.option("--district", is_flag=True, help="For every school: the district's own.")
_FORMAT = click.option(
    "--format", "kind", type=click.Choice(["tmx", "csv"]), help="Left out: by the file's ending."
)
_FILE = click.argument("file", type=click.Path(path_type=Path, allow_dash=True))


@click.group()
def memory() -> None:
    """Approved translations: export them, import those of another tool or school."""


@memory.command("export")
@_FILE
@_SCHOOL
@_DISTRICT
@_FORMAT
def export_memory(file: Path, school_name: str, district: bool, kind: str | None) -> None:
    """Write every approved translation to FILE (- for standard output). What was written to or by one family is left
    out. Times, dates and links stand as ⟨0⟩, ⟨1⟩."""
    from bot.language.memory import TranslationMemory

    with database_of(settings_of_this_process("memory")) as db:
        rows = [
            Exchanged(one.source, one.target, one.text, one.wording)
            for one in TranslationMemory(db, _now).approved(school=_at(db, school_name, district), most=None)
            if not one.of_one_family
        ]
    _write(file, kind, rows)


@memory.command("import")
@_FILE
@_SCHOOL
@_DISTRICT
@_FORMAT
def import_memory(file: Path, school_name: str, district: bool, kind: str | None) -> None:
    """Approve every translation of FILE. All of it is looked at first: one wrong row, and nothing is kept."""
    from bot.language.memory import NotKept, TranslationMemory, fits

    rows = _read(file, kind)

    def check(row: Exchanged) -> None:
        try:
            fits(row.text, row.translation)
        except NotKept as error:
            raise ExchangeError(f"{row.where}, translation: {error}") from error

    _all(file, rows, check)
    with database_of(settings_of_this_process("memory")) as db:
        kept, at = TranslationMemory(db, _now), _at(db, school_name, district)
        for row in rows:
            kept.approve(row.text, row.translation, row.source, row.target, at, None)
    click.echo(f"Kept {len(rows)} translations.", err=True)


@click.group()
def glossary() -> None:
    """What this community calls things: export it, import another list."""


@glossary.command("export")
@_FILE
@_SCHOOL
@_DISTRICT
@_FORMAT
def export_glossary(file: Path, school_name: str, district: bool, kind: str | None) -> None:
    """Write the terms that count now, with who said so, to FILE (- for standard output)."""
    from bot.language.glossary import GlossaryBook

    with database_of(settings_of_this_process("glossary")) as db:
        book, at = GlossaryBook(db, _now), _at(db, school_name, district)
        rows = [
            Exchanged(source, target, term.term, term.wording, term.said_by)
            for source, target in book.pairs(at)
            for term in book.newest(source, target, at)
        ]
    _write(file, kind, rows)


@glossary.command("import")
@_FILE
@_SCHOOL
@_DISTRICT
@_FORMAT
@click.option(
    "--said-by", default="", help="Who says so, for rows that do not tell. Left out: the file's name."
)
def import_glossary(file: Path, school_name: str, district: bool, kind: str | None, said_by: str) -> None:
    """Add every term of FILE as its newest version. One wrong row, and nothing is kept."""
    from bot.language.glossary import LONGEST_TERM, GlossaryBook

    rows = _read(file, kind)

    def check(row: Exchanged) -> None:
        for name, words in (("text", row.text), ("translation", row.translation)):
            if len(words) > LONGEST_TERM:
                raise ExchangeError(
                    f"{row.where}, {name}: {len(words)} characters are no term; {LONGEST_TERM} is the limit."
                )

    _all(file, rows, check)
    with database_of(settings_of_this_process("glossary")) as db:
        book, at = GlossaryBook(db, _now), _at(db, school_name, district)
        there = {(s, t): book.terms(s, t, at) for s, t in book.pairs(at)}
        new = [
            row for row in rows if there.get((row.source, row.target), {}).get(row.text) != row.translation
        ]
        for row in new:
            book.say(
                row.text, row.translation, row.source, row.target, school=at,
                said_by=row.said_by or said_by or f"imported from {file.name}",
            )  # fmt: skip
    click.echo(f"Added {len(new)} terms; {len(rows) - len(new)} were known.", err=True)


def _now() -> datetime:
    return datetime.now(UTC)


def _at(db: Database, school_name: str, district: bool) -> int | None:
    if district and school_name:
        raise Wrong("Give --school or --district, not both.")
    return None if district else school_id(db, school_name)


def _kind(file: Path, kind: str | None) -> str:
    known = kind or file.suffix.lower().removeprefix(".")
    if known not in ("tmx", "csv"):
        raise Wrong(f"{file}: is it TMX or CSV? Name it .tmx or .csv, or give --format.")
    return known


def _write(file: Path, kind: str | None, rows: Sequence[Exchanged]) -> None:
    body = to_tmx(rows) if _kind(file, kind) == "tmx" else to_csv(rows)
    if str(file) == "-":
        click.echo(body, nl=False)
        return
    try:
        file.write_text(body, encoding="utf-8", newline="")
    except OSError as error:
        raise Wrong(f"{file} cannot be written: {error.strerror}.") from error
    click.echo(f"Wrote {len(rows)} to {file}.", err=True)


def _read(file: Path, kind: str | None) -> list[Exchanged]:
    known = _kind(file, kind)
    try:
        body = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        return from_tmx(body) if known == "tmx" else from_csv(body.decode("utf-8-sig"))
    except OSError as error:
        raise Wrong(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise Faults(f"{file}: this is no UTF-8 (byte {error.start}). Save it as “CSV UTF-8”.") from error
    except ExchangeError as error:
        raise Faults(f"{file}: {error}") from error


def _all(file: Path, rows: Sequence[Exchanged], check: Callable[[Exchanged], None]) -> None:
    """Every row that is wrong, each on a line; raises `Faults` when there is one."""
    wrong = 0
    for row in rows:
        try:
            check(row)
        except ExchangeError as error:
            wrong += 1
            click.echo(f"{file}: {error}", err=True)
    if wrong:
        raise Faults(f"{file}: {wrong} of {len(rows)} rows are wrong; nothing was kept.")
