"""The World of the application that answers the present request."""

from __future__ import annotations

from datetime import datetime

from flask import current_app
from flask_login import current_user

from bot.jobs.wiring import World
from bot.records.staff import Member


def world() -> World:
    """Everything this process works with: database, translator, settings, clock."""
    found: World = current_app.extensions["puente"]
    return found


def now() -> datetime:
    """The present instant, by the World's clock."""
    return world().clock()


def me() -> Member:
    """The member of staff behind this request. Only behind a staff door."""
    member: Member = current_user.member
    return member
