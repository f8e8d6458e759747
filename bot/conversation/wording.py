"""In whose words: every text for a family, by the order of trust.

A catalog entry, then an approved translation, then a machine, then plainly nothing: a text that cannot be said in
the family's language is withheld and shown to staff, never sent in another language in silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.conversation.phrases import PHRASES
from bot.flow.lines import Line, Value
from bot.flow.lines import fill as fill_line
from bot.language.catalog import Catalogs
from bot.language.codes import ENGLISH
from bot.language.translation import Translation
from bot.language.translator import Translator

DRAFT = "draft"
"""The doubt of a text that people wrote and no speaker has approved yet."""


@dataclass(frozen=True, slots=True)
class Worded:
    """A text as a family will read it, and where the words come from."""

    body: str
    language: str
    origin: str
    original: str
    engine: str | None = None
    model: str | None = None
    doubts: tuple[str, ...] = ()

    @property
    def missing(self) -> bool:
        """Nobody could say it in the family's language."""
        return self.origin == "none"


class Wording:
    """Finds the words. Holds no text between calls."""

    def __init__(self, phrases: Catalogs, translator: Translator) -> None:
        self._phrases = phrases
        self._translator = translator

    def phrase(
        self, key: str, language: str | None, names: tuple[str, ...], values: Mapping[str, Value]
    ) -> Worded:
        """One of the bot's own sentences in `language` (None: not known yet, so English)."""
        language = language or ENGLISH
        text = PHRASES[key].text
        english = fill_line(text, values, ENGLISH)
        said = self._phrases.entry(text, language, context=key) if language != ENGLISH else None
        if said is not None:
            doubts = () if said.reviewed else (DRAFT,)
            return Worded(
                fill_line(said.forms[0], values, language), language, "catalog", english, doubts=doubts
            )
        return self.text(english, ENGLISH, language, names)

    def line(
        self, line: Line, values: Mapping[str, Value], language: str | None, names: tuple[str, ...]
    ) -> Worded:
        """A line of a conversation script in `language` (None: not known yet, so as it was written)."""
        language = language or line.written_in
        original = fill_line(line.original, values, line.written_in)
        if language in line.texts:
            doubts = () if line.state(language) == "reviewed" else (DRAFT,)
            return Worded(
                fill_line(line.texts[language], values, language),
                language,
                "catalog",
                original,
                doubts=doubts,
            )
        return self.text(original, line.written_in, language, names)

    def text(self, text: str, source: str, target: str, names: tuple[str, ...]) -> Worded:
        """Any text in `target`: somebody's own words (then origin "staff"), approved, or a machine's."""
        made: Translation = self._translator.translate([text], source, target, names=names)[0]
        if made.missing:
            return Worded(text, source, "none", text)
        origin = "original" if made.why in ("same_language", "nothing_to_translate") else made.origin.value
        return Worded(
            made.text,
            target,
            origin,
            text,
            made.engine,
            made.model,
            tuple(doubt.value for doubt in made.doubts),
        )
