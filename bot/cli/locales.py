"""`bot locales`: what the bot says in fourteen languages: how far it is, whether it is right, and compiling it."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from bot.cli.errors import Faults, Wrong
from bot.language import catalog_checks, codes
from bot.language.catalog import CatalogError, compile_catalogs
from bot.settings import HOME

_FOLDER = click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=HOME / "locales",
    help="The folder of catalogs, if not the product's own.",
)


@click.group()
def locales() -> None:
    """Catalogs of what the bot says: status, check, compile."""


@locales.command()
@_FOLDER
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def status(folder: Path, as_json: bool) -> None:
    """How many texts each language has, and how many a speaker has approved."""
    try:
        rows = catalog_checks.status(folder)
    except CatalogError as error:
        raise Faults(str(error)) from error
    if as_json:
        fields = ("language", "domain", "wanted", "translated", "reviewed", "complete")
        click.echo(json.dumps([{name: getattr(row, name) for name in fields} for row in rows], indent=1))
        return
    table = Table("language", "", *catalog_checks.DOMAINS, "approved", box=None)
    for column in table.columns:
        column.no_wrap = True
    by_cell = {(row.language, row.domain): row for row in rows}
    for language in codes.CATALOG_LANGUAGES:
        cells = []
        for domain in catalog_checks.DOMAINS:
            row = by_cell.get((language, domain))
            cells.append(f"{row.translated}/{row.wanted}" if row else "")
        mine = [row for row in rows if row.language == language]
        approved = f"{sum(row.reviewed for row in mine)}/{sum(row.translated for row in mine)}"
        table.add_row(language, codes.english_name(language), *cells, approved)
    Console(width=110).print(table)
    click.echo("\nHow each speaks to families:")
    for language in codes.CATALOG_LANGUAGES:
        click.echo(f"  {language:8} {catalog_checks.register(folder, language)}")
    drafts = sum(row.translated - row.reviewed for row in rows)
    if drafts:
        click.echo(
            f"{drafts} texts are drafts: nobody who speaks the language has approved them yet.", err=True
        )


@locales.command()
@_FOLDER
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a finding.")
def check(folder: Path, as_json: bool) -> None:
    """Completeness, placeholders, plural forms, length and left-over English. Exit status 1 when there are faults."""
    if not folder.is_dir():
        raise Wrong(f"{folder} is no folder of catalogs.")
    findings = list(catalog_checks.check(folder))
    for finding in findings:
        if as_json:
            item = {"file": finding.file, "line": finding.line, "code": finding.code, "says": finding.says}
            click.echo(json.dumps(item, ensure_ascii=False))
        else:
            click.echo(str(finding))
    if findings:
        raise Faults(f"{len(findings)} faults in the catalogs.")
    click.echo("The catalogs are complete and hold together.", err=True)


@locales.command("compile")
@_FOLDER
def compile_(folder: Path) -> None:
    """Write gettext's .mo files beside the catalogs, for tools that want them. The product reads the .po files."""
    try:
        written = compile_catalogs(folder)
    except CatalogError as error:
        raise Faults(str(error)) from error
    click.echo(f"{len(written)} files written.", err=True)
