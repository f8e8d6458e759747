"""An administrator adds WhatsApp's templates, and answers a question about consent, in a terminal."""

from __future__ import annotations

import json

from tests.cli.processes import Installation


def test_templates_and_consent(house: Installation) -> None:
    sid = "HX" + "a" * 32
    assert house.bot("seed").returncode == 0
    added = house.bot("whatsapp", "add", "es", sid, "Mensaje de la escuela: {{1}}")
    assert added.returncode == 0, added.stderr
    [listed] = json.loads(house.bot("whatsapp", "list", "--json").stdout)
    assert (listed["language"], listed["content_sid"]) == ("es", sid)
    wrong = house.bot("whatsapp", "add", "es", "HX1", "no place")
    assert (wrong.returncode, "Traceback" in wrong.stderr) == (2, False)
    unknown = house.bot("consent", "+14155552671", "--on", "2020-01-01")
    assert unknown.returncode == 0, unknown.stderr
    assert "no line for this number" in unknown.stdout
    told = json.loads(house.bot("consent", "(415) 555-2671", "--json").stdout)
    assert (told["allowed"], told["sent"]) == (False, 0)
    assert house.bot("consent", "mom's cell").returncode == 2
    assert house.bot("consent", "+14155552671", "--on", "yesterday").returncode == 2
