"""A teacher's side: who wrote and waits, a family's thread, an answer in one sentence."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from bot.conversation.desk import Desk
from bot.conversation.reply import CannotReply, Preview, hand_back, preview_reply, send_reply, take_over
from bot.delivery.retry import NotRetriable, retry
from bot.records import audit, families, threads
from bot.records.staff import sections_of
from bot.web.here import me, now, world
from bot.web.words import moment
from bot.web.words import translate as _

room = Blueprint("teacher", __name__, url_prefix="/staff")

LONGEST_REPLY = 1000
"""Most characters of an answer as staff write it: its translation may be half as long again, and 1,600 is the end."""
_LONGEST_SEARCH = 80


@room.get("")
def today() -> str:
    """Who wrote and waits, longest first; then everyone else, a page at a time."""
    who = me()
    if not who.reads_families:
        return render_template("staff_counts.html", counts=families.counts(world().db, who))
    search = _search()
    waits = families.waiting(world().db, who, instant_place("waits"))
    others = families.everyone_else(world().db, who, _place("after"), search)
    shown = [line.conversation_id for line in waits.lines]
    if shown:
        audit.record(world().db, now(), who.id, "saw_today", "staff", who.id, conversations=shown)
    return render_template(
        "staff_today.html",
        waits=waits,
        others=others,
        search=search,
        sections=[name for _id, name in sections_of(world().db, who)],
        first_page=not request.args.get("waits") and not request.args.get("after"),
    )


@room.get("/families/<row_id:conversation_id>")
def family(conversation_id: int) -> ResponseReturnValue:
    """A family's thread: what waits for an answer first, then the conversation, newest first."""
    return _thread_page(conversation_id)


@room.get("/families/<row_id:conversation_id>/news")
def news(conversation_id: int) -> ResponseReturnValue:
    """The newest messages alone, for the page's script. Written to the log when there is something new to read."""
    found = threads.thread(world().db, me(), conversation_id)
    if found is None:
        abort(404)
    if str(request.args.get("seen")) != _newest(found):
        audit.record(world().db, now(), me().id, "read_thread", "conversation", conversation_id, by="refresh")
    return render_template("staff_messages.html", thread=found, newest=_newest(found))


@room.post("/families/<row_id:conversation_id>/reply")
def reply(conversation_id: int) -> ResponseReturnValue:
    """Answer in English: look at the family's version first, or send it."""
    _must_see(conversation_id)
    text = request.form.get("text", "").replace("\r\n", "\n").strip()
    if not text:
        flash(_("Please write a sentence first."), "danger")
        return _thread_page(conversation_id, status=422)
    if len(text) > LONGEST_REPLY:
        flash(
            _(
                "That is too long for a text message. Please keep it under {most} characters.",
                most=LONGEST_REPLY,
            ),
            "danger",
        )
        return _thread_page(conversation_id, text=text, status=422)
    desk = world().desk
    try:
        if request.form.get("do") == "preview":
            return _thread_page(
                conversation_id, text=text, preview=preview_reply(desk, conversation_id, text)
            )
        token = request.form.get("once", "")[:40] or secrets.token_urlsafe(12)
        queued = send_reply(desk, conversation_id, me().id, text, token)
    except CannotReply as error:
        flash(_(str(error)), "danger")
        return _thread_page(conversation_id, text=text, status=422)
    audit.record(
        world().db, now(), me().id, "replied", "conversation", conversation_id, text=queued.outbox_id
    )
    if queued.withheld:
        flash(
            _(
                "Nothing here can translate this, so it was kept and not sent. Please ask a bilingual colleague."
            ),
            "danger",
        )
    elif queued.not_before > now():
        flash(
            _(
                "Your answer goes out {when}, when the family’s quiet hours end.",
                when=moment(queued.not_before),
            ),
            "success",
        )
    else:
        flash(_("Your answer is on its way. Below is what the family reads."), "success")
    return _back(conversation_id)


