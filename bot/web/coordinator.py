"""A family coordinator's side: texts from numbers that belong to nobody yet."""

from __future__ import annotations

from flask import Blueprint, render_template

from bot.records import families
from bot.web.here import me, world
from bot.web.teacher import instant_place

room = Blueprint("coordinator", __name__, url_prefix="/staff")


@room.get("/unknown-numbers")
def strangers() -> str:
    """Who wrote from a number the school does not know."""
    return render_template(
        "staff_strangers.html", page=families.strangers(world().db, me(), instant_place("after"))
    )
