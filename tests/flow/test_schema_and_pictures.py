"""What an editor and a printer see of a conversation."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bot.flow.drawing import draw
from bot.flow.library import load_library
from bot.flow.schema import conversation_schema, schema_text
from bot.flow.strands import differences, strands
from tests.flow.test_engine import begun
from tests.flow.writing import GOOD, library

FLOWS = Path(__file__).parents[2] / "flows"
LIBRARY = load_library(FLOWS)


def test_the_published_schema_is_the_format_as_it_is() -> None:
    assert (FLOWS / "schema.json").read_text(encoding="utf-8") == schema_text(), (
        "run `bot flows schema > flows/schema.json`"
    )


def test_every_word_of_the_format_is_explained_to_an_editor() -> None:
    schema = conversation_schema()
    parts = {"WrittenConversation": schema, **schema["$defs"]}

    assert [
        name for name, part in parts.items() if not part.get("description") and part["type"] == "object"
    ] == []
    assert "a_little" in json.dumps(schema["$defs"]["WrittenAnswer"])


@pytest.mark.parametrize("name", sorted(LIBRARY.scripts))
def test_every_conversation_can_be_drawn(name: str) -> None:
    script = LIBRARY.scripts[name]

    picture = ElementTree.fromstring(draw(script, "es"))

    texts = {element.text or "" for element in picture.iter("{http://www.w3.org/2000/svg}text")}
    for step in script.conversations[name].steps:
        assert any(text.startswith(f"{step} · ") for text in texts)
    assert not list(picture.iter("{http://www.w3.org/2000/svg}script"))


def test_text_from_a_file_cannot_break_out_of_the_picture() -> None:
    script = library(tea=GOOD.replace("Thank you, {guardian}.", "<script>alert(1)</script> & more")).script(
        "tea"
    )

    picture = ElementTree.fromstring(draw(script))

    assert not list(picture.iter("{http://www.w3.org/2000/svg}script"))


def test_an_edit_tells_who_is_in_the_middle_of_it() -> None:
    old = library(tea=GOOD).script("tea")
    new = library(
        tea=GOOD.replace("Did {child} read? Yes or not yet.", "Has {child} read? Yes or not yet.")
    ).script("tea")
    session = begun(old)

    [change] = differences(old, new)
    assert (change.step, change.what) == ("ask", "texts")
    [strand] = strands(old, new, [("7", session)])
    assert (strand.id, strand.step) == ("7", "ask")
    assert strands(new, new, [("7", session)]) == ()


def test_a_step_that_goes_and_one_that_comes_are_told() -> None:
    old = library(tea=GOOD).script("tea")
    new = library(tea=GOOD.replace("person", "helper")).script("tea")

    assert {(change.step, change.what) for change in differences(old, new)} == {
        ("ask", "course"),
        ("helper", "added"),
        ("person", "removed"),
    }
