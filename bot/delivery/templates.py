"""WhatsApp's approved templates, as an administrator keeps them: added with what WhatsApp approved, retired, never changed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update

from bot.delivery.ways import MOST_IN_TEMPLATE, PLACE
from bot.store.carriage import WhatsAppTemplate
from bot.store.columns import new_id
from bot.store.database import Database

_SID = re.compile(r"HX[0-9a-fA-F]{32}")


class NotATemplate(Exception):
    """The template cannot be used as given. The message says what to do."""


def add_template(db: Database, language: str, content_sid: str, wording: str, now: datetime) -> None:
    """Add an approved template for `language` (BCP-47); it takes the place of the one before.

    Raises `NotATemplate` when the ContentSid is none or known, or the wording has no (or more than one) place for text.
    """
    if not _SID.fullmatch(content_sid):
        raise NotATemplate("The ContentSid is HX and 32 hexadecimal digits; copy it from Twilio’s console.")
    if wording.count(PLACE) != 1 or re.findall(r"\{\{[^}]*\}\}", wording) != [PLACE]:
        raise NotATemplate(f"The wording has exactly one place for the text, written {PLACE}.")
    if len(wording) > MOST_IN_TEMPLATE // 2:
        raise NotATemplate(
            f"The wording leaves too little room: WhatsApp takes {MOST_IN_TEMPLATE} characters."
        )
    with db.writing() as session:
        if session.scalar(select(WhatsAppTemplate.id).where(WhatsAppTemplate.content_sid == content_sid)):
            raise NotATemplate(
                "This ContentSid is there already. WhatsApp gives a changed wording a new one: add that."
            )
        session.execute(
            update(WhatsAppTemplate)
            .where(WhatsAppTemplate.language == language, WhatsAppTemplate.retired_at.is_(None))
            .values(retired_at=now)
        )
        session.add(
            WhatsAppTemplate(
                id=new_id(), content_sid=content_sid, language=language, wording=wording, added_at=now
            )
        )


def retire_template(db: Database, language: str, now: datetime) -> bool:
    """Use the template of `language` no more. False when there is none."""
    with db.connection() as tx:
        return (
            tx.execute(
                update(WhatsAppTemplate)
                .where(WhatsAppTemplate.language == language, WhatsAppTemplate.retired_at.is_(None))
                .values(retired_at=now)
            ).rowcount
            > 0
        )


def all_templates(db: Database) -> Sequence[WhatsAppTemplate]:
    """Every template in use, by language."""
    with db.reading() as session:
        return session.scalars(
            select(WhatsAppTemplate)
            .where(WhatsAppTemplate.retired_at.is_(None))
            .order_by(WhatsAppTemplate.language)
        ).all()
