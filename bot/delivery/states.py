"""The states of an outgoing text and the moves between them. Whoever moves a row does it with one conditional
UPDATE against this table, so late, doubled or disordered receipts change nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, update

from bot.store.columns import new_id
from bot.store.talk import DeliveryEvent, Outbox

MOVES: dict[str, frozenset[str]] = {
    "ready": frozenset({"sending", "expired", "withheld"}),
    "sending": frozenset({"sent", "delivered", "undelivered", "failed", "unknown", "ready"}),
    "unknown": frozenset({"sent", "delivered", "undelivered", "failed", "ready"}),
    "sent": frozenset({"delivered", "undelivered", "failed"}),
    "delivered": frozenset(),
    "undelivered": frozenset(),
    "failed": frozenset(),
    "expired": frozenset(),
    "withheld": frozenset(),
}
FINAL = frozenset(state for state, moves in MOVES.items() if not moves)
IN_FLIGHT = frozenset({"sending", "unknown"})


def sources(target: str) -> tuple[str, ...]:
    """The states from which a row may become `target`."""
    return tuple(sorted(state for state, moves in MOVES.items() if target in moves))


def move(
    connection: Connection,
    outbox_id: int,
    target: str,
    now: datetime,
    *,
    seen: tuple[str, ...] | None = None,
    error_code: int | None = None,
    **also: Any,
) -> bool:
    """Move one row to `target` if the table of moves (and `seen`) allows it, and write down that it was tried.

    True when the row moved. `also` are further columns to set with the move.
    """
    values: dict[str, Any] = {"state": target} | also
    if error_code is not None:
        values["error_code"] = error_code
    if target in FINAL:
        values.setdefault("settled_at", now)
    allowed = tuple(state for state in sources(target) if seen is None or state in seen)
    return _move(connection, outbox_id, allowed, values, now)


def no_way(connection: Connection, outbox_id: int, now: datetime, *, error_code: int, reason: str) -> bool:
    """A text that has no way to go fails before it is ever tried. Apart from the table: a receipt must never do this."""
    values = {"state": "failed", "error_code": error_code, "reason": reason, "settled_at": now}
    return _move(connection, outbox_id, ("ready",), values, now)


def _move(
    connection: Connection, outbox_id: int, allowed: tuple[str, ...], values: dict[str, Any], now: datetime
) -> bool:
    moved = connection.execute(
        update(Outbox).where(Outbox.id == outbox_id, Outbox.state.in_(allowed)).values(values)
    ).rowcount
    connection.execute(
        insert(DeliveryEvent),
        {
            "id": new_id(), "outbox_id": outbox_id, "at": now, "state": values["state"],
            "applied": moved == 1, "error_code": values.get("error_code"),
        },
    )  # fmt: skip
    return moved == 1
