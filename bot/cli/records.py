"""`bot import`: rosters and learning standards, from files; and what an import would change before it does."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

import click

from bot.cli.errors import FAULTS, Missing, Wrong
from bot.cli.start import database_of, settings_of_this_process

if TYPE_CHECKING:
    from bot.records.roster import Options, Plan, Progress
    from bot.store.database import Database

SHOWN = 20
"""Faults and differences that are listed for a person; --json has them all."""


@click.group()
def imports() -> None:
    """Bring in a roster or learning standards, and take the last roster back."""


@imports.command("roster")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of words.")
@click.option("--school", default="", help="The school that files of one school go into, by its name here.")
@click.option("--time-zone", default="", help="Of schools that are new. Left out: SCHOOL_TIME_ZONE.")
@click.option("--home-language", default="", help="The title of the column with the family's language.")
@click.option(
    "--column", "columns", multiple=True, metavar="FIELD=TITLE", help="Plain CSV: which column is what."
)
@click.option(
    "--region", default="US", show_default=True, help="Where numbers without a country code are from."
)
@click.option("--partial", is_flag=True, help="The files hold only some of the school: nobody leaves.")
@click.option("--sure", is_flag=True, help="Yes, so many really leave.")
def import_roster(
    path: Path,
    dry_run: bool,
    as_json: bool,
    school: str,
    time_zone: str,
    home_language: str,
    columns: tuple[str, ...],
    region: str,
    partial: bool,
    sure: bool,
) -> None:
    """Import a roster: a OneRoster 1.1 or 1.2 folder or zip, Clever-style files, or one CSV of any kind.

    Rows with a fault are listed with file, row (the header is row 1) and field; what they are about stays as it is,
    and everything else is imported. Exit status 1 when there is a fault.
    """
    from bot.records.roster import CannotApply, RosterUnreadable, WhichSchool, apply, look, open_files

    settings = settings_of_this_process("import")
    zone = time_zone or settings.school_time_zone
    if zone not in available_timezones():
        raise Wrong(f"{zone!r} is no time zone; write one like America/Chicago.")
    options = _options(zone, home_language, columns, region)
    with database_of(settings) as db:
        there = _tables(db, needed=not dry_run)
        try:
            plan = look(
                db if there else None,
                open_files(path),
                options,
                datetime.now(UTC),
                into=_school_id(db, school) if school and there else None,
                school_name=school or "School",
                time_zone=zone,
                partial=partial,
            )
            applied = False
            if not dry_run and not plan.unusable:
                with _progress(as_json) as progress:
                    apply(db, plan, datetime.now(UTC), sure=sure, progress=progress)
                applied = True
        except (RosterUnreadable, WhichSchool, CannotApply) as error:
            raise Wrong(str(error)) from error
    if as_json:
        click.echo(json.dumps(plan.as_json() | {"applied": applied}, ensure_ascii=False))
    else:
        _tell(plan, applied, dry_run)
    if plan.faults:
        sys.exit(FAULTS)


@imports.command("standards")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Read the file, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of words.")
def import_standards(path: Path, dry_run: bool, as_json: bool) -> None:
    """Import learning standards: a CASE package (JSON) or a CSV with a parent column.

    Items are brought in even where the tree has faults; each fault is listed. Exit status 1 when there is one.
    """
    from bot.records.standards import bring_in, open_standards
    from bot.records.standards_reading import StandardsUnreadable

    settings = settings_of_this_process("import")
    try:
        framework = open_standards(path)
    except StandardsUnreadable as error:
        raise Wrong(str(error)) from error
    if not dry_run:
        with database_of(settings) as db:
            _tables(db, needed=True)
            bring_in(db, framework, datetime.now(UTC))
    if as_json:
        click.echo(json.dumps(framework.as_json() | {"applied": not dry_run}, ensure_ascii=False))
    else:
        click.echo(
            f"{framework.title}: {len(framework.items)} items, {framework.roots} at the top, {framework.depth} levels."
        )
        for fault in framework.faults[:SHOWN]:
            click.echo(f"  place {fault.row} {fault.field}: {fault.message}")
        if len(framework.faults) > SHOWN:
            click.echo(f"  … and {len(framework.faults) - SHOWN} more (--json lists all)")
    if framework.faults:
        sys.exit(FAULTS)


@imports.command("undo")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of words.")
def import_undo(as_json: bool) -> None:
    """Take the last roster import back, as far as nobody has changed it since."""
    from bot.records.roster import NothingToUndo, undo

    with database_of(settings_of_this_process("import")) as db:
        if not _tables(db, needed=False):
            raise Wrong("No roster has been imported yet.")
        try:
            undone = undo(db, datetime.now(UTC))
        except NothingToUndo as nothing:
            raise Wrong(str(nothing)) from nothing
    if as_json:
        told = {"removed": undone.removed, "kept_inactive": undone.kept_inactive, "restored": undone.restored}
        click.echo(json.dumps({"source": undone.source, **told}, ensure_ascii=False))
        return
    click.echo(f"Undone: the import of {undone.source} ({undone.at:%Y-%m-%d %H:%M} UTC).")
    click.echo(f"{undone.removed} removed again, {undone.restored} as they were before.")
    if undone.kept_inactive:
        click.echo(f"{undone.kept_inactive} had been written to or about since: kept, but no longer active.")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of words.")
def roster(as_json: bool) -> None:
    """What the roster holds, school by school."""
    from bot.records.roster_counts import roster_counts

    with database_of(settings_of_this_process("roster")) as db:
        counts = roster_counts(db)
    if as_json:
        click.echo(json.dumps([line.as_json() for line in counts], ensure_ascii=False))
        return
    for line in counts:
        click.echo(f"{line.school}{' · invented' if line.sample else ''}")
        click.echo(
            f"  {line.students} students in {line.sections} sections, {line.staff} staff, {line.guardians} guardians"
        )
        click.echo(
            f"  {line.without_number} without a number, {line.without_language} whose language is not known"
        )


# --- the parts ------------------------------------------------------------------------------------------------------


def _options(zone: str, home_language: str, columns: tuple[str, ...], region: str) -> Options:
    from bot.language.codes import LANGUAGES
    from bot.language.home_language import home_language as language_of
    from bot.records.roster import Options
    from bot.records.roster_plain import is_field

    told = {}
    for pair in columns:
        name, equals, title = pair.partition("=")
        if not equals or not title or not is_field(name):
            raise Wrong(f"--column {pair!r}: write FIELD=TITLE, such as guardian_phone='Parent Cell'.")
        told[name] = title
    return Options(
        today=datetime.now(ZoneInfo(zone)).date(),
        language_of=language_of,
        home_language=home_language or None,
        ask_first=frozenset(tag for tag, language in LANGUAGES.items() if language.spoken_first),
        columns=told,
        region=region.upper(),
    )


def _tables(db: Database, *, needed: bool) -> bool:
    """Whether the database has its tables. An empty one gets them when they are `needed`."""
    from bot.store.migrate import current, newest, upgrade

    at = current(db.engine)
    if at == newest():
        return True
    if at is not None:
        raise Missing(f"The database is at {at}, this version wants {newest()}: run `bot migrate` first.")
    if needed:
        upgrade(db.engine)
    return needed


def _school_id(db: Database, name: str) -> int | None:
    from bot.records.house import schools

    there = schools(db)
    found = [school.id for school in there if school.name.casefold() == name.casefold()]
    if len(found) > 1:
        raise Wrong(f"Several schools are called {name!r}: rename one first.")
    return found[0] if found else None


@contextmanager
def _progress(quiet: bool) -> Iterator[Progress]:
    """A bar on standard error, where a person is watching."""
    if quiet or not sys.stderr.isatty():
        yield lambda _what, _done, _of: None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("importing", total=None)
        yield lambda what, done, of: bar.update(task, description=what, completed=done, total=of)


def _tell(plan: Plan, applied: bool, dry_run: bool) -> None:
    """The plan in words, for the person at the terminal."""
    click.echo(f"{plan.source}: {plan.format}")
    for kind, counter in plan.counts.items():
        if sum(counter.values()):
            parts = ", ".join(
                f"{counter[what]} to {what}" for what in ("add", "change", "deactivate") if counter[what]
            )
            click.echo(f"  {kind.value:<9} {parts or 'nothing to do'} · {counter['unchanged']} unchanged")
    for title, faults in (("Faults", plan.faults), ("Notices", plan.notices)):
        if faults:
            click.echo(f"{title} ({len(faults)}):")
        for fault in faults[:SHOWN]:
            click.echo(f"  {fault.file} row {fault.row} {fault.field}: {fault.message}")
        if len(faults) > SHOWN:
            click.echo(f"  … and {len(faults) - SHOWN} more (--json lists all)")
    if plan.unusable:
        click.echo("Nothing was changed: the files cannot be used as they are.")
    elif plan.doubtful and not applied:
        click.echo(f"{plan.doubtful} If it is right, import with --sure.")
    elif dry_run:
        click.echo("This was a dry run: nothing was changed.")
    else:
        click.echo("Done. `bot import undo` takes it back.")
