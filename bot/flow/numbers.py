"""Numbers as people text them: digits of any script, words of any language, ranges, "3 times", "half an hour"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.flow.text import Token
from bot.flow.words import Lexicon, NumberWords, is_likely

_WHOLE = re.compile(r"\d{1,6}")
_DECIMAL = re.compile(r"(\d{1,4})[.,](\d{1,2})")
_ORDINAL = frozenset({"st", "nd", "rd", "th", "er", "eme", "º", "ª"})
_HYPHENS = frozenset({"-", "–", "—"})
_SIGNS = {"🔟": 10, "☝": 1, "✌": 2, "🖐": 5}


@dataclass(frozen=True, slots=True)
class Said:
    """A number in a text: tokens `start` to `end`, the value (of a range its lower end) and what it counts."""

    start: int
    end: int
    value: int
    highest: int
    unit: str | None = None
    weak: bool = False
    """Said with a word that means other things too ("a", "un", "이"): counts only before a unit or alone."""

    @property
    def is_range(self) -> bool:
        return self.highest != self.value


def numbers_in(tokens: Sequence[Token], lexicon: Lexicon, likely: Sequence[str] | None) -> tuple[Said, ...]:
    """The numbers in `tokens` (punctuation included: "3-4" is a range). `likely` limits number *words* to those
    languages; None allows all. Times (5:30), dates (3/4) and phone numbers are not numbers."""
    tables = [
        table for code, table in sorted(lexicon.numbers.items()) if likely is None or is_likely(code, likely)
    ]
    found: list[Said] = []
    at = 0
    while at < len(tokens):
        said = _half_hour(tokens, at, tables) or _digits(tokens, at) or _words(tokens, at, tables)
        if said is None:
            at += 1
            continue
        said = _with_unit(tokens, said, tables)
        found.append(said)
        at = said.end
    return _ranges(tokens, found, tables)


def _digits(tokens: Sequence[Token], at: int) -> Said | None:
    token = tokens[at]
    if token.sort == "emoji" and token.plain in _SIGNS:
        return Said(at, at + 1, _SIGNS[token.plain], _SIGNS[token.plain])
    if token.sort != "number":
        return None
    if _WHOLE.fullmatch(token.plain):
        value = int(token.plain)
    elif (decimal := _DECIMAL.fullmatch(token.plain)) and int(decimal.group(2)) == 0:
        value = int(decimal.group(1))
    else:
        return None
    if at + 1 < len(tokens) and tokens[at + 1].plain in _ORDINAL:
        return None
    return Said(at, at + 1, value, value)


def _half_hour(tokens: Sequence[Token], at: int, tables: Sequence[NumberWords]) -> Said | None:
    for table in tables:
        for words in table.half_hour:
            if tuple(token.plain for token in tokens[at : at + len(words)]) == words:
                return Said(at, at + len(words), 30, 30, "minutes")
    return None


def _words(tokens: Sequence[Token], at: int, tables: Sequence[NumberWords]) -> Said | None:
    if tokens[at].sort != "word":
        return None
    best: Said | None = None
    values: set[int] = set()
    for table in tables:
        for end in range(min(at + 2 * table.longest, len(tokens)), at, -1):
            # "soixante-douze", "labing-isa": hyphens inside a number's words.
            words = tuple(token.plain for token in tokens[at:end] if token.plain not in _HYPHENS)
            value = table.values.get(words) if tokens[end - 1].sort == "word" else None
            if value is None:
                continue
            said = Said(at, end, value, value, weak=len(words) == 1 and words[0] in table.weak)
            if best is None or said.end > best.end:
                best, values = said, {said.value}
            elif said.end == best.end:
                values.add(said.value)
                if best.weak and not said.weak:
                    best = said
            break
        else:
            joined = _joined(tokens[at].plain, table)
            if joined is not None and best is None:
                best, values = Said(at, at + 1, joined[0], joined[0], joined[1]), {joined[0]}
    # A word that is one number here and another number there ("once": eleven, one time) says nothing certain.
    return best if len(values) == 1 else None


def _joined(word: str, table: NumberWords) -> tuple[int, str] | None:
    return next(((value, unit) for begin, value, unit in table.joined_units if word.startswith(begin)), None)


def _with_unit(tokens: Sequence[Token], said: Said, tables: Sequence[NumberWords]) -> Said:
    if said.unit is not None:
        return said
    for length in (3, 2, 1):
        after = " ".join(token.plain for token in tokens[said.end : said.end + length])
        before = tokens[said.start - 1].plain if said.start else ""
        for table in tables:
            if after in table.units:
                return replace(said, end=min(len(tokens), said.end + length), unit=table.units[after])
            if table.units_first and before in table.units:
                return replace(said, unit=table.units[before])
    return said


def _ranges(tokens: Sequence[Token], found: list[Said], tables: Sequence[NumberWords]) -> tuple[Said, ...]:
    joined: list[Said] = []
    for said in found:
        before = joined[-1] if joined else None
        if before is not None and before.value < said.value and not before.is_range:
            between = tokens[before.end : said.start]
            if not between and before.unit is None and said.value == before.value + 1 <= 10:
                # 两三天, dos tres veces: two neighbours without a word between are a range.
                joined[-1] = replace(before, end=said.end, highest=said.value, unit=said.unit, weak=False)
                continue
            if _means_to(between, tables) and before.unit in (None, said.unit):
                joined[-1] = replace(
                    before, end=said.end, highest=said.highest, unit=said.unit, weak=before.weak and said.weak
                )
                continue
        joined.append(said)
    return tuple(joined)


def _means_to(between: Sequence[Token], tables: Sequence[NumberWords]) -> bool:
    if len(between) == 1 and between[0].sort == "break":
        return between[0].plain in _HYPHENS | {"/", ",", "、"}
    if len(between) == 1 and between[0].plain in {"~", "～"}:
        return True
    words = " ".join(token.plain for token in between)
    return bool(words) and any(words in table.to for table in tables)
