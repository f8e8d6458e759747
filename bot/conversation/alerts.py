"""What a screened text leaves behind: an alert that somebody must look at, with a clock.

Written in the very transaction that handles the text, so no text is answered with "a person is being told" while
nobody is. One alert a text: the same text taken twice raises one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.conversation.safety import Screening, Tier
from bot.store.columns import Vault, new_id
from bot.store.safety import SafetyAlert, SafetyStep

DUE: Final = {
    Tier.URGENT: timedelta(minutes=15),
    Tier.CONCERN: timedelta(days=1),
    Tier.NEED: timedelta(days=7),
}
"""By when a person must have looked: now, today, this week."""

ONCE: Final = timedelta(minutes=30)
"""The family is answered with the crisis line once in this long: two machines must not talk to each other for ever."""

_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True, slots=True)
class Alert:
    """What was found in a text, for the school whose people must look."""

    school_id: int
    found: Screening


def raise_alert(
    tx: Connection, vault: Vault, conversation_id: int, inbox_id: int, alert: Alert, now: datetime
) -> None:
    """Write the alert of a text, unless it is there. An urgent one pages people at once; while an earlier one of the
    same family is being paged, theirs is the clock: ten texts in a minute are one call."""
    row_id = new_id()
    found = alert.found
    rules = [[rule.language, rule.tier.value, rule.kind, rule.matched, rule.seen_in] for rule in found.rules]
    made = tx.execute(
        _INSERT[tx.dialect.name](SafetyAlert)
        .values(
            id=row_id,
            school_id=alert.school_id,
            conversation_id=conversation_id,
            inbox_id=inbox_id,
            tier=found.tier.value,
            kinds=list(found.kinds),
            rules=vault.seal(SafetyAlert.rules, row_id, json.dumps(rules, ensure_ascii=False)),
            raised_at=now,
            due_at=now + DUE[found.tier],
            pages=0,
            next_page_at=_page_at(tx, conversation_id, now) if found.tier is Tier.URGENT else None,
        )
        .on_conflict_do_nothing(index_elements=["inbox_id"])
        .returning(SafetyAlert.id)
    ).scalar_one_or_none()
    if made is not None:
        tx.execute(
            _INSERT[tx.dialect.name](SafetyStep).values(id=new_id(), alert_id=made, at=now, what="raised")
        )


def _page_at(tx: Connection, conversation_id: int, now: datetime) -> datetime:
    under_way = tx.execute(
        select(SafetyAlert.next_page_at)
        .where(SafetyAlert.conversation_id == conversation_id, SafetyAlert.next_page_at.is_not(None))
        .order_by(SafetyAlert.next_page_at)
        .limit(1)
    ).scalar_one_or_none()
    return under_way or now
