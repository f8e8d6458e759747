"""A coordinator edits a conversation while families are in the middle of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli.flows import FLOWS, flows
from bot.outreach.prompts import begin
from tests.people import Town

pytestmark = pytest.mark.model


def _diff(school: Town, *words: str) -> str:
    settings = school.world.settings
    env = {
        "DATABASE_URL": settings.database_url,
        "DATA_KEYS": settings.data_keys,
        "INDEX_KEY": settings.index_key,
        "SECRET_KEY": settings.secret_key,
        "VAR": str(settings.var),
    }
    result = CliRunner().invoke(flows, ["diff", *words], env=env)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_she_is_told_who_is_in_the_middle_and_nobody_is_stranded(school: Town, tmp_path: Path) -> None:
    juliana, carmen = school.guardian("Juliana"), school.guardian("Carmen")
    for phone, words in (
        (juliana, "Oi! Sou a mãe do Lucas."),
        (carmen, "Hola, soy la mamá de Ana y de Diego"),
    ):
        phone.texts(words)
    begin(school.world.desk, juliana.conversation, "reading_checkin", "week2")
    begin(school.world.desk, carmen.conversation, "reading_programme", "autumn")
    school.settle()
    folder = tmp_path / "flows"
    shutil.copytree(FLOWS, folder)

    checkin, how = folder / "reading_checkin.yaml", folder / "how_it_went.yaml"
    checkin.write_text(checkin.read_text("utf-8").replace("each is fine.", "any answer is fine."), "utf-8")
    how.write_text(how.read_text("utf-8").replace("after: 44h", "after: 40h"), "utf-8")
    told = _diff(school, str(checkin))
    assert "reading_checkin.ask: texts: the words changed in ar, en, es" in told
    assert f"guardian {juliana.row().guardian_id}, session " in told
    assert "1 go on with the words they began with; 1 are in the middle" in told
    assert juliana.number not in told

    juliana.texts("um pouco")
    assert juliana.last.line == "reading_checkin.try.ask", "she goes on as she began"

    # Carmen's programme calls how_it_went, so an edit of that one concerns her.
    for days, hours in ((5, 8), (2, 0), (2, 0)):  # Monday's fact, Wednesday's tip, Friday's question
        school.later(days=days, hours=hours)
    assert carmen.last.line == "how_it_went.how.ask"
    called = json.loads(_diff(school, "--json", str(how)))
    assert [(change["conversation"], change["what"]) for change in called["changes"]] == [
        ("how_it_went", "course")
    ]
    assert (called["open_sessions"], called["on_older_words"]) == (1, 1)
    [held] = called["in_the_middle"]
    assert (held["guardian"], held["step"]) == (carmen.row().guardian_id, "how")
