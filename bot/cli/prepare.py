"""What must be in place before anything starts: keys, tables, catalogs, and on the first start somebody to talk to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from bot.delivery.senders import ensure_senders
from bot.language.catalog import compile_catalogs
from bot.records.sample import seed
from bot.settings import HOME, Settings
from bot.store.columns import VaultError
from bot.store.database import Database
from bot.store.keys import Keys, keys_of
from bot.store.migrate import current, newest, upgrade
from bot.store.rotation import is_empty


class Step(NamedTuple):
    """One thing that was made ready. `warning` when a person should act on it some day."""

    what: str
    says: str
    warning: bool = False


def prepare(settings: Settings, now: datetime) -> Iterator[Step]:
    """Make the installation ready, step by step; every step may be repeated.

    Raises what the command explains in a sentence: `VaultError`, a database that is down.
    """
    keys = keys_of(settings)
    database = Database(settings.sqlalchemy_url, keys.vault(), pool_size=2)
    try:
        _refuse_keys_that_open_nothing(keys, database)
        yield _keys(settings, keys)
        yield _tables(database)
        yield _catalogs()
        yield _senders(database, settings)
        if settings.sample_school:
            yield _sample_school(database, now)
    finally:
        database.dispose()


def _refuse_keys_that_open_nothing(keys: Keys, database: Database) -> None:
    """The key file is gone, but not the data: fresh keys would only hide that. Raises `VaultError`."""
    if keys.made and keys.from_file and current(database.engine) and not is_empty(database):
        keys.from_file.unlink()
        raise VaultError(
            f"The database holds texts, but the keys that open them are gone: restore {keys.from_file} from a backup."
        )


def _keys(settings: Settings, keys: Keys) -> Step:
    if keys.from_file is None:
        return Step("keys", "from the environment")
    if keys.made:
        return Step(
            "keys",
            f"made for this trial, in {keys.from_file.name} of {settings.var}: whoever has the file can read every text. "
            "Before real families come: docs/operations.md, Keys",
            warning=True,
        )
    return Step("keys", f"from {keys.from_file.name} of {settings.var}", warning=not settings.sample_school)


def _tables(database: Database) -> Step:
    kind = "SQLite" if database.is_sqlite else "PostgreSQL"
    before, wanted = current(database.engine), newest()
    if before == wanted:
        return Step("database", f"{kind}, at {wanted}")
    upgrade(database.engine)
    return Step("database", f"{kind}, migrated from {before or 'empty'} to {wanted}")


def _catalogs() -> Step:
    compiled = compile_catalogs(HOME / "locales")
    return Step("catalogs", f"{len(compiled)} compiled" if compiled else "up to date")


def _senders(database: Database, settings: Settings) -> Step:
    number = ensure_senders(database, settings)
    if not number:
        return Step(
            "senders", "none: set TWILIO_SENDERS, or SAMPLE_SCHOOL=true for the simulator", warning=True
        )
    real = (
        "Twilio" if settings.twilio_account_sid else "the phone simulator only, no text leaves this machine"
    )
    return Step("senders", f"{number}: {real}")


def _sample_school(database: Database, now: datetime) -> Step:
    added = seed(database, now)
    if added is None:
        return Step("school", "the sample school: invented people, open to browsers on this machine only")
    return Step("school", f"{added.school} added: {added.students} students, {added.guardians} guardians")
