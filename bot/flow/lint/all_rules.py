"""All rules over a library."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.flow.compiling import Catalogs
from bot.flow.findings import Finding
from bot.flow.library import Library
from bot.flow.lint.coverage import coverage_findings, walked
from bot.flow.lint.replies import Reserved, reply_findings
from bot.flow.lint.structure import structure_findings
from bot.flow.lint.texts import text_findings
from bot.flow.lint.view import views


def check(
    library: Library,
    segments: Callable[[str], int],
    languages: Sequence[str] = (),
    catalogs: Catalogs | None = None,
    reserved: Reserved | None = None,
) -> tuple[Finding, ...]:
    """Every finding of `library`, those of compiling included, in the order of files and lines.

    `segments` counts the SMS segments of a text (the channels know how); `languages` are those that families read;
    `reserved` tells what a family keyword makes of words before a conversation hears them.
    """
    ways = walked(library)
    found = list(library.findings)
    for view in views(library):
        found.extend(structure_findings(view))
        found.extend(reply_findings(view, reserved or _nothing))
        found.extend(text_findings(view, segments, languages, catalogs or {}))
        found.extend(coverage_findings(view, ways))
    return tuple(sorted(set(found)))


def _nothing(_words: str, _language: str) -> str | None:
    return None
