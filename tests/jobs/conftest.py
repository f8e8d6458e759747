"""The sample school, once on each kind of database, at the present time: workers live by the real clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.conftest import Clock
from tests.people import Town, town


class RealTime(Clock):
    """The present instant."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


@pytest.fixture
def school(database_url: str, tmp_path: Path) -> Iterator[Town]:
    with town(
        database_url, tmp_path, RealTime(), TURN_LEASE_SECONDS="1", QUIET_FROM="00:00", QUIET_UNTIL="00:00"
    ) as found:
        yield found
