"""Where the keys come from: the environment, or a file made on first start for the sample school."""

from __future__ import annotations

import base64
import os
import secrets
from dataclasses import dataclass
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
        return Vault(parse_keys(self.data_keys), index)


def keys_of(settings: Settings) -> Keys:
    """The keys in the settings, else those kept in VAR/keys.env, else new ones written there (mode 0600).

    Raises `VaultError` when only some are set: data sealed with a key nobody kept would be lost.
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
        values = dict(line.split("=", 1) for line in path.read_text("utf-8").splitlines() if "=" in line)
        try:
            return Keys(values["DATA_KEYS"], values["INDEX_KEY"], values["SECRET_KEY"], from_file=path)
        except KeyError as missing:
            raise VaultError(f"{path} lacks {missing.args[0]}; restore the file from a backup.") from None
    keys = Keys(Key.new().text(), _secret(), secrets.token_urlsafe(48), from_file=path, made=True)
    if write_keys(path, keys):
        return keys
    return keys_of(settings)  # another process was first


def write_keys(path: Path, keys: Keys) -> bool:
    """Write the key file unless it exists; True when this call made it. Two first starts at once end with one file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(render(keys), "utf-8")
    draft.chmod(0o600)
    try:
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def render(keys: Keys) -> str:
    """The text of a key file."""
    return (
        "# Keys of this installation, made on first start. Whoever has this file can read every text.\n"
        "# Before real families: move the three values into the environment and keep a copy somewhere safe.\n"
        f"DATA_KEYS={keys.data_keys}\nINDEX_KEY={keys.index_key}\nSECRET_KEY={keys.secret_key}\n"
    )


def _secret() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
