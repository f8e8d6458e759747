"""How a text of a WhatsApp conversation travels, decided at the very moment of sending: as it is, in a template, or as SMS.

WhatsApp takes free text for 24 hours after the family's own last message there. After that only a template it approved
beforehand, in one language; where there is none in the text's language, the text goes as SMS from our first SMS number,
at that number's own pace, and what the family answers there comes back into the WhatsApp conversation. What cannot go
at all fails with the reason, for staff to see and to send again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.channels.base import Medium, Template
from bot.channels.whatsapp import Way, way
from bot.delivery.states import no_way
from bot.store.carriage import WhatsAppTemplate
from bot.store.columns import Vault, new_id
from bot.store.talk import Conversation, Inbox, Outbox, SenderRow

PLACE: Final = "{{1}}"
"""Where our text stands in a template's wording, as Twilio and WhatsApp write it."""

MOST_IN_TEMPLATE: Final = 1024
"""Characters of a template's text, filled in (WhatsApp's limit for a body)."""

CLOSED: Final = 63016
INSTEAD: Final[Mapping[int, Way]] = {
    CLOSED: Way.TEMPLATE,
    63003: Way.SMS,
    63024: Way.SMS,
    63032: Way.SMS,
}
"""Refusals of WhatsApp after which another way is open: from a template down, or SMS alone."""

_INSERT: Final[dict[str, Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True, slots=True)
class Wording:
    """An approved template: its ContentSid and what it says around our text."""

    content_sid: str
    wording: str

    def filled(self, body: str) -> tuple[str, Template]:
        """What the family reads, and how Twilio is told. A variable may hold no line breaks (WhatsApp refuses them)."""
        flat = " ".join(body.split())
        return self.wording.replace(PLACE, flat), Template(self.content_sid, {"1": flat})


def templates(connection: Connection) -> dict[str, Wording]:
    """The approved templates in use, by language; the newest of each."""
    rows = connection.execute(
        select(WhatsAppTemplate.language, WhatsAppTemplate.content_sid, WhatsAppTemplate.wording)
        .where(WhatsAppTemplate.retired_at.is_(None))
        .order_by(WhatsAppTemplate.id)
    )
    return {row.language: Wording(row.content_sid, row.wording) for row in rows}


def wording_of(connection: Connection, content_sid: str) -> Wording | None:
    """A template that a text travelled in, retired or not."""
    row = connection.execute(
        select(WhatsAppTemplate.wording).where(WhatsAppTemplate.content_sid == content_sid)
    ).one_or_none()
    return None if row is None else Wording(content_sid, row.wording)


def decide(
    connection: Connection, vault: Vault, due: Sequence[Row[Any]], now: datetime
) -> dict[int, Wording | None]:
    """Decide how due texts of WhatsApp conversations travel. Returns those that go over WhatsApp now, by row, with the
    template they travel in (None: as they are). The others were handed to an SMS number, or have failed."""
    if not due:
        return {}
    heard = _last_heard(connection, {row.conversation_id for row in due})
    known = templates(connection)
    line = connection.execute(
        select(SenderRow.number)
        .where(SenderRow.medium == Medium.SMS.value)
        .order_by(SenderRow.number)
        .limit(1)
    ).scalar_one_or_none()
    found: dict[int, Wording | None] = {}
    for row in due:
        body = vault.open_or(Outbox.body, row.id, row.body)
        fitting = {
            language: one.content_sid
            for language, one in known.items()
            if row.way != Way.SMS and len(one.filled(body)[0]) <= MOST_IN_TEMPLATE
        }
        last = None if row.way in (Way.TEMPLATE, Way.SMS) else heard.get(row.conversation_id)
        chosen, content_sid = way(now, last, row.language or "", fitting, line is not None)
        if chosen is Way.SMS and line is not None:
            _by_sms(connection, vault, row, line, now)
        elif chosen is Way.NONE:
            no_way(
                connection, row.id, now, error_code=CLOSED,
                reason="WhatsApp’s 24 hours are over, and there is neither an approved template nor an SMS number.",
            )  # fmt: skip
        else:
            found[row.id] = next((one for one in known.values() if one.content_sid == content_sid), None)
    _write_down(connection, found)
    return found


def other_way(code: int | None, before: str | None) -> Way | None:
    """The way that is left after WhatsApp refused a text with `code` that had travelled `before`; None: none is."""
    instead = INSTEAD.get(code or 0)
    return Way.SMS if instead is Way.TEMPLATE and before == Way.TEMPLATE else instead


def _last_heard(connection: Connection, conversation_ids: set[int]) -> dict[int, datetime]:
    """When each family last wrote on WhatsApp itself."""
    rows = connection.execute(
        select(Inbox.conversation_id, func.max(Inbox.received_at).label("at"))
        .where(Inbox.conversation_id.in_(conversation_ids), Inbox.came_by.is_(None))
        .group_by(Inbox.conversation_id)
    )
    return {row.conversation_id: row.at for row in rows}


def _write_down(connection: Connection, found: Mapping[int, Wording | None]) -> None:
    by_template: dict[str | None, list[int]] = {}
    for row_id, wording in found.items():
        by_template.setdefault(wording.content_sid if wording else None, []).append(row_id)
    for content_sid, ids in by_template.items():
        chosen = Way.FREE_TEXT if content_sid is None else Way.TEMPLATE
        connection.execute(
            update(Outbox).where(Outbox.id.in_(ids)).values(way=chosen.value, content_sid=content_sid)
        )


def _by_sms(connection: Connection, vault: Vault, row: Row[Any], line: str, now: datetime) -> None:
    """Hand a text to an SMS number: it waits there like any other, at that number's pace."""
    connection.execute(
        update(Outbox)
        .where(Outbox.id == row.id, Outbox.state == "ready")
        .values(medium=Medium.SMS.value, sender=line, way=Way.SMS.value, content_sid=None)
    )
    talk = connection.execute(
        select(Conversation.guardian_id, Conversation.address_index, Conversation.language, Conversation.time_zone)
        .where(Conversation.id == row.conversation_id)
    ).one()  # fmt: skip
    new = new_id()
    address = vault.seal(Conversation.address, new, vault.open(Outbox.to, row.id, row.to))
    statement = _INSERT[connection.dialect.name](Conversation).values(
        id=new, guardian_id=talk.guardian_id, medium=Medium.SMS.value, sender=line, address=address,
        address_index=talk.address_index, language=talk.language, time_zone=talk.time_zone,
        answers_to=row.conversation_id, created_at=now,
    )  # fmt: skip
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["address_index", "sender", "medium"], set_={"answers_to": row.conversation_id}
        )
    )
