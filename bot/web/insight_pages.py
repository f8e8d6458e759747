"""The pages about families and the school, in their order, as far as somebody's role opens them."""

from __future__ import annotations

from flask_login import current_user
from markupsafe import Markup

from bot.web.access import may_open
from bot.web.words import translate as _


def pages() -> list[tuple[str, Markup]]:
    """Endpoint and title of those this person may open."""
    everything = [
        ("summaries.page", _("Summaries")),
        ("quiet.page", _("Not heard from")),
        ("rounds.page", _("You said, we did")),
        ("equity.page", _("Equity")),
        ("partnership.page", _("Partnership")),
        ("pulses.mine", _("My week")),
    ]
    role = current_user.member.role
    return [(endpoint, title) for endpoint, title in everything if may_open(endpoint, role)]
