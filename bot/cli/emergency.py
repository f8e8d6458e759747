"""`bot emergency`: what cannot wait, on two people's word. Each signs with their own password."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from bot.cli.errors import Wrong
from bot.cli.start import settings_of_this_process

if TYPE_CHECKING:
    from bot.jobs.wiring import World
    from bot.records.staff import Member

_BY = click.option(
    "--by", "email", required=True, help="Your own sign-in address; your password is asked for."
)


@click.group()
def emergency() -> None:
    """A text to every family at any hour: closures, danger. One person writes it, another one confirms it."""


@contextmanager
def _world() -> Iterator[World]:
    from bot.jobs.wiring import World

    world = World.build(settings_of_this_process("emergency"))
    try:
        yield world
    finally:
        world.close()


@emergency.command()
@click.argument("words")
@click.option("--reason", required=True, help="What happened, for colleagues and the log.")
@click.option("--section", "sections", multiple=True, help="Only these sections. Left out: the whole school.")
@_BY
def write(words: str, reason: str, sections: tuple[str, ...], email: str) -> None:
    """Write an emergency in English. Nothing goes out before a second person confirms it within two hours."""
    from bot.outreach.emergencies import CannotSend, write_emergency
    from bot.outreach.files import WrittenAudience, WrongFile, audience_of

    with _world() as world:
        person = _signed(world, email)
        try:
            with world.db.reading() as session:
                written = WrittenAudience(sections=list(sections), everyone=not sections)
                audience = audience_of(session, person.school_id, written, "--section")
            made = write_emergency(world.desk, person.school_id, person.id, words, reason, audience)
        except (CannotSend, WrongFile) as error:
            raise Wrong(str(error)) from None
    click.echo(made)
    click.echo(f"A second person must confirm it: bot emergency confirm {made} --by THEIR-ADDRESS", err=True)


@emergency.command()
@click.argument("emergency_id", metavar="ID", type=int)
@_BY
def confirm(emergency_id: int, email: str) -> None:
    """Give your word that emergency ID must go: it goes at once, to everybody, at whatever hour."""
    from bot.outreach.emergencies import CannotSend, queue_confirmed
    from bot.outreach.emergencies import confirm as give_word
    from bot.outreach.reach import our_numbers

    with _world() as world:
        person = _signed(world, email)
        try:
            give_word(world.desk, emergency_id, person.school_id, person.id)
        except CannotSend as error:
            raise Wrong(str(error)) from None
        texts = queue_confirmed(world.desk, our_numbers(world.settings))
    click.echo(
        f"{texts} texts are going out. `bot emergency show {emergency_id}` tells whom somebody has to call."
    )


@emergency.command("call-off")
@click.argument("emergency_id", metavar="ID", type=int)
@_BY
def call_off(emergency_id: int, email: str) -> None:
    """Call emergency ID off, as long as nobody has confirmed it."""
    from bot.outreach.emergencies import CannotSend
    from bot.outreach.emergencies import call_off as stop

    with _world() as world:
        person = _signed(world, email)
        try:
            stop(world.desk, emergency_id, person.school_id, person.id)
        except CannotSend as error:
            raise Wrong(str(error)) from None
    click.echo("Called off.")


@emergency.command()
@click.argument("emergency_id", metavar="ID", type=int, required=False)
@click.option("--school", "school_name", default="", help="Its name, when there are several.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def show(emergency_id: int | None, school_name: str, as_json: bool) -> None:
    """The school's emergencies; or, of emergency ID, whom somebody has to call, and why."""
    from bot.outreach.emergency_lists import emergencies, to_call
    from bot.outreach.files import WrongFile, school_of

    with _world() as world:
        try:
            with world.db.reading() as session:
                school_id = school_of(session, school_name or None)
        except WrongFile as error:
            raise Wrong(str(error)) from None
        if emergency_id is None:
            shown = [
                {"id": one.id, "state": one.state, "reason": one.reason, "by": one.writer,
                 "at": one.created_at.isoformat(), "texts": one.texts, "to_call": one.to_call}
                for one in emergencies(world.desk, school_id)
            ]  # fmt: skip
            lines = [
                f"{one['id']}  {one['at']}  {one['state']:<10} {one['reason']} ({one['texts']} texts)"
                for one in shown
            ]
        else:
            calls = to_call(world.db, emergency_id, school_id, limit=100_000)
            shown = [
                {"guardian": one.guardian, "why": one.why, "called": one.called_at is not None}
                for one in calls
            ]
            lines = [f"{one['guardian']}: {one['why']}" for one in shown]
    click.echo(
        json.dumps(shown, ensure_ascii=False, indent=1) if as_json else "\n".join(lines) or "There is none."
    )


def _signed(world: World, email: str) -> Member:
    """Who signs with this address and their password."""
    from bot.records.staff import sign_in

    if sys.stdin.isatty():
        given: str = click.prompt("Password", hide_input=True, err=True)
    else:
        given = sys.stdin.readline().rstrip("\n")
    person = sign_in(world.db, email, given)
    if person is None:
        raise Wrong("Address and password do not fit together.")
    return person
