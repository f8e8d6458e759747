"""What the pages say, in the reader's language: catalog look-ups, times, language names, and texts made safe to show.

The reader's language is, in this order: `?lang=` (then kept in a cookie), the cookie, what a signed-in person chose,
what the browser asks for, English. Only languages with a `web` catalog are offered.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time, format_timedelta
from flask import Flask, Response, g, has_request_context, request
from flask_login import current_user
from markupsafe import Markup, escape

from bot.language.catalog import Catalogs
from bot.language.codes import ENGLISH, LANGUAGES
from bot.web.here import world

COOKIE = "lang"
_YEAR_SECONDS = 365 * 24 * 3600
_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_CONTROLS = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n\r"} | {0x7F: 0x2421}
_SURROGATES = re.compile("[\ud800-\udfff]")


def init_app(app: Flask) -> None:
    """Give every template `_`, the filters below and the page's language and direction."""
    app.jinja_env.finalize = shown
    app.jinja_env.globals.update(_=translate, language_name=language_name, direction=direction)
    app.jinja_env.filters.update(
        clock=clock, day=day, moment=moment, ago=ago, lasting=lasting, iso=iso, calendar_day=calendar_day
    )
    app.context_processor(_page_language)
    app.after_request(_keep_language)


def languages() -> tuple[str, ...]:
    """The languages the pages come in, English first."""
    return _catalogs().languages()


def ui_language() -> str:
    """The language of the page being made."""
    if not has_request_context():
        return ENGLISH
    if "ui_language" not in g:
        g.ui_language = _choose()
    return str(g.ui_language)


def _catalogs() -> Catalogs:
    return world().catalogs["web"]


def _choose() -> str:
    offered = languages()
    own = current_user.member.language if current_user and current_user.is_authenticated else None
    for wish in (request.args.get("lang"), request.cookies.get(COOKIE), own):
        if wish in offered:
            return wish
    return request.accept_languages.best_match(offered) or ENGLISH


def _keep_language(response: Response) -> Response:
    wish = request.args.get("lang")
    if wish and wish == ui_language():
        response.set_cookie(
            COOKIE,
            wish,
            max_age=_YEAR_SECONDS,
            httponly=True,
            samesite="Lax",
            secure=world().settings.base_url.startswith("https:"),
        )
    return response


def _page_language() -> dict[str, Any]:
    language = ui_language()
    others = [LANGUAGES[tag] for tag in languages() if tag != language]
    return {"ui": LANGUAGES[language], "other_languages": others}


def translate(msgid: str, plural: str | None = None, n: int | None = None, **values: object) -> Markup:
    """`msgid` in the page's language (English where the catalog has no entry), its values escaped.

    For counts give the English `plural` and `n`; `{n}` is filled too.
    """
    catalogs = _catalogs()
    # Each placeholder stands for itself here: the sentence is escaped first, and only then filled.
    holders = {name: f"{{{name}}}" for name in values}
    found = catalogs.text(msgid, ui_language(), plural=plural, n=n, **holders)
    found = found or catalogs.text(msgid, ENGLISH, plural=plural, n=n, **holders)
    assert found is not None  # English needs no entry
    filled = _PLACEHOLDER.sub(
        lambda match: str(escape(shown(values[match.group(1)]))), str(escape(found.text))
    )
    return Markup(filled)  # noqa: S704  (both halves were escaped one line above)


def shown(value: Any) -> Any:
    """A value as a page can carry it: control characters and lone surrogates become visible signs."""
    if not isinstance(value, str):
        return value
    safe = _SURROGATES.sub("\ufffd", value.translate(_CONTROLS))
    return type(value)(safe) if safe != value else value


def language_name(tag: str | None) -> str:
    """What the page's reader calls a language."""
    if not tag or tag == "und":
        return str(translate("language not known yet"))
    known = LANGUAGES.get(tag)
    if ui_language() != ENGLISH:
        name = _locale().languages.get(tag.replace("-", "_"))
        if name:
            return str(name)
    return known.english if known else tag


def direction(tag: str | None) -> str:
    """Which way a text in this language runs: ltr, rtl, or auto when the language is not known."""
    known = LANGUAGES.get(tag or "")
    return known.direction.value if known else "auto"


def _locale() -> Locale:
    return Locale.parse(LANGUAGES[ui_language()].babel or "en_US")


def _zone() -> ZoneInfo:
    if current_user and current_user.is_authenticated:
        return ZoneInfo(current_user.member.time_zone)
    return ZoneInfo(world().settings.school_time_zone)


def local_today() -> date:
    """Today, on the school's calendar."""
    return world().clock().astimezone(_zone()).date()


def calendar_day(on: date) -> str:
    """A day that is no instant, with its weekday."""
    return format_date(on, "EEEE, d MMMM" if ui_language() != ENGLISH else "EEEE, MMMM d", locale=_locale())


def clock(at: datetime) -> str:
    """The time of day, on the school's clock."""
    return format_time(at, "short", tzinfo=_zone(), locale=_locale())


def day(at: datetime) -> str:
    """The day, with its weekday."""
    return format_date(
        at.astimezone(_zone()).date(),
        "EEEE, d MMMM" if ui_language() != ENGLISH else "EEEE, MMMM d",
        locale=_locale(),
    )


def weekday_name(number: int) -> str:
    """A day of the week, Monday being 0."""
    return str(_locale().days["stand-alone"]["wide"][number])


def moment(at: datetime) -> str:
    """Day and time, short."""
    return format_datetime(at, "medium", tzinfo=_zone(), locale=_locale())


def ago(at: datetime) -> str:
    """How long ago, in words."""
    since = at - world().clock()
    if abs(since) < timedelta(seconds=1):
        since = timedelta(seconds=-1)  # "a minute ago" rather than "in 0 minutes"
    return format_timedelta(since, add_direction=True, granularity="minute", threshold=1.2, locale=_locale())


def lasting(since: datetime) -> str:
    """How long something has lasted, in words."""
    return format_timedelta(world().clock() - since, granularity="minute", threshold=1.2, locale=_locale())


def iso(at: datetime) -> str:
    """For a `datetime` attribute."""
    return at.astimezone(UTC).isoformat(timespec="seconds")
