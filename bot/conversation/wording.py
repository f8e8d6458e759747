"""In whose words: every text for a family, by the order of trust.

A catalog entry, then an approved translation, then a machine, then plainly nothing: a text that cannot be said in
the family's language is withheld and shown to staff, never sent in another language in silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from bot.conversation.phrases import PHRASES
from bot.conversation.snapshot import Family
from bot.conversation.values import Say, told
from bot.flow.lines import Line, Review, Value, fill
from bot.language.catalog import Catalogs, Origin
from bot.language.codes import ENGLISH
from bot.language.translator import Translator

OWN = "phrase."
"""How the keys of the bot's own sentences begin; every other line is a conversation script's."""

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
    critical: str | None = None
    """The critical topic of a machine's wording (`bot.language.critical`): a reviewer must see it first."""
    source: str = ENGLISH
    """The language of `original`."""

    def unsaid(self) -> Worded:
        """The same, with what its author wrote in place of the machine's words: for a reviewer to translate."""
        return replace(
            self, body=self.original, language=self.source, origin="none", engine=None, model=None, doubts=()
        )

    @property
    def missing(self) -> bool:
        """Nobody could say it in the family's language."""
        return self.origin == "none"


class Glossary(Protocol):
    """What this community calls things."""

    def terms(self, source: str, target: str, school: int | None) -> Mapping[str, str]:
        """Source term → the community's word."""
        ...


class Critical(Protocol):
    """What a school lets no machine say alone."""

    def topic_of(self, text: str, school: int | None) -> str | None:
        """The critical topic a text touches."""
        ...


class Wording:
    """Finds the words. Holds no text between calls."""

    def __init__(
        self, phrases: Catalogs, translator: Translator, glossary: Glossary, critical: Critical
    ) -> None:
        self._critical = critical
        self._phrases = phrases
        self._translator = translator
        self._glossary = glossary

    def phrase(self, key: str, language: str | None, family: Family, values: Mapping[str, Value]) -> Worded:
        """One of the bot's own sentences in `language` (None: not known yet, so English)."""
        language = language or ENGLISH
        return self.line(self.own_line(key, language), values, language, family)

    def own_line(self, key: str, language: str) -> Line:
        """One of the bot's own sentences as a line with English and, where the catalog has it, `language`."""
        text = PHRASES[key].text
        said = self._phrases.entry(text, language, context=key) if language != ENGLISH else None
        texts = {ENGLISH: text} if said is None else {ENGLISH: text, language: said.forms[0]}
        reviewed: dict[str, Review] = {language: "reviewed"} if said is not None and said.reviewed else {}
        return Line(f"{OWN}{key}", texts, ENGLISH, reviewed)

    def line(self, line: Line, values: Mapping[str, Value], language: str | None, family: Family) -> Worded:
        """A line of a conversation script in `language` (None: not known yet, so as it was written).

        A line nobody has written in that language is translated with its placeholders, once for all families.
        """
        made = self.template(line, language or line.written_in, family)
        return self.filled(made, line, values, family)

    def filled(
        self, made: Worded, line: Line, values: Mapping[str, Value], family: Family, say: Say | None = None
    ) -> Worded:
        """A template with its values in it, each as a reader of that language writes it. The text is as good as the
        weakest of what it was made from. `say` translates a value; whoever fills for hundreds gives one that remembers."""
        say = say or self._say(family)
        ours = told(line.original, values, line.written_in, say)
        original = fill(line.original, ours.values, line.written_in)
        theirs = ours if made.missing else told(made.body, values, made.language, say)
        weaker = theirs.machine if made.origin in ("catalog", "reviewed", "original") else None
        return replace(
            made,
            body=fill(made.body, theirs.values, made.language),
            original=original,
            source=line.written_in,
            origin="machine" if weaker else made.origin,
            engine=weaker.engine if weaker else made.engine,
            model=weaker.model if weaker else made.model,
            doubts=tuple(dict.fromkeys((*made.doubts, *theirs.doubts))),
        )

    def _say(self, family: Family) -> Say:
        def say(words: str, source: str, target: str, *, remember: bool) -> Worded:
            return self.text(words, source, target, family, remember=remember)

        return say

    def template(self, line: Line, language: str, family: Family) -> Worded:
        """`line` in `language`, its placeholders still in it: what all families of a school share."""
        if language in line.texts:
            if line.state(language) == "reviewed":
                return Worded(line.texts[language], language, "catalog", line.original)
            better = self._translator.approved(line.original, line.written_in, language, family.school_id)
            if better is not None:  # a speaker's own words before a draft of ours
                return Worded(better.text, language, "reviewed", line.original)
            return Worded(line.texts[language], language, "catalog", line.original, doubts=(DRAFT,))
        return self.text(line.original, line.written_in, language, family, remember=True)

    def text(self, text: str, source: str, target: str, family: Family, *, remember: bool = False) -> Worded:
        """Any text in `target`: as it is, approved by a person, or a machine's. `remember` it when many families
        will get it; never what was written to or by one family."""
        made = self._translator.translate(
            [text],
            source,
            target,
            names=family.names(),
            glossary=self._glossary.terms(source, target, family.school_id),
            school=family.school_id,
            remember=remember,
        )[0]
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
            self._touches(text, source, family.school_id) if made.origin is Origin.MACHINE else None,
            source,
        )

    def _touches(self, text: str, source: str, school: int | None) -> str | None:
        """The critical topic of a text: in its own words, and in English when it was written in another language."""
        found = self._critical.topic_of(text, school)
        if found is not None or source == ENGLISH:
            return found
        english = self._translator.translate([text], source, ENGLISH, school=school)[0]
        return None if english.missing else self._critical.topic_of(english.text, school)
