"""Opening an `.argosmodel` (a zip) that somebody handed over: never outside its folder, never without bound."""

from __future__ import annotations

import lzma
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from bot.language.models.download import room_for
from bot.language.models.errors import ModelError, UnsafePackage

MOST_FILES = 2_000
MOST_BYTES = 1_500_000_000
MOST_RATIO = 120
"""Unpacked size over packed size. Real packages stay under 3; a bomb is in the thousands."""


def unpack(package: Path, into: Path) -> Path:
    """The package's one folder, unpacked below `into`. Raises `UnsafePackage` or `ModelError`, leaving nothing there.

    Sizes are taken from what is really written, not from what the archive claims.
    """
    try:
        with zipfile.ZipFile(package) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            root = _one_root(entries)
            packed = package.stat().st_size
            claimed = sum(entry.file_size for entry in entries)
            _refuse_bombs(len(entries), claimed, packed)
            room_for(into, claimed)
            budget = min(MOST_BYTES, packed * MOST_RATIO + 1_000_000)
            for entry in entries:
                target = into / PurePosixPath(entry.filename)
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(entry) as source, target.open("wb") as out:
                    while chunk := source.read(1 << 16):
                        budget -= len(chunk)
                        if budget < 0:
                            raise UnsafePackage(
                                f"{package.name} unpacks to far more than it says. Nothing was kept."
                            )
                        out.write(chunk)
    except (
        zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError, OSError
    ) as error:  # fmt: skip
        raise ModelError(
            f"{package.name} is no whole .argosmodel package (truncated, damaged or something else). Fetch it again."
        ) from error
    return into / root


def _one_root(entries: list[zipfile.ZipInfo]) -> str:
    roots = set()
    for entry in entries:
        path = PurePosixPath(entry.filename)
        mode = entry.external_attr >> 16
        if path.is_absolute() or ".." in path.parts or "\\" in entry.filename or ":" in entry.filename:
            raise UnsafePackage("The package wants to write outside its own folder. It was refused.")
        if mode and not stat.S_ISREG(mode) and stat.S_IFMT(mode):
            raise UnsafePackage("The package holds links or devices instead of files. It was refused.")
        roots.add(path.parts[0] if len(path.parts) > 1 else "")
    if len(roots) != 1 or "" in roots:
        raise ModelError("The package must hold exactly one folder, as Argos packages do.")
    return roots.pop()


def _refuse_bombs(files: int, claimed: int, packed: int) -> None:
    if files > MOST_FILES or claimed > MOST_BYTES or claimed > packed * MOST_RATIO + 1_000_000:
        raise UnsafePackage("The package would unpack to an absurd size. It was refused.")
