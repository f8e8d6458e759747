"""Fetching a file so that it arrives whole: resumed where it broke off, checked by sha256, never filling the disk."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import requests

from bot.language.models.errors import HostUnreachable, ModelError
from bot.language.models.sources import RemoteFile

LARGEST_LIST = 20_000_000
LARGEST_FILE = 600_000_000
SPARE_BYTES = 200_000_000
"""Left free on the disk whatever is installed: the database must go on writing."""
_TIMEOUT = (5.0, 30.0)
_CHUNK = 1 << 16

Progress = Callable[[int, int | None], None]
"""Called with (bytes so far, bytes in all or None)."""


def unreachable(url: str) -> HostUnreachable:
    """The sentence for a host that does not answer."""
    host = urlsplit(url).hostname or url
    return HostUnreachable(
        f"{host} cannot be reached from this machine. Ask for access to it, set MODELS_MIRROR to a copy your district "
        "keeps, or bring the file on a stick: bot models add FILE."
    )


def fetch(url: str) -> bytes:
    """A small body, such as a list of models. Raises `HostUnreachable`, or `ModelError` for a refusal."""
    try:
        with requests.get(url, timeout=_TIMEOUT, stream=True) as answer:
            if answer.status_code != 200:
                raise ModelError(
                    f"{urlsplit(url).hostname} answered {answer.status_code} for {urlsplit(url).path}."
                )
            body = b""
            for part in answer.iter_content(_CHUNK):
                body += part
                if len(body) > LARGEST_LIST:
                    raise ModelError(f"{urlsplit(url).hostname} sent far more than a list of models.")
            return body
    except requests.RequestException as error:
        raise unreachable(url) from error


def room_for(folder: Path, needed: int) -> None:
    """Raises `ModelError` when `needed` more bytes in `folder` would leave the disk too full."""
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < needed + SPARE_BYTES:
        raise ModelError(
            f"The disk has {free / 1e6:.0f} MB free; this needs {needed / 1e6:.0f} MB and {SPARE_BYTES / 1e6:.0f} MB to "
            "spare. Make room, or remove a model: bot models remove NAME."
        )


def sha256_of(path: Path) -> str:
    """The file's sha256, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def download(file: RemoteFile, folder: Path, progress: Progress | None = None) -> Path:
    """`file` in `folder`, whole and verified. What an earlier try left in `<name>.part` is continued.

    Raises `HostUnreachable` (the part is kept for next time) or `ModelError` (wrong sum, too large, no room).
    """
    folder.mkdir(parents=True, exist_ok=True)
    whole, part = folder / file.name, folder / f"{file.name}.part"
    if whole.is_file() and file.sha256 and sha256_of(whole) == file.sha256:
        return whole
    _receive(file.url, part, progress)
    if file.compressed:
        _decompress(file, part, whole)
    else:
        found = sha256_of(part)
        if file.sha256 and found != file.sha256:
            part.unlink()
            raise ModelError(
                f"{file.name} arrived damaged or was exchanged: its sha256 differs. Nothing was kept."
            )
        part.replace(whole)
    return whole


def _receive(url: str, part: Path, progress: Progress | None) -> None:
    have = part.stat().st_size if part.is_file() else 0
    headers = {"Range": f"bytes={have}-"} if have else {}
    try:
        with requests.get(url, timeout=_TIMEOUT, stream=True, headers=headers) as answer:
            if answer.status_code == 416:  # nothing is missing
                return
            if answer.status_code not in (200, 206):
                raise ModelError(
                    f"{urlsplit(url).hostname} answered {answer.status_code} for {urlsplit(url).path}."
                )
            if answer.status_code == 200:
                have = 0
            coming = int(answer.headers.get("Content-Length") or 0)
            total = have + coming if coming else None
            if (total or 0) > LARGEST_FILE:
                raise ModelError(f"{part.stem} would be {(total or 0) / 1e6:.0f} MB: no model is that large.")
            room_for(part.parent, coming)
            with part.open("ab" if have else "wb") as out:
                for chunk in answer.iter_content(_CHUNK):
                    out.write(chunk)
                    have += len(chunk)
                    if have > LARGEST_FILE:
                        raise ModelError(f"{part.stem} does not end: no model is that large.")
                    if progress:
                        progress(have, total)
    except requests.RequestException as error:
        raise unreachable(url) from error
    if total is not None and have < total:
        raise HostUnreachable(
            f"{urlsplit(url).hostname} broke off after {have / 1e6:.1f} of {total / 1e6:.1f} MB. Run the command again: it goes on "
            "where it stopped."
        )


def _decompress(file: RemoteFile, part: Path, whole: Path) -> None:
    from fxtranslate import discovery

    try:
        plain = discovery.verify_and_decompress(part.read_bytes(), file.sha256)
    except ValueError as error:
        part.unlink()
        raise ModelError(
            f"{file.name} arrived damaged or was exchanged: its sha256 differs. Nothing was kept."
        ) from error
    whole.write_bytes(plain)
    part.unlink()
