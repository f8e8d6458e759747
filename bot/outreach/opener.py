"""What a prompt says to one family, and the session it begins: the same for a plan that is shown and for the firing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.channels.segments import measure
from bot.conversation.desk import Desk
from bot.flow.lines import KNOWN, Line, Value, placeholders_in
from bot.outreach.beginnings import Beginning, Beginnings, Said
from bot.outreach.reach import Lesson, Reach
from bot.outreach.texts import Text, Texts, blocked
from bot.outreach.told import telling_of
from bot.store.outreach import Prompt


class NoSuchScript(LookupError):
    """The conversation of a prompt is not in the library (any more)."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What one family would get."""

    texts: tuple[Text, ...]
    known: dict[str, Value]
    beginning: Beginning | None
    """None: an announcement's own words, which begin no conversation."""
    blocked: bool
    """It must not go before a person has looked at the translation."""

    @property
    def segments(self) -> int:
        """What it costs."""
        return sum(measure(text.body).segments for text in self.texts)


class Opener:
    """Opens one prompt with family after family. Lives for one round of planning or firing."""

    def __init__(self, desk: Desk, prompt: Prompt, texts: Texts, goal: str | None) -> None:
        self.prompt = prompt
        self._texts = texts
        self._goal = goal
        self._told = telling_of(desk.db.vault, prompt)
        self._awake = (desk.quiet.end.strftime("%H:%M"), desk.quiet.start.strftime("%H:%M"))
        self._beginnings: Beginnings | None = None
        self._sayable: dict[tuple[str, int, tuple[int, ...]], bool] = {}
        self._words: tuple[Said, ...] = ()
        if prompt.script is not None:
            script = desk.library.get(prompt.script)
            if script is None:
                raise NoSuchScript(prompt.script)
            self._beginnings = Beginnings(script)
        elif prompt.words is not None:
            words = desk.db.vault.open(Prompt.words, prompt.id, prompt.words)
            self._words = (said_words(words, prompt.words_language or "en"),)

    def open(
        self, reach: Reach, lesson: Lesson | None, answers: Mapping[str, Value], language: str, at: datetime
    ) -> Opened:
        """What `reach` would get at `at` in `language`."""
        known = reach.known(lesson, answers)
        known |= self._told
        if self._goal is not None:
            known["goal"] = self._goal
        beginning, said = None, self._words
        if self._beginnings is not None:
            languages = tuple(one for one in (language, reach.spoken_language) if one)
            beginning = self._beginnings.of(known, languages, self._awake, at.astimezone(reach.zone))
            said = beginning.said
        if not self._may_say(said, language, reach):
            return Opened((), known, beginning, blocked=True)
        texts = self._texts.filled(said, known, language, reach.school_id, reach.school)
        return Opened(tuple(texts), known, beginning, blocked=False)

    def _may_say(self, said: tuple[Said, ...], language: str, reach: Reach) -> bool:
        # The script keeps its lines alive, so an id stands for one line.
        key = (language, reach.school_id, tuple([id(one.line) for one in said]))
        found = self._sayable.get(key)
        if found is None:
            templates = [
                self._texts.template(one.line, language, reach.school_id, reach.school) for one in said
            ]
            found = self._sayable[key] = not any(blocked(one, self.prompt.topic) for one in templates)
        return found


MAY_STAND_IN_WORDS = ("child", "guardian", "teacher", "school", "section")
"""Placeholders of an announcement."""


def said_words(words: str, language: str) -> Said:
    """An announcement's words as something that is said."""
    names = placeholders_in(words)
    line = Line("announcement", {language: words}, language, placeholders={one: KNOWN[one] for one in names})
    return Said(line, {}, {one: one for one in names})
