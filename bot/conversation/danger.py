"""Danger or need in what a family writes: people are told, and the family has the crisis line at once."""

from __future__ import annotations

from datetime import datetime

from bot.conversation.alerts import ONCE, Alert
from bot.conversation.effects import Read
from bot.conversation.safety import Tier, screen
from bot.conversation.snapshot import Unhandled
from bot.conversation.step import Step


def danger_in(step: Step, text: Unhandled, read: Read) -> Tier:
    """Danger or need in a text, in any language, whatever else it answers: a person is told."""
    found = screen(text.body, read.english, read.language)
    if found.tier is not Tier.NONE:
        step.needs_staff(f"alert_{found.tier.value}")
        if step.seen.family.school_id is not None:
            step.effects.alert = Alert(step.seen.family.school_id, found)
    return found.tier


def say_crisis_line(step: Step) -> None:
    """A neutral, humane word with the crisis line; no conversation goes on over it. After STOP nothing is sent: the
    law lets an emergency through, but a person decides that. Said once in a while: an answering machine that sends our
    own words back must not be talked to for ever; the people who are paged see every text."""
    pending = dict(step.effects.pending or step.seen.pending)
    said = pending.get("crisis_line_at")
    if step.seen.opted_out or (isinstance(said, str) and step.now - datetime.fromisoformat(said) < ONCE):
        return
    step.effects.pending = pending | {"crisis_line_at": step.now.isoformat()}
    family = step.seen.family
    step.phrase(
        "urgent" if family.crisis_texts else "urgent_call",
        emergency=family.emergency_number,
        crisis=family.crisis_line,
    )
