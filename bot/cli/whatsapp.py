"""`bot whatsapp`: the templates WhatsApp has approved, one a language."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import click

from bot.cli.errors import Wrong
from bot.cli.start import database_of, settings_of_this_process


@click.group()
def whatsapp() -> None:
    """Templates for texts outside WhatsApp's 24 hours. Without one in its language a text goes as SMS."""


@whatsapp.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of words.")
def list_templates(as_json: bool) -> None:
    """The templates in use."""
    from bot.delivery.templates import all_templates

    with database_of(settings_of_this_process("whatsapp")) as db:
        found = all_templates(db)
    if as_json:
        rows = [
            {"language": one.language, "content_sid": one.content_sid, "wording": one.wording}
            for one in found
        ]
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for one in found:
        click.echo(f"{one.language}  {one.content_sid}  {one.wording}")
    if not found:
        click.echo("No templates yet: bot whatsapp add LANGUAGE CONTENT_SID WORDING", err=True)


@whatsapp.command()
@click.argument("language")
@click.argument("content_sid")
@click.argument("wording")
def add(language: str, content_sid: str, wording: str) -> None:
    """Add a template that WhatsApp approved: LANGUAGE (es, zh-Hant), CONTENT_SID (HX…), and its WORDING with {{1}} where
    our text stands, as in "A message from Lincoln School: {{1}}"."""
    from bot.delivery.templates import NotATemplate, add_template
    from bot.language import codes

    known = codes.find(language)
    if known is None:
        raise Wrong(f"{language!r} is no language we know; write a code like es or zh-Hant.")
    with database_of(settings_of_this_process("whatsapp")) as db:
        try:
            add_template(db, known.tag, content_sid, wording.strip(), datetime.now(UTC))
        except NotATemplate as error:
            raise Wrong(str(error)) from None
    click.echo(f"Added for {known.tag}.")


@whatsapp.command()
@click.argument("language")
def retire(language: str) -> None:
    """Use the template of LANGUAGE no more."""
    from bot.delivery.templates import retire_template

    with database_of(settings_of_this_process("whatsapp")) as db:
        if not retire_template(db, language, datetime.now(UTC)):
            raise Wrong(f"There is no template for {language!r}; see: bot whatsapp list")
    click.echo(f"Retired for {language}.")