@room.post("/families/<row_id:conversation_id>/texts/<row_id:outbox_id>/retry")
def retry_text(conversation_id: int, outbox_id: int) -> ResponseReturnValue:
    """Send a text again that did not arrive."""
    _must_see(conversation_id)
    if not threads.is_text_of(world().db, outbox_id, conversation_id):
        abort(404)
    try:
        retry(world().db, outbox_id, now(), world().wake)
    except NotRetriable as error:
        flash(_(str(error)), "danger")
        return _back(conversation_id)
    audit.record(world().db, now(), me().id, "sent_again", "conversation", conversation_id, text=outbox_id)
    flash(_("It is being sent again."), "success")
    return _back(conversation_id)


@room.post("/families/<row_id:conversation_id>/take-over")
def begin_taking_over(conversation_id: int) -> ResponseReturnValue:
    """The automatic conversation stops; a person answers from here on."""
    return _change_hands(
        conversation_id,
        take_over,
        "took_over",
        _("You have taken over: the automatic conversation is silent until you hand back."),
    )


@room.post("/families/<row_id:conversation_id>/hand-back")
def give_back(conversation_id: int) -> ResponseReturnValue:
    """The automatic conversation may go on."""
    return _change_hands(
        conversation_id, hand_back, "handed_back", _("Handed back: the automatic conversation goes on.")
    )


def _change_hands(
    conversation_id: int, change: Callable[[Desk, int], None], action: str, done: Markup
) -> ResponseReturnValue:
    _must_see(conversation_id)
    try:
        change(world().desk, conversation_id)
    except CannotReply as error:
        flash(_(str(error)), "danger")
        return _back(conversation_id)
    audit.record(world().db, now(), me().id, action, "conversation", conversation_id)
    flash(done, "success")
    return _back(conversation_id)


def _thread_page(
    conversation_id: int, *, text: str = "", preview: Preview | None = None, status: int = 200
) -> ResponseReturnValue:
    before = _seqs()
    _must_see(conversation_id)
    audit.record(world().db, now(), me().id, "read_thread", "conversation", conversation_id)
    found = threads.thread(world().db, me(), conversation_id, before)
    if found is None:
        abort(404)
    page = render_template(
        "staff_thread.html",
        thread=found,
        family=found.family,
        newest=_newest(found),
        text=text,
        preview=preview,
        longest=LONGEST_REPLY,
        is_newest_page=before is None,
        here=url_for(".family", conversation_id=conversation_id),
    )
    return page, status


def _must_see(conversation_id: int) -> None:
    if not threads.can_see(world().db, me(), conversation_id):
        abort(404)


def _newest(thread: threads.Thread) -> str:
    """Names the newest message of a page, so that a script can tell whether it has seen it."""
    return str(max((message.id for message in thread.messages), default=0))


def _back(conversation_id: int) -> ResponseReturnValue:
    return redirect(url_for(".family", conversation_id=conversation_id), code=303)


def _search() -> str:
    return request.args.get("q", "").replace("\0", "").strip()[:_LONGEST_SEARCH]


def _place(name: str) -> tuple[str, int] | None:
    """Where a page of a list begins, as an earlier page named it: `key~id`."""
    key, tilde, number = request.args.get(name, "").rpartition("~")
    if not tilde or not number.isdecimal() or len(number) > 19 or "\0" in key:
        return None
    return key, int(number)


def instant_place(name: str) -> tuple[str, int] | None:
    """As `_place`, for a list that is ordered by an instant."""
    place = _place(name)
    if place is None:
        return None
    try:
        at = datetime.fromisoformat(place[0])
    except ValueError:
        return None
    return place if at.tzinfo else None


def _seqs() -> tuple[int, int] | None:
    """`before=IN.OUT`: the numbers of the oldest texts shown so far."""
    heard, dot, told = request.args.get("before", "").partition(".")
    if not dot or not (heard.isdecimal() and told.isdecimal()) or max(len(heard), len(told)) > 18:
        return None
    return int(heard), int(told)
