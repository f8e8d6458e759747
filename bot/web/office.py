"""An administrator's office: the school's settings and the installation's, senders, models, the consent ledger."""

from __future__ import annotations

from datetime import date, time

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.delivery import sender_health
from bot.delivery.sender_health import NotASender
from bot.language.engines.router import quality, tier_of
from bot.records import audit, ledger, school_settings
from bot.records.colleagues import NotPossible
from bot.settings import Settings
from bot.web.here import me, now, world
from bot.web.words import translate as _

room = Blueprint("office", __name__, url_prefix="/staff/office")

SECRET_WORDS = ("secret", "key", "token", "password", "database_url", "account_sid")
"""A setting whose name holds one of these is never shown, only whether there is one. Also what it may hide in."""


@room.get("/settings")
def settings() -> str:
    """What this school decides, and what this installation does."""
    return _settings()


@room.post("/settings")
def change_settings() -> ResponseReturnValue:
    """Change the school's own."""
    try:
        school_settings.change(world().db, me(), request.form.to_dict(), now())
    except NotPossible as error:
        flash(_(str(error)), "danger")
        return _settings(), 422
    flash(_("Saved."), "success")
    return redirect(url_for(".settings"), code=303)


@room.get("/senders")
def senders() -> str:
    """The numbers texts go out from."""
    return _senders()


@room.post("/senders")
def change_sender() -> ResponseReturnValue:
    """Add a number, hold one back, or let it go on."""
    form = request.form
    number, medium, do = form.get("number", "").strip(), form.get("medium", ""), form.get("do")
    try:
        if do == "add":
            sender_health.add_sender(world().db, number, medium, form.get("rate", ""))
        elif not sender_health.pause_sender(
            world().db, number, medium, now() if do == "pause" else None, world().wake
        ):
            raise NotASender("Write the number like +15555550100, and choose how its texts travel.")
    except NotASender as error:
        flash(_(str(error)), "danger")
        return _senders(), 422
    audit.record(world().db, now(), me().id, "sender_changed", "school", me().school_id, do=str(do)[:10])
    flash(_("Saved."), "success")
    return redirect(url_for(".senders"), code=303)


@room.get("/models")
def models() -> str:
    """The translation models that are here."""
    found = [
        (model, tier_of(quality(model.engine, model.source, model.target)))
        for model in world().translator.router.models()
    ]
    return render_template("office_models.html", models=found, memory=world().settings.models_memory_mb)


@room.get("/consent")
def consent() -> str:
    """May a number be texted, and why: now, or on a day that has passed."""
    text = request.args.get("q", "")[:80]
    day = _day(request.args.get("day", ""))
    found = ledger.look_up(world().db, me(), text, day, now())
    return render_template("office_consent.html", found=found, q=text, day=day)


def _settings() -> str:
    ours = world().settings
    rows = []
    for name, field in Settings.model_fields.items():
        value = getattr(ours, name)
        if any(word in name for word in SECRET_WORDS):
            shown = str(_("set, not shown")) if value else str(_("made by the installation"))
        elif isinstance(value, tuple):
            shown = ", ".join(map(str, value))
        else:
            shown = value.strftime("%H:%M") if isinstance(value, time) else str(value)
        rows.append((name.upper(), shown, field.description or ""))
    return render_template(
        "office_settings.html",
        school=school_settings.school_settings(world().db, me()),
        rows=rows,
        typed=request.form,
    )


def _senders() -> str:
    return render_template("office_senders.html", senders=sender_health.senders(world().db, now()))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
