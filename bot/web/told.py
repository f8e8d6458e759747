"""What a conversation wants to be told before it begins (a date, a practice): asked for on forms, read from them."""

from __future__ import annotations

from flask import request

from bot.flow.lines import LONGEST_VALUE
from bot.flow.telling import wants_to_be_told
from bot.web.here import world


def told_in(name: str) -> dict[str, str]:
    """What the form in hand tells the conversation `name`."""
    script = world().desk.library.get(name)
    wanted = wants_to_be_told(script) if script is not None else {}
    return {
        one: request.form.get(f"told_{one}", "").replace("\0", "").strip()[:LONGEST_VALUE] for one in wanted
    }
