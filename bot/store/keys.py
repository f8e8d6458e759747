"""Where the keys come from: the environment, or a file made on first start for the sample school."""

from __future__ import annotations

import base64
import os
import secrets
from dataclasses import dataclass, replace
from pathlib import Path

from bot.settings import Settings
from bot.store.columns import KEY_BYTES, Key, Vault, VaultError, parse_keys

FILE = "keys.env"


@dataclass(frozen=True, slots=True)
class Keys:
    """The three secrets of an installation. `made` tells whether they were made just now."""

    data_keys: str
    index_key: str
    secret_key: str
    from_file: Path | None = None
    made: bool = False

    def vault(self) -> Vault:
        """The vault these keys open. Raises `VaultError` with a sentence when one is malformed."""
        try:
            index = base64.b64decode(self.index_key, validate=True)
        except ValueError:
            index = b""
        path = self.from_file
        return Vault(
            parse_keys(self.data_keys),
            index,
            None if path is None else lambda: parse_keys(read(path).data_keys),
        )


def keys_of(settings: Settings) -> Keys:
    """The keys in the settings, else those kept in VAR/keys.env, else, for a trial, new ones written there (mode 0600).

    Raises `VaultError` when only some are set, or none for a real school: data sealed with a key that nobody kept,
    or that each machine made for itself, would be lost.
    """
    given = (settings.data_keys, settings.index_key, settings.secret_key)
    if all(given):
        return Keys(*given)
    if any(given):
        raise VaultError(
            "DATA_KEYS, INDEX_KEY and SECRET_KEY belong together: set all three, or none for a trial."
        )
    path = settings.path(settings.var) / FILE
    if path.exists():
        return read(path)
    if not settings.sample_school:
        raise VaultError(
            "DATA_KEYS, INDEX_KEY and SECRET_KEY are not set: a real school's keys are never made in passing "
            "(`bot keys first` prints a set)."
        )
    keys = replace(first_keys(), from_file=path, made=True)
    if write_keys(path, keys):
        return keys
    return keys_of(settings)  # another process was first


def first_keys() -> Keys:
    """A fresh set for a new installation."""
    return Keys(Key.new().text(), _secret(), secrets.token_urlsafe(48))


def read(path: Path) -> Keys:
    """The keys of a key file. Raises `VaultError` when it cannot be read or lacks one."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise VaultError(f"{path} cannot be read: {type(error).__name__}.") from None
    values = dict(line.split("=", 1) for line in lines if "=" in line)
    try:
        return Keys(values["DATA_KEYS"], values["INDEX_KEY"], values["SECRET_KEY"], from_file=path)
    except KeyError as missing:
        raise VaultError(f"{path} lacks {missing.args[0]}; restore the file from a backup.") from None


def add_newest(path: Path, key: Key) -> Keys:
    """Put `key` first in a key file, keeping the others. Processes that run pick it up when they first meet it."""
    keys = read(path)
    renewed = replace(keys, data_keys=f"{key.text()},{keys.data_keys}")
    draft = _draft(path, renewed)
    draft.replace(path)
    return renewed


def write_keys(path: Path, keys: Keys) -> bool:
    """Write the key file unless it exists; True when this call made it. Two first starts at once end with one file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = _draft(path, keys)
    try:
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def _draft(path: Path, keys: Keys) -> Path:
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(render(keys))
        file.flush()
        os.fsync(file.fileno())  # a key that seals a row must outlive a power cut
    return draft


def render(keys: Keys) -> str:
    """The text of a key file."""
    return (
        "# Keys of this installation, made on first start. Whoever has this file can read every text.\n"
        "# Before real families: move the three values into the environment and keep a copy somewhere safe.\n"
        f"DATA_KEYS={keys.data_keys}\nINDEX_KEY={keys.index_key}\nSECRET_KEY={keys.secret_key}\n"
    )


def _secret() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
