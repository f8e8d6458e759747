"""A picture a family sent, handed out byte for byte: to staff who may read the family's thread, and never as a page.

What a stranger sends must not run in a colleague's browser: the type is one of a short list whose first bytes were
compared when it was fetched, the browser may not guess another, and even opened by itself it lies in a sandbox.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort

from bot.channels.media import KEPT, SHOWN
from bot.records import audit, pictures, threads
from bot.store.columns import VaultError
from bot.web.here import me, now, world

room = Blueprint("pictures", __name__, url_prefix="/staff")

ALONE = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""The policy of an answer that is a file and no page."""


@room.get("/pictures/<row_id:media_id>")
def show(media_id: int) -> Response:
    """One picture or file. Each look is in the log."""
    try:
        found = pictures.kept(world().db, media_id)
    except VaultError:
        abort(404)
    if (
        found is None
        or found.content_type not in KEPT
        or not threads.can_see(world().db, me(), found.conversation_id)
    ):
        abort(404)
    audit.record(
        world().db, now(), me().id, "saw_picture", "conversation", found.conversation_id, media=media_id
    )
    answer = Response(found.content, mimetype=found.content_type)
    ending = found.content_type.partition("/")[2]
    way = "inline" if found.content_type in SHOWN else "attachment"
    answer.headers["Content-Disposition"] = f"{way}; filename=family-{media_id}.{ending}"
    answer.headers["Content-Security-Policy"] = ALONE
    return answer
