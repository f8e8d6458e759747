"""Cutting a text into sentences without any download, for every catalog language; nothing of the text is lost.

`"".join(piece.before + piece.text + piece.after)` over the pieces, with the last one's rest, is the text again:
line ends, list marks, bullets and the spaces between sentences live in `before` and `after`, so that they come back
as they were whatever an engine does to the words.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

MAX_CHARACTERS = 360
"""Longer sentences are cut at a comma or a space: engines slow down and lose their thread beyond this."""

# Before these a full stop ends no sentence. Titles, school and time abbreviations of the catalog languages.
_SHORTENED = (
    "mr mrs ms dr prof st jr sr no nos vs etc approx apt ave blvd dept ext fig gr min max pg pp tel vol wk yr "
    "jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun "
    "a p e i eg ie am pm u s "
    "sra srta dra profa profs ud uds vd vds lic ing av aprox pág núm nº tel ej "
    "exmo exma pág tel núm mme mlle m mm env bd ch "
    "г ул д стр им т е др руб мин ч вул тел див ім гг вв "
    "bb gng g dkt bw bi tv đ tp ths ts"
)
_ABBREVIATIONS = frozenset(_SHORTENED.split())
_LATE = frozenset("।॥۔؟。！？…")
_CLOSERS = "\"'”’»)\\]】」』）"
_LINE = re.compile(r"(\r\n|\r|\n)")
_MARK = re.compile(r"[ \t]*(?:(?:[-*•·–—►▪◦✓✔☐☑]|\(?\d{1,2}[.)]|\(?[A-Za-z][.)])[ \t]+)?")
_END = re.compile(rf"(?:[.!?;]*[!?]+|\.{{2,}}|\.|…|[।॥۔؟]+|[。！？]+)[{_CLOSERS}]*")
_DAY_OR_MONTH = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\b"
)
_CUT = re.compile(r"(?<=[,;:،؛，、；：])\s*|\s+")


@dataclass(frozen=True, slots=True)
class Piece:
    """One sentence and the text around it that is no part of it."""

    before: str
    text: str
    after: str = ""


def split(text: str, language: str = "en") -> list[Piece]:
    """The sentences of `text` in order. Joining all parts of all pieces gives `text` back, byte for byte.

    `language` decides nothing but the few rules that clash (a Greek ";" asks a question, elsewhere it does not).
    """
    pieces: list[Piece] = []
    carried = ""
    for part in _LINE.split(text):
        if not part or _LINE.fullmatch(part) or not part.strip():
            carried += part
            continue
        mark = _MARK.match(part)
        start = mark.end() if mark else 0
        carried += part[:start]
        for body, gap in _sentences(part[start:], language):
            if not body:
                carried += gap
                continue
            pieces.append(Piece(carried, body))
            carried = gap
    if not pieces:
        return [Piece(carried, "")] if carried else []
    last = pieces[-1]
    pieces[-1] = Piece(last.before, last.text, carried)
    return pieces


def join(pieces: list[Piece], texts: list[str]) -> str:
    """The text again, with each sentence replaced by the one at the same place of `texts`."""
    return "".join(piece.before + text + piece.after for piece, text in zip(pieces, texts, strict=True))


def _sentences(line: str, language: str) -> list[tuple[str, str]]:
    """(sentence, the space after it) for one line."""
    found: list[tuple[str, str]] = []
    start = 0
    for match in _END.finditer(line):
        if not _ends_here(line, match, language):
            continue
        end = match.end()
        gap = len(line) - len(line[end:].lstrip())
        found.extend(_cut_long(line[start:end], line[end:gap]))
        start = gap
    rest = line[start:]
    if rest:
        body = rest.rstrip()
        found.extend(_cut_long(body, rest[len(body) :]))
    return found


def _ends_here(line: str, match: re.Match[str], language: str) -> bool:
    mark, end = match.group(), match.end()
    if end >= len(line):
        return True
    following = line[end:].lstrip()
    if mark[0] in "。！？।॥۔؟":
        return bool(following)
    if not line[end].isspace():  # 3.5, school.org, "a.m.", Wow!!!great
        return False
    if not following:
        return False
    if mark[0] in "!?":
        return not following[0].islower()
    if mark.startswith(".."):
        return not following[0].islower()
    if mark[0] == "…":
        return not following[0].islower()
    word = re.search(r"[^\W_]+$", line[: match.start()])
    if word is None:
        return True
    before = word.group()
    if before.casefold() in _ABBREVIATIONS and not (len(before) == 1 and before in "aiouàoyаяіиув"):
        # "at 5 p.m. Bring …" ends one, "5 p.m. on Friday" does not.
        return (
            before.casefold() in ("am", "pm", "m")
            and _after_hour(line[: match.start()])
            and _opens(following)
        )
    if len(before) == 1 and before.isupper():  # an initial: "J. Pérez"
        return False
    if before.isdigit() and language in ("de", "hu", "sr", "sk", "cs") and not _opens(following):
        return False
    return not following[0].islower()


def _after_hour(before: str) -> bool:
    return re.search(r"\d\s*[ap]\.?\s?m$", before, re.IGNORECASE) is not None


def _opens(following: str) -> bool:
    if _DAY_OR_MONTH.match(following):  # "until 3 p.m. Monday"
        return False
    return following[0].isupper() or following[0] in '¿¡"“«(' or following[0].isdigit()


def _cut_long(sentence: str, gap: str) -> list[tuple[str, str]]:
    """A sentence in parts of at most `MAX_CHARACTERS`, cut after a comma where there is one, else at a space."""
    parts: list[tuple[str, str]] = []
    while len(sentence) > MAX_CHARACTERS:
        window = sentence[:MAX_CHARACTERS]
        places = [m for m in _CUT.finditer(window) if m.start() > MAX_CHARACTERS // 3]
        commas = [m for m in places if window[m.start() - 1] in ",;:،؛，、；："]
        best = commas or places
        end, stop = best[-1].span() if best else (MAX_CHARACTERS, MAX_CHARACTERS)
        parts.append((sentence[:end], sentence[end:stop]))
        sentence = sentence[stop:]
    parts.append((sentence, gap))
    return parts


SHORT_WORDS = 2


def together(pieces: list[Piece], apart: Callable[[str], bool] = lambda sentence: False) -> list[Piece]:
    """The pieces with very short sentences joined to the one before on their line, unless they are to stay `apart`.

    A model asked for "Thank you!" alone invents the rest of a letter; behind its neighbour it does not.
    """
    joined: list[Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        same_line = last is not None and piece.before != "" and not piece.before.strip(" \t\u00a0\u3000")
        if (
            last
            and same_line
            and _short(piece.text, last.text)
            and not (apart(piece.text) or apart(last.text))
        ):
            joined[-1] = Piece(last.before, last.text + piece.before + piece.text, piece.after)
        else:
            joined.append(piece)
    return joined


def _short(one: str, before: str) -> bool:
    few = len(one.split()) <= SHORT_WORDS or len(before.split()) <= SHORT_WORDS
    return few and len(one) + len(before) < MAX_CHARACTERS
