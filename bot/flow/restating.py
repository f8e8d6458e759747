"""A question said in other words, for somebody who did not understand it. Pure, and the conversation stays where it is."""

from __future__ import annotations

from datetime import datetime

from bot.flow.engine import open_question
from bot.flow.happenings import Ask
from bot.flow.script import Script
from bot.flow.session import Session
from bot.flow.walking import Run


def in_other_words(script: Script, session: Session, now: datetime) -> Ask | None:
    """The open question as its author put it for whoever did not understand; None when nothing is asked, or the author
    wrote no other words. Nothing changes: the question stays open, with its timers and tries."""
    question = open_question(script, session)
    if question is None or question.unclear.line is None or question.unclear.line == question.line:
        return None
    run = Run(script, session, now)
    return Ask(
        question.unclear.line, run.values(question.unclear.line), run.place, session.visit, session.tries
    )
