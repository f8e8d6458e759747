"""The words of prompts: found once per language for all families, then filled for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.conversation.reply import LONGEST
from bot.conversation.snapshot import Family
from bot.conversation.values import Say
from bot.conversation.wording import DRAFT, Worded, Wording
from bot.flow.lines import Line, Value
from bot.outreach.beginnings import Said

_TRUST = ("none", "machine", "catalog", "reviewed", "original")
"""Origins, least trusted first: a text made of several lines is as good as its weakest."""


@dataclass(frozen=True, slots=True)
class Text:
    """One text of a prompt as a family will read it. `line` names the script's line that it ends with."""

    body: str
    language: str
    origin: str
    original: str | None
    original_language: str | None
    engine: str | None
    model: str | None
    doubts: tuple[str, ...]
    line: str | None


class Texts:
    """Templates by line and language. Lives for one round of planning or firing, so that a correction made meanwhile
    counts from the next round on."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording
        self._found: dict[tuple[int, str, str, str], Worded] = {}
        self._values: dict[tuple[int | None, str, str, str], Worded] = {}

    def template(self, line: Line, language: str, school_id: int, school: str) -> Worded:
        """`line` in `language` with its placeholders: asked for once."""
        key = (school_id, line.key, line.original, language)
        found = self._found.get(key)
        if found is None:
            family = Family(school_id=school_id, school=school)
            found = self._found[key] = self._wording.template(line, language, family)
        return found

    def filled(
        self,
        said: Sequence[Said],
        known: Mapping[str, Value],
        language: str,
        school_id: int,
        school: str,
    ) -> list[Text]:
        """What one family reads: everything that is said at once as one text, unless that would be too long."""
        parts = [self._filled(one, one.values(known), language, school_id, school) for one in said]
        if len(parts) < 2 or sum(len(part.body) + 1 for part in parts) > LONGEST:
            return parts
        return [joined(parts)]

    def _filled(
        self, one: Said, values: Mapping[str, Value], language: str, school_id: int, school: str
    ) -> Text:
        template = self.template(one.line, language, school_id, school)
        family = Family(school_id=school_id, school=school)
        made = self._wording.filled(template, one.line, values, family, self._say_once(family))
        same = made.language == one.line.written_in
        return Text(
            made.body,
            made.language,
            made.origin,
            None if same else made.original,
            None if same else one.line.written_in,
            made.engine,
            made.model,
            made.doubts,
            one.line.key,
        )

    def _say_once(self, family: Family) -> Say:
        """A goal's title is translated once for all families of a round."""

        def say(words: str, source: str, target: str, *, remember: bool) -> Worded:
            key = (family.school_id, words, source, target)
            if key not in self._values:
                self._values[key] = self._wording.text(words, source, target, family, remember=remember)
            return self._values[key]

        return say


def blocked(worded: Worded, topic: str | None) -> bool:
    """Must this wording wait for a person? Nobody could translate it, a machine's version is doubtful, or it is about
    something critical and no person who speaks the language has approved it."""
    if worded.missing or worded.critical:
        return True
    if worded.origin == "machine":
        return topic is not None or any(doubt != DRAFT for doubt in worded.doubts)
    return topic is not None and DRAFT in worded.doubts


def joined(parts: Sequence[Text], between: str = "\n") -> Text:
    """Several texts as one. It is as good as the weakest of them, and named after the last."""
    weakest = min(parts, key=lambda part: _TRUST.index(part.origin))
    originals = [part.original if part.original is not None else part.body for part in parts]
    translated = next((part for part in parts if part.original is not None), None)
    return Text(
        between.join(part.body for part in parts),
        parts[-1].language,
        weakest.origin,
        None if translated is None else between.join(originals),
        None if translated is None else translated.original_language,
        weakest.engine,
        weakest.model,
        tuple(dict.fromkeys(doubt for part in parts for doubt in part.doubts)),
        parts[-1].line,
    )


def digest(parts: Sequence[Text]) -> Text:
    """What two or more prompts say on the same day, as one numbered text: figures need no translation."""

    def numbered(text: str, number: int) -> str:
        return f"{number}. {text}"

    return joined(
        [
            Text(
                numbered(part.body, number), part.language, part.origin,
                None if part.original is None else numbered(part.original, number),
                part.original_language, part.engine, part.model, part.doubts, part.line,
            )
            for number, part in enumerate(parts, start=1)
        ]
    )  # fmt: skip
