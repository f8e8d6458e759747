"""Every sentence of the pages, read from the templates and the code, so that a test can tell which a catalog lacks."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, nodes

import bot.web
from bot.language.checks import SAYS

WEB = Path(bot.web.__file__).parent
_RAISED_BELOW = {
    "conversation/reply.py": "CannotReply",
    "delivery/retry.py": "NotRetriable",
}


def msgids() -> dict[str, str | None]:
    """Every msgid with its plural, in the order of the files."""
    found: dict[str, str | None] = {}
    for path in sorted((WEB / "templates").glob("*.html")):
        found.update(_in_template(path))
    for path in sorted(WEB.glob("*.py")):
        found.update(_in_code(path, "_"))
        found.update(_in_code(path, "translate"))
    for name, error in _RAISED_BELOW.items():
        found.update(_in_code(WEB.parent / name, error))
    found.update(dict.fromkeys(SAYS.values()))
    return found


def _in_template(path: Path) -> Iterator[tuple[str, str | None]]:
    for call in Environment(autoescape=True).parse(path.read_text("utf-8")).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "_":
            texts = [arg.value for arg in call.args if isinstance(arg, nodes.Const)]
            if texts:
                yield texts[0], texts[1] if len(texts) > 1 else None


def _in_code(path: Path, name: str) -> Iterator[tuple[str, str | None]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
            texts = [
                arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
            ]
            if texts:
                yield texts[0], texts[1] if len(texts) > 1 else None
