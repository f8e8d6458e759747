"""Plain words, strengths before lacks: what a person notices when reading a text to families aloud.

Advice, never a gate: only critical content without review is held back, and that is decided elsewhere. For English, the
language staff write in. Where plain words for a phrase exist they are offered, so that one click mends it. The lists
are our own; the measures are those of `bot.flow.lint.plainness`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from bot.flow.lint.plainness import hard_to_read
from bot.flow.lint.texts import deficit_words


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at: a code, the words it is about (empty: the whole text), what to do, and plain words that
    can stand in their place, if there are any."""

    code: str
    words: str
    says: str
    instead: str | None = None


_PLAIN: Final[dict[str, str]] = {
    "utilize": "use", "utilise": "use", "commence": "begin", "prior to": "before", "subsequent to": "after",
    "in order to": "to", "regarding": "about", "pertaining to": "about", "in the event that": "if",
    "at this time": "now", "approximately": "about", "additional": "more", "assistance": "help", "assist": "help",
    "purchase": "buy", "complete": "finish", "submit": "send", "require": "need", "obtain": "get",
    "provide": "give", "participate in": "join", "attend": "come to", "notify": "tell", "residence": "home",
    "academic": "school", "instructional": "teaching", "educator": "teacher", "facilitate": "help with",
    "implement": "start", "sufficient": "enough", "ensure": "make sure", "demonstrate": "show",
    "manipulatives": "things to count with", "assessment": "test", "literacy": "reading and writing",
    "numeracy": "working with numbers", "fluency": "reading smoothly", "decoding": "sounding out words",
    "phonemic awareness": "hearing the sounds in words", "comprehension": "understanding", "proficient": "good at it",
    "benchmark": "goal for this time of year", "formative": "along the way", "tier 2": "extra help",
    "iep": "special education plan", "esl": "English lessons", "ell": "student who learns English", "pto": "parents’ group",
    "pta": "parents’ group", "parent-teacher conference": "talk about your child with the teacher",
    "extracurricular": "after school", "dismissal": "end of the school day", "tardy": "late", "truancy": "missing school",
    "asap": "soon", "fyi": "for you to know", "rsvp": "tell us if you come",
}  # fmt: skip
"""Office and school words → plain ones."""

_IDIOMS: Final[dict[str, str]] = {
    "touch base": "talk", "on the same page": "of the same mind", "hit the books": "study", "piece of cake": "easy",
    "heads up": "please know", "heads-up": "please know", "back on track": "doing well again", "stay on track": "keep going",
    "fall behind": "need more time", "catch up": "learn what was missed", "keep up the good work": "go on like this",
    "a hand": "help", "go the extra mile": "do more", "in the loop": "told", "by heart": "without looking",
    "under the weather": "a little sick", "show and tell": "bringing something to show the class",
    "brush up on": "practise", "get the ball rolling": "begin", "think outside the box": "find new ideas",
    "hang in there": "do not give up", "reach out": "write to us", "reach out to": "write to", "spirit week": "a week of dressing up",
    "potluck": "a meal where everybody brings food", "bake sale": "sale of cakes", "field trip": "trip with the class",
}  # fmt: skip
"""Sayings that machines translate word by word → what they mean."""

_STRENGTHS: Final[dict[str, str]] = {
    "struggling with": "still learning", "struggles with": "is still learning", "failing": "not there yet in",
    "behind in": "working on", "you must": "you could", "you should": "you could", "you need to": "you could",
    "non-english speaking": "multilingual", "problem child": "child", "at-risk": "", "low-income": "",
    "disadvantaged": "", "underprivileged": "", "uneducated": "",
}  # fmt: skip
"""Words that start from a lack → words that start from what is there; empty: the sentence is better without."""

REQUEST = re.compile(
    r"(?:^|[.!?]\s+|\band\s+|\bthen\s+)(?:please\s+)?"
    r"(?:ask|bring|call|check|choose|come|count|download|fill|find|give|help|join|look|make|pick|practi[cs]e|read|"
    r"remember|return|save|send|sign|sing|talk|tell|try|visit|write)\b",
    re.IGNORECASE,
)
_QUESTION = re.compile(r"\?")
_MOST_SENTENCE_WORDS: Final = 20
_SHOUTED = re.compile(r"\b[A-Z]{4,}(?:\s+[A-Z]{2,})+\b")


def findings(text: str, *, answerable: bool) -> tuple[Finding, ...]:
    """What is worth another look in an English `text`. `answerable`: families can answer it in a conversation."""
    found = [
        Finding("jargon", words, "Not everybody knows these words.", instead)
        for words, instead in _present(text, _PLAIN)
    ]
    found += [
        Finding("idiom", words, "A machine translates this word by word.", instead)
        for words, instead in _present(text, _IDIOMS)
    ]
    found += [
        Finding("deficit", words, f"This starts from what is lacking: {advice}.", _strength(words))
        for pattern, _words, advice in deficit_words("en")
        for match in [pattern.search(text)]
        if match
        for words in [_whole(text, match)]
    ]
    why = hard_to_read(text, "en")
    if why is not None:
        found.append(
            Finding("hard_to_read", "", "This is hard to read. Use shorter sentences and everyday words.")
        )
    asked = len(REQUEST.findall(text))
    if asked > 1 or len(_QUESTION.findall(text)) > 1:
        found.append(
            Finding("two_requests", "", "This asks for more than one thing. One request in a text is enough.")
        )
    if _SHOUTED.search(text):
        found.append(Finding("shouting", _SHOUTED.findall(text)[0], "Capital letters read as shouting."))
    if text.strip() and not answerable and not _QUESTION.search(text):
        found.append(
            Finding("no_answer", "", "There is nothing to answer. A question makes it a conversation.")
        )
    return tuple(found)


def mend(text: str, words: str) -> str:
    """`text` with the plain words for `words` in their place, everywhere; unchanged when there are none."""
    instead = (_PLAIN | _IDIOMS | _STRENGTHS).get(words.casefold())
    if instead is None:
        return text
    if not instead:
        return re.sub(rf"(?<!\w){re.escape(words)}\s+", "", text, flags=re.IGNORECASE)

    def fitting(match: re.Match[str]) -> str:
        return instead[0].upper() + instead[1:] if match.group()[0].isupper() else instead

    return re.sub(rf"(?<!\w){re.escape(words)}(?!\w)", fitting, text, flags=re.IGNORECASE)


def _strength(words: str) -> str | None:
    return _STRENGTHS.get(words.casefold())


def _whole(text: str, match: re.Match[str]) -> str:
    """The words found, with the one that follows where the two are replaced together ("struggling with")."""
    longer = re.match(r"\s+\w+", text[match.end() :])
    both = match.group() + (longer.group() if longer else "")
    return both if both.casefold() in _STRENGTHS else match.group()


def _present(text: str, listed: dict[str, str]) -> list[tuple[str, str]]:
    """The listed phrases in `text`, longest first, none inside another."""
    found: list[tuple[str, str]] = []
    taken: list[tuple[int, int]] = []
    for words in sorted(listed, key=len, reverse=True):
        for match in re.finditer(rf"(?<!\w){re.escape(words)}(?!\w)", text, re.IGNORECASE):
            if not any(start < match.end() and match.start() < end for start, end in taken):
                taken.append(match.span())
                found.append((match.group(), listed[words]))
                break
    return found
