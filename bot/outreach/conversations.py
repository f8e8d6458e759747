"""Conversations that the school opens: with guardians who never wrote, from our own number, hundreds at a time."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.delivery.consent import stopped_numbers
from bot.outreach.reach import OurNumbers
from bot.store.columns import Vault, new_id
from bot.store.people import Guardian, School
from bot.store.talk import ConsentEvent, Conversation

ROSTER = "the family gave this number to the school (roster)"
"""The basis of a first text where the ledger has none: a number given to a school covers messages closely tied to its
mission (FCC 16-88), until the family says otherwise."""

_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def open_with(
    tx: Connection, vault: Vault, ours: OurNumbers, guardian_ids: Collection[int], now: datetime
) -> dict[int, int]:
    """Guardian → conversation from our number, made where there is none; guardians without a phone are left out.

    The consent ledger gets the basis of the first text, where it has nothing about the number yet.
    """
    if not guardian_ids:
        return {}
    people = tx.execute(
        select(
            Guardian.id,
            Guardian.phone,
            Guardian.phone_index,
            Guardian.language,
            Guardian.time_zone,
            School.sample,
        )
        .join(School, School.id == Guardian.school_id)
        .where(Guardian.id.in_(list(guardian_ids)), Guardian.phone_index.is_not(None))
        .order_by(
            Guardian.phone_index, Guardian.id
        )  # two who insert the same numbers do so in the same order
    ).all()
    stopped = dict(
        tx.execute(
            select(Conversation.address_index, Conversation.opted_out_at).where(
                Conversation.address_index.in_([one.phone_index for one in people]),
                Conversation.opted_out_at.is_not(None),
            )
        ).all()
    )  # fmt: skip
    stopped |= stopped_numbers(tx, [one.phone_index for one in people if one.phone_index not in stopped])
    rows = []
    for one in people:
        row_id, from_ = new_id(), ours.of(one.sample)
        phone = vault.open(Guardian.phone, one.id, one.phone)
        rows.append(
            {
                "id": row_id,
                "guardian_id": one.id,
                "medium": from_.medium,
                "sender": from_.sender,
                "address": vault.seal(Conversation.address, row_id, phone),
                "address_index": one.phone_index,
                "language": one.language,
                "time_zone": one.time_zone,
                "opted_out_at": stopped.get(one.phone_index),  # STOP holds on every number of ours
                "pending": {},
                "created_at": now,
            }
        )
    if rows:
        tx.execute(
            _INSERT[tx.dialect.name](Conversation).on_conflict_do_nothing(
                index_elements=["address_index", "sender", "medium"]
            ),
            rows,
        )
    found = {
        (row.address_index, row.sender, row.medium): row.id
        for row in tx.execute(
            select(
                Conversation.address_index, Conversation.sender, Conversation.medium, Conversation.id
            ).where(Conversation.address_index.in_([one.phone_index for one in people]))
        )
    }
    _note_basis(tx, [(one.phone_index, one.id) for one in people], now)
    return {
        one.id: found[one.phone_index, ours.of(one.sample).sender, ours.of(one.sample).medium]
        for one in people
    }


def _note_basis(tx: Connection, numbers: list[tuple[bytes, int]], now: datetime) -> None:
    known = set(
        tx.execute(
            select(ConsentEvent.address_index).where(
                ConsentEvent.address_index.in_([index for index, _ in numbers])
            )
        ).scalars()
    )
    fresh = [
        {
            "id": new_id(), "address_index": index, "guardian_id": guardian, "at": now, "kind": "opt_in",
            "basis": ROSTER,
        }
        for index, guardian in numbers
        if index not in known
    ]  # fmt: skip
    if fresh:
        tx.execute(insert(ConsentEvent), fresh)
