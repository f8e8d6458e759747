"""A picture a family sent, handed out byte for byte: to staff who may read the family's thread, and never as a page.

What a stranger sends must not run in a colleague's browser: the type is one of a short list whose first bytes were
compared when it was fetched, the browser may not guess another, and even opened by itself it lies in a sandbox.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from bot.channels.media import KEPT, SHOWN
from bot.delivery.pictures import fetch_again
from bot.records import audit, pictures, threads
from bot.store.columns import VaultError
from bot.web.here import me, now, world
from bot.web.words import translate as _

room = Blueprint("pictures", __name__, url_prefix="/staff")

ALONE = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""The policy of an answer that is a file and no page."""


@room.post("/pictures/<row_id:media_id>/again")
def again(media_id: int) -> ResponseReturnValue:
    """Ask the provider once more for what was given up."""
    conversation_id = pictures.conversation_of(world().db, media_id)
    if conversation_id is None or not threads.can_see(world().db, me(), conversation_id):
        abort(404)
    if fetch_again(world().db, media_id, now()):
        audit.record(
            world().db, now(), me().id, "asked_for_picture", "conversation", conversation_id, media=media_id
        )
        flash(_("It is being fetched again."), "success")
    else:
        flash(_("There is nothing to fetch any more."), "danger")
    return redirect(url_for("thread.family", conversation_id=conversation_id), 303)


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
