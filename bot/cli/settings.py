"""`bot settings`: what can be set, and what is set."""

from __future__ import annotations

import os

import click

from bot.settings import Settings, example, load

_SECRETS = ("secret_key", "data_keys", "index_key", "twilio_auth_token", "metrics_token")


@click.command()
@click.option(
    "--example",
    "as_example",
    is_flag=True,
    help="Print .env.example: every setting, its meaning, its default.",
)
def settings(as_example: bool) -> None:
    """Print the settings in force. Secrets are shown as set or not set."""
    if as_example:
        click.echo(example(), nl=False)
        return
    current = load(os.environ)
    for name in Settings.model_fields:
        value = getattr(current, name)
        if name in _SECRETS or name == "database_url":
            value = _without_secret(name, value)
        elif isinstance(value, tuple):
            value = ",".join(map(str, value))
        click.echo(f"{name.upper()}={value}")


def _without_secret(name: str, value: object) -> str:
    if name in _SECRETS:
        return "(set)" if value else "(not set)"
    from sqlalchemy import make_url

    return make_url(str(value)).render_as_string(hide_password=True)
