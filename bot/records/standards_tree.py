"""A framework's items in their tree: roots, levels, order, and what is wrong with it. Pure.

A child names its parent (`isChildOf`); children stand in the order of their sequence numbers. An item with several
parents stands under the first. Links are matched by identifier, by address, or by the last part of either, because
real frameworks write one item in different ways.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.records.roster_files import Fault


@dataclass(frozen=True, slots=True)
class Item:
    """One standard. `parent` None: it stands at the top. `depth`: 1 at the top. `place`: the order of reading."""

    identifier: str
    code: str | None
    statement: str
    kind: str | None
    grades: tuple[str, ...]
    parent: str | None
    depth: int
    place: int


@dataclass(frozen=True, slots=True)
class FrameworkFile:
    """A framework as its file tells it, items in the order of reading: parents before children."""

    identifier: str
    title: str
    publisher: str | None
    language: str | None
    uri: str | None
    items: tuple[Item, ...]
    roots: int
    """Items that the framework itself puts at the top."""
    faults: tuple[Fault, ...]

    @property
    def depth(self) -> int:
        """Levels of the tree."""
        return max((item.depth for item in self.items), default=0)

    def as_json(self) -> dict[str, Any]:
        """As `bot import standards --json` prints it."""
        return {
            "framework": self.title,
            "identifier": self.identifier,
            "items": len(self.items),
            "roots": self.roots,
            "depth": self.depth,
            "errors": [
                {"file": one.file, "row": one.row, "field": one.field, "message": one.message}
                for one in self.faults
            ],
        }


@dataclass(slots=True)
class RawItem:
    """An item before the tree is known. `row`: its place in the file, from 1."""

    row: int
    identifier: str
    uri: str
    code: str | None
    statement: str
    kind: str | None
    grades: tuple[str, ...]


@dataclass(slots=True)
class Tie:
    """`child` belongs under `parent`; both as the file writes them: identifier and address."""

    row: int
    child: tuple[str, str]
    parent: tuple[str, str]
    order: float


@dataclass(slots=True)
class Contents:
    """What a file says, before the tree is known."""

    name: str
    identifier: str
    uri: str
    title: str
    publisher: str | None = None
    language: str | None = None
    is_case: bool = True
    items: list[RawItem] = field(default_factory=list)
    ties: list[Tie] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, row: int, where: str, message: str) -> None:
        """Something a person should look at."""
        self.faults.append(Fault(self.name, row, where, message))


class _Names:
    """Finds items by what links call them: the identifier, the address, or the last part of either."""

    def __init__(self, contents: Contents) -> None:
        self._exact: dict[str, str] = {}
        self._tails: dict[str, str | None] = {}
        for item in contents.items:
            for name in (item.identifier, item.uri):
                if name:
                    self._exact.setdefault(name.casefold(), item.identifier)
        for item in contents.items:
            for name in {_tail(item.identifier), _tail(item.uri)} - {""}:
                here = self._tails.get(name, item.identifier)
                self._tails[name] = item.identifier if here == item.identifier else None

    def find(self, node: tuple[str, str]) -> str | None:
        """The identifier of the item that a link means; None when there is none, or it could be several."""
        for name in node:
            if name and (known := self._exact.get(name.casefold())):
                return known
        for name in node:
            if name and (tail := self._tails.get(_tail(name))):
                return tail
        return None


def _tail(name: str) -> str:
    return name.rstrip("/").rpartition("/")[2].casefold()


def grow(contents: Contents) -> FrameworkFile:
    """The framework with every item in its place. What harms the tree is added to the faults."""
    items = _once(contents)
    names = _Names(contents)
    document = {_tail(contents.identifier), _tail(contents.uri)} - {""}
    parents: dict[str, tuple[str | None, float]] = {}
    linked: set[str] = set()
    for tie in contents.ties:
        child = names.find(tie.child)
        parent = names.find(tie.parent)
        top = parent is None and bool({_tail(name) for name in tie.parent if name} & document)
        if child is None:
            contents.fault(
                tie.row, _where(contents, "originNodeURI"), f"{_shown(tie.child)} is not in the file."
            )
        elif parent is None and not top:
            linked.add(child)
            contents.fault(
                tie.row, _where(contents, "destinationNodeURI"), f"{_shown(tie.parent)} is not in the file."
            )
        elif child not in parents:
            parents[child] = (parent, tie.order)
    roots = [identifier for identifier, (parent, _) in parents.items() if parent is None]
    loose = [identifier for identifier in items if identifier not in parents]
    if roots:
        for identifier in loose:
            if identifier not in linked:
                contents.fault(
                    items[identifier].row, "CFItems", f"{identifier[:60]} has no place in the tree."
                )
    else:
        roots = [identifier for identifier in loose if identifier not in linked]
    orders = {identifier: order for identifier, (_, order) in parents.items()}
    children: dict[str | None, list[str]] = {}
    for identifier in items:
        above = parents[identifier][0] if identifier in parents else None
        children.setdefault(above, []).append(identifier)
    for below in children.values():
        below.sort(key=lambda identifier: orders.get(identifier, math.inf))
    placed = list(_walk(contents, items, parents, children))
    return FrameworkFile(
        contents.identifier,
        contents.title,
        contents.publisher,
        contents.language,
        contents.uri or None,
        tuple(placed),
        len(roots),
        tuple(contents.faults),
    )


def _where(contents: Contents, end: str) -> str:
    return f"CFAssociations.{end}" if contents.is_case else "parent"


def _shown(node: tuple[str, str]) -> str:
    return f"“{(node[0] or node[1])[:80]}”"


def _once(contents: Contents) -> dict[str, RawItem]:
    """Items by identifier; a fault for each that is there already."""
    found: dict[str, RawItem] = {}
    for item in contents.items:
        before = found.setdefault(item.identifier, item)
        if before is not item:
            contents.fault(
                item.row, "identifier", f"{item.identifier[:60]} is in place {before.row} already."
            )
    return found


def _walk(
    contents: Contents,
    items: dict[str, RawItem],
    parents: dict[str, tuple[str | None, float]],
    children: dict[str | None, list[str]],
) -> Iterator[Item]:
    """Every item once, parents first. What a circle holds is told, and begins at the top where the file does."""
    seen: set[str] = set()
    place = 0
    starts: list[tuple[str, bool]] = [(identifier, False) for identifier in children.get(None, ())]
    starts += [(identifier, True) for identifier in items]
    for start, left_over in starts:
        if start in seen:
            continue
        if left_over:
            circle = _circle(start, parents)
            if circle is not None:
                start = min(circle, key=lambda identifier: items[identifier].row)
                around = " → ".join(identifier[:60] for identifier in circle[:5])
                contents.fault(
                    items[start].row, "isChildOf", f"goes in a circle: {around}. It begins at the top here."
                )
        waiting: list[tuple[str, str | None, int]] = [(start, None, 1)]
        while waiting:
            identifier, parent, depth = waiting.pop()
            if identifier in seen:
                continue
            seen.add(identifier)
            raw = items[identifier]
            place += 1
            yield Item(identifier, raw.code, raw.statement, raw.kind, raw.grades, parent, depth, place)
            below = children.get(identifier, ())
            waiting += [(child, identifier, depth + 1) for child in reversed(below)]


def _circle(start: str, parents: dict[str, tuple[str | None, float]]) -> list[str] | None:
    """The items of the circle that going up from `start` ends in."""
    path: dict[str, None] = {}
    here: str | None = start
    while here is not None and here not in path:
        path[here] = None
        here = parents.get(here, (None, 0.0))[0]
    if here is None:
        return None
    found = list(path)
    return found[found.index(here) :]
