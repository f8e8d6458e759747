"""When something does not work: a page in plain words that says what to do; a database that is away is a 503."""

from __future__ import annotations

from flask import Flask, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from markupsafe import Markup
from werkzeug.exceptions import HTTPException, InternalServerError

from bot.store.database import is_down
from bot.web.words import translate as _

_MACHINES = frozenset({"webhooks", "health"})
"""Rooms whose callers read a status and no page."""


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.register_error_handler(CSRFError, _stale)
    app.register_error_handler(InternalServerError, _broken)
    app.register_error_handler(HTTPException, _refused)


def _page(status: int, title: Markup, advice: Markup) -> ResponseReturnValue:
    if request.blueprint in _MACHINES or request.path.startswith("/webhooks/"):
        return Response(f"{status}\n", status, mimetype="text/plain")
    return render_template("error.html", title=title, advice=advice), status


def _stale(error: CSRFError) -> ResponseReturnValue:
    return _page(
        400,
        _("This page had been open for too long"),
        _("Go back, load the page again and send it once more. What you typed is usually still there."),
    )


def _broken(error: InternalServerError) -> ResponseReturnValue:
    if error.original_exception is not None and is_down(error.original_exception):
        return _page(
            503,
            _("The database cannot be reached"),
            _("Nothing was lost and nothing was sent. Please try again in a minute."),
        )
    return _page(
        500,
        _("Something on our side did not work"),
        _(
            "It has been written to the log. Please try again; if it stays, tell the person who looks after Puente."
        ),
    )


def _refused(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if error.response is not None:
        return error
    title, advice = {
        401: (_("Please sign in"), _("Your session has ended. Sign in and try again.")),
        403: (
            _("This page is not for your role"),
            _("If you need it for your work, ask an administrator at your school."),
        ),
        404: (_("There is no such page"), _("It may have been moved, or it is not yours to see.")),
        405: (_("That does not work here"), _("Please go back and use the buttons of the page.")),
        413: (_("That was too large"), _("Please send something shorter.")),
        429: (_("That was a little too often"), _("Please wait a minute and try again.")),
    }.get(status, (_("That request could not be read"), _("Please go back and try again.")))
    return _page(status, title, advice)
