"""`bot family`: what a family may ask of us: everything we hold (MY DATA), and that it be erased (FORGET ME)."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli.errors import Faults, Wrong
from bot.cli.start import database_of, settings_of_this_process

if TYPE_CHECKING:
    from bot.records.family_found import Found
    from bot.records.family_paper import Reader
    from bot.store.database import Database

_WHO = click.argument("family")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of words.")


@click.group()
def family() -> None:
    """Export or erase everything of a family. FAMILY is a phone number (+15555550123) or a guardian's id."""


@family.command()
@_WHO
@click.option("--language", default="", help="The paper's language. Left out: the family's own.")
@click.option(
    "--format", "form", type=click.Choice(("text", "html", "json")), default="text", show_default=True
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file.")
def export(family: str, language: str, form: str, as_json: bool, output: Path | None) -> None:
    """Everything we hold of a family, as a paper in its language (or as JSON, every record)."""
    from bot.records.family_paper import as_html, as_text, paper
    from bot.records.privacy import everything

    now = datetime.now(UTC)
    with database_of(settings_of_this_process("family")) as db:
        held = everything(db, _found(db, family), now)
    if as_json or form == "json":
        made = json.dumps(held.as_json(), ensure_ascii=False, indent=1, default=str) + "\n"
    else:
        page = paper(held, _reader(language or held.found.language), now)
        made = as_html(page) if form == "html" else as_text(page)
    if output is None:
        click.echo(made, nl=False)
        return
    with open(os.open(output, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(made)
    click.echo(
        f"Written to {output}. It holds everything of this family: hand it over, then delete it.", err=True
    )


@family.command()
@_WHO
@click.option("--yes", is_flag=True, help="Do not ask.")
@_JSON
def forget(family: str, yes: bool, as_json: bool) -> None:
    """Erase a family: texts, answers, the guardian. What stays: that its number must not be texted (unreadable)."""
    from bot.records.privacy import OnHold
    from bot.records.privacy import forget as erase

    with database_of(settings_of_this_process("family")) as db:
        found = _found(db, family)
        who = found.name or "a number that belongs to nobody"
        if not yes:
            if not sys.stdin.isatty():
                raise Wrong("This cannot be undone: say --yes.")
            click.confirm(
                f"Erase {who} and {len(found.conversation_ids)} conversations for ever?", abort=True, err=True
            )
        try:
            erased = erase(db, found, datetime.now(UTC))
        except OnHold as held:
            raise Faults(str(held)) from held
    if as_json:
        click.echo(json.dumps({"erased": erased.total, "rows": erased.rows}))
        return
    click.echo(
        f"Erased: {erased.total} records of {who}. Its number gets no texts, and the roster will not bring it back."
    )
    click.echo("If you can, tell the family in person or by phone that it is done.", err=True)


@family.command()
@_WHO
@click.option("--reason", required=True, help="Such as: request to inspect of 4 March; case number.")
def hold(family: str, reason: str) -> None:
    """Place a legal hold: nothing of this family is erased, by age or on request, until it is lifted."""
    from bot.records.holds import hold as place

    with database_of(settings_of_this_process("family")) as db:
        place(db, _found(db, family), reason.strip(), datetime.now(UTC))
    click.echo("Held. `bot family unhold` lifts it.")


@family.command()
@_WHO
def unhold(family: str) -> None:
    """Lift the legal hold on a family."""
    from bot.records.holds import lift

    with database_of(settings_of_this_process("family")) as db:
        if not lift(db, _found(db, family), datetime.now(UTC)):
            raise Wrong("There is no hold on this family.")
    click.echo("Lifted. What was kept past its time goes within the hour.")


def _found(db: Database, who: str) -> Found:
    from bot.records.family_found import NoSuchFamily, find

    try:
        return find(db, who)
    except NoSuchFamily as error:
        raise Wrong(str(error)) from error


def _reader(language: str | None) -> Reader:
    """The words of the paper. A language nobody has written them in is said aloud, not replaced in silence."""
    from bot.language.catalog import Catalogs
    from bot.language.codes import ENGLISH, LANGUAGES, UnknownLanguage, normalise
    from bot.records.family_paper import WORDS, Reader
    from bot.settings import HOME

    try:
        tag = normalise(language) if language else ENGLISH
    except UnknownLanguage as error:
        raise Wrong(str(error)) from error
    if not language:
        click.echo("The family's language is not known: the paper's own words are in English.", err=True)
    catalogs = Catalogs.load(HOME / "locales", "papers")
    entries: dict[str, Any] = {key: catalogs.entry(text, tag, context=key) for key, text in WORDS.items()}
    if tag != ENGLISH and not all(entries.values()):
        name = LANGUAGES[tag].english
        click.echo(
            f"The paper's own words are not written in {name} yet: they are in English. Read it out.",
            err=True,
        )
        tag = ENGLISH
    elif tag != ENGLISH and not all(entry.reviewed for entry in entries.values()):
        click.echo(
            f"Nobody who speaks {LANGUAGES[tag].english} has approved the paper's own words yet.", err=True
        )
    known = LANGUAGES[tag]
    say = WORDS if tag == ENGLISH else {key: entry.forms[0] for key, entry in entries.items()}
    return Reader(tag, known.babel or "en_US", known.direction.value, lambda key: say[key])
