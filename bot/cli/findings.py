"""One line of `bot doctor`."""

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    """What was looked at, whether it is well, what was found, and what to do when it is not (or soon will not be)."""

    check: str
    ok: bool
    says: str
    do: str = ""
