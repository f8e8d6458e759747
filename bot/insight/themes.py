"""What several families speak of, found in their own words: simple, offline, the same every time, and shown as such.

A theme is a word (or a pair) that at least two families use and that is not everybody's word anyway. Texts are read in
English where there is a translation, else in their own language. Each quote belongs to one theme. No score of mood:
lexicons misread families. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

METHOD = "words that several families use, most families first; each quote stands under one theme"
FEWEST_FAMILIES = 2
MOST_THEMES = 12
EVERYBODYS = 0.6
"""A word in more than this share of all texts (of ten or more) says what was asked, not what families speak of."""

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_ENDINGS = ("ations", "ation", "ings", "ing", "ies", "ied", "ers", "es", "ed", "er", "ly", "s")
_STOP = frozenset(
    ["a", "about", "after", "again", "all", "also", "always", "am", "an", "and", "any", "are", "as", "at", "be", "because", "been", "before", "being", "but", "by", "came", "can", "come", "could", "day", "days", "did", "do", "does", "doing", "done", "don", "for", "from", "get", "gets", "getting", "give", "go", "goes", "going", "good", "got", "had", "has", "have", "having", "he", "hello", "help", "her", "here", "hers", "hi", "him", "his", "how", "i", "if", "im", "in", "into", "is", "it", "its", "just", "know", "last", "let", "like", "likes", "little", "lot", "make", "makes", "many", "may", "maybe", "me", "more", "morning", "most", "mother", "much", "must", "my", "name", "need", "needs", "never", "new", "night", "no", "not", "now", "of", "ok", "okay", "on", "one", "only", "or", "other", "our", "out", "over", "please", "put", "really", "said", "say", "see", "she", "should", "so", "some", "something", "still", "such", "sure", "take", "tell", "than", "thank", "thanks", "that", "the", "their", "them", "then", "there", "these", "they", "thing", "things", "think", "this", "those", "time", "to", "today", "too", "try", "two", "up", "us", "use", "very", "want", "wants", "was", "way", "we", "week", "well", "went", "were", "what", "when", "where", "which", "while", "who", "why", "will", "wish", "with", "would", "year", "years", "yes", "yet", "you", "your", "child", "children", "kid", "kids", "son", "daughter", "teacher", "school", "family", "ms", "mr", "mrs", "father", "mom", "dad"]
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Quote:
    """A family's own words, with the text they are from. `english` None: they are in English, or nobody could say."""

    conversation_id: int
    inbox_id: int | None
    words: str
    language: str | None
    english: str | None
    at: datetime

    @property
    def read(self) -> str:
        """The words to read them by."""
        return self.english or self.words


@dataclass(frozen=True, slots=True)
class Theme:
    """What several families speak of: its words, how many families, and all their quotes, one a family first."""

    key: str
    words: tuple[str, ...]
    families: int
    quotes: tuple[Quote, ...]


def themes(quotes: Sequence[Quote], names: frozenset[str] = frozenset()) -> tuple[list[Theme], list[Quote]]:
    """The themes of these quotes, and the quotes that stand under none. `names` (of people) are never a theme."""
    hidden = {stem(word) for name in names for word in _words(name)}
    terms = [_terms(quote.read) - hidden for quote in quotes]
    families: dict[str, set[int]] = defaultdict(set)
    for quote, found in zip(quotes, terms, strict=True):
        for term in found:
            families[term].add(quote.conversation_id)
    common = EVERYBODYS * len(quotes) if len(quotes) >= 10 else len(quotes) + 1
    used = Counter(term for found in terms for term in found)
    left = set(range(len(quotes)))
    made: list[Theme] = []
    while len(made) < MOST_THEMES:
        best = _next(
            left,
            terms,
            quotes,
            {t for t in families if len(families[t]) >= FEWEST_FAMILIES and used[t] <= common},
        )
        if best is None:
            break
        members = [place for place in sorted(left) if best in terms[place]]
        left -= set(members)
        made.append(_theme(best, [quotes[place] for place in members], [terms[place] for place in members]))
    return made, [quotes[place] for place in sorted(left)]


def _next(
    left: set[int], terms: Sequence[set[str]], quotes: Sequence[Quote], allowed: set[str]
) -> str | None:
    """The term most families share among what is left; the longer one of two, then the alphabet, decide a tie."""
    who: dict[str, set[int]] = defaultdict(set)
    for place in left:
        for term in terms[place] & allowed:
            who[term].add(quotes[place].conversation_id)
    ranked = sorted(who, key=lambda term: (-len(who[term]), -len(term), term))
    return ranked[0] if ranked and len(who[ranked[0]]) >= FEWEST_FAMILIES else None


def _theme(term: str, quotes: list[Quote], terms: list[set[str]]) -> Theme:
    """Label a theme with the words as families write them; the term first, then what goes with it in most quotes."""
    beside = Counter(other for found in terms for other in found if other != term)
    stems = [term, *(other for other, count in beside.most_common(2) if count > len(quotes) / 2)]
    surface = Counter(word for quote in quotes for word in _words(quote.read))
    labels = []
    for one in stems:
        written = [word for word in surface if stem(word) == one]
        labels.append(min(written, key=lambda word: (-surface[word], word)) if written else one)
    first: dict[int, Quote] = {}
    for quote in quotes:
        first.setdefault(quote.conversation_id, quote)
    ahead = list(first.values())
    rest = [quote for quote in quotes if first[quote.conversation_id] is not quote]
    return Theme(term, tuple(labels), len(first), (*ahead, *rest))


def _terms(text: str) -> set[str]:
    return {stem(word) for word in _words(text) if len(word) > 2 and word not in _STOP} - {""}


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return [word.removesuffix("'s") for word in _WORD.findall(plain)]


def stem(word: str) -> str:
    """A word without its commonest English endings: "fractions" and "fraction" are one, "reading" and "reads" too."""
    if not word.isascii():
        return word
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)] + ("y" if ending in ("ies", "ied") else "")
    return word
