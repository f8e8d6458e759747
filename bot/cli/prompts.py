"""`bot prompts`: make, list and call off what the school begins, and see who gets it, when, and who does not and why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table

from bot.cli.errors import Missing, Wrong
from bot.cli.start import settings_of_this_process

if TYPE_CHECKING:
    from bot.jobs.wiring import World


@click.group()
def prompts() -> None:
    """What the school begins with families: make it, list it, see its plan, call it off."""


@contextmanager
def _world() -> Iterator[World]:
    from bot.jobs.wiring import World

    world = World.build(settings_of_this_process("prompts"))
    try:
        yield world
    finally:
        world.close()


@prompts.command()
@click.argument("prompt_id", metavar="ID", type=int)
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
def plan(prompt_id: int, as_json: bool) -> None:
    """Who gets prompt ID, when (each family's own time), in which language; who does not, and why.

    ID may be a programme's: then the plans of all its prompts, in their order. A conversation that runs over weeks
    says what follows, and when, for a family that stays silent.
    """
    from bot.outreach.opener import NoSuchScript
    from bot.outreach.plans import plan_of
    from bot.outreach.programmes import prompts_in

    with _world() as world:
        try:
            each = prompts_in(world.db, prompt_id) or [prompt_id]
            plans = [(one, plan_of(world.desk, one)) for one in each]
        except NoSuchScript as error:
            raise Missing(
                f"The conversation “{error}” is not in the library any more. `bot flows check` says why."
            ) from None
        except LookupError as error:
            raise Wrong(f"{error} `bot prompts list` shows them.") from None
    if as_json:
        rows = [_as_data(line) | {"prompt": one} for one, lines in plans for line in lines]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for one, lines in plans:
        if len(plans) > 1:
            click.echo(f"Prompt {one}:")
        _print(lines)


def _print(lines: list[Any]) -> None:
    table = Table(box=None, header_style="bold")
    for heading in ("guardian", "child", "when", "language", "segments", ""):
        table.add_column(heading, justify="right" if heading == "segments" else "left")
    for line in lines:
        when = f"{line.when:%a %d %b %H:%M} {line.when.tzinfo}"
        told = line.why or ("sent" if line.state == "fired" else "")
        if line.then:
            told = f"{told} then {len(line.then)} texts until {line.then[-1].when:%a %d %b}".strip()
        table.add_row(
            line.guardian, line.child or "", when if line.included else "", line.language or "?",
            str(line.segments or ""), told, style="" if line.included else "dim",
        )  # fmt: skip
    Console().print(table)
    included = [line for line in lines if line.included]
    cost = sum(line.segments or 0 for line in included)
    click.echo(f"{len(included)} of {len(lines)} guardians, {cost} segments.", err=True)


def _as_data(line: Any) -> dict[str, Any]:
    """One line of a plan as CLI.md wants it, and a little more."""
    return {
        "guardian": line.guardian,
        "guardian_id": line.guardian_id,
        "child": line.child,
        "when": line.when.isoformat(),
        "time_zone": str(line.when.tzinfo),
        "language": line.language,
        "segments": line.segments,
        "included": line.included,
        "why": line.why,
        "state": line.state,
        "then": [
            {"when": one.when.isoformat(), "line": one.line, "reminder": one.reminder} for one in line.then
        ],
    }


@prompts.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
@click.option("--all", "every", is_flag=True, help="Past and cancelled ones too.")
def list_prompts(as_json: bool, every: bool) -> None:
    """Prompts and announcements, the next one first."""
    from bot.outreach.scheduling import budget, listed
    from bot.records.house import schools
    from bot.records.prompts import programmes_in

    with _world() as world:
        rows = listed(world.db, every=every)
        under_way = [
            (
                school.name,
                programmes_in(world.db, school.id),
                budget(world.db, school.id, world.clock().date()),
            )
            for school in schools(world.db)
        ]
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], ensure_ascii=False, default=str, indent=1))
        return
    for row in rows:
        counts = f"{row.included} of {row.guardians}" if row.guardians else "not planned yet"
        click.echo(
            f"{row.id}  {row.day} {row.at:%H:%M}  {row.kind:<12} {row.state:<9} {row.title} ({counts})"
        )
    if not rows:
        click.echo("There are none. `bot prompts create FILE` makes one.", err=True)
    for name, there, room in under_way:
        for one in there:
            click.echo(
                f"{one.id}  {one.begins} to {one.ends}  programme  {one.name} ({one.to_come} of {one.prompts} to come)"
            )
        click.echo(
            f"{name}: {room.left} of {room.in_seven_days} announcements left for today (any seven days).",
            err=True,
        )


@prompts.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--school", "school_name", default="", help="Its name, when there are several.")
@click.option("--json", "as_json", is_flag=True, help="The ids as JSON.")
def create(file: Path, school_name: str, as_json: bool) -> None:
    """Make the prompts or the programme that FILE (YAML or JSON) describes. docs/prompts.md shows how to write one."""
    from bot.outreach.files import WrongFile, make_from_file
    from bot.outreach.scheduling import CannotPrompt

    with _world() as world:
        try:
            made = make_from_file(world.desk, file.name, file.read_text("utf-8-sig"), school_name or None)
        except (WrongFile, CannotPrompt) as error:
            raise Wrong(str(error)) from None
        except UnicodeDecodeError:
            raise Wrong(f"{file.name} is not written in UTF-8.") from None
    if as_json:
        click.echo(json.dumps({"prompts": list(made.prompts), "programme": made.programme}))
        return
    for prompt_id in made.prompts:
        click.echo(prompt_id)
    if made.programme is not None:
        click.echo(f"The programme: {made.programme}", err=True)
    click.echo("`bot prompts plan ID` shows who gets it.", err=True)


@prompts.command()
@click.argument("prompt_id", metavar="ID", type=int)
def cancel(prompt_id: int) -> None:
    """Call prompt or programme ID off. What has gone out has gone."""
    from bot.outreach.programmes import cancel_programme, prompts_in
    from bot.outreach.scheduling import CannotPrompt
    from bot.outreach.scheduling import cancel as call_off

    with _world() as world:
        try:
            if prompts_in(world.db, prompt_id):
                spared = cancel_programme(world.desk, prompt_id)
            else:
                spared = call_off(world.db, [prompt_id], world.clock())
        except CannotPrompt as error:
            raise Wrong(str(error)) from None
    click.echo(f"Called off. {spared} guardians had been planned for it and get nothing.")
