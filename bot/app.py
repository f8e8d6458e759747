"""The Flask application: a World and the rooms of bot/web around it."""

from __future__ import annotations

from flask import Flask

from bot.channels.media import SHOWN
from bot.jobs.wiring import World
from bot.store.keys import keys_of
from bot.web import (
    access,
    account,
    calendar,
    compose,
    coordinator,
    emergency,
    equity,
    errors,
    health,
    insight_pages,
    office,
    oidc,
    partnership,
    people,
    phone,
    pictures,
    pulses,
    quiet,
    quiet_days,
    review,
    rights,
    roster,
    rounds,
    safety,
    security,
    signin,
    standards,
    summaries,
    teacher,
    telling,
    thread,
    webhooks,
    welcome,
    words,
)
from bot.web.paths import RowId


def create_app(world: World) -> Flask:
    """The application of one web process. Make it after the fork, with a World of that process."""
    app = Flask("bot.web", static_folder="static", template_folder="templates")
    app.url_map.converters["row_id"] = RowId
    app.extensions["puente"] = world
    security.init_app(app, world.settings, keys_of(world.settings).secret_key)
    signin.init_app(app)
    oidc.init_app(app, world.settings)
    words.init_app(app)
    app.jinja_env.globals["safety_waits"] = safety.waits
    app.jinja_env.globals["insight_pages"] = insight_pages.pages
    app.jinja_env.globals.update(telling=telling, shown_types=SHOWN)
    access.init_app(app)
    errors.init_app(app)
    for room in (
        welcome.room, phone.room, webhooks.room, health.room, signin.room, teacher.room, coordinator.room,
        people.room, account.room, oidc.room,
        thread.room,
        pictures.room,
        quiet_days.room,
        compose.room,
        calendar.room,
        emergency.room,
        review.room,
        roster.room,
        standards.room,
        rights.room,
        summaries.room,
        quiet.room,
        rounds.room,
        equity.room,
        safety.room,
        office.room,
        partnership.room,
        pulses.room,
    ):  # fmt: skip
        app.register_blueprint(room)
    security.csrf.exempt(webhooks.room)  # signed by the carrier instead
    return app
