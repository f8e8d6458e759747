"""A person presses "send again": the failed text goes out as a new one, and the old one keeps its history."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.delivery.outbox import REPLY, Draft, queue
from bot.store.columns import Vault
from bot.store.database import Database
from bot.store.talk import Outbox
from bot.store.wake import Wake

RETRIABLE = ("failed", "undelivered", "expired")


class NotRetriable(Exception):
    """The text is not one that can be sent again. The message says why, for staff."""


def retry(db: Database, outbox_id: int, now: datetime, wake: Wake) -> int:
    """Queue a failed text again; returns the new row's id. Two clicks queue it once.

    Raises `NotRetriable` when the text is on its way or arrived, was withheld, or is being tried again already.
    """
    with db.writing() as session:
        row = session.get(Outbox, outbox_id)
        if row is None or row.body is None:
            raise NotRetriable("This text is no longer kept.")
        if row.state not in RETRIABLE:
            raise NotRetriable("This text did not fail, so it is not sent again.")
        again = queue_again(session, db.vault, row, now, wake)
        if again is None:
            raise NotRetriable("This text has been sent again already.")
        return again


def queue_again(
    session: Session, vault: Vault, row: Outbox, now: datetime, wake: Wake, way: str | None = None
) -> int | None:
    """Queue the words of `row` as a new text, by the `way` that is left; its id, or None when that was done before."""
    root = row.ref.split("/again")[0]
    tries = session.scalar(
        select(func.count())
        .select_from(Outbox)
        .where(Outbox.ref.startswith(f"{root}/again", autoescape=True))
    )
    if row.body is None or row.ref != (f"{root}/again{tries}" if tries else root):
        return None
    draft = Draft(
        ref=f"{root}/again{(tries or 0) + 1}",
        kind=row.kind,
        body=vault.open(Outbox.body, row.id, row.body),
        language=row.language,
        origin=row.origin,
        not_before=now,
        priority=REPLY,
        original=None if row.original is None else vault.open(Outbox.original, row.id, row.original),
        original_language=row.original_language,
        engine=row.engine,
        model=row.model,
        doubts=tuple(row.doubts),
        author_id=row.author_id,
        session_id=row.session_id,
        line=row.line,
        occasion=row.occasion,
        way=way,
    )
    return queue(session.connection(), vault, row.conversation_id, [draft], now, wake)[0]
