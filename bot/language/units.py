"""A text taken apart for an engine: sentences, what of each is shielded, and which need no engine at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from bot.language import sentences
from bot.language.checks import Doubt
from bot.language.phrasebook import Phrase
from bot.language.protect import Shielded, restore, shield, trim
from bot.language.script import has_letters
from bot.language.spans import Span, find_spans

MAX_TEXT = 20_000
"""Characters of one text that are translated; what comes after is left out and said (`Doubt.TOO_LONG`)."""

_UNSEEN = re.compile(r"[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_PHRASE_CHARACTERS = 40


@dataclass(frozen=True, slots=True)
class Job:
    """What one call asks for: the pair, and what to keep."""

    source: str
    target: str
    names: tuple[str, ...] = ()
    glossary: Mapping[str, str] = field(default_factory=dict)
    hide_all: bool = False
    """For an engine on another machine: names, numbers and the rest never leave this one."""

    def spans(self, core: str) -> list[Span]:
        """What a sentence holds that must come through."""
        return find_spans(core, self.source, self.target, self.names, self.glossary)

    def shield(self, core: str, hide: Callable[[Span], bool] = lambda span: False) -> Shielded:
        """A sentence with its parts protected; `hide` says which besides the opaque ones become tokens."""
        return shield(core, self.spans(core), lambda span: self.hide_all or hide(span))


@dataclass(slots=True)
class Unit:
    """One sentence on its way through an engine; `shielded` is None when none is needed and `result` is final."""

    before: str
    core: str
    after: str
    result: str
    shielded: Shielded | None = None
    doubts: set[Doubt] = field(default_factory=set)
    worded: bool = False
    """Whether people worded it (the phrasebook)."""

    @property
    def whole(self) -> str:
        return self.before + self.result + self.after


@dataclass(slots=True)
class Plan:
    """A text's sentences and the spaces between them."""

    text: str
    pieces: list[sentences.Piece]
    units: list[Unit]

    @property
    def open(self) -> list[Unit]:
        """The units an engine has to translate."""
        return [unit for unit in self.units if unit.shielded is not None]

    def joined(self) -> str:
        """The whole text with every unit's result in its place."""
        return sentences.join(self.pieces, [unit.whole for unit in self.units])


Wording = Callable[[str], Phrase | None]
Passes = Callable[[str], bool]


def visible(text: str) -> str:
    """`text` without lone surrogates and marks nobody sees, a space for each control character (it may be all that stands
    between two words), cut at `MAX_TEXT`."""
    return _CONTROLS.sub(" ", _UNSEEN.sub("", text[:MAX_TEXT]))


def plan(text: str, read_as: str, job: Job, wording: Wording, passes: Passes) -> Plan:
    """Take `read_as` (the text as it shall be understood) apart.

    `wording` says what people have written for a whole short sentence; `passes` says that a sentence is in the
    reader's language already. Both keep it from the engine.
    """
    whole = sentences.split(read_as, job.source)
    settled: dict[str, Unit] = {}
    for piece in whole:
        phrase = wording(piece.text) if len(piece.text) <= _PHRASE_CHARACTERS else None
        if phrase is not None:
            settled[piece.text] = Unit("", piece.text, "", phrase.text, worded=True)
        elif passes(piece.text):
            settled[piece.text] = Unit("", piece.text, "", piece.text)
    pieces = sentences.together(whole, settled.__contains__)
    return Plan(text, pieces, [settled.get(piece.text) or _unit(piece.text, job) for piece in pieces])


def _unit(sentence: str, job: Job) -> Unit:
    before, core, after = trim(sentence)
    unit = Unit(before, core, after, core)
    if has_letters(core):
        shielded = job.shield(core)
        if has_letters(_words_left(shielded)):
            unit.shielded = shielded
        else:
            unit.result = restore(shielded.text, shielded).text
    return unit


def _words_left(shielded: Shielded) -> str:
    """What of a shielded sentence is left for an engine once tokens and kept parts are taken away."""
    text = re.sub(r"XQ\d+", " ", shielded.text)
    return _drop(text, shielded.left_in)


def _drop(text: str, spans: Iterable[Span]) -> str:
    for span in spans:
        text = text.replace(span.original, " ").replace(span.kept, " ")
    return text
