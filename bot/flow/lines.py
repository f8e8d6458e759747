"""What the bot says: one line in several languages, with typed placeholders.

Choosing the language, translating and formatting dates belong to the world outside; this room only knows
which texts exist, who vouches for them and which values they need.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Review = Literal["draft", "reviewed"]
Kind = Literal["name", "text", "number", "date", "time", "link", "phone", "choice"]
"""What a placeholder holds. `name`, `link` and `phone` are never translated; `text` is somebody's own words and may
be; `number`, `date` (ISO 8601) and `time` (HH:MM) are formatted for the reader's language before filling."""

Value = str | int | float | bool | None

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*)\}")
LONGEST_VALUE = 300
"""Characters of a filled-in value; families' words may be long, a text message may not."""

KNOWN: dict[str, Kind] = {
    "child": "name",
    "guardian": "name",
    "teacher": "name",
    "school": "name",
    "staff": "name",
    "section": "name",
    "goal": "text",
    "phone": "phone",
    "link": "link",
    "event": "text",
    "date": "date",
    "time": "time",
    "place": "text",
    "days_missed": "number",
    "idea": "text",
    "decision": "text",
    "option_1": "text",
    "option_2": "text",
    "option_3": "text",
    "practice": "text",
    "other_family": "name",
}
"""What the world outside may tell a conversation when it begins, with the type of each."""

MISSING: dict[str, dict[str, str]] = {
    "child": {
        "en": "your child",
        "es": "su hijo o hija",
        "pt": "seu filho ou filha",
        "ht": "pitit ou a",
        "fr": "votre enfant",
        "ar": "طفلكم",
        "zh-Hans": "您的孩子",
        "zh-Hant": "您的孩子",
        "vi": "con quý vị",
        "ru": "ваш ребёнок",
        "uk": "ваша дитина",
        "ko": "자녀",
        "tl": "anak ninyo",
        "so": "ilmahaaga",
        "sw": "mtoto wako",
    },
    "teacher": {
        "en": "the teacher",
        "es": "la maestra o el maestro",
        "pt": "a professora ou o professor",
        "ht": "pwofesè a",
        "fr": "l’enseignant(e)",
        "ar": "المعلّم أو المعلّمة",
        "zh-Hans": "老师",
        "zh-Hant": "老師",
        "vi": "giáo viên",
        "ru": "учитель",
        "uk": "вчитель",
        "ko": "선생님",
        "tl": "Teacher",
        "so": "macallinka",
        "sw": "mwalimu",
    },
    "school": {
        "en": "the school",
        "es": "la escuela",
        "pt": "a escola",
        "ht": "lekòl la",
        "fr": "l’école",
        "ar": "المدرسة",
        "zh-Hans": "学校",
        "zh-Hant": "學校",
        "vi": "nhà trường",
        "ru": "школа",
        "uk": "школа",
        "ko": "학교",
        "tl": "paaralan",
        "so": "dugsiga",
        "sw": "shule",
    },
    "guardian": {},
}
"""Honest words for a value nobody gave us. The linter stops a conversation that needs an unknown value, so these
are for the day when a record is incomplete. A missing guardian's name is simply left out. Draft texts."""

_UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing the bot can say. `key` is its place ("reading_checkin.ask.ask") and its msgctxt in the catalogs."""

    key: str
    texts: dict[str, str]
    """Language code → text. `written_in` is always among them."""
    written_in: str
    review: dict[str, Review] = field(default_factory=dict)
    """Language → "reviewed" when a speaker approved that text; a language that is absent counts as draft.
    The text in `written_in` is the author's own and needs no approval."""
    placeholders: dict[str, Kind] = field(default_factory=dict)

    @property
    def original(self) -> str:
        """The text as its author wrote it: what a translation starts from."""
        return self.texts[self.written_in]

    def state(self, language: str) -> Review | None:
        """Whether `language` has a text and who vouches for it: None means there is no text."""
        if language not in self.texts:
            return None
        if language == self.written_in:
            return "reviewed"
        return self.review.get(language, "draft")


def placeholders_in(text: str) -> tuple[str, ...]:
    """The placeholder names in `text`, in order, each once."""
    return tuple(dict.fromkeys(PLACEHOLDER.findall(text)))


def fill(text: str, values: Mapping[str, Value], language: str = "en") -> str:
    """Put `values` into the placeholders of `text`.

    Values are other people's words: they are put in once, never read for placeholders again, without control
    and direction-changing characters, on one line, and cut at 300 characters. A value nobody gave becomes the
    honest words of `MISSING` in `language` ("your child"), a missing guardian's name is left out together with the
    comma before it, and anything else becomes "…".
    """
    if "{guardian}" in text and values.get("guardian") in (None, ""):
        text = re.sub(r"\s*[,،、，]?\s*\{guardian\}", "", text)
    return PLACEHOLDER.sub(lambda found: _shown(found.group(1), values.get(found.group(1)), language), text)


def _shown(name: str, value: Value, language: str) -> str:
    if value is None or value == "":
        words = MISSING.get(name, {})
        return words.get(language) or words.get(language.split("-")[0]) or words.get("en", "…")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    shown = unicodedata.normalize("NFC", _UNSAFE.sub("", str(value)))
    shown = " ".join(shown.split())
    return shown if len(shown) <= LONGEST_VALUE else shown[: LONGEST_VALUE - 1].rstrip() + "…"
