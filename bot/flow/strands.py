"""What an edit changes, and who is in the middle of it.

A session keeps to the revision it began with, so an edit strands nobody by itself. This tells an editor which
families will still see the old words, and where.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bot.flow.script import Ask, Script, Step, lines_of
from bot.flow.session import Session


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """One step that is not the same in the two revisions. `what`: added, removed, texts (only the words differ) or
    course (what it does or where it leads differs)."""

    conversation: str
    step: str
    what: Literal["added", "removed", "texts", "course"]
    says: str


@dataclass(frozen=True, slots=True)
class Strand:
    """An open session whose place the new revision changed. It goes on as it began."""

    id: str
    conversation: str
    step: str
    change: Change


def differences(old: Script, new: Script) -> tuple[Change, ...]:
    """Every step that was added, removed or changed, of the conversation and of those it calls."""
    found: list[Change] = []
    for name in sorted(old.conversations.keys() | new.conversations.keys()):
        before = old.conversations[name].steps if name in old.conversations else {}
        after = new.conversations[name].steps if name in new.conversations else {}
        for step in before.keys() - after.keys():
            found.append(Change(name, step, "removed", "the step is gone"))
        for step in after.keys() - before.keys():
            found.append(Change(name, step, "added", "the step is new"))
        for step in before.keys() & after.keys():
            change = _change(name, before[step], after[step])
            if change is not None:
                found.append(change)
    return tuple(sorted(found))


def strands(old: Script, new: Script, sessions: Iterable[tuple[str, Session]]) -> tuple[Strand, ...]:
    """The open sessions of `old` (id, session) that stand at, or will come back to, a step that `new` changed.

    Sessions of other revisions, and those that have ended, are passed over."""
    changes = {(change.conversation, change.step): change for change in differences(old, new)}
    found: list[Strand] = []
    for id_, session in sessions:
        if session.sha != old.sha256 or session.status == "ended":
            continue
        for frame in session.stack:
            change = changes.get((frame.conversation, frame.step))
            if change is not None:
                found.append(Strand(id_, frame.conversation, frame.step, change))
    return tuple(found)


def _change(name: str, before: Step, after: Step) -> Change | None:
    if before == after:
        return None
    languages = sorted(
        {
            language
            for old_line, new_line in zip(lines_of(before), lines_of(after), strict=False)
            for language in old_line.texts.keys() | new_line.texts.keys()
            if old_line.texts.get(language) != new_line.texts.get(language)
        }
    )
    if _course(before) == _course(after):
        told = (
            f"the words changed in {', '.join(languages)}" if languages else "the review of its words changed"
        )
        return Change(name, before.id, "texts", told)
    if before.do != after.do:
        return Change(name, before.id, "course", f"it was {before.do} and is {after.do} now")
    return Change(name, before.id, "course", "what it accepts, saves or leads to changed")


def _course(step: Step) -> object:
    """Everything about `step` but its words."""
    if isinstance(step, Ask):
        return (
            step.wants,
            step.save,
            step.silent,
            step.unclear.tries,
            step.unclear.next,
            [reminder.after for reminder in step.reminders],
        )
    return {
        name: getattr(step, name) for name in type(step).__dataclass_fields__ if name not in ("line", "note")
    }
