"""Which language a text is in, from few words, with the family's own language as the prior.

Script first: it settles most languages alone. Then the letters that only one language of a script uses, then words
families really text (data/telling_words.txt), weighed together with py3langid's n-gram model; pycld2 is asked for
Hmong, which py3langid does not know. Short texts are unreliable everywhere, so a detection never changes a family's
setting: `change.propose_change` only says when the evidence is good enough to *ask* the family.

Arabic, Russian or Chinese typed in Latin letters is "und" where a few of its commonest words tell, and a guess where not.
"""

from __future__ import annotations

import math
import re
import threading
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from bot.language import alphabets, codes
from bot.language.script import scripts

_NOISE = re.compile(
    r"https?://\S+|www\.\S+|[\w.+-]+@[\w-]+\.[\w.]+|\{[A-Za-z_][\w.]*\}|(?<![A-Za-z])[A-Za-z]{0,3}\d[A-Za-z0-9./:-]*",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\s\d.,;:!?¡¿\"“”«»()\[\]{}<>/|…।॥،؛؟。！？]+")
_LATIN_MARKS = re.compile(r"([a-zæœøß])[\u0300-\u036f]+")

WORD_WEIGHT = 3.0
LETTER_WEIGHT = 2.0
PRIOR_WEIGHT = 2.0
RARE_WEIGHT = 0.5
"""Log-odds given for a telling word, a telling letter, the family's own language, and taken from a language that is
rare among families; tuned by bench/language_detect."""


@dataclass(frozen=True, slots=True)
class Detection:
    """What a text seems to be written in."""

    language: str
    """Primary subtag ("pt", "zh", "hmn"), or "und" when there is nothing to go by."""
    confidence: float
    """0 to 1. A single word is never given more than 0.6."""
    script: str
    """ISO 15924 of most letters ("Latn", "Hans", "Arab"), "Zyyy" when there are none."""
    words: int = 0
    """How many words it rests on; Chinese, Japanese and Thai count two letters as one word."""


_NO_FEATURES = -1e30


