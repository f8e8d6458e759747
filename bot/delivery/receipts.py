"""Delivery receipts: in any order, doubled, early, late or never. The table of moves decides; the event is kept."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from bot.channels.base import Receipt
from bot.delivery.consent import opt_out
from bot.delivery.sender import remember_provider_id
from bot.delivery.states import move
from bot.store.database import Database
from bot.store.talk import Conversation, Outbox

OPTED_OUT = 21610


def apply_receipt(db: Database, receipt: Receipt, now: datetime) -> bool:
    """Apply one receipt. False when it is about no message of ours (then nothing is stored)."""
    with db.connection() as tx:
        named = Outbox.ref == receipt.ref if receipt.ref else Outbox.provider_id == receipt.provider_id
        row = tx.execute(
            select(Outbox.id, Outbox.provider_id, Conversation.address_index)
            .join(Conversation, Conversation.id == Outbox.conversation_id)
            .where(named)
        ).one_or_none()
        if row is None:
            return False
        if receipt.provider_id and row.provider_id and receipt.provider_id != row.provider_id:
            return False  # a ref with somebody else's message id: not a receipt of this row
        move(tx, row.id, receipt.state, now, error_code=receipt.error_code)
        if receipt.provider_id:
            remember_provider_id(tx, row.id, receipt.provider_id, now)
        if receipt.error_code == OPTED_OUT:
            opt_out(tx, row.address_index, now, "the carrier says this number opted out")
        return True
