"""A member of staff's own page: four statements at the start and the end of a term, and one thought a week."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from bot.insight import reflection
from bot.insight.pulse import CS, HIGHEST, LOWEST, record
from bot.web.here import me, now, world
from bot.web.words import local_today
from bot.web.words import translate as _

room = Blueprint("pulses", __name__, url_prefix="/staff/my-week")

VALUES: Final = range(LOWEST, HIGHEST + 1)


@room.get("")
def mine() -> str:
    """The statements with this person's last answers, this week's question, and what she wrote before."""
    said, said_at = reflection.last_pulse(world().db, me().id)
    return render_template(
        "my_week.html",
        statements=[(one, statement(one)) for one in CS],
        values=VALUES,
        said=said,
        said_at=said_at,
        thought=thought(local_today().isocalendar().week),
        reflections=reflection.own(world().db, me().id),
        longest=reflection.LONGEST,
    )


@room.post("/pulse")
def answer() -> ResponseReturnValue:
    """Keep the answers that were given; the last one of a time counts."""
    given = {one: request.form.get(one, "") for one in CS}
    chosen = {one: int(text) for one, text in given.items() if text in map(str, VALUES)}
    for one, value in chosen.items():
        record(world().db, me().school_id, me().id, one, value, now())
    if chosen:
        flash(
            _(
                "Thank you. Families answer the same statements; the school sees both sides’ means, never yours."
            ),
            "success",
        )
    else:
        flash(_("Please choose a number for at least one of them."), "danger")
    return redirect(url_for(".mine"), code=303)


@room.post("/thought")
def reflect() -> ResponseReturnValue:
    """Keep this week's thought."""
    form = {name: request.form.get(name, "").replace("\0", "") for name in ("learned", "next_step")}
    try:
        reflection.write_down(world().db, me().id, form["learned"], form["next_step"], now())
    except ValueError:
        flash(_("Write what you learned first; one sentence is enough."), "danger")
    else:
        flash(_("Kept. Nobody but you reads it."), "success")
    return redirect(url_for(".mine"), code=303)


def statement(c: str) -> Markup:
    """One of the four Cs as a statement about oneself."""
    match c:
        case "capability":
            return _("I know how to work with families as partners.")
        case "connection":
            return _("I have a real conversation with most of my families.")
        case "cognition":
            return _("What families know shapes my teaching.")
        case _confidence:
            return _("I can build trust across languages.")


def c_name(c: str) -> Markup:
    """One of the four Cs."""
    match c:
        case "capability":
            return _("Capabilities: what we know and can do")
        case "connection":
            return _("Connections: whom we know")
        case "cognition":
            return _("Cognition: what we believe")
        case _confidence:
            return _("Confidence: what we dare")


def thought(week: int) -> Markup:
    """This week's question: the four things the framework asks of educators take turns."""
    match week % 4:
        case 0:
            return _("Which talk with a family this week was about learning?")
        case 1:
            return _("What did a family decide together with you?")
        case 2:
            return _("What does a family know or do that you can build on in class?")
        case _welcome:
            return _("What made a family feel welcome, or would have?")
