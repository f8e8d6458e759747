"""Approved translations and glossary terms in and out: TMX 1.4 (what translators' tools read) and CSV (what spreadsheets read).

Both read only what they understand and name the row that is wrong. A TMX that declares entities is refused: they could
name files or grow without bound.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from bot.language import codes

LARGEST = 50_000_000
COLUMNS = ("source", "target", "text", "translation")
SAID_BY = "said_by"
"""A column that may follow: who said so."""


class ExchangeError(ValueError):
    """A file that cannot be read. Names the row or line."""


@dataclass(frozen=True, slots=True)
class Exchanged:
    """One text and its translation."""

    source: str
    target: str
    text: str
    translation: str
    said_by: str = ""
    """Who said so, where that is known (a glossary's terms)."""
    where: str = field(default="", compare=False)
    """Its row or line in the file it was read from."""


def to_csv(rows: Iterable[Exchanged]) -> str:
    """CSV with a header. A cell that a spreadsheet would run as a formula is given a leading apostrophe."""
    given = list(rows)
    named = [SAID_BY] if any(row.said_by for row in given) else []
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*COLUMNS, *named])
    for row in given:
        cells = [row.source, row.target, _cell(row.text), _cell(row.translation)]
        writer.writerow(cells + ([_cell(row.said_by)] if named else []))
    return out.getvalue()


def _cell(text: str) -> str:
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _uncell(text: str) -> str:
    return text[1:] if text[:1] == "'" and text[1:2] in ("=", "+", "-", "@", "\t", "\r") else text


def from_csv(body: str) -> list[Exchanged]:
    """The rows of such a CSV, in any column order. Raises `ExchangeError` naming the row and column."""
    reader = csv.DictReader(io.StringIO(body.removeprefix("\ufeff"), newline=""))
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise ExchangeError(
            f"The first row must name the columns {', '.join(COLUMNS)}; {missing[0]} is missing."
        )
    rows = []
    for number, row in enumerate(reader, start=2):
        empty = [name for name in COLUMNS if not (row[name] or "").strip()]
        if empty:
            raise ExchangeError(f"Row {number}: {empty[0]} is empty.")
        text, translation = _uncell(row["text"]), _uncell(row["translation"])
        said_by = _uncell((row.get(SAID_BY) or "").strip())
        rows.append(_checked(row["source"], row["target"], text, translation, f"Row {number}", said_by))
    return rows


def _checked(
    source: str, target: str, text: str, translation: str, where: str, said_by: str = ""
) -> Exchanged:
    try:
        pair = codes.normalise(source), codes.normalise(target)
    except codes.UnknownLanguage as error:
        raise ExchangeError(f"{where}: {error}") from error
    if pair[0] == pair[1]:
        raise ExchangeError(f"{where}: source and target are both {pair[0]}.")
    if not text.strip() or not translation.strip():
        raise ExchangeError(f"{where}: {'the text' if not text.strip() else 'its translation'} is empty.")
    return Exchanged(*pair, text, translation, said_by, where)


def to_tmx(rows: Iterable[Exchanged]) -> str:
    """TMX 1.4, one unit a row."""
    units = "".join(
        f"<tu>{_note(row.said_by)}<tuv xml:lang={quoteattr(row.source)}><seg>{_xml(row.text)}</seg></tuv>"
        f"<tuv xml:lang={quoteattr(row.target)}><seg>{_xml(row.translation)}</seg></tuv></tu>\n"
        for row in rows
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<tmx version="1.4"><header creationtool="puente" '
        'creationtoolversion="1" segtype="block" o-tmf="puente" adminlang="en" srclang="*all*" datatype="plaintext"/>'
        f"<body>\n{units}</body></tmx>\n"
    )


def _note(said_by: str) -> str:
    return f"<note>{_xml(said_by)}</note>" if said_by else ""


def _xml(text: str) -> str:
    return escape(
        "".join(
            c for c in text if c in "\t\n" or (c >= " " and not "\ud800" <= c <= "\udfff" and c < "\ufffe")
        )
    )


@dataclass
class _Reader:
    """Collects the units of a TMX as the parser walks through it."""

    parser: expat.XMLParserType
    units: list[tuple[int, list[tuple[str, str]]]] = field(default_factory=list)
    notes: dict[int, str] = field(default_factory=dict)
    """What is noted on a unit, by its place."""
    language: str = ""
    segment: list[str] | None = None
    note: list[str] | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "tu":
            self.units.append((self.parser.CurrentLineNumber, []))
        elif name == "tuv":
            self.language = attributes.get("xml:lang") or attributes.get("lang") or ""
        elif name == "seg":
            self.segment = []
        elif name == "note" and self.units:
            self.note = []

    def text(self, data: str) -> None:
        if self.note is not None:
            self.note.append(data)
        if self.segment is not None:
            self.segment.append(data)

    def end(self, name: str) -> None:
        if name == "seg" and self.segment is not None and self.units:
            self.units[-1][1].append((self.language, "".join(self.segment)))
            self.segment = None
        elif name == "note" and self.note is not None:
            self.notes[len(self.units) - 1] = "".join(self.note).strip()
            self.note = None


def _refuse(*_: object) -> None:
    raise ExchangeError("This TMX declares entities; save it without them.")


def from_tmx(body: bytes) -> list[Exchanged]:
    """Every pair of segments of every unit, from its first language to each other. Raises `ExchangeError`."""
    if len(body) > LARGEST:
        raise ExchangeError("This TMX is larger than 50 MB; split it.")
    parser = expat.ParserCreate()
    reader = _Reader(parser)
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.text
    # Most tools write the bare <!DOCTYPE tmx SYSTEM "tmx14.dtd">: harmless, and never fetched. Entities are not.
    parser.EntityDeclHandler = _refuse
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise ExchangeError(f"This is no well-formed TMX: line {error.lineno}.") from error
    rows = []
    for place, (line, segments) in enumerate(reader.units):
        if len(segments) < 2:
            continue
        (source, text), *others = segments
        said_by = reader.notes.get(place, "")
        rows += [_checked(source, target, text, other, f"Line {line}", said_by) for target, other in others]
    return rows
