"""`bot calendar`: days without school, and the school's hours, weekly cap and announcement budget."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.errors import Wrong
from bot.cli.start import database_of, settings_of_this_process

if TYPE_CHECKING:
    from bot.store.database import Database

_SCHOOL = click.option("--school", "school_name", default="", help="Its name, when there are several.")


@click.group()
def calendar() -> None:
    """Days without school: nothing is begun with families, and the promise clock rests. And the school's hours."""


@contextmanager
def _school(name: str) -> Iterator[tuple[Database, int]]:
    from bot.outreach.files import WrongFile, school_of

    with database_of(settings_of_this_process("calendar")) as db:
        try:
            with db.reading() as session:
                school_id = school_of(session, name or None)
        except WrongFile as error:
            raise Wrong(str(error)) from None
        yield db, school_id


@calendar.command("list")
@_SCHOOL
@click.option("--json", "as_json", is_flag=True, help="Hours, cap, budget and days as one JSON object.")
def list_days(school_name: str, as_json: bool) -> None:
    """The days without school, and the school's rhythm."""
    from bot.outreach.school_days import holidays
    from bot.records.house import rhythm_of

    with _school(school_name) as (db, school_id):
        days, rhythm = holidays(db, school_id), rhythm_of(db, school_id)
    if as_json:
        listed = [{"day": day.isoformat(), "name": name} for day, name in days]
        click.echo(
            json.dumps(asdict(rhythm) | {"holidays": listed}, ensure_ascii=False, default=str, indent=1)
        )
        return
    for day, name in days:
        click.echo(f"{day:%Y-%m-%d %a}  {name}")
    click.echo(
        f"School day {rhythm.day_begins:%H:%M} to {rhythm.day_ends:%H:%M}, Monday to Friday · "
        f"{rhythm.weekly_cap} learning texts a family, {rhythm.announcements_a_week} announcements in seven days",
        err=True,
    )


@calendar.command()
@click.argument("first")
@click.argument("last", required=False)
@click.option("--name", required=True, help="Such as: spring break.")
@_SCHOOL
def add(first: str, last: str | None, name: str, school_name: str) -> None:
    """Add the days from FIRST to LAST (2026-03-20; LAST may be left out). What was planned for them is called off."""
    from bot.outreach.school_days import NotADay, add_holidays, span

    try:
        days = span(_day(first), _day(last or first), name)
    except NotADay as error:
        raise Wrong(str(error)) from None
    with _school(school_name) as (db, school_id):
        called_off = add_holidays(db, school_id, days, datetime.now(UTC))
    click.echo(
        f"{len(days)} days without school. {called_off} prompts that were planned for them are called off."
    )


@calendar.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_SCHOOL
def import_days(file: Path, school_name: str) -> None:
    """Add the days of a CSV file with the columns first,last,name."""
    from bot.outreach.school_days import NotADay, add_holidays, read_calendar

    try:
        days = read_calendar(file.read_text("utf-8-sig").splitlines(keepends=True))
    except NotADay as error:
        raise Wrong(f"{file.name}: {error}") from None
    except UnicodeDecodeError:
        raise Wrong(f"{file.name} is not written in UTF-8.") from None
    with _school(school_name) as (db, school_id):
        called_off = add_holidays(db, school_id, days, datetime.now(UTC))
    click.echo(
        f"{len(days)} days without school. {called_off} prompts that were planned for them are called off."
    )


@calendar.command()
@click.argument("first")
@click.argument("last", required=False)
@_SCHOOL
def remove(first: str, last: str | None, school_name: str) -> None:
    """There is school after all from FIRST to LAST. What was called off stays called off."""
    from bot.outreach.school_days import NotADay, remove_holidays, span

    try:
        days = span(_day(first), _day(last or first), "-")
    except NotADay as error:
        raise Wrong(str(error)) from None
    with _school(school_name) as (db, school_id):
        count = remove_holidays(db, school_id, list(days))
    click.echo(f"{count} days are school days again.")


@calendar.command()
@click.option("--begins", default="", help="When the school day begins: 08:00.")
@click.option("--ends", default="", help="When it ends: 15:00. The promise clock runs in between.")
@click.option("--weekly-cap", type=int, help="Learning texts a family gets in any seven days.")
@click.option("--announcements", type=int, help="Announcements the school may make in any seven days.")
@_SCHOOL
def rhythm(
    begins: str, ends: str, weekly_cap: int | None, announcements: int | None, school_name: str
) -> None:
    """Change the school day, the weekly cap or the announcement budget."""
    from bot.records.house import rhythm_of, set_rhythm

    with _school(school_name) as (db, school_id):
        old = rhythm_of(db, school_id)
        new = replace(
            old,
            day_begins=_time(begins) if begins else old.day_begins,
            day_ends=_time(ends) if ends else old.day_ends,
            weekly_cap=old.weekly_cap if weekly_cap is None else weekly_cap,
            announcements_a_week=old.announcements_a_week if announcements is None else announcements,
        )
        try:
            set_rhythm(db, school_id, new, datetime.now(UTC))
        except ValueError as error:
            raise Wrong(str(error)) from None
    click.echo("Changed.")


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise Wrong(f"{written!r} is no day: write 2026-03-20 (year-month-day).") from None


def _time(written: str) -> time:
    try:
        return time.fromisoformat(written)
    except ValueError:
        raise Wrong(f"{written!r} is no time: write 08:00.") from None
