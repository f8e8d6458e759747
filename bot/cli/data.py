"""`bot migrate` and `bot seed`: the database's shape, and somebody in it."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from bot.cli.start import database_of, settings_of_this_process


@click.command()
def migrate() -> None:
    """Bring the database to the shape this version wants. Safe to repeat, and on several machines at once."""
    from bot.store.migrate import current, newest, upgrade

    with database_of(settings_of_this_process("migrate")) as db:
        before = current(db.engine)
        upgrade(db.engine)
    if before == newest():
        click.echo(f"The database is at {before} already.")
    else:
        click.echo(f"The database went from {before or 'empty'} to {newest()}.")


@click.command()
def seed() -> None:
    """Add the sample school: invented people, in eight languages. Adds nothing when it is there already."""
    from bot.records.sample import seed as seed_sample

    with database_of(settings_of_this_process("seed")) as db:
        added = seed_sample(db, datetime.now(UTC))
    if added is None:
        click.echo("The sample school is there already.")
    else:
        click.echo(
            f"Added {added.school}: {added.sections} sections, {added.staff} staff, "
            f"{added.students} students, {added.guardians} guardians."
        )
