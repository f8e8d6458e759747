"""`bot flows understand`: what a reply means, one at a time or a file of them."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli.batch import answer, lines_of, one_text, takes_texts
from bot.cli.errors import Wrong
from bot.flow.answers import PROPOSABLE, Understanding, understand
from bot.flow.categories import Category, sort_reply
from bot.flow.meaning import Meaning, installed_meaning
from bot.flow.script import END, NumberWanted

if TYPE_CHECKING:
    from bot.language.translator import Translator

MOST = 999_999
"""The largest number that is read when a batch names no `max`."""


@click.command(name="understand")
@takes_texts
@click.option("--language", help="The family's language, when it is known.")
@click.option(
    "--category",
    "categories",
    multiple=True,
    metavar="NAME=EXAMPLE|EXAMPLE",
    help="A category with English examples; repeat it.",
)
@click.option("--number", "wants_number", is_flag=True, help="A number is wanted instead of a category.")
@click.option("--translate/--no-translate", default=True, help="Where words fail, look at a translation.")
@click.option("--meaning/--no-meaning", default=True, help="Where words fail, ask the model of meaning.")
def understand_command(
    text: str | None,
    batch: Path | None,
    as_json: bool,
    language: str | None,
    categories: tuple[str, ...],
    wants_number: bool,
    translate: bool,
    meaning: bool,
) -> None:
    """What does a reply mean? A category or a number, whether it asks something, and how sure that is.

    A batch line is {text, language?, categories: [{name, examples_en}]} or {text, language?, kind: "number", min?,
    max?}. "unclear" is an answer: a confident wrong reading is worse.
    """
    with _Reader(translate, meaning) as reader:
        if batch is not None:
            for line in lines_of(batch):
                answer(line, reader.read(line, language))
            return
        item: dict[str, Any] = {"text": one_text(text)}
        if wants_number:
            item["kind"] = "number"
        else:
            item["categories"] = [_category(told) for told in categories]
        found = reader.read(item, language)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    meant = found["number"] if found["number"] is not None else found["category"]
    asks = "; it asks something too" if found["question_inside"] else ""
    click.echo(f"{meant} (confidence {found['confidence']:.2f}, by {found['why']}){asks}")


def _category(told: str) -> dict[str, Any]:
    name, _, examples = told.partition("=")
    return {
        "name": name.strip(),
        "examples_en": [part.strip() for part in examples.split("|") if part.strip()],
    }


class _Reader:
    """Reads replies; models are loaded once, and only when words fail."""

    def __init__(self, translate: bool, meaning: bool) -> None:
        self._translate = translate
        self._meaning = meaning
        self._open = ExitStack()
        self._translator: Translator | None = None
        self._model: Meaning | None = None
        self._looked = False

    def __enter__(self) -> _Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def read(self, item: dict[str, Any], language: str | None) -> dict[str, Any]:
        """The answer to one line."""
        text = str(item["text"])
        known = item.get("language") or language
        languages: tuple[str, ...] = (str(known),) if known else ()
        found = self._words(item, text, None, languages, None)
        if not found.clear and not languages:
            # Detecting the language of a few words is unreliable: every language's words are tried first.
            languages = _detected(text)
            found = self._words(item, text, None, languages, None) if languages else found
        if not found.clear and found.why in PROPOSABLE:
            english = self._english(text, languages)
            if english is not None:
                found = self._words(item, text, english, languages, None)
            if not found.clear and found.why in PROPOSABLE:
                found = self._words(item, text, english, languages, self._model_of_meaning())
        number = found.value if item.get("kind") == "number" and found.clear else None
        return {
            "category": "number" if number is not None else found.answer or "unclear",
            "number": number,
            "question_inside": found.question_inside,
            "confidence": found.confidence,
            "why": found.why,
        }

    def _words(
        self,
        item: dict[str, Any],
        text: str,
        english: str | None,
        languages: tuple[str, ...],
        model: Meaning | None,
    ) -> Understanding:
        if item.get("kind") == "number":
            wants = NumberWanted(_whole(item, "min", 0), _whole(item, "max", MOST), END)
            return understand(wants, text, english, languages)
        return sort_reply(_categories(item.get("categories")), text, english, languages, model)

    def _english(self, text: str, languages: tuple[str, ...]) -> str | None:
        """The English of `text`, where an engine for its language is installed."""
        if not self._translate or not languages or languages[0].split("-")[0] == "en":
            return None
        from bot.language.codes import find

        source = find(languages[0])
        if source is None:
            return None
        if self._translator is None:
            from bot.cli.language import open_translator

            self._translator = self._open.enter_context(open_translator())
        if not self._translator.can(source.tag, "en"):
            return None
        [translated] = self._translator.translate([text], source.tag, "en")
        return None if translated.missing or translated.doubtful else translated.text

    def _model_of_meaning(self) -> Meaning | None:
        if self._meaning and not self._looked:
            self._model = installed_meaning()
            self._looked = True
        return self._model


def _detected(text: str) -> tuple[str, ...]:
    from bot.language.detect import detect

    found = detect(text)
    return () if found.language == "und" or found.confidence < 0.5 else (found.language,)


def _whole(item: dict[str, Any], name: str, otherwise: int) -> int:
    value = item.get(name, otherwise)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Wrong(f"“{name}” must be a whole number, not {value!r}.")
    return value


def _categories(told: Any) -> list[Category]:
    if not isinstance(told, list) or not told:
        raise Wrong("Give categories ([{“name”: …, “examples_en”: […]}]), or kind: number.")
    found: list[Category] = []
    for entry in told:
        if not isinstance(entry, dict) or "name" not in entry:
            raise Wrong("Every category needs a “name”, and “examples_en” with English examples.")
        examples = entry.get("examples_en") or []
        found.append(Category(str(entry["name"]), tuple(str(example) for example in examples)))
    return found
