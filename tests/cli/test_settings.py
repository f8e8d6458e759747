"""A technician mistypes a setting: the start stops with one sentence that names it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import HOME, Settings, SettingsError, example, load


def bot(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The real command, with no setting but those given."""
    kept = {name: value for name, value in os.environ.items() if name.lower() not in Settings.model_fields}
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=HOME,
        env=kept | environment,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "99999"),
        ("DATABASE_URL", "mysql://somewhere"),
        ("SCHOOL_TIME_ZONE", "America/Brockton"),
        ("QUIET_FROM", "9 pm"),
        ("LOG_LEVEL", "loud"),
        ("SIMULATOR_NUMBER", "555"),
        ("PUBLIC_URL", "school.example.org"),
        ("TWILIO_SENDER_RATE", "0"),
        ("SAMPLE_SCHOOL", "perhaps"),
        ("DATA_KEYS", "abc"),
    ],
)
def test_a_wrong_setting_is_one_sentence_that_names_it(name: str, value: str) -> None:
    done = bot("migrate", **{name: value})
    assert done.returncode in (2, 3)
    assert done.stdout == ""
    assert name in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("start", "end"), [("22:00", "08:00"), ("20:00", "07:00"), ("00:00", "00:00")])
def test_real_families_are_never_texted_outside_eight_to_nine(start: str, end: str) -> None:
    real = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "x", "TWILIO_SENDERS": "+15555550100"}
    load(real | {"QUIET_FROM": "21:00", "QUIET_UNTIL": "08:00"}, None)
    with pytest.raises(SettingsError, match="QUIET_FROM must be 21:00 or earlier"):
        load(real | {"QUIET_FROM": start, "QUIET_UNTIL": end}, None)


def test_a_misspelt_name_in_the_env_file_is_pointed_out_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# ours\nPORT=8001\nTWILIO_AUTH_TOKN=abc\n")
    with pytest.raises(
        SettingsError, match=r"TWILIO_AUTH_TOKN \(\.env line 3\).*Did you mean TWILIO_AUTH_TOKEN"
    ):
        load({}, file)


def test_a_line_without_an_equals_sign_is_pointed_out(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("PORT 8001\n")
    with pytest.raises(SettingsError, match="line 1"):
        load({}, file)


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("export PORT='8001'\nHOST=0.0.0.0\n")
    settings = load({"PORT": "8002"}, file)
    assert (settings.port, settings.host) == (8002, "0.0.0.0")


def test_half_a_twilio_is_no_twilio() -> None:
    with pytest.raises(SettingsError, match="TWILIO_AUTH_TOKEN"):
        load({"TWILIO_ACCOUNT_SID": "AC1"}, None)


def test_the_example_file_is_what_the_command_prints() -> None:
    done = bot("settings", "--example")
    assert done.returncode == 0
    assert (HOME / ".env.example").read_text("utf-8") == done.stdout == example()


def test_the_example_with_every_line_uncommented_is_the_default(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(
        "\n".join(line.removeprefix("#") if line.startswith("#") and line[1:2] != " " else line for line in example().splitlines())
    )  # fmt: skip
    assert load({}, file) == load({}, None)


def test_the_settings_in_force_show_no_secret() -> None:
    done = bot(
        "settings",
        SECRET_KEY="SENTINEL",
        DATABASE_URL="postgresql://puente:SENTINEL@db/puente",
        TWILIO_AUTH_TOKEN="SENTINEL",
        METRICS_TOKEN="SENTINEL",
    )
    assert done.returncode == 0
    assert "SENTINEL" not in done.stdout + done.stderr
    assert "SECRET_KEY=(set)" in done.stdout
