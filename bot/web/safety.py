"""The safety queue: texts that may mean danger or need, for the few who may see them."""

from __future__ import annotations

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.records import audit, safety_contacts, safety_queue, safety_steps
from bot.records.safety_contacts import WrongNumber
from bot.records.safety_steps import NotPossible
from bot.web.here import me, now, world
from bot.web.words import translate as _

room = Blueprint("safety", __name__, url_prefix="/staff/safety")

LONGEST = 1000


def waits() -> safety_queue.Waiting:
    """What waits in the queue for the person behind this request, asked once a request."""
    if "safety_waits" not in g:
        g.safety_waits = safety_queue.waiting(world().db, me())
    found: safety_queue.Waiting = g.safety_waits
    return found


@room.get("")
def everything() -> str:
    """What waits, the most urgent first; or what was settled."""
    after = request.args.get("after", "")
    place = int(after) if after.isdecimal() and len(after) < 19 else None
    settled = request.args.get("show") == "settled"
    audit.record(world().db, now(), me().id, "saw_safety_queue", "school", me().school_id)
    page = safety_queue.queue(world().db, me(), settled=settled, after=place)
    return render_template("safety.html", page=page, settled=settled, at=now(), first=place is None)


@room.get("/<row_id:alert_id>")
def one(alert_id: int) -> str:
    """One alert: the text, what was found in it, what was said around it, and what people did."""
    case = safety_queue.look(world().db, me(), alert_id, now())
    if case is None:
        abort(404)
    return render_template(
        "safety_one.html",
        case=case,
        line=case.line,
        at=now(),
        colleagues=safety_steps.colleagues(world().db, me()),
        longest=LONGEST,
    )


@room.post("/<row_id:alert_id>")
def act(alert_id: int) -> ResponseReturnValue:
    """Say "I have seen it", give it to somebody, call everybody, write down what was done, close it."""
    db, form = world().db, request.form
    words = form.get("words", "").replace("\0", "").strip()[:LONGEST]
    try:
        match form.get("do"):
            case "acknowledge":
                safety_steps.acknowledge(db, me(), alert_id, now())
                done = _("Noted: you have seen it, and nobody is called again.")
            case "assign":
                to = form.get("to", "")
                safety_steps.assign(
                    db, me(), alert_id, int(to) if to.isdecimal() and len(to) < 19 else 0, now()
                )
                done = _("It is in your colleague’s hands.")
            case "escalate":
                safety_steps.escalate(db, me(), alert_id, words, now())
                done = _("Everybody on call is being called now.")
            case "note":
                safety_steps.note(db, me(), alert_id, words, now())
                done = _("Written down.")
            case "handled" | "false_alarm" as outcome:
                safety_steps.settle(db, me(), alert_id, outcome, words, now())
                done = _("Closed.")
            case _other:
                raise NotPossible("Please choose what to do.")
    except NotPossible as error:
        flash(_(str(error)), "danger")
    else:
        flash(done, "success")
    return redirect(url_for(".one", alert_id=alert_id), code=303)


@room.get("/on-call")
def on_call() -> str:
    """Who is called when a text may mean danger."""
    return _on_call()


@room.post("/on-call")
def change_on_call() -> ResponseReturnValue:
    """Put somebody on call, or take them off."""
    form = request.form
    staff_id = form.get("staff", "")
    try:
        kept = safety_contacts.keep(
            world().db,
            me(),
            int(staff_id) if staff_id.isdecimal() and len(staff_id) < 19 else 0,
            form.get("phone", "")[:40],
            form.get("by_email") == "yes",
            form.get("on_call") == "yes",
            now(),
        )
    except WrongNumber as error:
        flash(_(str(error)), "danger")
        return _on_call(), 422
    if not kept:
        flash(_("Please choose a coordinator or administrator."), "danger")
        return _on_call(), 422
    flash(_("Saved."), "success")
    return redirect(url_for(".on_call"), code=303)


def _on_call() -> str:
    settings = world().settings
    return render_template(
        "safety_on_call.html",
        contacts=safety_contacts.contacts(world().db, me().school_id),
        mail=bool(settings.smtp_host),
        minutes=", ".join(map(str, settings.page_minutes)),
    )
