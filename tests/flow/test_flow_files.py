"""Every conversation of the library keeps its own promises: the tests written in its file."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.flow.library import load_library
from bot.flow.rehearsal import run_test

FLOWS = Path(__file__).parents[2] / "flows"
LIBRARY = load_library(FLOWS)


def test_every_file_can_be_used() -> None:
    assert [str(finding) for finding in LIBRARY.findings if finding.level == "fault"] == []


@pytest.mark.parametrize("name", sorted(LIBRARY.written))
def test_a_conversation_goes_as_its_file_tells(name: str) -> None:
    script = LIBRARY.script(name)
    went_wrong = {
        f"{name} test {number}: {test.about}": problems
        for number, test in enumerate(LIBRARY.written[name].tests, start=1)
        if (problems := run_test(script, test))
    }
    assert went_wrong == {}
