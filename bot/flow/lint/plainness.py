"""How hard a text is to read, by measures that need no dictionary.

English: the Flesch–Kincaid grade (0.39 × words per sentence + 11.8 × syllables per word − 15.59; Kincaid et al. 1975)
with syllables counted as groups of vowels; above grade 8 is too hard for a text message. Other languages, for which
no such formula is agreed on: the longest sentence.
"""

from __future__ import annotations

import re

HARDEST_GRADE = 8.0
LONGEST_SENTENCE = {"zh": 48, "ko": 18, "default": 24}
"""Words a sentence may have; for Chinese, characters."""

_SENTENCE_END = re.compile(r"[.!?…。！？؟:;；：]+(?=\s|$|[”»\"])|[。！？；：]|\n")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_VOWELS = re.compile(r"[aeiouy]+")
_HAN = re.compile(r"[\u3400-\u9fff]")


def hard_to_read(text: str, language: str) -> str | None:
    """Why `text` is hard to read, or None."""
    primary = language.split("-")[0]
    sentences = [part for part in _SENTENCE_END.split(text) if part and part.strip()]
    if not sentences:
        return None
    if primary == "zh":
        longest = max(len(_HAN.findall(sentence)) for sentence in sentences)
        unit = "characters"
    else:
        longest = max(len(_WORD.findall(sentence)) for sentence in sentences)
        unit = "words"
    limit = LONGEST_SENTENCE.get(primary, LONGEST_SENTENCE["default"])
    if longest > limit:
        return f"a sentence of {longest} {unit} (at most {limit})"
    if primary == "en":
        grade = english_grade(text)
        if grade > HARDEST_GRADE:
            return f"school grade {grade:.0f} (at most {HARDEST_GRADE:.0f})"
    return None


def english_grade(text: str) -> float:
    """The Flesch–Kincaid grade of an English text. Short texts vary a lot: under ten words it is 0."""
    words = _WORD.findall(text.casefold())
    if len(words) < 10:
        return 0.0
    sentences = max(1, len([part for part in _SENTENCE_END.split(text) if part and _WORD.search(part)]))
    syllables = sum(_syllables(word) for word in words)
    return 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59


def _syllables(word: str) -> int:
    groups = len(_VOWELS.findall(word))
    if word.endswith("e") and not word.endswith("le") and groups > 1:
        groups -= 1
    return max(1, groups)
