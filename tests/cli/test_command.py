"""One command, helpful at once, that fails in one sentence."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path

import click
import pytest

from bot.cli import SECTIONS, main
from tests.cli.test_settings import bot

THERE = main.list_commands(click.Context(main))


def test_help_lists_the_commands_without_loading_them() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from bot.cli import main\n"
        "result = CliRunner().invoke(main, ['--help']); assert result.exit_code == 0; print(result.output)\n"
        "heavy = {'sqlalchemy', 'flask', 'pydantic', 'structlog', 'argostranslate', 'rich'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    for name in ("run", "web", "worker", "scheduler", "migrate", "seed", "doctor", "version"):
        assert f"\n  {name} " in done.stdout


@pytest.mark.parametrize("name", THERE)
def test_every_listed_command_loads_and_explains_itself(name: str) -> None:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    assert command.help, f"`bot {name}` has no help text"


def test_a_command_that_is_not_installed_is_unknown_not_a_crash() -> None:
    done = bot("levitate")
    assert done.returncode == 2
    assert "No such command 'levitate'" in done.stderr


def test_every_entry_names_a_module_of_the_command() -> None:
    for entries in SECTIONS.values():
        for entry in entries.values():
            module, _, attribute = entry.target.partition(":")
            assert module.startswith("bot.cli.")
            if importlib.util.find_spec(module):
                assert hasattr(importlib.import_module(module), attribute)


def test_version_is_one_line_or_json() -> None:
    assert bot("version").stdout.startswith("Puente ")
    assert set(json.loads(bot("version", "--json").stdout)) == {"puente", "python"}


def test_a_new_database_is_migrated_and_seeded_once(tmp_path: Path) -> None:
    place = {"VAR": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path}/school.db"}
    first = bot("migrate", **place)
    assert first.returncode == 0, first.stderr
    assert "from empty to" in first.stdout
    assert "already" in bot("migrate", **place).stdout
    assert "invented" in bot("seed", **place).stdout
    assert "there already" in bot("seed", **place).stdout


def test_a_database_that_was_never_migrated_says_so_with_status_3(tmp_path: Path) -> None:
    done = bot("seed", VAR=str(tmp_path), DATABASE_URL=f"sqlite:///{tmp_path}/school.db")
    assert done.returncode == 3
    assert "bot migrate" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_database_that_is_down_is_one_sentence_without_its_password(tmp_path: Path) -> None:
    done = bot("migrate", VAR=str(tmp_path), DATABASE_URL="postgresql://puente:SENTINEL@127.0.0.1:1/puente")
    assert done.returncode == 3
    assert "DATABASE_URL" in done.stderr
    assert "SENTINEL" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr


def test_data_sealed_with_a_lost_key_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "keys.env").write_text("DATA_KEYS=x\n")
    done = bot("migrate", VAR=str(tmp_path), DATABASE_URL=f"sqlite:///{tmp_path}/school.db")
    assert done.returncode == 3
    assert "keys.env" in done.stderr
