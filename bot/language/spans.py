"""What in a text must come through a translation unharmed: found by patterns, with how the reader should see it.

`find_spans` gives non-overlapping spans, each with its `kept` form: the text itself (links, e-mail, phones, names,
placeholders, money, numbers), or its form in the reader's language (times by the reader's clock, dates with a month's
name, glossary terms). Formats come from Unicode CLDR through Babel.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from functools import cache

from babel import Locale
from babel.dates import format_skeleton, format_time, get_month_names, get_time_format

from bot.language import codes
from bot.language.names import possible_names, sure_names


class Kind(StrEnum):
    """What a protected span is."""

    LINK = "link"
    EMAIL = "email"
    PHONE = "phone"
    PLACEHOLDER = "placeholder"
    TERM = "term"
    NAME = "name"
    MAYBE_NAME = "maybe_name"
    LONE_NAME = "lone_name"
    TIME = "time"
    DATE = "date"
    MONEY = "money"
    CODE = "code"
    NUMBER = "number"
    EMOJI = "emoji"


OPAQUE = frozenset({Kind.LINK, Kind.EMAIL, Kind.PHONE, Kind.PLACEHOLDER, Kind.TERM, Kind.EMOJI})
"""Kinds no model ever sees. The others stay in the sentence first, because the words around them bend to them
("at 17:30" → "às 17:30", "Sofia está cansada"), are checked afterwards, and are hidden too when the model changed one.
A remote engine sees none of them: names stay on this machine."""


NUMERIC = frozenset({Kind.NUMBER, Kind.MONEY, Kind.TIME, Kind.DATE, Kind.CODE})


@dataclass(frozen=True, slots=True)
class Span:
    """`text[start:end]` of the source, and how it must appear in the translation."""

    start: int
    end: int
    kind: Kind
    original: str
    kept: str


EMOJI = re.compile(
    "(?:[\U0001f1e6-\U0001f1ff]{2}"
    "|[#*0-9]\ufe0f?\u20e3"
    "|[\U0001f300-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u2190-\u21ff\u231a-\u23ff\u25aa-\u25fe\u3030\u303d]"
    "[\ufe0e\ufe0f]?[\U0001f3fb-\U0001f3ff]?"
    "(?:\u200d[\U0001f300-\U0001faff\u2600-\u27bf][\ufe0e\ufe0f]?[\U0001f3fb-\U0001f3ff]?)*)"
    "|(?<![\\w:;])(?:[:;]-?[)(DPp*]|<3|:'\\()(?!\\w)"
)
_LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>\"“”«»]+"
    r"|(?<![\w@.])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+"
    r"(?:com|org|net|edu|gov|us|info|io|ly|me|co|br|mx|es|fr|ca|uk|app|school|link|gl|gle|page|tv|be)"
    r"(?:/[^\s<>\"“”«»]*)?(?![\w@])",
    re.IGNORECASE,
)
_LINK_TAIL = re.compile(r"[.,;:!?)\]}'’]+$")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PLACEHOLDER = re.compile(r"\{[A-Za-z_][A-Za-z0-9_]*\}|%\([a-z_]+\)[sd]|%[sd]\b")
_PHONE = re.compile(
    r"(?<![\w/.-])(?:\+\d{1,3}[\s.-]?)?(?:\(\d{2,4}\)|\d{2,4})[\s.-]?\d{3,5}[\s.-]\d{3,4}(?:\s?(?:x|ext\.?|ramal)\s?\d{1,5})?"
    r"(?![\w/-])|(?<![\w/.-])\+\d{8,15}(?!\w)|(?<![\w/.-])\d{3}[.-]\d{4}(?![\w/-])",
    re.IGNORECASE,
)
_MONEY = re.compile(
    r"(?<![\w$])(?:US|R|U\$S)?[$€£]\s?\d[\d.,]*\d(?!\w)|(?<![\w$])(?:US|R|U\$S)?[$€£]\s?\d(?![\w.,]\d)|\d[\d.,]*\s?[€£](?!\w)"
)
_TIME_12 = re.compile(
    r"(?<![\w:.,])(1[0-2]|0?[1-9])(?:[:.]([0-5]\d))?\s?([ap])(?:\.?\s?m\.?(?![\w])|m(?!\w))", re.IGNORECASE
)
_TIME_24 = re.compile(
    r"(?<![\w:.,])([01]?\d|2[0-4])(?::([0-5]\d)(?::[0-5]\d)?|\s?[hH]\s?([0-5]\d)|[hH](?:rs?|s)?(?!\w))(?![\w:])"
)
_FROM = re.compile(
    r"(?<![\w:.,/$])(1[0-2]|0?[1-9])(?::([0-5]\d))?(\s?[-–—]\s?|\s(?:to|and|until|till|or)\s)$", re.IGNORECASE
)
_CODE = re.compile(r"(?<![\w/@.-])(?=[\w-]*\d)(?=[\w-]*[A-Z])[A-Z0-9]+(?:-[A-Z0-9]+)*(?![\w@-])")
_NUMBER = re.compile(r"(?<![\w])[+-]?\d+(?:[.,:/\u00a0]\d+)*(?:\s?%)?|(?<=\w)\d+")
_ENGLISH_DATE = (
    r"(?P<month>{months})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(?P<year>(?:19|20)\d\d))?(?![\w:/])"
    r"|(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month2>{months})\.?(?:,?\s+(?P<year2>(?:19|20)\d\d))?(?![\w])"
)
_ROMANCE_DATE = r"(?P<day>\d{{1,2}})[ºo°]?\s+(?:d[eo]\s+)?(?P<month>{months})\.?(?:(?:\s+d[eo]l?)?,?\s+(?P<year>(?:19|20)\d\d))?(?![\w])"
_DATE_SHAPES = {"en": _ENGLISH_DATE, "es": _ROMANCE_DATE, "pt": _ROMANCE_DATE, "fr": _ROMANCE_DATE}
_TITLES = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Coach|Principal|Teacher|Sr|Sra|Srta|Dra|Profa|Prof[ªº]|Don|Doña|Seu|M|Mme|Mlle|"
    r"Madame|Monsieur|[Mm]aestr[ao]|[Pp]rofessora?|[Ss]enhora?|[Ss]eñora?|[Dd]ona|[Tt]i[ao]|[Dd]iretora?|[Cc]oach)\.?\s+"
    r"((?:[A-ZÀ-ÖØ-Þ][\w'’-]*)(?:\s+(?:d[aeo]s?\s+)?[A-ZÀ-ÖØ-Þ][\w'’-]*){0,2})"
)
GUESSED = frozenset({Kind.MAYBE_NAME, Kind.LONE_NAME})
"""Words that may be names: checked, but only called lost where something else speaks for it."""


def find_spans(
    text: str,
    source: str,
    target: str,
    names: Iterable[str] = (),
    glossary: Mapping[str, str] | None = None,
) -> list[Span]:
    """Every span of `text` to protect, in order, none overlapping. Surer kinds win over vaguer ones."""
    taken: list[Span] = []

    def take(start: int, end: int, kind: Kind, kept: str | None = None) -> None:
        if start < end and all(end <= span.start or start >= span.end for span in taken):
            original = text[start:end]
            taken.append(Span(start, end, kind, original, original if kept is None else kept))

    for match in _EMAIL.finditer(text):
        take(match.start(), match.end(), Kind.EMAIL)
    for match in _LINK.finditer(text):
        tail = _LINK_TAIL.search(match.group())
        take(match.start(), match.end() - (len(tail.group()) if tail else 0), Kind.LINK)
    for match in _PLACEHOLDER.finditer(text):
        take(match.start(), match.end(), Kind.PLACEHOLDER)
    for term, kept in sorted((glossary or {}).items(), key=lambda item: -len(item[0])):
        for match in _whole(term).finditer(text):
            take(match.start(), match.end(), Kind.TERM, _like(match.group(), kept))
    for name in sorted({name.strip() for name in names}, key=len, reverse=True):
        for match in _whole(name).finditer(text) if name else ():
            if match.group()[0].isupper() or not name[0].isupper():
                take(match.start(), match.end(), Kind.NAME)
    for match in _PHONE.finditer(text):
        if sum(c.isdigit() for c in match.group()) >= 7:
            take(match.start(), match.end(), Kind.PHONE)
    for match in _MONEY.finditer(text):
        take(match.start(), match.end(), Kind.MONEY)
    for start, end, kept in _times(text, target):
        take(start, end, Kind.TIME, kept)
    for start, end, kept in _dates(text, source, target):
        take(start, end, Kind.DATE, kept)
    for match in EMOJI.finditer(text):
        take(match.start(), match.end(), Kind.EMOJI)
    for match in _TITLES.finditer(text):
        take(match.start(1), match.end(1), Kind.NAME)
    for start, end in sure_names(text, source):
        take(start, end, Kind.NAME)
    for match in _CODE.finditer(text):
        take(match.start(), match.end(), Kind.CODE)
    for match in _NUMBER.finditer(text):
        take(match.start(), match.end(), Kind.NUMBER)
    for start, end, alone in possible_names(text, source):
        take(start, end, Kind.LONE_NAME if alone else Kind.MAYBE_NAME)
    return sorted(taken, key=lambda span: span.start)


@cache
def _whole(term: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(term)}(?!\w)", re.IGNORECASE)


def _like(found: str, kept: str) -> str:
    """A glossary term takes the capital of the word it stands for: at a sentence's start, it starts the sentence."""
    return kept[:1].upper() + kept[1:] if found[:1].isupper() and not found.isupper() else kept


