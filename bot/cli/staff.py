"""`bot staff` and `bot school`: the first people of a real school, before anybody can sign in."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

import click

from bot.cli.errors import Wrong
from bot.cli.start import database_of, settings_of_this_process

if TYPE_CHECKING:
    from bot.store.database import Database

ROLES = ("teacher", "reviewer", "coordinator", "leader", "administrator", "district")


@click.group()
def school() -> None:
    """Add and list schools."""


@school.command("add")
@click.argument("name")
@click.option("--time-zone", default="", help="Such as America/Chicago. Left out: SCHOOL_TIME_ZONE.")
def add_school(name: str, time_zone: str) -> None:
    """Add a school."""
    from bot.records.house import add_school as add

    settings = settings_of_this_process("school")
    zone = time_zone or settings.school_time_zone
    if zone not in available_timezones():
        raise Wrong(f"{zone!r} is no time zone; write one like America/Chicago.")
    with database_of(settings) as db:
        if not add(db, name.strip(), zone, datetime.now(UTC)):
            raise Wrong(f"There is a school called {name.strip()!r} already.")
    click.echo(f"Added {name.strip()} ({zone}). Next: bot staff add --school {name.strip()!r} ...")


@school.command("list")
def list_schools() -> None:
    """The schools there are."""
    from bot.records.house import schools

    with database_of(settings_of_this_process("school")) as db:
        for found in schools(db):
            click.echo(f"{found.name} ({found.time_zone}){' · invented' if found.sample else ''}")


@school.command("critical")
@click.option("--school", "school_name", default="", help="Needed when there is more than one school.")
@click.option("--add", "added", multiple=True, metavar="WORDS", help="Words that wait too, in any language.")
@click.option("--drop", "dropped", multiple=True, metavar="WORDS", help="Words of yours that wait no more.")
@click.option("--let-go", multiple=True, metavar="TOPIC", help="A topic that a machine may translate alone.")
@click.option("--hold", multiple=True, metavar="TOPIC", help="A topic that waits for a reviewer again.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of words.")
def critical(
    school_name: str,
    added: tuple[str, ...],
    dropped: tuple[str, ...],
    let_go: tuple[str, ...],
    hold: tuple[str, ...],
    as_json: bool,
) -> None:
    """What no machine says alone at a school: shows it, and changes it. Prompts, announcements, replies and the texts
    of conversations that touch it wait for a reviewer."""
    import json

    from bot.language.critical import TOPICS, CriticalContent

    with database_of(settings_of_this_process("school")) as db:
        content, at = CriticalContent(db), school_id(db, school_name)
        rules = content.rules(at)
        unknown = [word for word in dropped if word not in rules.words]
        if unknown:
            raise Wrong(
                f"{unknown[0]!r} is not among this school's words: {', '.join(rules.words) or 'none'}."
            )
        strange = sorted({*hold} - {*TOPICS})
        if strange:
            raise Wrong(f"{strange[0]!r} is no critical topic; these are: {', '.join(TOPICS)}.")
        if added or dropped or let_go or hold:
            words = [word for word in (*rules.words, *added) if word not in dropped]
            try:
                rules = content.set(at, (rules.let_go | {*let_go}) - {*hold}, words)
            except ValueError as error:
                raise Wrong(str(error)) from error
    held = [topic for topic in TOPICS if topic not in rules.let_go]
    if as_json:
        click.echo(
            json.dumps(
                {"waits": held, "let_go": sorted(rules.let_go), "words": list(rules.words)},
                ensure_ascii=False,
            )
        )
        return
    click.echo(f"Waits for a reviewer: {', '.join(TOPICS[topic] for topic in held) or 'no topic'}.")
    if rules.words:
        click.echo(f"So do texts with: {', '.join(rules.words)}.")
    if rules.let_go:
        click.echo(f"A machine may say alone: {', '.join(TOPICS[topic] for topic in sorted(rules.let_go))}.")


@click.group()
def staff() -> None:
    """Add staff, set passwords, list who can sign in."""


@staff.command("add")
@click.option("--name", required=True, help="As families and colleagues read it: Ms. Rachel Bennett.")
@click.option("--email", required=True, help="The address to sign in with.")
@click.option("--role", required=True, type=click.Choice(ROLES))
@click.option("--school", "school_name", default="", help="Needed when there is more than one school.")
@click.option("--language", default="en", show_default=True, help="The language of the pages.")
def add_staff(name: str, email: str, role: str, school_name: str, language: str) -> None:
    """Add somebody, and ask for a first password (or read it from standard input)."""
    from bot.records.house import add_staff as add

    with database_of(settings_of_this_process("staff")) as db:
        at = school_id(db, school_name)
        if "@" not in email:
            raise Wrong(f"{email!r} is no address to sign in with.")
        hashed = _hashed_password(name, email)
        if not add(db, at, name.strip(), email.strip(), role, language, hashed, datetime.now(UTC)):
            raise Wrong(
                f"{email.strip()} is somebody's address already; `bot staff password` sets a new password."
            )
    click.echo(f"Added {name.strip()}, {role}, who signs in with {email.strip()}.")


@staff.command()
@click.argument("email")
def password(email: str) -> None:
    """Set somebody's password. Ends every session they have."""
    from bot.records.house import set_password

    with database_of(settings_of_this_process("staff")) as db:
        if not set_password(db, email.strip(), _hashed_password(email), datetime.now(UTC)):
            raise Wrong(f"Nobody signs in with {email.strip()}; `bot staff list` shows who does.")
    click.echo(f"{email.strip()} has a new password, and was signed out everywhere.")


@staff.command("list")
def list_staff() -> None:
    """Who can sign in."""
    from bot.records.house import staff_rows

    with database_of(settings_of_this_process("staff")) as db:
        for person in staff_rows(db):
            state = "" if person.active else " · left"
            click.echo(f"{person.email:<36} {person.role:<14} {person.name} ({person.school}){state}")


def school_id(db: Database, name: str) -> int:
    """The school of that name, or the only one there is. Raises `Wrong` that names them all."""
    from bot.records.house import schools

    there = schools(db)
    real = [found for found in there if not found.sample] or there
    chosen = [found for found in there if found.name == name] if name else real
    if len(chosen) == 1:
        return chosen[0].id
    names = ", ".join(found.name for found in there) or "none yet: `bot school add NAME`"
    raise Wrong(f"Which school? Give --school with one of: {names}.")


def _hashed_password(*about: str) -> str:
    """Ask for a password, or read it from standard input; refuse a weak one as the pages do. `about`: the person."""
    from bot.records.passwords import hash_password, weakness

    if sys.stdin.isatty():
        given: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        given = sys.stdin.readline().rstrip("\n")
    why = weakness(given, about)
    if why:
        raise Wrong(why)
    return hash_password(given)
