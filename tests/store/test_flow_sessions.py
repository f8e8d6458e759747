"""Who is in the middle of a conversation, before an edit of it goes live."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from bot.flow.engine import advance, new_session
from bot.flow.happenings import Began
from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.flow_sessions import revisions_in_use
from bot.store.talk import Conversation, FlowRevision, FlowSession
from tests.flow.writing import GOOD, library

NOW = datetime(2026, 3, 4, 17, 30, tzinfo=UTC)


def test_open_sessions_come_with_the_revision_they_are_pinned_to(db: Database) -> None:
    script = library(tea=GOOD).script("tea")
    session, _ = advance(script, new_session(script), Began({"child": "Ana"}), NOW)
    revision, conversation, running, over = (new_id() for _ in range(4))
    with db.writing() as writing:
        writing.add(
            FlowRevision(
                id=revision, name="tea", sha256=script.sha256, yaml=script.canonical(), created_at=NOW
            )
        )
        writing.add(
            Conversation(
                id=conversation,
                medium="sms",
                sender="+15555550100",
                address=db.vault.seal(Conversation.address, conversation, "+15555550123"),
                address_index=db.vault.index("+15555550123"),
                created_at=NOW,
            )
        )
        writing.flush()
        for row, is_open in ((running, True), (over, False)):
            state = db.vault.seal(FlowSession.state, row, json.dumps(session.to_json()))
            writing.add(
                FlowSession(
                    id=row,
                    conversation_id=conversation,
                    revision_id=revision,
                    cause=str(row),
                    state=state,
                    open=is_open,
                    began_at=NOW,
                )
            )

    [found] = revisions_in_use(db, ["tea"])

    assert (found.script, found.newest) == (script, True)
    assert [(one.id, one.guardian_id, one.session) for one in found.sessions] == [(running, None, session)]
    assert revisions_in_use(db, ["coffee"]) == ()