@cache
def locale_of(tag: str) -> Locale | None:
    """The CLDR locale of a language's readers; None where CLDR has none (Hmong, Mam)."""
    language = codes.find(tag)
    return Locale.parse(language.babel) if language and language.babel else None


@cache
def twelve_hour_clock(tag: str) -> bool:
    """Whether readers of this language write 5:30 pm rather than 17:30."""
    locale = locale_of(tag)
    return locale is None or "H" not in str(get_time_format("short", locale).pattern)


def local_time(moment: time, tag: str) -> str:
    """A time of day as readers of `tag` write it: 5:30 PM, 17:30, 오후 5:30."""
    locale = locale_of(tag)
    if locale is None:
        return format_time(moment, "h:mm a", locale="en_US").replace("\u202f", " ")
    pattern = str(get_time_format("short", locale).pattern)
    if "H" in pattern:  # 9:30 and not 09:30: nobody texts the nought
        return f"{moment.hour}:{moment.minute:02d}"
    if tag == "ko":
        pattern = pattern.replace("a", "aaaa")
    return format_time(moment, pattern, locale=locale).replace("\u202f", " ").replace("\u00a0", " ")


def _range_start(text: str, end: int, until: int, half: str, target: str) -> Iterable[tuple[int, int, str]]:
    """The first time of "5-7 pm", "between 3:15 and 3:45 p.m.", "11 to 1 pm", which borrows its half of the day."""
    match = _FROM.search(text, 0, end)
    if match is None:
        return
    hour, minute = int(match[1]) % 12, int(match[2] or 0)
    afternoon = (half == "p") == (hour <= until)
    yield match.start(), match.start(3), local_time(time(hour + 12 * afternoon, minute), target)


