"""A teacher's day: who wrote and waits, everyone else, and a first word to a family that never wrote."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.channels.base import Medium
from bot.outreach.prompts import CannotBegin, conversation_with
from bot.outreach.reach import our_numbers
from bot.records import audit, families, review_talk
from bot.records.colleagues import NotPossible
from bot.records.nudges import open_nudges
from bot.records.prompts import going_out
from bot.records.staff import sections_of
from bot.records.suggestions import suggestion
from bot.web.here import me, now, world
from bot.web.words import local_today
from bot.web.words import translate as _

room = Blueprint("teacher", __name__, url_prefix="/staff")

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
    asked, sent_back = review_talk.waiting_for(world().db, who), review_talk.sent_back_to(world().db, who)
    shown = [line.conversation_id for line in waits.lines]
    shown += [one.conversation_id for one in asked if one.conversation_id is not None]
    shown += [one.conversation_id for one in sent_back if one.conversation_id is not None]
    if shown:
        audit.record(world().db, now(), who.id, "saw_today", "staff", who.id, conversations=shown)
    return render_template(
        "staff_today.html",
        waits=waits,
        nudges={one.conversation_id: one for one in open_nudges(world().db, who)},
        asked=asked,
        sent_back=sent_back,
        others=others,
        search=search,
        going_out=going_out(world().db, who, local_today()),
        suggestion=suggestion(world().db, who, now()),
        sections=[name for _id, name in sections_of(world().db, who)],
        first_page=not request.args.get("waits") and not request.args.get("after"),
    )


@room.post("/guardians/<row_id:guardian_id>/write")
def write_first(guardian_id: int) -> ResponseReturnValue:
    """Open the thread of a family that never wrote."""
    if not families.can_see_guardian(world().db, me(), guardian_id):
        abort(404)
    ours = our_numbers(world().settings).of(me().sample)
    try:
        conversation_id = conversation_with(world().db, guardian_id, ours.sender, Medium(ours.medium), now())
    except CannotBegin as error:
        flash(_(str(error)), "danger")
        return redirect(url_for(".today"), code=303)
    return redirect(url_for("thread.family", conversation_id=conversation_id), code=303)


@room.post("/questions/<row_id:question_id>")
def answer_reviewer(question_id: int) -> ResponseReturnValue:
    """Answer a reviewer who asked what a text means."""
    try:
        if not review_talk.answer(world().db, me(), question_id, _few_words("answer"), now()):
            abort(404)
    except NotPossible as error:
        flash(_(str(error)), "danger")
        return redirect(url_for(".today"), code=303)
    audit.record(world().db, now(), me().id, "answered_reviewer", "question", question_id)
    flash(_("Thank you. The reviewer has your answer."), "success")
    return redirect(url_for(".today"), code=303)


@room.post("/sent-back/<row_id:rejection_id>")
def put_aside(rejection_id: int) -> ResponseReturnValue:
    """I have read why a reviewer sent my text back."""
    review_talk.put_aside(world().db, me(), rejection_id, now())
    return redirect(url_for(".today"), code=303)


def _few_words(name: str) -> str:
    return request.form.get(name, "").replace("\0", "").replace("\r\n", "\n")[: review_talk.LONGEST]


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
