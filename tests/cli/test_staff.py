"""The first administrator of a real school gets in, and nobody else does."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.records.house import add_school
from bot.records.staff import sign_in
from tests.cli.processes import Installation

GOOD = "four quiet purple boats"


@pytest.fixture
def lincoln(house: Installation) -> Installation:
    """A real school, with nobody in it."""
    db = house.database()
    add_school(db, "Lincoln Elementary", "America/Chicago", datetime.now(UTC))
    db.dispose()
    return house


ADD = ("staff", "add", "--name", "Ana Ruiz", "--email", "Ana.Ruiz@lincoln.example", "--role", "administrator")


def test_the_first_administrator_of_a_new_school(house: Installation) -> None:
    lincoln = house
    assert (
        lincoln.bot("school", "add", "Lincoln Elementary", "--time-zone", "America/Chicago").returncode == 0
    )
    done = lincoln.bot(*ADD, typed=GOOD)
    assert done.returncode == 0, done.stderr
    assert GOOD not in done.stdout + done.stderr
    db = lincoln.database()
    member = sign_in(db, "ana.ruiz@lincoln.example", GOOD)
    assert member is not None
    assert (member.role, member.school_name, member.time_zone) == (
        "administrator",
        "Lincoln Elementary",
        "America/Chicago",
    )
    assert sign_in(db, "ana.ruiz@lincoln.example", "four quiet purple goats") is None
    db.dispose()
    assert "Ana.Ruiz@lincoln.example" in lincoln.bot("staff", "list").stdout
    assert "Lincoln Elementary (America/Chicago)" in lincoln.bot("school", "list").stdout


def test_a_new_password_ends_every_session_and_the_old_one(lincoln: Installation) -> None:
    lincoln.bot(*ADD, typed=GOOD)
    db = lincoln.database()
    before = sign_in(db, "ana.ruiz@lincoln.example", GOOD)
    assert before is not None
    done = lincoln.bot("staff", "password", "ana.ruiz@LINCOLN.example", typed="six loud green kettles")
    assert done.returncode == 0, done.stderr
    assert sign_in(db, "ana.ruiz@lincoln.example", GOOD) is None
    after = sign_in(db, "ana.ruiz@lincoln.example", "six loud green kettles")
    assert after is not None
    assert after.epoch == before.epoch + 1
    db.dispose()


@pytest.mark.parametrize(
    ("password", "arguments", "says"),
    [
        ("short", ADD, "password"),
        (GOOD, (*ADD, "--school", "Nowhere"), "Which school"),
        (GOOD, (*ADD[:-1], "wizard"), "wizard"),
        (GOOD, ("staff", "password", "nobody@lincoln.example"), "Nobody signs in"),
        (GOOD, ("school", "add", "Other", "--time-zone", "Chicago"), "no time zone"),
        (GOOD, ("school", "add", "Lincoln Elementary"), "already"),
    ],
)
def test_what_cannot_be_right_is_one_sentence(
    lincoln: Installation, password: str, arguments: tuple[str, ...], says: str
) -> None:
    done = lincoln.bot(*arguments, typed=password)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_one_address_is_one_person(lincoln: Installation) -> None:
    assert lincoln.bot(*ADD, typed=GOOD).returncode == 0
    again = lincoln.bot(*(item.lower() for item in ADD), typed=GOOD)
    assert again.returncode == 2
    assert "somebody's address already" in again.stderr
