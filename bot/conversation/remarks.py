"""“That's not the word”: a family corrects us, and a reviewer gets it with everything it is about.

What a family writes this against is the last text it read in another language than the one we wrote it in. Where that
text was one line of a conversation, the reviewer is shown the line with its placeholders, so that the right word serves
every family and not only this one.
"""

from __future__ import annotations

import re

from sqlalchemy import or_, select

from bot.conversation.desk import Desk
from bot.conversation.phrases import PHRASES
from bot.conversation.snapshot import Seen
from bot.conversation.wording import OWN
from bot.flow.lines import PLACEHOLDER, Line
from bot.language.codes import ENGLISH
from bot.language.glossary import Remarked
from bot.store.talk import FlowSession, Outbox

THANKS = f"{OWN}word_noted"
"""Our thanks for a correction: the next one is about what came before it."""

ARRIVED = ("sending", "sent", "delivered", "unknown")
"""States of a text that a family may have read."""


def remark_on_last(desk: Desk, seen: Seen, remark: str) -> Remarked | None:
    """`remark` against the last translated text this family read; None when it has read none."""
    with desk.db.reading() as session:
        row = session.execute(
            select(Outbox, FlowSession.revision_id)
            .outerjoin(FlowSession, FlowSession.id == Outbox.session_id)
            .where(
                Outbox.conversation_id == seen.id,
                Outbox.state.in_(ARRIVED),
                Outbox.body.is_not(None),
                Outbox.original.is_not(None),
                Outbox.language.is_not(None),
                or_(Outbox.line.is_(None), Outbox.line != THANKS),
            )
            .order_by(Outbox.seq.desc())
            .limit(1)
        ).first()
        if row is None:
            return None
        sent, revision = row
        script = desk.scripts.get(session, revision) if revision is not None else None
    if sent.body is None or sent.original is None or sent.language is None:
        return None
    vault, language = desk.db.vault, sent.language
    body = vault.open(Outbox.body, sent.id, sent.body)
    original = vault.open(Outbox.original, sent.id, sent.original)
    source = sent.original_language or ENGLISH
    lines = [] if script is None else [line for line in script.lines() if line.key == sent.line]
    if sent.line is not None and sent.line.removeprefix(OWN) in PHRASES:
        lines = [desk.wording.own_line(sent.line.removeprefix(OWN), language)]
    for line in lines:
        if _is_filled(line, original):
            made = desk.wording.template(line, language, seen.family)
            place = line.key if made.origin == "catalog" else None
            return Remarked(
                line.original, made.body, remark, line.written_in, language, seen.family.school_id, place
            )
    return Remarked(original, body, remark, source, language, seen.family.school_id)


def _is_filled(line: Line, text: str) -> bool:
    """Whether `text` is this very line with something in its placeholders."""
    pieces = PLACEHOLDER.split(line.original)[::2]
    return re.fullmatch(".*?".join(map(re.escape, pieces)), text, re.DOTALL) is not None
