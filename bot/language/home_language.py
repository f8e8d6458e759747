"""What a school's files mean by a family's home language: a code, a name, or an honest "not known".

Student information systems write ISO codes, English names, names in two ways at once ("Farsi (Persian)",
"Spanish; Castilian"), or words for "something else". Nothing here guesses: what is not recognised is not known.
"""

from __future__ import annotations

import re

from bot.language.codes import find

_INSIDE = re.compile(r"(.*?)\(([^)]*)\)(.*)")
_VAGUE = frozenset({"creole", "chinese", "kurdish", "karen", "mayan"})
"""Names that what stands in brackets decides: "Creole (Cape Verdean)" is not Haitian."""


def home_language(cell: str) -> str | None:
    """The product's tag for a cell of a home-language column; None when it names no language we know."""
    whole = find(cell)
    if whole is not None:
        return whole.tag
    match = _INSIDE.fullmatch(cell.strip())
    if match:
        outer, inner = f"{match[1]} {match[3]}".strip(), match[2].strip()
        named = find(inner) or (None if outer.casefold() in _VAGUE else find(outer))
        return named.tag if named else None
    found = {language.tag for part in re.split(r"[;,]", cell) if (language := find(part.strip()))}
    return found.pop() if len(found) == 1 else None
