"""Learning standards out of a file: CASE 1.0 and 1.1 JSON (1EdTech), or a CSV with a parent column. Pure.

Real frameworks break the schema in ways that harm nobody: a `sequenceNumber` in quotation marks, a URL where a UUID
belongs, a code that is null, a link that is a bare address, a package inside a `CFPackage`. All of that is read. What
harms the tree is told: items listed twice, links to what is not there, items without a place, circles.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any

from bot.records.roster_cells import clean, fold, list_in
from bot.records.roster_files import read_sheet
from bot.records.standards_tree import Contents, FrameworkFile, RawItem, Tie, grow

CHILD = "ischildof"
LONGEST_CODE, LONGEST_STATEMENT = 120, 8000
_TAGS = re.compile(r"</?(?:p|br|div|span|b|i|em|strong|sub|sup|ul|ol|li)\b[^<>]*>", re.IGNORECASE)


class StandardsUnreadable(Exception):
    """The file holds no standards. The message says what was looked for."""


def read_standards(name: str, data: bytes) -> FrameworkFile:
    """The framework in a file. Raises `StandardsUnreadable` when it holds none."""
    begins = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    contents = _of_json(name, data) if begins in (b"{", b"[") else _of_csv(name, data)
    return grow(contents)


# --- CASE -----------------------------------------------------------------------------------------------------------


def _of_json(name: str, data: bytes) -> Contents:
    try:
        package = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise StandardsUnreadable(f"{name} is no JSON{where}: download it again.") from None
    if isinstance(package, dict) and isinstance(package.get("CFPackage"), dict):
        package = package["CFPackage"]
    if not isinstance(package, dict) or not isinstance(package.get("CFItems"), list):
        raise StandardsUnreadable(
            f"{name} has no CFItems: a CASE package has CFDocument, CFItems and CFAssociations."
        )
    document = package.get("CFDocument")
    document = document if isinstance(document, dict) else {}
    stem = PurePosixPath(name).stem
    title = _text(document.get("title")) or stem
    contents = Contents(
        name,
        _text(document.get("identifier")) or _text(document.get("uri")) or f"file:{fold(title)}",
        _text(document.get("uri")),
        title[:300],
        _text(document.get("publisher")) or _text(document.get("creator")) or None,
        _text(document.get("language")) or None,
    )
    if not document:
        contents.fault(0, "CFDocument", "is missing: the framework is called by its file's name.")
    for row, item in enumerate(package["CFItems"], start=1):
        _case_item(contents, row, item)
    associations = package.get("CFAssociations")
    if not isinstance(associations, list):
        contents.fault(0, "CFAssociations", "is missing: the items are a list without a tree.")
        associations = []
    for row, tie in enumerate(associations, start=1):
        _case_tie(contents, row, tie)
    return contents


def _case_item(contents: Contents, row: int, item: Any) -> None:
    if not isinstance(item, dict):
        contents.fault(row, "CFItems", "is no object.")
        return
    uri = _text(item.get("uri"))
    identifier = _text(item.get("identifier")) or uri
    if not identifier:
        contents.fault(row, "CFItems.identifier", "is missing, and so is the uri: the item is left out.")
        return
    code = _text(item.get("humanCodingScheme"))[:LONGEST_CODE] or None
    statement = _text(item.get("fullStatement"))
    if not statement:
        statement = _text(item.get("abbreviatedStatement")) or code or identifier
        contents.fault(row, "CFItems.fullStatement", "is missing.")
    kind = item.get("CFItemType")
    kind = kind.get("title") if isinstance(kind, dict) else kind
    levels = item.get("educationLevel")
    grades = levels if isinstance(levels, list) else list_in(_text(levels))
    contents.items.append(
        RawItem(
            row,
            identifier,
            uri,
            code,
            (clean(_TAGS.sub(" ", statement)) or statement)[:LONGEST_STATEMENT],
            _text(kind)[:LONGEST_CODE] or None,
            tuple(dict.fromkeys(filter(None, (_text(grade)[:20] for grade in grades)))),
        )
    )


def _case_tie(contents: Contents, row: int, tie: Any) -> None:
    if not isinstance(tie, dict):
        contents.fault(row, "CFAssociations", "is no object.")
        return
    if _text(tie.get("associationType")).replace(" ", "").casefold() != CHILD:
        return
    child, parent = _node(tie.get("originNodeURI")), _node(tie.get("destinationNodeURI"))
    for node, where in ((child, "originNodeURI"), (parent, "destinationNodeURI")):
        if node == ("", ""):
            contents.fault(row, f"CFAssociations.{where}", "is missing.")
            return
    contents.ties.append(Tie(row, child, parent, _number(tie.get("sequenceNumber"))))


def _node(node: Any) -> tuple[str, str]:
    """A link: an object with identifier and uri, or a bare address."""
    if isinstance(node, dict):
        return _text(node.get("identifier")), _text(node.get("uri"))
    return "", _text(node)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):  # a link where a word belongs
        return _text(value.get("title") or value.get("identifier"))
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _number(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return math.inf
    return number if math.isfinite(number) else math.inf


# --- CSV ------------------------------------------------------------------------------------------------------------


def _of_csv(name: str, data: bytes) -> Contents:
    sheet = read_sheet(name, data)
    statement = sheet.column(
        "fullStatement", "full statement", "statement", "standard", "description", "text"
    )
    if sheet.broken or not statement.there:
        why = (
            sheet.faults[0].message
            if sheet.faults
            else "there is no column called statement or fullStatement."
        )
        raise StandardsUnreadable(f"{name} holds no standards: {why}")
    code = sheet.column("humanCodingScheme", "human coding scheme", "code", "standard code", "notation")
    own = sheet.column("identifier", "id", "guid", "sourcedId")
    parent = sheet.column(
        "isChildOf", "is child of", "parent", "parent identifier", "parent id", "parent code"
    )
    level = sheet.column("smartLevel", "smart level", "level", "outline")
    kind = sheet.column("CFItemType", "cf item type", "type", "item type")
    grades = sheet.column("educationLevel", "education level", "grade", "grades", "grade level")
    framework = sheet.column("framework", "document", "CFDocument title", "source")
    title = next((row.at(framework) for row in sheet.rows if row.at(framework)), PurePosixPath(name).stem)
    contents = Contents(
        name, f"file:{fold(title)}", "", title[:300], is_case=False, faults=list(sheet.faults)
    )
    for row in sheet.rows:
        said, short = row.at(statement), row.at(code)
        identifier = row.at(own) or short or row.at(level)
        if not identifier:
            contents.fault(row.number, own.title, "is missing, and so is the code: the row is left out.")
            continue
        if not said:
            contents.fault(row.number, statement.title, "is missing.")
        contents.items.append(
            RawItem(
                row.number, identifier, short, short[:LONGEST_CODE] or None, (said or short or identifier)[:LONGEST_STATEMENT],
                row.at(kind)[:LONGEST_CODE] or None, list_in(row.raw(grades)),
            )
        )  # fmt: skip
        above = row.at(parent)
        if not parent.there and "." in row.at(level):
            above = row.at(level).rpartition(".")[0]
        if above:
            contents.ties.append(Tie(row.number, (identifier, ""), (above, ""), math.inf))
    _by_level(contents, sheet.rows, level.index, parent.there)
    return contents


def _by_level(contents: Contents, rows: Iterable[Any], index: int | None, has_parents: bool) -> None:
    """Outline numbers (1, 1.1, 1.1.2) name parents when there is no column for them."""
    if has_parents or index is None:
        return
    known = {
        clean(row.cells[index]): item.identifier for row, item in zip(rows, contents.items, strict=False)
    }
    for tie in contents.ties:
        tie.parent = (known.get(tie.parent[0], tie.parent[0]), "")
