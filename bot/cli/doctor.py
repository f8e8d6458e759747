"""`bot doctor`: is this installation well, and if not, what is to be done?"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from bot.cli.errors import FAULTS, as_sentence
from bot.cli.findings import Finding

if TYPE_CHECKING:
    from bot.settings import Settings


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON: a list of {check, ok, says, do}.")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Check the installation: settings, keys, database, models, catalogs, provider, clock, disk.

    Every check says what it found; one that fails says what to do. Exit status 1 when one failed.
    """
    findings = list(_examine())
    if as_json:
        click.echo(json.dumps([finding._asdict() for finding in findings], ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            _show(finding)
    if not all(finding.ok for finding in findings):
        ctx.exit(FAULTS)


def _show(finding: Finding) -> None:
    mark = click.style("ok   ", fg="green") if finding.ok else click.style("FAULT", fg="red", bold=True)
    click.echo(f"{mark} {finding.check:<11} {finding.says}")
    if finding.do:
        click.echo(f"      {'':<11} {click.style('→ ' + finding.do, fg='yellow')}")


def _examine() -> Iterator[Finding]:
    from bot.observe import logs
    from bot.settings import SettingsError, load

    logs.set_up("error", "console" if sys.stderr.isatty() else "json", process="doctor")
    try:
        settings = load(os.environ)
    except SettingsError as error:
        yield Finding("settings", False, str(error), "Mend that setting; .env.example has them all.")
        return
    yield Finding("settings", True, "every setting is valid")

    from bot.cli import checks

    now = datetime.now(UTC)
    for name, check in (
        ("keys", lambda: checks.keys(settings)),
        ("database", lambda: checks.database(settings, now)),
        ("models", lambda: checks.models(settings)),
        ("catalogs", checks.catalogs),
        ("flows", checks.flows),
        ("provider", lambda: checks.provider(settings, now)),
        ("address", lambda: checks.address(settings)),
        ("disk", lambda: checks.disk(settings)),
    ):
        yield from _guarded(name, check, settings)


def _guarded(name: str, check: Callable[[], Iterator[Finding]], settings: Settings) -> Iterator[Finding]:
    """A check that itself cannot be made is a finding, when a person can mend why."""
    try:
        yield from check()
    except Exception as error:
        sentence = as_sentence(error)
        if sentence is None:
            raise
        yield Finding(name, False, sentence.message, "Mend that, then run `bot doctor` again.")
