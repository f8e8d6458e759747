"""Delivery receipts: in any order, doubled, early, late or never. The table of moves decides; the event is kept.

WhatsApp often accepts a text and says only in a receipt that it may not go (63016): then it is queued again, once, by the
way that is left.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.channels.base import Medium, Receipt
from bot.delivery.consent import opt_out
from bot.delivery.retry import queue_again
from bot.delivery.sender import remember_provider_id
from bot.delivery.states import move
from bot.delivery.ways import other_way
from bot.store.database import Database
from bot.store.talk import Conversation, Outbox
from bot.store.wake import NoWake

OPTED_OUT = 21610


def apply_receipt(db: Database, receipt: Receipt, now: datetime) -> bool:
    """Apply one receipt. False when it is about no message of ours (then nothing is stored)."""
    with db.connection() as tx:
        named = Outbox.ref == receipt.ref if receipt.ref else Outbox.provider_id == receipt.provider_id
        row = tx.execute(
            select(Outbox.id, Outbox.provider_id, Outbox.medium, Outbox.way, Conversation.address_index)
            .join(Conversation, Conversation.id == Outbox.conversation_id)
            .where(named)
        ).one_or_none()
        if row is None:
            return False
        if receipt.provider_id and row.provider_id and receipt.provider_id != row.provider_id:
            return False  # a ref with somebody else's message id: not a receipt of this row
        moved = move(tx, row.id, receipt.state, now, error_code=receipt.error_code)
        if receipt.provider_id:
            remember_provider_id(tx, row.id, receipt.provider_id, now)
        if receipt.error_code == OPTED_OUT:
            opt_out(tx, row.address_index, now, "the carrier says this number opted out")
        left = other_way(receipt.error_code, row.way) if row.medium == Medium.WHATSAPP else None
        if moved and left is not None:
            with Session(tx) as session:
                queue_again(session, db.vault, session.get_one(Outbox, row.id), now, NoWake(), left.value)
                session.flush()
        return True
