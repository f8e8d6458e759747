"""YAML as people mean it, with the line of everything.

`yes`, `no`, `on` and 17:30 are words here (YAML 1.1 makes booleans and a number of seconds of them, and a teacher
who writes `es: [sí, no]` means two words), and a key that is written twice is a finding, not a silent loss.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from bot.flow.findings import Finding
from bot.flow.yaml_data import LOADER

Path = tuple[str | int, ...]

_INTEGER = re.compile(r"[+-]?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"[+-]?[0-9]+\.[0-9]+")
MOST_NODES = 20_000
"""Nodes in one file; aliases of aliases could otherwise make a small file fill the memory."""


@dataclass(slots=True)
class Placed:
    """The plain data of a file, and the line (from 1) of every value by its path."""

    file: str
    data: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """The line of `path`, or of the nearest thing around it that has one."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


class _TooBig(Exception):
    """The file unfolds to more than `MOST_NODES`."""


def read_yaml(file: str, text: str) -> Placed:
    """Read `text`. What cannot be read becomes a finding, never an exception."""
    placed = Placed(file)
    try:
        # A lone surrogate (a broken copy and paste) is no text that YAML could carry.
        root = yaml.compose(text.encode("utf-8", "replace").decode("utf-8"), Loader=LOADER)
        if root is not None:
            placed.data = _value(root, (), placed, [0])
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        placed.findings.append(
            Finding(
                file,
                mark.line + 1 if mark else 1,
                "yaml",
                f"this is not readable as YAML: {error.problem or error.context}",
                "look at the indentation, at quotes that are not closed, and put texts with a colon in quotes",
            )
        )
    except (yaml.YAMLError, _TooBig, RecursionError) as error:
        reason = str(error).splitlines()[0] if str(error) else "it is nested too deeply"
        placed.findings.append(
            Finding(file, 1, "yaml", f"this is not readable as YAML: {reason}", "save it as plain UTF-8 text")
        )
    return placed


def _value(node: yaml.Node, path: Path, placed: Placed, count: list[int]) -> Any:
    count[0] += 1
    if count[0] > MOST_NODES:
        raise _TooBig("the file is too big, or repeats itself through aliases")
    placed.lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, placed, count)
    if isinstance(node, yaml.SequenceNode):
        return [_value(child, (*path, number), placed, count) for number, child in enumerate(node.value)]
    return _scalar(node)


def _mapping(node: yaml.MappingNode, path: Path, placed: Placed, count: list[int]) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
        here = key_node.start_mark.line + 1
        if key in found:
            placed.findings.append(
                Finding(
                    placed.file, here, "duplicate-key", f"“{key}” is written twice here", "keep one of them"
                )
            )
            continue
        placed.lines[(*path, key)] = here
        found[key] = _value(value_node, (*path, key), placed, count)
    return found


def _scalar(node: yaml.Node) -> str | int | float | bool | None:
    text = str(node.value)
    if getattr(node, "style", None):
        return text
    if text in ("", "~", "null"):
        return None
    if text in ("true", "false"):
        return text == "true"
    if _INTEGER.fullmatch(text) and len(text) < 16:
        return int(text)
    if _NUMBER.fullmatch(text):
        return float(text)
    return text
