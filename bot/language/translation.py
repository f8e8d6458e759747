"""One text in another language, with where it came from and how far to trust it; and who may supply one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.language.catalog import Origin
from bot.language.checks import SAYS, Doubt
from bot.language.phrasebook import Phrase

NOTHING_TO_DO = ("same_language", "nothing_to_translate")


@dataclass(frozen=True, slots=True)
class Translation:
    """The result for one text. `original` is always the text as it came in."""

    text: str
    """The translation; the original itself when there was nothing to translate; empty when it could not be done."""
    source: str
    target: str
    origin: Origin
    original: str
    engine: str | None = None
    model: str | None = None
    doubts: tuple[Doubt, ...] = ()
    protected: tuple[str, ...] = ()
    """What was kept out of the model's hands or verified after it, as it stands in the translation."""
    ms: float = 0.0
    why: str = ""
    """For origin `none`: same_language, nothing_to_translate, unknown_language, no_engine or engine_failed."""
    reviewed: bool = False
    """Whether a person who speaks the language approved this wording."""
    tier: str = ""
    """For a machine: good, usable, review or unmeasured, by measured quality of engine and pair."""
    read_as: str = ""
    """The original with accents and shortenings written out, when that is what was translated; empty when not."""

    @property
    def missing(self) -> bool:
        """Whether a reader of `target` has nothing to read: say so to staff, never send another language instead."""
        return self.origin is Origin.NONE and self.why not in NOTHING_TO_DO

    @property
    def doubtful(self) -> bool:
        """Whether a person should look before it is trusted."""
        return bool(self.doubts)

    def says(self) -> str:
        """The state in words for staff: “machine, unreviewed”, “doubtful: a number changed”."""
        if self.missing:
            return "not translated"
        if self.doubts:
            return "doubtful: " + "; ".join(SAYS[doubt] for doubt in self.doubts)
        return {
            Origin.CATALOG: "phrasebook" if self.reviewed else "phrasebook, draft",
            Origin.REVIEWED: "reviewed by a person",
            Origin.MACHINE: "machine, unreviewed",
            Origin.NONE: "original",
        }[self.origin]


class Memory(Protocol):
    """Translations kept by school: a person's, which win over any machine, and a machine's, so that each is made once."""

    def recall(self, text: str, source: str, target: str, school: int | None) -> Translation | None:
        """What we have for this very text (origin reviewed or machine), or None."""
        ...

    def keep(self, translation: Translation, school: int | None) -> None:
        """Remember a machine translation. Called once per new text and pair."""
        ...


class Phrasebook(Protocol):
    """Texts that people have worded in every catalog language."""

    def look_up(self, text: str, source: str, target: str) -> Phrase | None:
        """The wording of this very text, or None."""
        ...
