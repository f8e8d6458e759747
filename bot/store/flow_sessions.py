"""Open sessions and the revisions they are pinned to: what `bot flows diff` looks at before an edit goes live."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from bot.flow.script import Script
from bot.flow.session import Session
from bot.store.database import Database
from bot.store.talk import Conversation, FlowRevision, FlowSession


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One run that has not ended. `id` is the row's; `guardian_id` is None for a number that belongs to nobody."""

    id: int
    guardian_id: int | None
    session: Session


@dataclass(frozen=True, slots=True)
class Revision:
    """One text of a conversation that families have heard: the newest, or an older one that somebody is still in."""

    script: Script
    newest: bool
    sessions: tuple[OpenSession, ...]


def revisions_in_use(database: Database, names: Collection[str]) -> tuple[Revision, ...]:
    """Of each of these conversations the newest revision and every older one with open sessions, oldest first; the
    sessions oldest first too."""
    with database.reading() as reading:
        rows = reading.scalars(
            select(FlowRevision)
            .where(FlowRevision.name.in_(names))
            .order_by(FlowRevision.created_at, FlowRevision.id)
        ).all()
        newest = {row.name: row.id for row in rows}
        sessions: dict[int, list[OpenSession]] = defaultdict(list)
        for run, guardian in reading.execute(
            select(FlowSession, Conversation.guardian_id)
            .join(Conversation, Conversation.id == FlowSession.conversation_id)
            .where(FlowSession.open, FlowSession.revision_id.in_([row.id for row in rows]))
            .order_by(FlowSession.id)
        ):
            state = json.loads(database.vault.open(FlowSession.state, run.id, run.state))
            sessions[run.revision_id].append(OpenSession(run.id, guardian, Session.from_json(state)))
        return tuple(
            Revision(Script.from_canonical(row.yaml), row.id == newest[row.name], tuple(sessions[row.id]))
            for row in rows
            if row.id == newest[row.name] or row.id in sessions
        )