class _Langid:
    """py3langid's model, loaded on first use, shared, and asked one text at a time (it is not documented as safe)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._model: Any = None

    def scores(self, text: str) -> dict[str, float]:
        """Log-likelihoods by label, tempered by length so that short texts stay unsure."""
        with self._lock:
            if self._model is None:
                from py3langid.langid import MODEL_FILE, LanguageIdentifier

                self._model = LanguageIdentifier.from_model_file(MODEL_FILE)
            ranked = self._model.rank(text)
        if ranked[0][1] <= _NO_FEATURES:  # nothing in it that the model knows
            return {label: 0.0 for label, _ in ranked}
        temper = math.sqrt(len(text.encode("utf-8", "ignore")) or 1)
        return {label: score / temper for label, score in ranked}


_langid = _Langid()


def _fold(text: str) -> str:
    """Lower case, and Latin letters without their accents; other scripts keep every mark."""
    lowered = text.casefold().replace("’", "'").replace("ʼ", "'")
    bare = _LATIN_MARKS.sub(r"\1", unicodedata.normalize("NFD", lowered))
    return unicodedata.normalize("NFC", bare).replace("đ", "d")


@cache
def _telling_words() -> dict[str, dict[str, float]]:
    """word -> {language: weight}; a word of several languages counts less for each."""
    lists: dict[str, set[str]] = {}
    source = resources.files("bot.language").joinpath("data/telling_words.txt").read_text(encoding="utf-8")
    for line in source.splitlines():
        if line.strip() and not line.startswith("#"):
            language, _, words = line.partition(":")
            lists[language.strip()] = {_fold(word) for word in words.split()}
    weights: dict[str, dict[str, float]] = {}
    for language, telling in lists.items():
        for word in telling:
            weights.setdefault(word, {})[language] = 0.0
    for shares in weights.values():
        weight = 1.0 / math.sqrt(len(shares))
        for language in shares:
            shares[language] = weight
    return weights


def _words(text: str) -> list[str]:
    found = (_fold(match.group()).strip("'-–—*_") for match in _WORD.finditer(text))
    return [word for word in found if any(character.isalpha() for character in word)]


def _softmax(scores: dict[str, float]) -> dict[str, float]:
    top = max(scores.values())
    powers = {language: math.exp(score - top) for language, score in scores.items()}
    total = sum(powers.values())
    return {language: power / total for language, power in powers.items()}


def _is_hmong(text: str) -> bool:
    import pycld2

    try:
        _, _, found = pycld2.detect(text.encode("utf-8", "ignore"), bestEffort=True)
    except pycld2.error:
        return False
    return bool(found) and found[0][1] in ("hmn", "blu") and found[0][2] >= 60


def _rarity(label: str) -> float:
    """What it costs a language to be rare among the families of US schools: a short text is rarely Bulgarian."""
    if label in alphabets.FREQUENT:
        return 0.0
    return RARE_WEIGHT if label in alphabets.LESS_FREQUENT else 2 * RARE_WEIGHT


def _score(text: str, script: str, prior: str | None) -> dict[str, float]:
    """Log-scores of every candidate language for a text of a script that several languages share."""
    candidates = alphabets.CANDIDATES[script]
    raw = _langid.scores(text)
    scores = {
        alphabets.RENAMED.get(label, label): raw[label] - _rarity(label)
        for label in candidates
        if label in raw
    }
    floor = min(scores.values())
    words = _words(text)
    telling = _telling_words()
    if script == "Latn" and any(codes.UNDETERMINED in telling.get(word, {}) for word in words):
        scores[codes.UNDETERMINED] = (
            max(scores.values()) - 1.0
        )  # no model knows languages in letters not their own
    for word in words:
        for language, weight in telling.get(word, {}).items():
            if language not in scores and language not in ("hmn", "kea"):
                continue
            scores[language] = scores.get(language, floor) + WORD_WEIGHT * weight
    lowered = text.casefold()
    for language, letters in alphabets.LETTERS.get(script, {}).items():
        hits = sum(lowered.count(letter) for letter in letters)
        if hits:
            scores[language] = scores.get(language, floor) + LETTER_WEIGHT * min(hits, 3) / 1.5
    if script == "Latn" and words:
        hmong = sum("hmn" in telling.get(word, {}) for word in words) / len(words)
        if hmong >= 0.6 or (hmong >= 0.3 and _is_hmong(text)):
            scores["hmn"] = max(scores.values()) + 1.0 + 2.0 * hmong
        else:
            scores.pop("hmn", None)
    if prior is not None:
        own = codes.primary(prior)
        own = {"prs": "fa"}.get(own, own)
        if own in scores:
            scores[own] += PRIOR_WEIGHT / max(1.0, math.sqrt(len(words) / 2))
    return scores


def _main_script(counts: Counter[str]) -> tuple[str, int]:
    """The script a text is written in. Names and school words in Latin letters stand inside every other script, so a
    quarter of the letters is enough for one that is not Latin."""
    script, letters = counts.most_common(1)[0]
    others = Counter({other: n for other, n in counts.items() if other != "Latn"})
    if script == "Latn" and others and 4 * others.most_common(1)[0][1] >= counts.total():
        return others.most_common(1)[0]
    return script, letters


def detect(text: str, prior: str | None = None) -> Detection:
    """The language of `text`, given that the family's own is `prior` (a tag of `codes`, or None when unknown).

    Links, e-mail addresses, numbers and placeholders are left out of account. Total: never raises on any text.
    """
    known = codes.find(prior) if prior else None
    prior = known.tag if known else None
    bare = unicodedata.normalize("NFC", _NOISE.sub(" ", text))
    counts = scripts(bare)
    if not counts:
        return Detection(codes.UNDETERMINED, 0.0, "Zyyy")
    kana = counts["Hira"] + counts["Kana"]
    script, letters = _main_script(counts)
    if kana and script in ("Hani", "Hira", "Kana"):
        return Detection("ja", 0.97, "Jpan", max(1, letters // 2))
    if counts["Hang"] and script in ("Hani", "Hang"):
        return Detection("ko", 0.99, "Kore", len(bare.split()))
    words = max(1, len(_words(bare)))
    if script == "Hani":
        language, written, confidence = alphabets.chinese(bare, prior)
        return Detection(language, confidence, written, max(1, letters // 2))
    if script in alphabets.OWNED:
        return Detection(alphabets.OWNED[script], 0.97, script, words)
    if script == "Ethi":
        tigrinya = len(alphabets.TIGRINYA_LETTERS.findall(bare)) + 2 * len(
            alphabets.TIGRINYA_WORDS.findall(bare)
        )
        language = "ti" if tigrinya / words >= 0.3 or (prior == "ti" and words < 4) else "am"
        return Detection(language, 0.85, script, words)
    if script == "Mymr":
        return Detection("kar" if prior == "kar" else "my", 0.7, script, words)
    if script not in alphabets.CANDIDATES:
        return Detection(codes.UNDETERMINED, 0.0, script, words)
    return _shared_script(bare, script, words, prior)


def _shared_script(text: str, script: str, words: int, prior: str | None) -> Detection:
    own = codes.primary(prior) if prior else None
    if words == 1 and prior is not None and codes.LANGUAGES[prior].script == script:
        # One word in the family's own script: theirs, unless it is a word we know and theirs does not have.
        known = _telling_words().get(_fold(text.strip(" .,!?¡¿…")), {}) if script == "Latn" else {}
        if own is not None and (not known or own in known):
            return Detection(own, 0.5 if known else 0.3, script, words)
    probabilities = _softmax(_score(text, script, prior))
    language, confidence = max(probabilities.items(), key=lambda item: item[1])
    if language == codes.UNDETERMINED:  # Arabic, Russian, Chinese, Hindi … typed in Latin letters
        return Detection(codes.UNDETERMINED, 0.0, script, words)
    if language == "fa" and own == "prs":
        language = "prs"
    ceiling = 0.6 if words == 1 else 0.8 if words == 2 else 0.99
    return Detection(language, round(min(confidence, ceiling), 3), script, words)
