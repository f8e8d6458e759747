"""You said, we did: rounds of input (ideas, a vote, what we did) and the ledger of everything families said."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from bot.insight.said_and_done import close_round, ledger, open_round
from bot.insight.scope import Period, Whose
from bot.insight.summary_material import ideas
from bot.insight.summary_sources import sources
from bot.outreach import rounds
from bot.outreach.rounds import LONGEST_OPTION, LONGEST_WORDS, OPTIONS, When
from bot.outreach.scheduling import CannotPrompt
from bot.records import audit
from bot.records.staff import sections_of
from bot.web import numbers
from bot.web.here import me, now, world
from bot.web.teacher import instant_place
from bot.web.words import local_today
from bot.web.words import translate as _

room = Blueprint("rounds", __name__, url_prefix="/staff/rounds")

SHOWN_IDEAS: Final = 60
LONGEST_TITLE: Final = 80


@room.get("")
def page() -> str:
    """The rounds, and the ledger."""
    before, older = _place("before"), _place("older")
    found, following = rounds.rounds(world().db, me().school_id, before)
    lines, more = ledger(world().db, me().school_id, older)
    return render_template(
        "rounds.html",
        rounds=found,
        following=following,
        ledger=lines,
        more=more,
        sections=sections_of(world().db, me()),
        day=_tomorrow(),
        typed=request.form,
        longest=LONGEST_WORDS,
        longest_title=LONGEST_TITLE,
        step_of=step_of,
    )


@room.post("")
def begin() -> ResponseReturnValue:
    """Ask families for their ideas."""
    wish = request.form.get("section", "")
    section = int(wish) if wish.isdecimal() and len(wish) < 19 else None
    try:
        round_id = rounds.open_round(
            world().desk, me().school_id, _text("title", LONGEST_TITLE), section, _when(), me().id
        )
    except CannotPrompt as error:
        flash(_(str(error)), "danger")
        return page(), 422
    audit.record(world().db, now(), me().id, "opened_round", "input_round", round_id)
    flash(_("It is planned: families are asked for their ideas."), "success")
    return redirect(url_for(".one", round_id=round_id), code=303)


@room.get("/<row_id:round_id>")
def one(round_id: int) -> str:
    """One round: its ideas, the vote, and what came of it."""
    found = rounds.one(world().db, me().school_id, round_id)
    if found is None:
        abort(404)
    whose = Whose((me().school_id,), None if found.section_id is None else (found.section_id,))
    until = found.closed_at or now()
    quotes = ideas(
        world().db, whose, Period(found.opened_at, max(until, found.opened_at) + timedelta(seconds=1))
    )
    shown = quotes[:SHOWN_IDEAS]
    talks = {quote.conversation_id for quote in shown}
    audit.record(
        world().db, now(), me().id, "read_ideas", "input_round", round_id, conversations=sorted(talks)
    )
    return render_template(
        "round.html",
        round=found,
        quotes=shown,
        there=len(quotes),
        sources=sources(world().db, talks, {quote.inbox_id for quote in shown if quote.inbox_id is not None}),
        day=_tomorrow(),
        typed=request.form,
        options=range(1, OPTIONS + 1),
        longest_option=LONGEST_OPTION,
        longest=LONGEST_WORDS,
        most=max(found.votes, default=0) or 1,
        numbers=numbers,
        step_of=step_of,
    )


@room.post("/<row_id:round_id>/vote")
def vote(round_id: int) -> ResponseReturnValue:
    """Put three ideas to the vote."""
    options = [_text(f"option_{number}", LONGEST_OPTION) for number in range(1, OPTIONS + 1)]
    try:
        rounds.put_to_vote(world().desk, me().school_id, round_id, options, _when(), me().id)
    except CannotPrompt as error:
        return _again(round_id, error)
    audit.record(world().db, now(), me().id, "opened_vote", "input_round", round_id)
    flash(_("It is planned: families vote."), "success")
    return redirect(url_for(".one", round_id=round_id), code=303)


@room.post("/<row_id:round_id>/close")
def close(round_id: int) -> ResponseReturnValue:
    """Say what the school did, and tell the families."""
    when = None
    try:
        if request.form.get("tell") == "yes":
            when = _when()
        said, did = _text("said", LONGEST_WORDS), _text("did", LONGEST_WORDS)
        rounds.close(world().desk, me().school_id, round_id, said, did, when, me().id)
    except CannotPrompt as error:
        return _again(round_id, error)
    audit.record(world().db, now(), me().id, "closed_round", "input_round", round_id)
    flash(_("Closed: it stands under “You said, we did”."), "success")
    return redirect(url_for(".one", round_id=round_id), code=303)


@room.post("/ledger")
def say() -> ResponseReturnValue:
    """Write down what several families said."""
    try:
        open_round(world().db, me().school_id, _text("said", LONGEST_WORDS), now(), me().id)
    except ValueError:
        flash(_("Write what families said first."), "danger")
    else:
        flash(_("Saved."), "success")
    return redirect(url_for(".page"), code=303)


@room.post("/ledger/<row_id:entry_id>")
def do(entry_id: int) -> ResponseReturnValue:
    """Write down what the school did about it, and tell the families."""
    when = None
    try:
        if request.form.get("tell") == "yes":
            when = _when()
        if not close_round(world().db, me().school_id, entry_id, _text("did", LONGEST_WORDS), now()):
            abort(404)
        if when is not None:
            rounds.tell(world().desk, me().school_id, entry_id, when, me().id)
    except CannotPrompt as error:
        flash(_(str(error)), "danger")
    except ValueError:
        flash(_("Write what the school did first."), "danger")
    else:
        flash(_("Closed: it stands under “You said, we did”."), "success")
    return redirect(url_for(".page"), code=303)


def _again(round_id: int, error: CannotPrompt) -> ResponseReturnValue:
    flash(_(str(error)), "danger")
    return one(round_id), 422


def _text(name: str, most: int) -> str:
    return " ".join(request.form.get(name, "").replace("\0", "").split())[:most]


def _when() -> When:
    """Day and time of a form. Raises `CannotPrompt`."""
    try:
        day, at = (
            date.fromisoformat(request.form.get("day", "")),
            time.fromisoformat(request.form.get("at", "")),
        )
    except ValueError:
        raise CannotPrompt("Choose the day on which it should go out.") from None
    return When(day, at.replace(second=0, microsecond=0, tzinfo=None))


def _tomorrow() -> str:
    return (local_today() + timedelta(days=1)).isoformat()


def _place(name: str) -> tuple[datetime, int] | None:
    place = instant_place(name)
    return None if place is None else (datetime.fromisoformat(place[0]), place[1])


def step_of(step: str) -> Markup:
    """What a round waits for."""
    match step:
        case "ideas":
            return _("families give ideas")
        case "vote":
            return _("families vote")
        case _closed:
            return _("closed")
