"""A prompt to 10,000 families in 12 languages: how often is an engine asked? Exactly 12 times.

The words go the way a prompt's words go (`bot.outreach.texts` over the memory, on a SQLite file), in batches of a
hundred families with a fresh cache each, as workers fire them. No machine has models for twelve languages of families
at hand, so the engine of this bench only marks each sentence and counts: the number is the measure, not the words.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.figures import Figure
from bot.conversation.wording import Wording
from bot.flow.lines import Line
from bot.language.catalog import Catalogs
from bot.language.critical import CriticalContent
from bot.language.engines.base import Model
from bot.language.engines.router import Router
from bot.language.glossary import GlossaryBook
from bot.language.memory import TranslationMemory
from bot.language.translator import Translator
from bot.outreach.beginnings import Said
from bot.outreach.texts import Texts
from bot.settings import HOME
from bot.store.columns import Key, Vault, new_id
from bot.store.database import Database
from bot.store.migrate import upgrade
from bot.store.people import School

LANGUAGES = ("es", "pt", "ht", "fr", "ar", "zh-Hans", "vi", "ru", "uk", "ko", "tl", "so")
FAMILIES = 10_000
BATCH = 100
PROMPT = "Ask {child} which part of the story was the funniest, and why."


class _Counting:
    """An engine for every pair that marks what it is given, and counts it."""

    name = "counting"

    def __init__(self) -> None:
        self.sentences: list[tuple[str, str]] = []

    def models(self) -> list[Model]:
        return [Model(self.name, f"en-{one}", "en", one, 1) for one in LANGUAGES]

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str]:
        self.sentences += [(target, text) for text in texts]
        return [f"<{target}> {text}" for text in texts]

    def loaded(self) -> list[Model]:
        return []

    def unload(self, source: str, target: str) -> None:
        pass

    def close(self) -> None:
        pass


def run() -> list[Figure]:
    """Sentences the engine was given, and what a family's text costs once its language is translated."""
    engine = _Counting()
    with tempfile.TemporaryDirectory() as folder:
        db = Database(f"sqlite:///{Path(folder) / 'once.db'}", Vault([Key.new()], b"x" * 32))
        upgrade(db.engine)
        school = new_id()
        with db.writing() as session:
            session.add(School(id=school, name="Lincoln", time_zone="America/Chicago"))
        translator = Translator(Router([engine]), TranslationMemory(db, _now))
        wording = Wording(
            Catalogs.load(HOME / "locales", "bot"), translator, GlossaryBook(db, _now), CriticalContent(db)
        )
        line = Line("bench.prompt", {"en": PROMPT}, "en", placeholders={"child": "name"})
        said = (Said(line, {}, {"child": "child"}),)
        began, made = time.perf_counter(), 0
        for batch in range(FAMILIES // BATCH):
            texts = Texts(wording)
            for family in range(BATCH):
                language = LANGUAGES[(batch * BATCH + family) % len(LANGUAGES)]
                [text] = texts.filled(said, {"child": f"Kim{family}"}, language, school, "Lincoln")
                made += f"Kim{family}" in text.body
        took = time.perf_counter() - began
        db.dispose()
    return [
        Figure(f"{FAMILIES} families in {len(LANGUAGES)} languages: texts with the child's name", made, "",
               at_least=FAMILIES),
        Figure("sentences an engine translated for them", len(engine.sentences), "",
               at_least=len(LANGUAGES), at_most=len(LANGUAGES)),
        Figure("time a family's text took, translation, memory and filling", 1000 * took / FAMILIES, "ms"),
    ]  # fmt: skip


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    for figure in run():
        print(figure.line())
