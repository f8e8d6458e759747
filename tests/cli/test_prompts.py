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


PROGRAMME = f"""
programme:
  name: Spring reading
  begins: {TOMORROW}
  weekdays: [mon, wed, fri]
  at: 17:30
  weeks: 2
  audience: {{grades: [3]}}
  parts: [{{conversation: reading_checkin}}, {{conversation: goal_checkin, goal: reading.daily_20min}}]
"""


def test_a_programme_from_a_file_and_a_day_off(school: Installation, tmp_path: Path) -> None:
    made = json.loads(school.bot("prompts", "create", _file(tmp_path, PROGRAMME), "--json").stdout)
    assert len(made["prompts"]) == 6
    plan = json.loads(school.bot("prompts", "plan", str(made["programme"]), "--json").stdout)
    assert {line["prompt"] for line in plan} == set(made["prompts"])
    listed = json.loads(school.bot("prompts", "list", "--json").stdout)
    day = listed[0]["day"]
    off = school.bot("calendar", "add", day, "--name", "Storm")
    assert (off.returncode, "1 prompts" in off.stdout) == (0, True), off.stderr
    shown = json.loads(school.bot("calendar", "list", "--json").stdout)
    assert shown["holidays"] == [{"day": day, "name": "Storm"}]
    assert school.bot("calendar", "rhythm", "--announcements", "1").returncode == 0
    told = school.bot("prompts", "list")
    assert "Spring reading (5 of 6 to come)" in told.stdout
    assert "1 of 1 announcements left" in told.stderr
    assert school.bot("prompts", "cancel", str(made["programme"])).returncode == 0
    assert school.bot("calendar", "add", "20.3.2026", "--name", "x").returncode == 2


def test_an_emergency_at_the_terminal_takes_two_passwords(school: Installation) -> None:
    words = ("four quiet purple boats", "six loud green kettles")
    people = [(f"{role}@lincoln.example", role) for role in ("coordinator", "leader")]
    for (email, role), password in zip(people, words, strict=True):
        named = ("--name", role, "--email", email, "--role", role)
        assert school.bot("staff", "add", *named, typed=password).returncode == 0
    write = ("emergency", "write", "The school is closed today.", "--reason", "Water pipe", "--by")
    assert school.bot(*write, people[0][0], typed="wrong").returncode == 2
    written = school.bot(*write, people[0][0], typed=words[0])
    assert written.returncode == 0, written.stderr
    confirm = ("emergency", "confirm", written.stdout.strip(), "--by")
    again = school.bot(*confirm, people[0][0], typed=words[0])
    assert (again.returncode, "second person" in again.stderr) == (2, True)
    done = school.bot(*confirm, people[1][0], typed=words[1])
    assert done.stdout.startswith("11 texts are going out."), done.stderr
    calls = json.loads(school.bot("emergency", "show", written.stdout.strip(), "--json").stdout)
    assert "Elena Xol" in {one["guardian"] for one in calls}, "nobody knows what she reads"
