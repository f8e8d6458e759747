"""What the rules look at: a conversation as written, as compiled, and where each text stands in the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bot.flow.compiling import kinds_for
from bot.flow.findings import Finding
from bot.flow.library import Library
from bot.flow.lines import Kind, Line
from bot.flow.script import Conversation, Script
from bot.flow.written import WrittenConversation, WrittenStep
from bot.flow.yaml_places import Path, Placed


@dataclass(frozen=True, slots=True)
class Told:
    """One line, where it is written, and whether families or staff read it."""

    line: Line
    path: Path
    reader: Literal["family", "staff"]
    slot: str


@dataclass(frozen=True)
class View:
    """One conversation under the linter's lamp."""

    name: str
    written: WrittenConversation
    placed: Placed
    conversation: Conversation
    script: Script
    library: Library

    @property
    def kinds(self) -> dict[str, Kind]:
        """Everything its texts may name."""
        return kinds_for(self.written, self.library.vocabulary)

    def steps(self) -> Iterator[tuple[Path, WrittenStep]]:
        """The steps as written, with their paths."""
        for number, step in enumerate(self.written.steps):
            yield ("steps", number), step

    def told(self) -> Iterator[Told]:
        """Every line of this conversation, in the order of the file."""
        yield Told(self.script.title, ("title",), "staff", "title")
        by_key = {line.key: line for line in self.script.lines()}
        audience: Literal["family", "staff"] = self.written.audience
        for path, step in self.steps():
            slots: list[tuple[str, Path, Literal["family", "staff"]]] = [
                ("say", (*path, "say"), audience),
                ("ask", (*path, "ask"), audience),
                ("unclear", (*path, "unclear", "say"), audience),
                *(
                    (f"reminder{number}", (*path, "reminders", number - 1, "say"), audience)
                    for number in range(1, len(step.reminders) + 1)
                ),
                ("note", (*path, "hand_off" if step.hand_off else "alert", "note"), "staff"),
            ]
            for slot, place, reader in slots:
                line = by_key.get(f"{self.name}.{step.id}.{slot}")
                if line is not None:
                    yield Told(line, place, reader, slot)

    def finding(
        self, path: Path, code: str, says: str, do: str, level: Literal["fault", "advice"] = "fault"
    ) -> Finding:
        """A finding at `path` of this file."""
        return Finding(self.placed.file, self.placed.line(path), code, says, do, level)

    def inline(self, told: Told) -> set[str]:
        """The languages whose text of `told` stands in the file itself."""
        return {language for language in told.line.texts if (*told.path, language) in self.placed.lines} | {
            self.written.language
        }


def views(library: Library) -> Iterator[View]:
    """Every conversation that compiled."""
    for name, script in sorted(library.scripts.items()):
        yield View(
            name, library.written[name], library.places[name], script.conversations[name], script, library
        )
