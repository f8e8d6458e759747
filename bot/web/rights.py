"""What a family may ask of the school: everything that is held about it, that it be erased; and the log of who looked."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.language.catalog import Catalogs
from bot.language.codes import ENGLISH, LANGUAGES
from bot.records import audit, families, privacy, threads
from bot.records.colleagues import colleagues
from bot.records.family_found import Found, NoSuchFamily, find
from bot.records.family_paper import WORDS, Reader, as_html, paper
from bot.records.holds import OnHold, hold, holds_on, lift
from bot.web.here import me, now, world
from bot.web.words import translate as _

room = Blueprint("rights", __name__, url_prefix="/staff")


@room.get("/families/<row_id:conversation_id>/rights")
def page(conversation_id: int) -> str:
    """What a coordinator or administrator can do for a family that asks."""
    found, name = _found(conversation_id)
    return render_template(
        "rights.html",
        conversation_id=conversation_id,
        name=name,
        found=found,
        holds=holds_on(world().db, found),
        log=audit.about(world().db, found.conversation_ids, 30),
    )


@room.get("/families/<row_id:conversation_id>/everything.<any(html, json):form>")
def everything(conversation_id: int, form: str) -> Response:
    """Everything we hold of the family: a paper in its language, or every record as JSON."""
    found, _name = _found(conversation_id)
    held = privacy.everything(world().db, found, now(), me().id)
    if form == "json":
        body = json.dumps(held.as_json(), ensure_ascii=False, indent=1, default=str)
        made = Response(body.encode("utf-8", "replace"), mimetype="application/json")
    else:
        made = Response(
            as_html(paper(held, _reader(found.language), now())).encode("utf-8", "replace"),
            mimetype="text/html",
        )
    made.headers["Content-Disposition"] = f"attachment; filename=family.{form}"
    return made


@room.post("/families/<row_id:conversation_id>/forget")
def forget(conversation_id: int) -> ResponseReturnValue:
    """Erase the family, after it was said twice."""
    found, name = _found(conversation_id)
    if request.form.get("sure") != "yes":
        flash(_("Please tick that you are sure: this cannot be undone."), "danger")
        return redirect(url_for(".page", conversation_id=conversation_id), code=303)
    try:
        erased = privacy.forget(world().db, found, now(), me().id)
    except OnHold:
        flash(_("There is a legal hold on this family: nothing was erased."), "danger")
        return redirect(url_for(".page", conversation_id=conversation_id), code=303)
    flash(
        _("Erased: {n} record of {name}.", "Erased: {n} records of {name}.", n=erased.total, name=name),
        "success",
    )
    return redirect(url_for("teacher.today"), code=303)


@room.post("/families/<row_id:conversation_id>/hold")
def place_hold(conversation_id: int) -> ResponseReturnValue:
    """Keep everything of this family, whoever asks, until the hold is lifted; or lift it."""
    found, _name = _found(conversation_id)
    reason = request.form.get("reason", "").replace("\0", "").strip()[:300]
    if request.form.get("do") == "lift":
        lift(world().db, found, now(), me().id)
        flash(_("The hold is lifted."), "success")
    elif not reason:
        flash(_("Please give the reason."), "danger")
    else:
        try:
            hold(world().db, found, reason, now(), me().id)
        except NoSuchFamily:
            flash(_("This number belongs to no family on the roster yet."), "danger")
        else:
            flash(_("Everything of this family is kept until the hold is lifted."), "success")
    return redirect(url_for(".page", conversation_id=conversation_id), code=303)


@room.get("/log")
def log() -> str:
    """Who looked at or changed what, newest first."""
    before, who = (
        int(one) if one.isdecimal() and len(one) < 19 else None
        for one in (request.args.get(name, "") for name in ("before", "who"))
    )
    page = audit.log(world().db, me().school_id, before, who)
    people = sorted(colleagues(world().db, me()), key=lambda one: one.name.casefold())
    return render_template("audit_log.html", page=page, people=people, who=who)


def _found(conversation_id: int) -> tuple[Found, str]:
    """The family of a conversation this person may read."""
    seen = threads.thread(world().db, me(), conversation_id, limit=1)
    if seen is None:
        abort(404)
    family = seen.family
    try:
        if family.guardian_id is not None:
            return find(world().db, family.guardian_id), family.name or ""
    except NoSuchFamily:
        abort(404)
    number = families.number_of(world().db, me(), conversation_id)
    if number is None:
        abort(404)
    return find(world().db, number), str(_("Unknown number ending in {digits}", digits=family.number_ends))


def _reader(language: str | None) -> Reader:
    """The words of the paper in the family's language; English where nobody has written them yet."""
    catalogs = _papers(world().catalogs["web"].folder)
    tag = language if language in LANGUAGES else ENGLISH
    entries = {key: catalogs.entry(text, tag, context=key) for key, text in WORDS.items()}
    said = {key: entry.forms[0] for key, entry in entries.items() if entry is not None}
    if len(said) < len(WORDS):
        tag, said = ENGLISH, WORDS
    known = LANGUAGES[tag]
    return Reader(tag, known.babel or "en_US", known.direction.value, lambda key: said[key])


@lru_cache(maxsize=2)
def _papers(folder: Path) -> Catalogs:
    return Catalogs.load(folder, "papers")
