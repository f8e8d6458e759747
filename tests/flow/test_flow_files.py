"""Every conversation of the library keeps its own promises: the tests written in its file."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.flow.library import compile_library, load_library
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


def test_the_guides_example_can_be_used_as_it_stands() -> None:
    guide = (FLOWS.parent / "docs" / "flows.md").read_text(encoding="utf-8")
    example = guide.split("```yaml\n")[1].split("```")[0]
    vocabulary = (FLOWS / "vocabulary.yaml").read_text(encoding="utf-8")

    library = compile_library({"vocabulary.yaml": vocabulary, "tea.yaml": example})

    assert library.findings == ()
    assert [run_test(library.script("tea"), test) for test in library.written["tea"].tests] == [[]]
