"""Open sessions and the revisions they are pinned to: what `bot flows diff` looks at before an edit goes live."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import select

from bot.flow.script import Script
from bot.flow.session import Session
from bot.store.database import Database
from bot.store.talk import FlowRevision, FlowSession


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One run that has not ended. `id` is the row's, `script` the revision it is pinned to."""

    id: int
    script: Script
    session: Session


def open_sessions(database: Database, name: str) -> tuple[OpenSession, ...]:
    """The open sessions of every revision of the conversation `name`, oldest first."""
    with database.reading() as reading:
        revisions = {
            revision.id: Script.from_canonical(revision.yaml)
            for revision in reading.scalars(select(FlowRevision).where(FlowRevision.name == name))
        }
        rows = reading.scalars(
            select(FlowSession)
            .where(FlowSession.open, FlowSession.revision_id.in_(revisions))
            .order_by(FlowSession.id)
        )
        return tuple(
            OpenSession(
                row.id,
                revisions[row.revision_id],
                Session.from_json(json.loads(database.vault.open(FlowSession.state, row.id, row.state))),
            )
            for row in rows
        )
