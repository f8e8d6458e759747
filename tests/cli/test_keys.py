"""A technician replaces the keys on a school day: nothing is lost, nothing stops, and the old key can go."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import InstrumentedAttribute

from bot.records.sample import seed
from bot.settings import load
from bot.store.columns import KEY_BYTES, Key, Vault, VaultError, new_id, parse_keys
from bot.store.database import Database
from bot.store.keys import add_newest, keys_of
from bot.store.people import Guardian
from bot.store.rotation import is_empty, keys_in_use, reseal, waiting
from tests.cli.processes import Installation

INDEX = bytes(KEY_BYTES)
OLD, NEW = Key.new(), Key.new()


@pytest.fixture
def old(database_url: str) -> Iterator[Database]:
    """A school whose texts are sealed with the old key."""
    db = Database(database_url, Vault([OLD], INDEX), pool_size=3)
    seed(db, datetime.now(UTC))
    yield db
    db.dispose()


@pytest.fixture
def renewed(old: Database, database_url: str) -> Iterator[Database]:
    """The same school, seen by a process that knows the new key too."""
    db = Database(database_url, Vault([NEW, OLD], INDEX), pool_size=3)
    yield db
    db.dispose()


def numbers(db: Database) -> list[str]:
    with db.reading() as session:
        rows = session.execute(Guardian.__table__.select()).all()
    return sorted(db.vault.open(Guardian.phone, row.id, row.phone) for row in rows)


def test_every_sealed_value_gets_the_new_key_and_says_what_it_said(
    renewed: Database, database_url: str
) -> None:
    before = numbers(renewed)
    assert waiting(renewed) == len(before)
    assert sum(reseal(renewed, batch=3)) == len(before)
    assert set(keys_in_use(renewed)) == {NEW.id}
    with_new_key_only = Database(database_url, Vault([NEW], INDEX))
    assert numbers(with_new_key_only) == before
    with_new_key_only.dispose()


def test_a_rotation_that_was_cut_off_goes_on_where_it_was(renewed: Database) -> None:
    total = waiting(renewed)
    run = reseal(renewed, batch=4)
    first = next(run)
    run.close()  # as if killed
    assert waiting(renewed) == total - first
    assert sum(reseal(renewed, batch=4)) == total - first


def test_rotating_twice_seals_nothing_twice(renewed: Database) -> None:
    list(reseal(renewed))
    assert list(reseal(renewed)) == []


class _InterruptedVault(Vault):
    """Lets something happen between the reading of the first value and its being sealed again."""

    meanwhile: Callable[[int], None] | None = None

    def open_bytes(self, column: InstrumentedAttribute[Any], row_id: int, sealed: bytes) -> bytes:
        happening, self.meanwhile = self.meanwhile, None
        if happening:
            happening(row_id)
        return super().open_bytes(column, row_id, sealed)


def test_a_number_that_is_corrected_meanwhile_is_not_put_back(renewed: Database, database_url: str) -> None:
    def correct(guardian_id: int) -> None:
        with renewed.writing() as session:
            guardian = session.get_one(Guardian, guardian_id)
            guardian.phone = renewed.vault.seal(Guardian.phone, guardian_id, "+15555550999")

    vault = _InterruptedVault([NEW, OLD], INDEX)
    vault.meanwhile = correct
    rotating = Database(database_url, vault, pool_size=1)
    list(reseal(rotating))
    rotating.dispose()
    assert "+15555550999" in numbers(renewed)


def test_a_value_that_no_key_opens_stops_the_rotation_with_its_place(
    old: Database, database_url: str
) -> None:
    stranger = Database(database_url, Vault([NEW], INDEX))
    with pytest.raises(VaultError, match=rf"guardian\.phone\.\d+ was sealed with key '{OLD.id}'"):
        list(reseal(stranger))
    stranger.dispose()


def test_a_process_that_runs_on_learns_the_new_key_from_the_file_when_it_meets_it(tmp_path: Path) -> None:
    settings = load({"VAR": str(tmp_path)}, None)
    running = keys_of(settings).vault()
    add_newest(tmp_path / "keys.env", Key.new())
    rotated = keys_of(settings).vault()
    assert rotated.newest != running.newest
    sealed = rotated.seal(Guardian.phone, 1, "+15555550123")
    assert running.open(Guardian.phone, 1, sealed) == "+15555550123"
    assert running.newest == rotated.newest
    assert (tmp_path / "keys.env").stat().st_mode & 0o777 == 0o600


def test_a_real_schools_keys_are_never_made_in_passing(tmp_path: Path) -> None:
    with pytest.raises(VaultError, match="bot keys first"):
        keys_of(load({"VAR": str(tmp_path), "SAMPLE_SCHOOL": "false"}, None))
    assert not (tmp_path / "keys.env").exists()


def test_keys_that_are_lost_are_not_replaced_by_fresh_ones_that_open_nothing(school: Installation) -> None:
    file = Path(school.environment["VAR"]) / "keys.env"
    file.unlink()
    done = school.bot("run")
    assert done.returncode == 3
    assert "restore" in done.stderr
    assert not file.exists()


def test_the_whole_rotation_by_command(school: Installation) -> None:
    file = Path(school.environment["VAR"]) / "keys.env"
    before = keys_of(school.settings).data_keys.split(":")[0]
    rotated = school.bot("keys", "rotate")
    assert rotated.returncode == 0, rotated.stderr
    assert "No other key is in use" in rotated.stdout
    shown = school.bot("keys", "show").stdout
    assert [int(line.split()[1]) for line in shown.splitlines()] == [11, 0]
    assert shown.splitlines()[1].startswith(before)
    keys = file.read_text()
    for key in parse_keys(
        next(line.split("=", 1)[1] for line in keys.splitlines() if line.startswith("DATA_"))
    ):
        assert key.text().split(":")[1] not in rotated.stdout + rotated.stderr + shown  # never printed


def test_keys_in_the_environment_are_not_touched_but_explained(tmp_path: Path, sqlite_template: Path) -> None:
    first = Installation(tmp_path).bot("keys", "first")
    assert first.returncode == 0
    values = dict(line.split("=", 1) for line in first.stdout.splitlines())
    house = Installation(tmp_path, SAMPLE_SCHOOL="false", **values)
    shutil.copy(sqlite_template, tmp_path / "puente.db")
    said = house.bot("keys", "rotate")
    assert said.returncode == 0
    assert "bot keys new" in said.stdout
    new = house.bot("keys", "new")
    assert len(parse_keys(new.stdout.strip())) == 1
    assert not (tmp_path / "keys.env").exists()


def test_an_empty_database_takes_any_keys(db: Database) -> None:
    assert is_empty(db)
    seed(db, datetime.now(UTC))
    assert not is_empty(db)


def test_texts_that_arrive_during_a_rotation_stay_readable(renewed: Database, old: Database) -> None:
    """An old process goes on writing with the old key; the next pass, or the next run, catches what it wrote."""
    stop = threading.Event()

    def go_on_writing() -> None:
        while not stop.wait(0.005):
            with old.writing() as session:
                first = session.scalars(Guardian.__table__.select().with_only_columns(Guardian.id)).first()
                assert first is not None
                guardian = session.get_one(Guardian, first)
                guardian.phone = old.vault.seal(Guardian.phone, first, f"+1555555{new_id() % 10000:04}")

    writer = threading.Thread(target=go_on_writing)
    writer.start()
    list(reseal(renewed, batch=2))
    stop.set()
    writer.join()
    list(reseal(renewed))
    assert waiting(renewed) == 0
    assert all(number.startswith("+1555555") for number in numbers(renewed))
