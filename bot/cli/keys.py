"""`bot keys`: the keys that seal phone numbers and texts."""

from __future__ import annotations

import sys

import click

from bot.cli.start import database_of, settings_of_this_process
from bot.settings import Settings


@click.group()
def keys() -> None:
    """Make and rotate the keys that encrypt texts and numbers."""


@keys.command()
def first() -> None:
    """Print the three secrets of a new installation, as lines for its environment. Nothing is changed."""
    from bot.store.keys import first_keys

    made = first_keys()
    click.echo(f"DATA_KEYS={made.data_keys}\nINDEX_KEY={made.index_key}\nSECRET_KEY={made.secret_key}")
    click.echo(
        "Keep a copy where the data is not: without DATA_KEYS nothing can be read again, without INDEX_KEY no family "
        "is recognised by its number. INDEX_KEY never changes.",
        err=True,
    )


@keys.command()
def new() -> None:
    """Print a fresh data key, as DATA_KEYS takes it. Nothing is changed."""
    from bot.store.columns import Key

    click.echo(Key.new().text())
    click.echo(
        "To rotate with it: 1. put it at the END of DATA_KEYS (after a comma) and restart every process, so that all "
        "can read it; 2. move it to the FRONT and restart again, so that new texts use it; 3. run `bot keys rotate`; "
        "4. when that says nothing else is in use, take the old key out, but keep it as long as your backups.",
        err=True,
    )


@keys.command()
def show() -> None:
    """How many sealed values each key has. Ids only, never a key."""
    from bot.store.columns import parse_keys
    from bot.store.keys import keys_of
    from bot.store.rotation import keys_in_use

    settings = settings_of_this_process("keys")
    ring = [key.id for key in parse_keys(keys_of(settings).data_keys)]
    with database_of(settings) as db:
        used = keys_in_use(db)
    for name in [*ring, *sorted(set(used) - set(ring))]:
        note = (
            "newest, seals new texts" if name == ring[0] else "" if name in ring else "MISSING from DATA_KEYS"
        )
        click.echo(f"{name:<12} {used[name]:>10} values  {note}".rstrip())


@keys.command()
def rotate() -> None:
    """Seal every number and text again with the newest key. Safe while everything runs, and to run again.

    With keys in VAR/keys.env a new key is made first. With keys in the environment, the first key of DATA_KEYS is the
    one that seals; `bot keys new` prints a fresh one and says how to bring it in.
    """
    from bot.store.rotation import keys_in_use, reseal, waiting

    settings = settings_of_this_process("keys")
    with database_of(settings) as db:
        number = waiting(db)
        if not number and not _new_key_in_file(settings):
            click.echo(
                "Everything is sealed with the first key of DATA_KEYS already; `bot keys new` begins a rotation."
            )
            return
    with database_of(settings) as db:  # again: the key may be new
        with click.progressbar(length=waiting(db), label="Sealing again", file=sys.stderr) as bar:
            sealed = 0
            for count in reseal(db):
                sealed += count
                bar.update(count)
        used = keys_in_use(db)
        newest = db.vault.newest
    old = sorted(name for name in used if name != newest)
    click.echo(f"Sealed {sealed} values again with key {newest}.")
    if old:
        click.echo(
            f"Still in use: {', '.join(old)}, by processes that have not met the new key. Run this once more."
        )
    else:
        click.echo(
            "No other key is in use. Old keys may leave DATA_KEYS after a restart; keep them as long as backups."
        )


def _new_key_in_file(settings: Settings) -> bool:
    """Where the keys live in a file of ours: put a fresh one first. False when they live in the environment."""
    from bot.store.columns import Key
    from bot.store.keys import add_newest, keys_of

    path = keys_of(settings).from_file
    if path is None:
        return False
    add_newest(path, Key.new())
    return True
