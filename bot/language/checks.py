"""What makes a machine's sentence doubtful. Pure rules; each doubt has a code and a sentence staff can read."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from bot.language.codes import primary
from bot.language.names import capitals, has_word, near_copy
from bot.language.spans import GUESSED, Kind, Span


class Doubt(StrEnum):
    """Why a person should look at a translation."""

    LOST_PART = "lost_token"
    DIGITS_CHANGED = "digits_changed"
    NEGATION_LOST = "negation_lost"
    ODD_LENGTH = "odd_length"
    REPETITION = "repetition"
    UNTRANSLATED = "untranslated"
    LOW_AGREEMENT = "low_agreement"
    WEAK_PAIR = "weak_pair"
    AMBIGUOUS_DATE = "ambiguous_date"
    TOO_LONG = "too_long"
    REJECTED = "rejected"


SAYS = {
    Doubt.LOST_PART: "a name, link, time or other fixed part is missing or changed",
    Doubt.DIGITS_CHANGED: "a number changed",
    Doubt.NEGATION_LOST: "a “not” may have been lost or added",
    Doubt.ODD_LENGTH: "it is much longer or shorter than the original",
    Doubt.REPETITION: "it repeats itself",
    Doubt.UNTRANSLATED: "part of it was not translated",
    Doubt.LOW_AGREEMENT: "translated back, it says something else",
    Doubt.WEAK_PAIR: "this engine is weak in this language",
    Doubt.AMBIGUOUS_DATE: "a date like 3/4 can be read two ways",
    Doubt.TOO_LONG: "only the beginning was translated",
    Doubt.REJECTED: "a reviewer said that it must not go out like this",
}

_NEGATIONS: dict[str, str] = {
    "en": r"not|no|never|nobody|none|nothing|without|neither|nor|cannot|cant|dont|doesnt|didnt|wont|isnt|wasnt|arent|\w+n't",
    "es": r"no|nunca|jamás|nadie|nada|sin|ni|ningún|ninguna|ninguno|tampoco",
    "pt": r"não|nao|nunca|jamais|ninguém|nada|sem|nem|nenhum|nenhuma|tampouco",
    "fr": r"ne|n|pas|jamais|personne|rien|sans|ni|aucun|aucune|non",
    "ht": r"pa|pap|non|janm|san|okenn|anyen",
    "ru": r"не|нет|ни|никогда|никто|ничего|без|нельзя",
    "uk": r"не|ні|немає|нема|ніколи|ніхто|нічого|без",
    "vi": r"không|ko|chưa|đừng|chẳng|chả",
    "tl": r"hindi|wala|walang|huwag|di",
    "sw": r"si|hapana|hakuna|bila|kamwe|wala|ha\w+|si\w+",
    "so": r"ma|maya|aan|la'aan|ha",
}
_NEGATION_PARTS: dict[str, tuple[str, ...]] = {
    "ar": ("لا ", "ليس", "لم ", "لن ", "غير", "بدون", "ما "),
    "zh": ("不", "没", "沒", "无", "無", "别", "未", "勿"),
    "ko": ("않", "안 ", "못", "없", "아니", "말"),
    "ja": ("ない", "ません", "なし", "ず"),
}
# Length against English, in characters, by how densely the script writes. Rough means over FLORES.
_DENSITY = {"zh": 0.30, "ja": 0.42, "ko": 0.50, "yue": 0.30, "ar": 0.85, "he": 0.78, "am": 0.68, "th": 0.95}
_DIGITS = re.compile(r"\d+")
_GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?:[.,\u00a0\u202f' ]\d{3})+(?!\d)")
_NUMERIC_DATE = re.compile(r"0?(\d{1,2})/0?(\d{1,2})(?:/(?:20)?\d\d)?")
_WORDS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def digit_runs(text: str) -> Counter[str]:
    """The numbers of a text as plain digits, grouping marks taken out: 1,000 and 1.000 and ١٠٠٠ are one."""
    plain = "".join(str(unicodedata.digit(c)) if c.isdigit() and c.isdecimal() else c for c in text)
    joined = _GROUPED.sub(lambda match: re.sub(r"\D", "", match.group()), plain)
    return Counter(_DIGITS.findall(joined))


def _without(text: str, parts: Iterable[str]) -> str:
    for part in sorted(parts, key=len, reverse=True):
        text = re.sub(re.escape(part), " ", text, count=1, flags=re.IGNORECASE)
    return text


def digits_changed(source: str, target: str, spans: Iterable[Span]) -> bool:
    """Whether numbers differ, those spans left aside that are checked by themselves (localised times and dates)."""
    spans = list(spans)
    return digit_runs(_without(source, (s.original for s in spans))) != digit_runs(
        _without(target, (s.kept for s in spans))
    )


def is_kept(span: Span, target: str) -> bool:
    """Whether a span the model saw is still there, as itself or as its reader writes it."""
    if span.kind in (Kind.NUMBER, Kind.MONEY):
        currency = next((sign for sign in ("R$", "€", "£") if sign in span.original), "")
        return currency in target and not digit_runs(span.original) - digit_runs(target)
    if span.kind is Kind.NAME:
        return has_word(target.casefold(), span.kept.casefold())
    folded = target.casefold()
    if span.kind in GUESSED:
        copy = near_copy(span.original, target)
        if copy is None:
            return True  # the word itself, or a translation of it; `harmed` looks for names that are gone
        # "Universidade" → "University" begins alike and is a translation; "Ifeoma" → "Seeoma" is a name gone wrong, and
        # so is "Otieno" → "Otiene", which stands alone.
        alike = copy[0].casefold() == span.original[0].casefold()
        return alike and span.kind is not Kind.LONE_NAME
    if span.kind is Kind.DATE:
        day = digit_runs(span.kept) or digit_runs(span.original)
        words = [word for word in _WORDS.findall(span.kept.casefold()) if len(word) > 2]
        return not day - digit_runs(target) and all(word in folded for word in words)
    return span.kept.casefold() in folded or (
        span.kind is not Kind.TIME and span.original.casefold() in folded
    )


def harmed(spans: Iterable[Span], target: str, language: str = "en") -> tuple[Span, ...]:
    """The spans that a sentence no longer holds as it should. `language` is the sentence's.

    A word that may be a name and is simply gone counts when an English sentence, which gives every people and language
    its capital too, has fewer capitalised words than names.
    """
    spans = tuple(spans)
    found = [span for span in spans if not is_kept(span, target)]
    named = [span for span in spans if span.kind is Kind.NAME or span.kind in GUESSED]
    gone = [
        span for span in named if span.kind in GUESSED and span.original not in target and span not in found
    ]
    if (
        gone
        and language == "en"
        and capitals(target, language) < sum(len(span.original.split()) for span in named)
    ):
        found += [span for span in gone if span.kind is Kind.LONE_NAME]
    return tuple(found)


def has_negation(text: str, language: str) -> bool | None:
    """Whether a sentence negates something; None where we have no words for the language."""
    tag = primary(language)
    lowered = text.casefold().replace("’", "'")
    if tag in _NEGATION_PARTS:
        return any(part in f"{lowered} " for part in _NEGATION_PARTS[tag])
    if tag in _NEGATIONS:
        return re.search(rf"(?<![\w']){_group(tag)}(?!\w)", lowered) is not None
    return None


def _group(tag: str) -> str:
    return f"(?:{_NEGATIONS[tag]})"


def odd_length(source: str, target: str, source_language: str, target_language: str) -> bool:
    """Whether the translation is far longer or shorter than texts of this pair are."""
    expected = (
        len(source)
        * _DENSITY.get(primary(target_language), 1.1)
        / _DENSITY.get(primary(source_language), 1.0)
    )
    if expected < 1:
        return False
    return len(target) > expected * 2.0 + 7 or len(target) < expected * 0.4 - 3


def repeats(source: str, target: str) -> bool:
    """Whether words run in a circle that the source does not: "the the the", "call the office call the office …"."""
    return _longest_loop(target) >= 3 > _longest_loop(source)


def _longest_loop(text: str) -> int:
    words = [word.casefold() for word in _WORDS.findall(text)]
    best = 1
    for size in range(1, 7):
        run = 1
        for at in range(size, len(words) - size + 1, size):
            same = words[at : at + size] == words[at - size : at]
            run = run + 1 if same else 1
            best = max(best, run if size > 1 else run - 1)
    return best


def untranslated(source: str, target: str, spans: Iterable[Span]) -> bool:
    """Whether the engine handed (nearly) the same words back: at least three, and four fifths of them."""
    kept = [part for span in spans for part in (span.original, span.kept)]
    before = {word.casefold() for word in _WORDS.findall(_without(source, kept)) if len(word) > 2}
    after = {word.casefold() for word in _WORDS.findall(_without(target, kept)) if len(word) > 2}
    if len(before) < 3:
        return bool(before) and before == after and len(before) == 2
    return len(before & after) / len(before) >= 0.8


def doubts(
    source: str,
    target: str,
    source_language: str,
    target_language: str,
    spans: Iterable[Span],
    lost: Iterable[Span],
) -> set[Doubt]:
    """Every doubt about one sentence. `spans` are its protected parts, `lost` those known to have gone wrong."""
    spans = list(spans)
    found: set[Doubt] = set()
    if list(lost) or harmed(spans, target, target_language):
        found.add(Doubt.LOST_PART)
    if digits_changed(source, target, (span for span in spans if span.original != span.kept)):
        found.add(Doubt.DIGITS_CHANGED)
    negated = has_negation(source, source_language), has_negation(target, target_language)
    if None not in negated and negated[0] != negated[1]:
        found.add(Doubt.NEGATION_LOST)
    if odd_length(source, target, source_language, target_language):
        found.add(Doubt.ODD_LENGTH)
    if repeats(source, target):
        found.add(Doubt.REPETITION)
    if untranslated(source, target, spans):
        found.add(Doubt.UNTRANSLATED)
    if (primary(source_language) == "en") != (primary(target_language) == "en") and any(
        map(ambiguous_date, spans)
    ):
        found.add(Doubt.AMBIGUOUS_DATE)
    return found


def ambiguous_date(span: Span) -> bool:
    """Whether a number is a date that Americans read month first and nearly everybody else day first: 3/4, not 3/14."""
    match = _NUMERIC_DATE.fullmatch(span.original)
    return match is not None and match[1] != match[2] and all(1 <= int(part) <= 12 for part in match.groups())
