"""Learning standards come in once a year and are looked for every day, by code or by words."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.records.standards import below, bring_in, frameworks, goal_of, open_standards, search
from bot.records.standards_reading import StandardsUnreadable, read_standards
from bot.records.standards_tree import FrameworkFile
from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.learning import LearningGoal, Standard
from bot.store.people import School
from tests.records.rosters import NOW

DATA = Path(__file__).parent / "data" / "standards"
DOCUMENT = {"identifier": "doc", "title": "Invented", "creator": "Somebody"}


def package(parents: dict[str, str | None], **more: Any) -> dict[str, Any]:
    """A CASE package of items with these parents (None: the document; "-": no link at all)."""
    links = [
        {"associationType": "isChildOf", "originNodeURI": {"identifier": child},
         "destinationNodeURI": {"identifier": parent or "doc"}, "sequenceNumber": number}
        for number, (child, parent) in enumerate(parents.items()) if parent != "-"
    ]  # fmt: skip
    items = [
        {"identifier": child, "fullStatement": f"Statement {child}", "humanCodingScheme": child.upper()}
        for child in parents
    ]
    return {"CFDocument": DOCUMENT, "CFItems": items, "CFAssociations": links} | more


def read(told: Any) -> FrameworkFile:
    return read_standards("x.json", json.dumps(told).encode())


def depths(framework: FrameworkFile) -> dict[str, int]:
    return {item.identifier: item.depth for item in framework.items}


def test_a_real_looking_framework_with_its_harmless_oddities() -> None:
    framework = open_standards(DATA / "case.json")
    assert framework.as_json() == {
        "framework": "Reading and Mathematics, grades 3 to 5 (invented)",
        "identifier": "8b1e1c4e-0000-4000-8000-00000000d0c0",
        "items": 6,
        "roots": 2,
        "depth": 3,
        "errors": [],
    }
    assert [item.code for item in framework.items] == ["R", "R.3.1", "R.3.2", None, "3.NF.A.1", "3.NF.A.1.a"]
    fraction = framework.items[4]
    assert fraction.statement == "Understand a fraction 1/b as one part of b equal parts."
    assert (fraction.kind, fraction.grades) == ("Standard", ("03",))


def test_the_same_tree_as_a_spreadsheet() -> None:
    framework = open_standards(DATA / "outline.csv")
    told = framework.as_json()
    assert (told["framework"], told["items"], told["roots"], told["depth"], told["errors"]) == (
        "outline",
        4,
        2,
        3,
        [],
    )


def test_an_outline_numbered_by_level() -> None:
    text = "smartLevel,fullStatement,code\n1,Math,M\n1.1,Numbers,N\n1.1.1,Fractions,F\n2,Reading,R\n"
    framework = read_standards("levels.csv", text.encode())
    assert (framework.roots, framework.depth, framework.faults) == (2, 3, ())


def test_items_without_any_link_are_a_list() -> None:
    framework = read(package({"a": "-", "b": "-"}))
    assert (framework.roots, framework.depth, framework.faults) == (2, 1, ())


def test_an_item_without_a_place_is_told_and_kept() -> None:
    framework = read(package({"a": None, "b": "a", "lost": "-"}))
    assert framework.roots == 1
    assert depths(framework) == {"a": 1, "b": 2, "lost": 1}
    assert [(fault.row, "no place" in fault.message) for fault in framework.faults] == [(3, True)]


def test_a_link_to_what_is_not_there_is_one_fault() -> None:
    framework = read(package({"a": None, "b": "nowhere"}))
    assert depths(framework) == {"a": 1, "b": 1}
    assert [(fault.row, fault.field) for fault in framework.faults] == [
        (2, "CFAssociations.destinationNodeURI")
    ]
    told = package({"a": None})
    told["CFAssociations"].append(
        {
            "associationType": "isChildOf",
            "originNodeURI": {"identifier": "ghost"},
            "destinationNodeURI": {"identifier": "a"},
        }
    )
    assert [fault.field for fault in read(told).faults] == ["CFAssociations.originNodeURI"]


def test_a_circle_is_told_once_and_every_item_is_there_once() -> None:
    framework = read(package({"root": None, "a": "c", "b": "a", "c": "b", "leaf": "c", "self": "self"}))
    assert depths(framework) == {"root": 1, "a": 1, "b": 2, "c": 3, "leaf": 4, "self": 1}
    assert [(fault.row, fault.field) for fault in framework.faults] == [(2, "isChildOf"), (6, "isChildOf")]
    assert framework.roots == 1


def test_an_item_listed_twice_and_one_without_a_statement() -> None:
    told = package({"a": None, "b": "a"})
    told["CFItems"] += [
        {"identifier": "a", "fullStatement": "again"},
        {"identifier": "c", "humanCodingScheme": "C.1"},
        {},
        7,
    ]
    framework = read(told)
    assert [(fault.row, fault.field) for fault in framework.faults] == [
        (4, "CFItems.fullStatement"), (5, "CFItems.identifier"), (6, "CFItems"), (3, "identifier"), (4, "CFItems"),
    ]  # fmt: skip
    assert framework.items[0].statement == "Statement a"


def test_an_item_under_two_parents_stands_under_the_first() -> None:
    told = package({"a": None, "b": None, "c": "a"})
    told["CFAssociations"].append(
        {
            "associationType": "isChildOf",
            "originNodeURI": {"identifier": "c"},
            "destinationNodeURI": {"identifier": "b"},
        }
    )
    framework = read(told)
    assert framework.faults == ()
    assert next(item.parent for item in framework.items if item.identifier == "c") == "a"


@pytest.mark.parametrize(
    ("data", "says"),
    [(b"{", "no JSON"), (b"[1]", "no CFItems"), (b'{"CFItems": 3}', "no CFItems"), (b"a,b\n1,2\n", "no column"), (b"", "empty"),
     (b"[" * 100_000, "no JSON")],
)  # fmt: skip
def test_what_holds_no_standards_is_said_in_a_sentence(data: bytes, says: str) -> None:
    with pytest.raises(StandardsUnreadable, match=says):
        read_standards("x.json", data)


def test_a_package_without_a_document_or_links() -> None:
    framework = read({"CFItems": [{"identifier": "a", "fullStatement": "A"}]})
    assert framework.title == "x"
    assert [fault.field for fault in framework.faults] == ["CFDocument", "CFAssociations"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["identifier", "uri", "title"]), inner, max_size=2)
    ),
    max_leaves=6,
)
ITEM = st.dictionaries(
    st.sampled_from(
        ["identifier", "uri", "fullStatement", "humanCodingScheme", "CFItemType", "educationLevel"]
    ),
    JSON,
    max_size=6,
)
LINK = st.dictionaries(
    st.sampled_from(["originNodeURI", "destinationNodeURI", "sequenceNumber"]), JSON, max_size=3
).map(lambda link: {"associationType": "isChildOf"} | link)


@settings(max_examples=200, deadline=None)
@given(st.lists(ITEM | JSON, max_size=6), st.lists(LINK | JSON, max_size=6), JSON)
def test_no_package_breaks_the_reading(items: list[Any], links: list[Any], document: Any) -> None:
    framework = read({"CFDocument": document, "CFItems": items, "CFAssociations": links})
    assert len({item.identifier for item in framework.items}) == len(framework.items)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(-1, 11), min_size=1, max_size=12))
def test_every_item_is_placed_once_after_its_parent(parents: list[int]) -> None:
    names = {
        f"i{number}": None if parent < 0 else f"i{parent % len(parents)}"
        for number, parent in enumerate(parents)
    }
    framework = read(package(names))
    places = {item.identifier: item for item in framework.items}
    assert places.keys() == names.keys()
    for item in framework.items:
        if item.parent is not None:
            assert names[item.identifier] == item.parent
            assert places[item.parent].place < item.place
            assert places[item.parent].depth == item.depth - 1


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_break_the_reading(data: bytes) -> None:
    with contextlib.suppress(StandardsUnreadable):
        read_standards("x", data)


# --- in the database ------------------------------------------------------------------------------------------------


def test_a_framework_is_brought_in_once_and_again_without_change(db: Database) -> None:
    framework = open_standards(DATA / "case.json")
    assert bring_in(db, framework, NOW).added == 6
    again = bring_in(db, framework, NOW)
    assert (again.added, again.changed, again.retired) == (0, 0, 0)
    assert frameworks(db) == [(again.framework_id, "Reading and Mathematics, grades 3 to 5 (invented)")]
    top = below(db, again.framework_id)
    assert [line.statement for line in top] == ["Reading", "Mathematics"]
    assert [line.code for line in below(db, again.framework_id, top[0].id)] == ["R.3.1", "R.3.2"]


def test_next_years_edition_changes_adds_and_retires(db: Database) -> None:
    bring_in(db, read(package({"a": None, "b": "a", "c": "a"})), NOW)
    told = package({"a": None, "c": None, "d": "c"})
    told["CFItems"][0]["fullStatement"] = "Said better"
    brought = bring_in(db, read(told), NOW)
    assert (brought.added, brought.changed, brought.retired) == (1, 2, 1)
    with db.reading() as session:
        assert session.scalars(select(Standard.identifier).where(~Standard.active)).all() == ["b"]
    assert search(db, "Statement b") == []


@pytest.mark.parametrize("words", ["3.NF.A.1", "3.nf.a", "3NFA1", "fraction equal parts", "FRACTION grade 3"])
def test_a_teacher_finds_a_standard_by_code_or_words(db: Database, words: str) -> None:
    bring_in(db, open_standards(DATA / "case.json"), NOW)
    found = search(db, words)
    assert found[0].code == "3.NF.A.1"
    assert found[0].above == ("Mathematics",)
    assert found[0].framework.startswith("Reading and Mathematics")


def test_searching_for_nothing_or_for_signs_finds_nothing(db: Database) -> None:
    bring_in(db, open_standards(DATA / "case.json"), NOW)
    for words in ("", "  ", "%", "_", "' OR 1=1 --", "zebra"):
        assert search(db, words) == []


def test_a_prompt_stores_the_identifier_of_its_standard(db: Database) -> None:
    bring_in(db, open_standards(DATA / "case.json"), NOW)
    school = new_id()
    with db.writing() as session:
        session.add(School(id=school, name="Riverside", time_zone="America/New_York"))
    standard = search(db, "3.NF.A.1")[0]
    goal = goal_of(db, school, standard.id)
    assert goal_of(db, school, standard.id) == goal
    with db.reading() as session:
        row = session.get_one(LearningGoal, goal)
    assert (row.standard, row.code) == (standard.identifier, "3.NF.A.1")
    with pytest.raises(LookupError):
        goal_of(db, school, 1)
