""" "?": I did not understand. The last question is said in other words; what cannot be, and what is not understood even
so, goes to a person: to a reviewer beside its original when it was translated, and to the family's staff always."""

from __future__ import annotations

from typing import cast

from sqlalchemy import select

from bot.conversation.remarks import ARRIVED, remark_on_last
from bot.conversation.snapshot import Running, Unhandled
from bot.conversation.step import Step
from bot.flow.restating import in_other_words
from bot.store.talk import Outbox

SAID_AGAIN = "said_again"
"""In a conversation's `pending`: the session and visit of the question that was said in other words."""


def say_in_other_words(step: Step) -> None:
    """What a “?” causes."""
    run = _last_said(step)
    again = in_other_words(run.script, run.session, step.local) if run is not None else None
    if run is not None and again is not None:
        mark = [run.id, again.visit]
        pending = dict(step.effects.pending or step.seen.pending)
        if pending.get(SAID_AGAIN) != mark:
            step.effects.pending = pending | {SAID_AGAIN: mark}
            worded = step.desk.wording.line(again.line, again.values, step.language, step.seen.family)
            step.draft(worded, kind="flow", line=again.line.key, session_id=run.id)
            return
    step.effects.awaits_staff = True
    step.effects.remark = remark_on_last(step.desk, step.seen, cast(Unhandled, step.seen.inbound).body)
    step.phrase("other_words")


def _last_said(step: Step) -> Running | None:
    """The run that the last text this family read belongs to: a “?” is about that text, not about an older question."""
    with step.desk.db.reading() as session:
        said = session.scalars(
            select(Outbox.session_id)
            .where(Outbox.conversation_id == step.seen.id, Outbox.state.in_(ARRIVED))
            .order_by(Outbox.seq.desc())
            .limit(1)
        ).first()
    return next((run for run in step.seen.running if run.id == said), None)
