"""`bot version`."""

from __future__ import annotations

import json
import platform
from importlib.metadata import version as installed

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def version(as_json: bool) -> None:
    """Print the version of Puente and of Python."""
    found = {"puente": installed("puente"), "python": platform.python_version()}
    click.echo(json.dumps(found) if as_json else f"Puente {found['puente']} (Python {found['python']})")
