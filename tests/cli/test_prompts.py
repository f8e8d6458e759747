"""A coordinator at a terminal: makes a prompt from a file, sees who gets it, and calls it off."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.processes import Installation

TOMORROW = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
READING = f"""
title: Reading together
day: {TOMORROW}
at: 17:30
conversation: reading_checkin
audience: {{sections: ["Grade 3, Room 12"]}}
"""


def _file(folder: Path, text: str) -> str:
    path = folder / "prompt.yaml"
    path.write_text(text, "utf-8")
    return str(path)


def test_make_see_and_call_off(school: Installation, tmp_path: Path) -> None:
    made = school.bot("prompts", "create", _file(tmp_path, READING), "--json")
    assert made.returncode == 0, made.stderr
    [prompt] = json.loads(made.stdout)["prompts"]
    plan = school.bot("prompts", "plan", str(prompt), "--json")
    assert plan.returncode == 0, plan.stderr
    lines = json.loads(plan.stdout)
    assert {"guardian", "when", "language", "segments", "included", "why"} <= set(lines[0])
    by_name = {line["guardian"]: line for line in lines}
    assert by_name["Juliana Ferreira"]["included"]
    assert by_name["Juliana Ferreira"]["when"].startswith(f"{TOMORROW}T17:30:00-0")
    assert by_name["Juliana Ferreira"]["time_zone"] == "America/New_York"
    assert "Faduma Warsame" not in by_name, "her niece is in another class"
    assert "Reading together" in school.bot("prompts", "list").stdout
    assert school.bot("prompts", "cancel", str(prompt)).returncode == 0
    assert "Reading together" not in school.bot("prompts", "list").stdout


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("at: 17:30", "at: half past five"), "at"),
        (("Room 12", "Room 13"), "audience.sections"),
        (("conversation: reading_checkin", "conversation: nothing"), "no conversation"),
        (("title:", "titel:"), "title"),
        (("at: 17:30", "at: '22:30'"), "quiet hours"),
        ((READING, "- a list"), "holds no prompt"),
        ((READING, "title: ["), "neither YAML nor JSON"),
    ],
)
def test_a_file_that_is_wrong_is_told_by_its_field_and_makes_nothing(
    school: Installation, tmp_path: Path, change: tuple[str, str], says: str
) -> None:
    done = school.bot("prompts", "create", _file(tmp_path, READING.replace(*change)))
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert json.loads(school.bot("prompts", "list", "--json").stdout) == []


def test_a_prompt_that_is_not_there(school: Installation) -> None:
    done = school.bot("prompts", "plan", "7", "--json")
    assert done.returncode == 2
    assert "bot prompts list" in done.stderr
