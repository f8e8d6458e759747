"""A family's thread: what waits first, an answer in one sentence, the words that are not right, who talks."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from bot.conversation.desk import Desk
from bot.conversation.reply import CannotReply, Preview, hand_back, preview_reply, send_reply, take_over
from bot.conversation.step import CRITICAL
from bot.delivery.retry import NotRetriable, retry
from bot.flow.script import Script
from bot.flow.telling import wants_to_be_told
from bot.language.glossary import GlossaryBook
from bot.outreach.prompts import CannotBegin, begin
from bot.records import audit, threads
from bot.records.goals import goals_of
from bot.web.here import me, now, world
from bot.web.telling import told_name
from bot.web.told import told_in
from bot.web.words import moment, ui_language
from bot.web.words import translate as _

room = Blueprint("thread", __name__, url_prefix="/staff")

LONGEST_REPLY = 1000
"""Most characters of an answer as staff write it: its translation may be half as long again, and 1,600 is the end."""


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
    if queued.withheld == CRITICAL:
        flash(
            _(
                "Kept for a reviewer: your school lets no machine say this alone. It goes out in the reviewer’s words."
            ),
            "success",
        )
    elif queued.withheld:
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


@room.post("/families/<row_id:conversation_id>/texts/<any(in, out):way>/<row_id:text_id>/flag")
def flag(conversation_id: int, way: str, text_id: int) -> ResponseReturnValue:
    """Somebody says that a translation is not right: a reviewer will look at it."""
    _must_see(conversation_id)
    found = threads.pair(world().db, conversation_id, way == "in", text_id)
    if found is None:
        abort(404)
    original, translation = found
    remark = request.form.get("remark", "").replace("\0", "").strip()[:LONGEST_REPLY]
    if not remark:
        flash(_("Please say in a few words what is not right."), "danger")
        return _back(conversation_id)
    GlossaryBook(world().db, world().clock).correct(
        original.text,
        translation.text,
        remark,
        original.language or "und",
        translation.language or "und",
        me().school_id,
        conversation_id,
    )
    audit.record(
        world().db, now(), me().id, "flagged", "conversation", conversation_id, way=way, text=text_id
    )
    flash(_("Thank you. A reviewer will look at this translation."), "success")
    return _back(conversation_id)


@room.post("/families/<row_id:conversation_id>/begin")
def begin_conversation(conversation_id: int) -> ResponseReturnValue:
    """Begin one of the library's conversations with this family."""
    _must_see(conversation_id)
    form, desk = request.form, world().desk
    script = desk.library.get(form.get("script", ""))
    if script is None or script.audience != "family":
        flash(_("Please choose a conversation."), "danger")
        return _back(conversation_id)
    child, goal = (_row_id(form.get(name, "")) for name in ("child", "goal"))
    cause = f"staff.{me().id}.{form.get('once', '')[:40] or secrets.token_urlsafe(12)}"
    try:
        begun = begin(desk, conversation_id, script.name, cause, child, goal, told_in(script.name))
    except CannotBegin as error:
        missing = [str(told_name(name)) for name, words in told_in(script.name).items() if not words]
        if missing:
            flash(_("Say this too before it begins: {what}", what=", ".join(missing)), "danger")
        else:
            flash(_(str(error)), "danger")
        if wants_to_be_told(script):  # what it wants to be told is asked for beside it
            return _thread_page(conversation_id, chosen=script, status=422)
        return _back(conversation_id)
    audit.record(world().db, now(), me().id, "began", "conversation", conversation_id, script=script.name)
    if begun.not_before > now():
        flash(
            _("It begins {when}, when the family’s quiet hours end.", when=moment(begun.not_before)),
            "success",
        )
    else:
        flash(_("It has begun."), "success")
    return _back(conversation_id)


def scripts() -> list[tuple[str, str]]:
    """The conversations that can be begun with a family: name and title."""
    return sorted(
        (
            (script.name, script.title.texts.get(ui_language(), script.title.original))
            for script in world().desk.library.values()
            if script.audience == "family"
        ),
        key=lambda one: one[1],
    )


def _row_id(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _thread_page(
    conversation_id: int,
    *,
    text: str = "",
    preview: Preview | None = None,
    chosen: Script | None = None,
    status: int = 200,
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
        scripts=scripts(),
        chosen=chosen.name if chosen is not None else "",
        wanted=wants_to_be_told(chosen) if chosen is not None else {},
        told=told_in(chosen.name) if chosen is not None else {},
        goals=goals_of(world().db, me()),
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


def _seqs() -> tuple[int, int] | None:
    """`before=IN.OUT`: the numbers of the oldest texts shown so far."""
    heard, dot, told = request.args.get("before", "").partition(".")
    if not dot or not (heard.isdecimal() and told.isdecimal()) or max(len(heard), len(told)) > 18:
        return None
    return int(heard), int(told)
