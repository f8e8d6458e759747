"""What a conversation must be told when it begins, beside the family and the goal: a date, an idea, a practice.

Nobody is asked to come “on … at …”: whoever begins a conversation gives these, or it does not begin.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from typing import Final

from bot.flow.lines import KNOWN, LONGEST_VALUE, Kind, Value
from bot.flow.script import Call, Script

FROM_THE_RECORDS: Final = frozenset({"child", "guardian", "teacher", "school", "staff", "section", "goal"})
"""Placeholders that are filled from what the school knows about a family."""


class NotTold(ValueError):
    """Something is missing or cannot be read; the message says what to write."""


def wants_to_be_told(script: Script) -> dict[str, Kind]:
    """The values that `script` says, and nobody's records hold, by name."""
    given = {
        name
        for conversation in script.conversations.values()
        for step in conversation.steps.values()
        if isinstance(step, Call)
        for name in step.given
    }
    named = {name for line in script.lines() for name in line.placeholders}
    return {
        name: KNOWN[name]
        for name in KNOWN
        if name in named and name not in FROM_THE_RECORDS and name not in given
    }


def as_told(script: Script, told: Mapping[str, str]) -> dict[str, Value]:
    """`told` as the conversation will know it: dates as ISO 8601, times as HH:MM. Raises `NotTold`."""
    wanted = wants_to_be_told(script)
    strange = sorted(set(told) - set(wanted))
    if strange:
        raise NotTold(f"The conversation “{script.name}” says nothing about “{strange[0]}”. Take it out.")
    missing = [name for name in wanted if not told.get(name, "").strip()]
    if missing:
        raise NotTold(f"The conversation “{script.name}” wants to be told: {', '.join(missing)}.")
    return {name: _read(name, told[name].strip(), kind) for name, kind in wanted.items()}


def _read(name: str, words: str, kind: Kind) -> Value:
    try:
        match kind:
            case "date":
                return date.fromisoformat(words).isoformat()
            case "time":
                return time.fromisoformat(words).strftime("%H:%M")
            case "number":
                return int(words)
    except ValueError:
        example = {"date": "2026-03-12", "time": "17:30", "number": "3"}[kind]
        raise NotTold(f"“{name}” cannot be read: write it like {example}.") from None
    if len(words) > LONGEST_VALUE:
        raise NotTold(f"“{name}” is {len(words)} characters long; {LONGEST_VALUE} is the limit. Shorten it.")
    return words
