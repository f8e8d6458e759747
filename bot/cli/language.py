"""`bot detect` and `bot translate`: which language, and what it says in another."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from bot.cli.batch import answer, lines_of, one_text, takes_texts
from bot.cli.errors import Missing, Wrong
from bot.language import codes
from bot.language.translation import Translation
from bot.language.translator import AUTO, Translator
from bot.settings import HOME, load


@click.command()
@takes_texts
@click.option("--prior", help="The language the family is set to; it wins where the text says too little.")
def detect(text: str | None, batch: Path | None, as_json: bool, prior: str | None) -> None:
    """Which language is TEXT in? Answers "und" when there is nothing to go by (emoji, digits, a link)."""
    from bot.language.detect import detect as detected

    def result(words: str, known: str | None) -> dict[str, Any]:
        found = detected(words, known)
        return {"language": found.language, "confidence": found.confidence, "script": found.script}

    if batch is not None:
        for item in lines_of(batch, words=("prior",)):
            answer(item, result(item["text"], item.get("prior") or prior))
        return
    found = result(one_text(text), prior)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    name = "no language" if found["language"] == codes.UNDETERMINED else codes.english_name(found["language"])
    click.echo(
        f"{found['language']} ({name}), confidence {found['confidence']:.2f}, script {found['script']}"
    )


@contextmanager
def open_translator() -> Iterator[Translator]:
    """The translator of this installation: models, remote server and catalogs as the settings say; no database."""
    from bot.language.engines.router import router_of_settings
    from bot.language.phrasebook import CatalogPhrasebook

    settings = load(os.environ)
    router = router_of_settings(
        settings.path(settings.models_dir),
        settings.translation_engines,
        settings.models_memory_mb,
        settings.remote_translation_url,
        settings.remote_translation_hosts,
    )
    try:
        yield Translator(router, phrasebook=CatalogPhrasebook(HOME / "locales"))
    finally:
        router.close()


def as_object(made: Translation) -> dict[str, Any]:
    """The JSON of one translation. Keys are documented in docs/languages.md."""
    return {
        "text": made.text,
        "source": made.source,
        "target": made.target,
        "origin": made.origin.value,
        "engine": made.engine,
        "model": made.model,
        "doubts": [doubt.value for doubt in made.doubts],
        "protected": list(made.protected),
        "ms": made.ms,
        "tier": made.tier or None,
        "why": made.why or None,
        "says": made.says(),
        "original": made.original,
        "read_as": made.read_as or None,
    }


@click.command()
@takes_texts
@click.option("--from", "source", default=AUTO, show_default=True, help="Language of TEXT, or auto.")
@click.option("--to", "target", default=codes.ENGLISH, show_default=True, help="Language to translate to.")
@click.option("--prior", help="With --from auto: the language the family is set to.")
@click.option("--name", "names", multiple=True, help="A name to keep as it is written. Repeatable.")
def translate(
    text: str | None,
    batch: Path | None,
    as_json: bool,
    source: str,
    target: str,
    prior: str | None,
    names: tuple[str, ...],
) -> None:
    """Translate TEXT, and say where the words come from and how far to trust them."""
    with open_translator() as translator:
        if batch is not None:
            items = list(lines_of(batch, words=("source", "target", "prior"), lists=("names",)))
            _translate_batch(translator, items, source, target, prior, names)
            return
        try:
            [made] = translator.translate([one_text(text)], source, target, names=names, prior=prior)
        except codes.UnknownLanguage as error:
            raise Wrong(str(error)) from error
    if as_json:
        answer({}, as_object(made))
    elif made.text:
        click.echo(made.text.encode("utf-8", "replace").decode())
    if made.missing:
        raise Missing(how_to_get(made))
    if not as_json:
        by = f" by {made.engine} ({made.model})" if made.engine else ""
        click.echo(f"{made.source} → {made.target}: {made.says()}{by}", err=True)


def how_to_get(made: Translation) -> str:
    """What to do about a text nobody could translate."""
    if made.why == "unknown_language":
        return "The language of this text could not be told. Name it with --from."
    other = made.source if made.source != codes.ENGLISH else made.target
    if made.why == "engine_failed":
        return (
            f"Every model for {made.source} → {made.target} failed: `bot models check` says which is broken."
        )
    return (
        f"No model here translates {made.source} → {made.target}. `bot models install {other}` fetches one if it exists; "
        "else a person translates."
    )


def _translate_batch(
    translator: Translator,
    items: list[dict[str, Any]],
    source: str,
    target: str,
    prior: str | None,
    names: tuple[str, ...],
) -> None:
    """All lines of one pair go to the engine together; the answers come in the order of the file."""
    groups: dict[tuple[str, str, str | None, tuple[str, ...]], list[int]] = {}
    for index, item in enumerate(items):
        key = (
            item.get("source") or source,
            item.get("target") or target,
            item.get("prior") or prior,
            names + tuple(item.get("names") or ()),
        )
        groups.setdefault(key, []).append(index)
    results: dict[int, dict[str, Any]] = {}
    for (from_, to, known, kept), indexes in groups.items():
        texts = [items[index]["text"] for index in indexes]
        try:
            made = translator.translate(texts, from_, to, names=kept, prior=known)
        except codes.UnknownLanguage as error:
            for index in indexes:
                results[index] = _unknown(items[index]["text"], from_, to, str(error))
        else:
            results.update(zip(indexes, map(as_object, made), strict=True))
    for index, item in enumerate(items):
        answer(item, results[index])


def _unknown(text: str, source: str, target: str, says: str) -> dict[str, Any]:
    """A line whose language code means nothing: not translated, and why."""
    return {
        "text": "",
        "source": source,
        "target": target,
        "origin": "none",
        "engine": None,
        "model": None,
        "doubts": [],
        "protected": [],
        "ms": 0.0,
        "tier": None,
        "why": "unknown_language",
        "says": says,
        "original": text,
        "read_as": None,
    }


@click.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a language.")
def languages(name: str | None, as_json: bool) -> None:
    """What can and cannot be done for a family of each language, or of NAME (Dari, kreyòl, zh-Hant), on this machine."""
    try:
        tags = list(codes.LANGUAGES) if name is None else [codes.normalise(name)]
    except codes.UnknownLanguage as error:
        raise Wrong(str(error)) from error
    with open_translator() as translator:
        for tag in tags:
            written = codes.WRITTEN.get(tag, tag)
            reads, writes = translator.can(written, codes.ENGLISH), translator.can(codes.ENGLISH, written)
            says = codes.abilities(tag, reads, writes)
            if as_json:
                row = {"language": tag, "name": codes.english_name(tag), "own_name": codes.autonym(tag),
                       "reads": reads, "writes": writes, "says": says}  # fmt: skip
                click.echo(json.dumps(row, ensure_ascii=False))
            else:
                click.echo(f"{codes.english_name(tag)} ({codes.autonym(tag)}, {tag})")
                for sentence in says:
                    click.echo(f"  {sentence}")
