"""The sample school, once on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Clock
from tests.people import Town, town


@pytest.fixture
def school(database_url: str, tmp_path: Path, clock: Clock) -> Iterator[Town]:
    with town(database_url, tmp_path, clock) as found:
        yield found


@pytest.fixture
def embedded(sqlite_url: str, tmp_path: Path, clock: Clock) -> Iterator[Town]:
    """As `school`, on SQLite only: for stories where the kind of database makes no difference."""
    with town(sqlite_url, tmp_path, clock) as found:
        yield found
