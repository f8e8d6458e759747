"""Writing a prompt: goal, message, what families will read in each language, when. Every press of a button keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.delivery.quiet_days import WEEKDAYS
from bot.flow.telling import wants_to_be_told
from bot.language import codes
from bot.language.critical import TOPICS
from bot.outreach import drafts, mending, own_phone, plans, scheduling, wording
from bot.outreach.opener import NoSuchScript
from bot.outreach.preview import Preview, preview
from bot.outreach.programmes import cancel_programme, create_programme, preview_days
from bot.outreach.reach import our_numbers
from bot.outreach.scheduling import CannotPrompt, NewPrompt
from bot.records import audit
from bot.records.colleagues import NotPossible
from bot.records.families import languages_of
from bot.records.goals import goals_of
from bot.records.prompts import can_see_programme, can_see_prompt, programmes_of, prompts
from bot.records.staff import grades_of, sections_of
from bot.records.strengths import gifts
from bot.web.here import me, now, world
from bot.web.thread import scripts
from bot.web.told import told_in
from bot.web.words import local_today, weekday_name
from bot.web.words import translate as _

room = Blueprint("prompts", __name__, url_prefix="/staff/prompts")

_MOST_PARTS: Final = 3
"""Conversations that can take turns with the first one."""
_LONGEST: Final = {"title": 120, "words": 1200, "reason": 300}


@room.get("")
def everything() -> str:
    """What goes out, what is being written, what went out."""
    after = request.args.get("after", "").partition("~")
    place = None
    if after[2].isdecimal() and len(after[2]) < 19:
        try:
            place = date.fromisoformat(after[0]), int(after[2])
        except ValueError:
            place = None
    page = prompts(world().db, me(), place)
    mine = drafts.drafts(world().db, me().id) if place is None else []
    return render_template(
        "prompts.html",
        page=page,
        drafts=mine,
        programmes=programmes_of(world().db, me()) if place is None else [],
        budget=_budget(""),
    )


@room.post("/new")
def new() -> ResponseReturnValue:
    """Begin a draft; from a conversation of the library when one is named."""
    fields = drafts.Fields(
        script=request.form.get("script", "")[:100],
        sections=tuple(section for section, _name in _own_sections()[:1]),
        day=local_today().isoformat(),
        at="17:30",
        best_time=True,
    )
    draft_id = drafts.begin(world().db, me().id, now(), fields)
    return redirect(url_for(".write", draft_id=draft_id), code=303)


@room.get("/drafts/<row_id:draft_id>")
def write(draft_id: int) -> str:
    """The form."""
    return _form(_draft(draft_id))


@room.post("/drafts/<row_id:draft_id>")
def keep(draft_id: int) -> ResponseReturnValue:
    """Keep it as it stands; then look at it, mend a word, make it, or throw it away."""
    _draft(draft_id)
    do, fields = request.form.get("do", "save"), _fields()
    if do == "drop":
        drafts.drop(world().db, me().id, draft_id)
        flash(_("The draft was thrown away."), "success")
        return redirect(url_for(".everything"), code=303)
    if do.startswith("mend:"):
        fields = replace(fields, words=wording.mend(fields.words, do.removeprefix("mend:")))
    if do.startswith("fix:"):
        fields = replace(fields, words=mending.fix(fields.words, do.removeprefix("fix:")))
    drafts.keep(world().db, me().id, draft_id, fields, now())
    if do == "make":
        return _make(draft_id, fields)
    if do == "save":
        flash(_("Saved."), "success")
        return redirect(url_for(".write", draft_id=draft_id), code=303)
    seen = _look(fields)
    if do.startswith("try:"):
        _try_on(seen[0], do.removeprefix("try:"))
    return _form(_draft(draft_id), *seen)


def _try_on(seen: Preview, language: str) -> None:
    """Text what the families of one language would read to my own phone."""
    view = next((one for one in seen.languages if one.language == language and not one.waits), None)
    if view is None:
        flash(_("There is nothing to try in this language yet."), "danger")
        return
    ours = our_numbers(world().settings).of(me().sample)
    token = f"{request.form.get('once', '')[:40]}.{language}"
    try:
        own_phone.try_on(world().desk, me(), ours, view.example, language, token, now())
    except NotPossible as error:
        flash(_(str(error)), "danger")
        return
    audit.record(world().db, now(), me().id, "tried_on_own_phone", "staff", me().id, language=language)
    flash(_("It is on its way to your own phone. No family gets it."), "success")


@room.get("/<row_id:prompt_id>")
def one(prompt_id: int) -> str:
    """Who gets a prompt, when, in which language; and who does not, and why. A page at a time."""
    _must_see(prompt_id)
    after, out = request.args.get("after", ""), "out" in request.args
    place = int(after) if after.isdecimal() and len(after) < 19 else None
    try:
        page = plans.plan_page(world().desk, prompt_id, place, out=out)
    except NoSuchScript:
        page = None
    audit.record(world().db, now(), me().id, "read_plan", "prompt", prompt_id)
    return render_template(
        "prompt_plan.html", page=page, prompt_id=prompt_id, out=out, first_page=place is None
    )


@room.post("/programmes/<row_id:programme_id>/call-off")
def call_off_programme(programme_id: int) -> ResponseReturnValue:
    """Call off what is still to come of a programme."""
    if not can_see_programme(world().db, me(), programme_id):
        abort(404)
    try:
        saved = cancel_programme(world().desk, programme_id)
    except CannotPrompt as error:
        flash(_(str(error)), "danger")
    else:
        audit.record(world().db, now(), me().id, "called_off", "programme", programme_id, families=saved)
        flash(_("Called off."), "success")
    return redirect(url_for(".everything"), code=303)


@room.post("/<row_id:prompt_id>/call-off")
def call_off(prompt_id: int) -> ResponseReturnValue:
    """Call a prompt off: nobody else gets it."""
    _must_see(prompt_id)
    saved = scheduling.cancel(world().db, [prompt_id], now())
    audit.record(world().db, now(), me().id, "called_off", "prompt", prompt_id, families=saved)
    flash(_("Called off."), "success")
    return redirect(url_for(".everything"), code=303)


def _make(draft_id: int, fields: drafts.Fields) -> ResponseReturnValue:
    try:
        wanted = _wanted(fields)
        programme = drafts.as_programme(fields, wanted)
        if programme is None:
            prompt_id = scheduling.create(world().desk, me().school_id, wanted, me().id)
        else:
            made = create_programme(world().desk, me().school_id, programme, me().id)
            prompt_id = made.prompt_ids[0]
            audit.record(world().db, now(), me().id, "made", "programme", made.id)
    except CannotPrompt as error:
        flash(_(str(error)), "danger")
        return _form(_draft(draft_id)), 422
    drafts.drop(world().db, me().id, draft_id)
    audit.record(world().db, now(), me().id, "made", "prompt", prompt_id)
    flash(_("It is planned. Below is who gets it."), "success")
    return redirect(url_for(".one", prompt_id=prompt_id), code=303)


def _wanted(fields: drafts.Fields) -> NewPrompt:
    own = [section for section, _name in _own_sections()]
    return drafts.as_prompt(fields, own, me().sees_whole_school)


def _look(fields: drafts.Fields) -> tuple[Preview, list[tuple[date, str]]]:
    """What families would read, and on which days when it goes on over weeks."""
    days: list[tuple[date, str]] = []
    try:
        wanted = _wanted(fields)
        programme = drafts.as_programme(fields, wanted)
        if programme is not None:
            days = preview_days(world().desk, me().school_id, programme)
            wanted = replace(wanted, day=days[0][0])
    except CannotPrompt as error:
        return Preview(str(error)), []
    return preview(world().desk, me().school_id, wanted, me().id), days


def _budget(day: str) -> scheduling.Budget:
    try:
        on = date.fromisoformat(day)
    except ValueError:
        on = local_today()
    return scheduling.budget(world().db, me().school_id, on)


def _form(draft: drafts.Draft, seen: Preview | None = None, days: Sequence[tuple[date, str]] = ()) -> str:
    fields, who = draft.fields, me()
    search = request.values.get("find_goal", "").replace("\0", "").strip()[:80]
    script = world().desk.library.get(fields.script)
    found = wording.findings(fields.words, answerable=False) if fields.words.strip() and not script else ()
    return render_template(
        "prompt_write.html",
        draft=draft,
        fields=fields,
        scripts=scripts(),
        script=script,
        wanted=wants_to_be_told(script) if script is not None else {},
        goals=goals_of(world().db, who, search),
        find_goal=search,
        sections=_own_sections(),
        languages=languages_of(world().db, who),
        topics=TOPICS,
        findings=found,
        gifts=gifts(world().db, who, fields.sections),
        fixes=mending.offered(fields.words, found),
        phone=own_phone.of(world().db, who.id),
        preview=seen,
        days=days,
        grades=grades_of(world().db, who),
        weekdays=[(name, weekday_name(number)) for number, name in enumerate(WEEKDAYS)],
        budget=_budget(fields.day),
        longest=_LONGEST,
        here=url_for(".write", draft_id=draft.id),
    )


def _fields() -> drafts.Fields:
    form = request.form

    def text(name: str) -> str:
        return form.get(name, "").replace("\0", "").replace("\r\n", "\n")[: _LONGEST.get(name, 100)]

    days = form.get("not_heard_days", "")
    goal = form.get("goal", "")
    return drafts.Fields(
        title=text("title"),
        script=text("script"),
        words=text("words"),
        goal=int(goal) if goal.isdecimal() and len(goal) < 19 else None,
        sections=tuple(int(one) for one in form.getlist("section") if one.isdecimal() and len(one) < 19),
        languages=tuple(one for one in form.getlist("language") if codes.find(one) is not None),
        not_heard_days=int(days) if days.isdecimal() and len(days) < 4 and int(days) > 0 else None,
        everyone="everyone" in form,
        day=text("day"),
        at=text("at"),
        topic=text("topic") if text("topic") in TOPICS else "",
        reason=text("reason"),
        grades=tuple(one[:20] for one in form.getlist("grade")),
        rhythm=text("rhythm") if text("rhythm") in drafts.RHYTHMS else drafts.ONCE,
        weekdays=tuple(one for one in form.getlist("weekday") if one in WEEKDAYS),
        weeks=text("weeks").strip(),
        parts=tuple(one[:100] for one in form.getlist("part")[:_MOST_PARTS] if one),
        best_time="best_time" in form,
        told=told_in(text("script")),
    )


def _own_sections() -> list[tuple[int, str]]:
    return sections_of(world().db, me())


def _draft(draft_id: int) -> drafts.Draft:
    found = drafts.draft(world().db, me().id, draft_id)
    if found is None:
        abort(404)
    return found


def _must_see(prompt_id: int) -> None:
    if not can_see_prompt(world().db, me(), prompt_id):
        abort(404)
