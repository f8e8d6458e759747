"""CSV that is only ever text: a spreadsheet must not run what a family wrote.

A cell that begins with = + - @ (or a tab or line break before it) would be taken for a formula (OWASP, "CSV
Injection"); an apostrophe in front makes it text. Plain numbers stay numbers.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

_FORMULA = re.compile(r"[\s\u200b\ufeff\u2060\x00]*[=+\-@＝＋－＠|%]")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def safe_cell(value: object) -> str:
    """`value` as a cell that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    text = str(value).replace("\x00", "")
    if _FORMULA.match(text) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return f"'{text}" if text[:1] in ("\t", "\r", "\n") else text


def as_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table as CSV (RFC 4180), with a byte-order mark so that spreadsheets read it as UTF-8."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([safe_cell(title) for title in header])
    writer.writerows([safe_cell(value) for value in row] for row in rows)
    return "\ufeff" + out.getvalue()
