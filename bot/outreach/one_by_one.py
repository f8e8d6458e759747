"""A prompt begun with one family by the engine itself: for scripts whose beginning does more than say and ask."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from bot.conversation.desk import Desk
from bot.conversation.effects import MovedOn, write
from bot.conversation.initiative import one_text
from bot.conversation.snapshot import look
from bot.conversation.step import Step
from bot.delivery.caps import OPENING, occasion
from bot.delivery.outbox import PROMPT
from bot.outreach.due import Due
from bot.outreach.told import telling_of
from bot.store.learning import LearningGoal
from bot.store.outreach import Prompt, PromptRecipient


def begin_by_the_engine(desk: Desk, talk_id: int, row: Due, prompt: Prompt, now: datetime) -> bool:
    """Begin `prompt` in a conversation for a planned row. False when the family moved on meanwhile, and the row is to
    be looked at again."""
    with desk.db.reading() as session:
        seen = look(session, desk.db.vault, desk.scripts, talk_id, desk.default_zone)
        goal = session.get(LearningGoal, prompt.goal_id) if prompt.goal_id is not None else None
    if seen is None or seen.inbound is not None:
        return False
    child = next((one for one in seen.family.children if one.student_id == row.student_id), None)
    step = Step(desk, seen, f"prompt.{prompt.id}.{row.guardian_id}", now, priority=PROMPT)
    step.begin(
        desk.library[str(prompt.script)],
        f"prompt.{prompt.id}",
        child,
        goal=goal.title if goal else None,
        goal_id=prompt.goal_id,
        told=telling_of(desk.db.vault, prompt),
    )
    learning = prompt.kind == "prompt"
    counted = occasion(row.day, OPENING) if learning else None
    step.effects.drafts = [
        draft if learning else replace(draft, kind=prompt.kind)
        for draft in one_text(step.effects.drafts, counted, row.expires_at)
    ]
    settled = {"state": "fired", "why": None, "settled_at": now}
    try:
        with desk.db.connection() as tx:
            write(tx, desk.db.vault, seen.id, seen.version, step.effects, now, desk.wake)
            mine = tx.execute(
                update(PromptRecipient)
                .where(PromptRecipient.id == row.id, PromptRecipient.state == "planned")
                .values(settled)
            ).rowcount
            if not mine:
                raise MovedOn
    except MovedOn:
        return False
    except IntegrityError:  # this phone has this prompt already
        with desk.db.connection() as tx:
            tx.execute(
                update(PromptRecipient)
                .where(PromptRecipient.id == row.id, PromptRecipient.state == "planned")
                .values(settled | {"state": "left_out", "why": "duplicate"})
            )
    return True
