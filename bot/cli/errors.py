"""What the command says when it cannot do its work, and with which exit status.

0 done · 1 the work found faults · 2 wrong usage (a wrong setting too) · 3 something needed is missing.
"""

from __future__ import annotations

import sys

import click

FAULTS = 1
WRONG = 2
MISSING = 3


class Faults(click.ClickException):
    """The work was done and found faults."""

    exit_code = FAULTS


class Wrong(click.ClickException):
    """Something given (an argument, a setting) cannot be right."""

    exit_code = WRONG


class Missing(click.ClickException):
    """Something needed is not there: a database, a key, a model, a free port."""

    exit_code = MISSING


def as_sentence(error: Exception) -> click.ClickException | None:
    """`error` as one sentence for the person at the terminal; None when it is no error a person can mend."""
    if isinstance(error, click.ClickException):
        return error
    if _is(error, "bot.settings", "SettingsError"):
        return Wrong(str(error))
    if _is(error, "bot.store.columns", "VaultError"):
        return Missing(str(error))
    if _is(error, "bot.store.database", "DatabaseDown") or _is(error, "sqlalchemy.exc", "OperationalError"):
        return Missing(_database(error))
    if _is(error, "bot.language.engines.base", "EngineMissing"):
        return Missing(str(error))
    return None


def _is(error: Exception, module: str, name: str) -> bool:
    """Is `error` of a class whose module may not even be loaded? Then it is not; nothing is imported to find out."""
    kind = getattr(sys.modules.get(module), name, None)
    return isinstance(kind, type) and isinstance(error, kind)


def _database(error: Exception) -> str:
    """Our words for what the driver said: the driver's own name the address and the user."""
    cause = getattr(error, "orig", None)
    said = str(cause or "").lower()
    for needle, sentence in (
        ("has no column", "The database is of another version than this program: run `bot migrate`."),
        ("no such column", "The database is of another version than this program: run `bot migrate`."),
        ("no such table", "The database is empty: run `bot migrate` first."),
        ("does not exist", "The database named in DATABASE_URL does not exist: create it, then run `bot migrate`."),
        ("authentication failed", "The database refused the user or password in DATABASE_URL."),
        ("no password supplied", "The database wants a password: put it into DATABASE_URL."),
        ("database is locked", "The database is busy with another process: try again in a moment."),
        ("disk is full", "The disk is full: make room, nothing was stored."),
        ("no space left", "The disk is full: make room, nothing was stored."),
        ("unable to open database file", "The database file of DATABASE_URL cannot be opened: check folder and rights."),
        ("readonly database", "The database file of DATABASE_URL may not be written by this user."),
        ("name or service not known", "The host in DATABASE_URL is not known."),
        ("failed to resolve host", "The host in DATABASE_URL is not known."),
    ):  # fmt: skip
        if needle in said:
            return sentence
    return "The database does not answer: check DATABASE_URL and that it runs (`bot doctor` says more)."
