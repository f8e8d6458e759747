"""Installations for tests of the command."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.records.sample import seed
from tests.cli.processes import Installation


@pytest.fixture
def house(tmp_path: Path, sqlite_template: Path) -> Installation:
    """An installation of its own, migrated and empty."""
    folder = tmp_path / "house"
    folder.mkdir()
    found = Installation(folder)
    shutil.copy(sqlite_template, folder / "puente.db")
    return found


@pytest.fixture
def school(house: Installation) -> Installation:
    """An installation with the sample school in it."""
    db = house.database()
    seed(db, datetime.now(UTC))
    db.dispose()
    return house
