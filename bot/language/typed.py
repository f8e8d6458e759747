"""Texts as thumbs type them: accents left out, the usual shortenings. Written out before an engine reads them.

Conservative: whole words only, lower case or capitalised as they stood, and only words whose bare form is no other
word of the language (`e`, `esta`, `la` stay). The lists (data/typed_<language>.txt) were written for this project.
A language is switched on only where bench/language_typed.py measured that it pays: in translation where an engine could be
had, else in restoration (docs/languages.md has the numbers). The original is always kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

SWITCHED_ON = frozenset({"en", "pt", "es", "fr", "ht", "vi"})
"""Languages for which writing out was measured to help. Every other one stays as it was typed."""

_ALL_OR_NOTHING = frozenset({"vi"})
"""Languages in which whoever types one mark types them all: only texts without any are written out."""

_OPENS = re.compile(r"(?:^|[.!?…:\n\"“«(¿¡-])\s*$")
_WORD = re.compile(r"(?<![\w@/.#:-])[^\W\d_]+(?![\w@/:-]|\.\w)")


@dataclass(frozen=True, slots=True)
class _Typed:
    words: Mapping[str, str]
    endings: tuple[tuple[str, str], ...]
    phrases: re.Pattern[str] | None
    """Several words that are only clear together ("bi om": bị ốm), the longest first."""

    def meant(self, word: str) -> str | None:
        """What `word`, in lower case, stands for; None when it stands for itself."""
        if word in self.words:
            return self.words[word]
        for bare, accented in self.endings:
            if word.endswith(bare) and len(word) > len(bare) + 1:
                return word.removesuffix(bare) + accented
        return None


@cache
def _list(language: str) -> _Typed | None:
    file = resources.files("bot.language").joinpath(f"data/typed_{language}.txt")
    if not file.is_file():
        return None
    pairs = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines() if "\t" in line]
    endings = tuple((typed[1:], meant[1:]) for typed, meant in pairs if typed.startswith("*"))
    words = {typed: meant for typed, meant in pairs if not typed.startswith("*")}
    together = sorted((typed for typed in words if " " in typed), key=len, reverse=True)
    phrases = re.compile(
        rf"(?<![\w@/.#:-])(?:{'|'.join(map(re.escape, together))})(?![\w@/:-]|\.\w)", re.IGNORECASE
    )
    return _Typed(words, endings, phrases if together else None)


def written_out(text: str, language: str) -> str:
    """`text` with shortenings and missing accents restored, where that is switched on for `language`."""
    return restored(text, language) if language in SWITCHED_ON else text


_ENGLISH_DAYS = {
    day[:3]: day for day in ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
}
# "na quinta" is Thursday to a Brazilian and a farm to a model; "Wed. 10/21" is nothing to one.
_WEEKDAYS: dict[str, tuple[re.Pattern[str], Callable[[re.Match[str]], str]]] = {
    "pt": (
        re.compile(
            r"\b(segunda|ter[cç]a|quarta|quinta|sexta)(s?)\b"
            r"(?=\s*(?:$|[,.;:!?]|\d|dia\b|de manh|[aà] (?:tarde|noite)|[aà]s \d|que vem|passada|n[aã]o\b|tem\b|vai\b))",
            re.IGNORECASE,
        ),
        lambda m: f"{m[1].replace('terca', 'terça').replace('Terca', 'Terça')}{m[2]}-feira{m[2]}",
    ),
    "en": (
        re.compile(r"\b(Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)\b\.?(?=,|\s+\d|\s*$|\s+(?:at|and|from)\b)"),
        lambda m: _ENGLISH_DAYS[m[1][:3]],
    ),
}


def restored(text: str, language: str) -> str:
    """As `written_out`, whatever is switched on: what the bench measures."""
    if language in _WEEKDAYS:
        pattern, day = _WEEKDAYS[language]
        text = pattern.sub(day, text)
    typed = _list(language)
    if typed is None:
        return text

    def one(match: re.Match[str]) -> str:
        word = match.group()
        if word[0].isupper() and not word.isupper() and not _OPENS.search(text, 0, match.start()):
            return word  # a capital inside a sentence is a name: Pao is no bread
        if any(map(str.isupper, word[1:])) and not word.isupper():
            return word
        meant = typed.meant(word.casefold())
        if meant is None:
            return word
        if word.isupper() and len(word) > 2:
            return meant.upper()
        return meant[0].upper() + meant[1:] if word[0].isupper() else meant

    if language in _ALL_OR_NOTHING and not text.isascii():
        return text
    if typed.phrases is not None:
        text = typed.phrases.sub(one, text)
    return _WORD.sub(one, text)
