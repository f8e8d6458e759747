"""Rules about the shape of a conversation: what can be reached, what can run in circles, what is left open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.flow.findings import Finding
from bot.flow.lint.view import View
from bot.flow.script import END, Ask, Call, Conversation, Wait, ways_on


def structure_findings(view: View) -> Iterator[Finding]:
    """Unreachable steps, loops without a wait, questions without a way out, missing tags."""
    yield from _unreachable(view)
    yield from _circles(view)
    yield from _open_questions(view)
    yield from _tags(view)


def _unreachable(view: View) -> Iterator[Finding]:
    reached: set[str] = set()
    todo = [view.conversation.first]
    while todo:
        here = todo.pop()
        if here in reached or here == END:
            continue
        reached.add(here)
        todo.extend(ways_on(view.conversation.steps[here]))
    for path, step in view.steps():
        if step.id not in reached:
            yield view.finding(
                (*path, "id"),
                "unreachable-step",
                f"nothing leads to step “{step.id}”",
                "point a next: to it, or take it out",
            )


def passes_without_waiting(name: str, conversations: Mapping[str, Conversation]) -> bool:
    """Whether `name` can run from its first step to its end without waiting for anybody."""
    return END in _reached_without_waiting(conversations[name].first, name, conversations)


def _reached_without_waiting(
    start: str, name: str, conversations: Mapping[str, Conversation]
) -> frozenset[str]:
    """The steps (and END) that follow `start`, itself included, without a wait between."""
    reached: set[str] = set()
    todo = [start]
    while todo:
        here = todo.pop()
        if here in reached:
            continue
        reached.add(here)
        if here == END:
            continue
        step = conversations[name].steps[here]
        if isinstance(step, Ask | Wait):
            continue
        if isinstance(step, Call) and not passes_without_waiting(step.conversation, conversations):
            continue
        todo.extend(ways_on(step) or (END,))
    return frozenset(reached)


def _circles(view: View) -> Iterator[Finding]:
    conversations = view.script.conversations
    for path, written in view.steps():
        step = view.conversation.steps[written.id]
        if isinstance(step, Ask | Wait):
            continue
        if isinstance(step, Call) and not passes_without_waiting(step.conversation, conversations):
            continue
        for way in ways_on(step):
            if way != END and step.id in _reached_without_waiting(way, view.name, conversations):
                yield view.finding(
                    (*path, "id"),
                    "loop-without-wait",
                    f"from “{step.id}” the conversation comes back to it without waiting for anybody",
                    "put an ask or a wait into the circle, or lead out of it",
                )
                break


def _open_questions(view: View) -> Iterator[Finding]:
    for path, step in view.steps():
        if step.ask is None:
            continue
        if step.unclear is None:
            yield view.finding(
                (*path, "ask"),
                "no-unclear",
                f"“{step.id}” does not say what happens to a reply nobody understands",
                "add unclear: {say: …, tries: 2, next: a step that hands off to a person}",
            )
        if step.silent is None and view.written.give_up_after is None:
            yield view.finding(
                (*path, "ask"),
                "no-silent",
                f"“{step.id}” does not say what happens when nobody answers",
                "add silent: {after: 44h, next: …}, or give_up_after: for the whole conversation",
            )


def _tags(view: View) -> Iterator[Finding]:
    written = view.written
    if written.audience == "staff":
        return
    if written.goal is None and not written.announcement and not _only_called(view):
        yield view.finding(
            ("conversation",),
            "no-goal",
            "it names no learning goal",
            "add goal: (vocabulary.yaml lists them), or announcement: true when it serves none on purpose",
        )
    if written.role is None and not _only_called(view):
        yield view.finding(
            ("conversation",),
            "no-role",
            "it names no family role",
            "add role: co_creator, supporter, encourager, monitor, advocate or model",
        )


def _only_called(view: View) -> bool:
    """A conversation that others call takes its goal and role from them."""
    return any(
        isinstance(step, Call) and step.conversation == view.name
        for script in view.library.scripts.values()
        for conversation in script.conversations.values()
        for step in conversation.steps.values()
    )
