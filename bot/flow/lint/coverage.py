"""Which ways through a conversation its tests have walked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.flow.engine import open_question, understood
from bot.flow.findings import Finding
from bot.flow.happenings import Entered, Event, Heard, Text
from bot.flow.library import Library
from bot.flow.lint.view import View
from bot.flow.rehearsal import START, Rehearsal
from bot.flow.script import Ask, Branch, ChoiceWanted

Way = tuple[str, str, str]
"""(conversation, step, which way: "answers.yes", "value", "unclear", "silent", "to.tip")."""


def walked(library: Library) -> frozenset[Way]:
    """The ways that all files' tests walk together."""
    ways: set[Way] = set()
    for name, script in library.scripts.items():
        for test in library.written[name].tests:
            walk = _Walk(script, START)
            walk.ways = ways
            walk.begin(dict(test.knows), (test.language,))
            for words in test.says:
                walk.says(words)
    return frozenset(ways)


class _Walk(Rehearsal):
    """A rehearsal that notes the ways it took."""

    ways: set[Way]

    def hear(self, heard: Heard) -> list[Event]:
        before = self.session
        step = open_question(self.script, before)
        found = understood(self.script, before, heard, self.now) if isinstance(heard, Text) else None
        events = super().hear(heard)
        entered = [event for event in events if isinstance(event, Entered)]
        if step is not None and (entered or self.session.status == "ended"):
            conversation = before.stack[-1].conversation
            if found is None:
                self.ways.add((conversation, step.id, "silent"))
            elif not found.clear:
                self.ways.add((conversation, step.id, "unclear"))
            elif found.answer is not None:
                self.ways.add((conversation, step.id, f"answers.{found.answer}"))
            else:
                self.ways.add((conversation, step.id, "value"))
        for number, event in enumerate(entered):
            following = next(
                (later.step for later in entered[number + 1 :] if later.conversation == event.conversation),
                "end",
            )
            self.ways.add((event.conversation, event.step, f"to.{following}"))
        return events


def coverage_findings(view: View, ways: frozenset[Way]) -> Iterator[Finding]:
    """Ways of one conversation that no test walks."""
    for path, written in view.steps():
        step = view.conversation.steps[written.id]
        wanted: Mapping[str, tuple[str | int, ...]] = {}
        if isinstance(step, Ask):
            wanted = {
                **{f"answers.{answer.name}": ("answers", answer.name) for answer in step.wants.answers},
                **({} if isinstance(step.wants, ChoiceWanted) else {"value": ("ask",)}),
                "unclear": ("unclear",),
                **({"silent": ("silent",)} if step.silent is not None else {}),
            }
        elif isinstance(step, Branch):
            wanted = {
                **{f"to.{case.next}": ("branch", "cases", case.when) for case in step.cases},
                f"to.{step.otherwise}": ("branch",),
            }
        for way, where in wanted.items():
            if (view.name, step.id, way) not in ways:
                shown = way.removeprefix("answers.").removeprefix("to.")
                yield view.finding(
                    (*path, *where),
                    "untested",
                    f"no test goes the way “{shown}” at step “{step.id}”",
                    "add a test under tests: that does",
                    "advice",
                )
