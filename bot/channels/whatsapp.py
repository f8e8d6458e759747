"""WhatsApp's 24-hour rule, as one pure decision: free text, the approved template, or an SMS instead.

Source: WhatsApp Business messaging policy, as Twilio enforces it (error 63016): free text is allowed only within 24 hours
of the family's own last message; outside that window only a template approved beforehand, in one language each.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

WINDOW: Final = timedelta(hours=24)
MARGIN: Final = timedelta(minutes=5)
"""Closed a little early: the message must arrive inside the window, and clocks differ."""


class Way(StrEnum):
    """How a text may travel to a family that writes on WhatsApp."""

    FREE_TEXT = "free text"
    TEMPLATE = "template"
    SMS = "sms"
    NONE = "none"
    """Not at all now: no window, no template in the family's language, and no SMS sender."""


def way(
    now: datetime,
    last_heard: datetime | None,
    language: str,
    templates: Mapping[str, str],
    sms_possible: bool,
) -> tuple[Way, str | None]:
    """How a text may travel now, and the ContentSid when it is a template.

    `last_heard` is when the family last wrote *on WhatsApp*; both times carry a zone. `templates` are approved ContentSids
    by language (BCP-47). A template in another language is never used: a family would get words it cannot read.
    """
    if last_heard is not None and now - last_heard < WINDOW - MARGIN:
        return Way.FREE_TEXT, None
    if template := templates.get(language) or templates.get(_primary(language)):
        return Way.TEMPLATE, template
    return (Way.SMS, None) if sms_possible else (Way.NONE, None)


def _primary(language: str) -> str:
    # Chinese has two scripts that readers of one may not read: zh-Hant never falls to zh.
    return language if language.startswith("zh") else language.partition("-")[0]