def _times(text: str, target: str) -> Iterable[tuple[int, int, str]]:
    for match in _TIME_12.finditer(text):
        hour, minute, half = int(match[1]) % 12, int(match[2] or 0), match[3].casefold()
        end = match.end()
        # "… at 5 p.m." at the end of a sentence: that full stop ends it.
        if text[end - 1] == "." and not text[end:].strip():
            end -= 1
        yield from _range_start(text, match.start(), hour, half, target)
        yield match.start(), end, local_time(time(hour + 12 * (half == "p"), minute), target)
    for match in _TIME_24.finditer(text):
        hour, minute = int(match[1]), int(match[2] or match[3] or 0)
        if hour > 23:
            continue
        if not twelve_hour_clock(target):
            kept = match.group() if match[2] else f"{hour}:{minute:02d}"
        elif hour >= 13:
            kept = local_time(time(hour, minute), target)
        else:  # "8:30" alone says neither morning nor evening: it stays as it was written
            kept = match.group() if match[2] else f"{hour}:{minute:02d}"
        yield match.start(), match.end(), kept


@cache
def _months(tag: str) -> dict[str, int]:
    locale = locale_of(tag)
    found: dict[str, int] = {}
    if locale is not None:
        for width in ("wide", "abbreviated"):
            for number, name in get_month_names(width, locale=locale).items():
                found[str(name).casefold().rstrip(".")] = int(number)
    if tag == "en":
        found["sept"] = 9
        found.pop("may", None)  # "You may 2 …": May counts only with its capital, below
    return found


@cache
def _date_pattern(tag: str) -> re.Pattern[str] | None:
    shape = _DATE_SHAPES.get(tag)
    if shape is None:
        return None
    months = "|".join(sorted((re.escape(name) for name in _months(tag)), key=len, reverse=True))
    if tag == "en":
        months += "|(?-i:May|MAY)"
    return re.compile(r"(?<![\w/])(?:" + shape.format(months=months) + ")", re.IGNORECASE)


def _dates(text: str, source: str, target: str) -> Iterable[tuple[int, int, str]]:
    pattern = _date_pattern(source)
    for match in pattern.finditer(text) if pattern else ():
        parts = match.groupdict()
        name = (parts["month"] or parts.get("month2") or "").casefold().rstrip(".")
        day = int(parts["day"] or parts.get("day2") or 0)
        year = parts["year"] or parts.get("year2")
        month = 5 if name == "may" else _months(source).get(name)
        if month is None:
            continue
        try:
            when = date(int(year) if year else 2024, month, day)
        except ValueError:
            continue
        yield match.start(), match.end(), local_date(when, target, with_year=bool(year))


def local_date(when: date, tag: str, with_year: bool = False) -> str:
    """A date with its month's name, as readers of `tag` write it: March 4, 4 de março, 3月4日."""
    locale = locale_of(tag) or Locale.parse("en_US")
    return format_skeleton("yMMMMd" if with_year else "MMMMd", when, locale=locale)
