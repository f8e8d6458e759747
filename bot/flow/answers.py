"""What a reply means for the question that was asked.

The order: the words of the reply in the family's languages, then in every language, then the English translation
when there is one. Each step may say "unclear", and unclear is the better answer whenever two readings compete: a
confident wrong match puts words into a family's mouth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from bot.flow.dates import day_in
from bot.flow.lines import Value
from bot.flow.numbers import Said, numbers_in
from bot.flow.reading import Phrases, Span, Words, question_clauses, spans_in, words_of
from bot.flow.script import (
    Answer,
    ChoiceWanted,
    DateWanted,
    NumberWanted,
    PhotoWanted,
    Wanted,
    WordsWanted,
)
from bot.flow.text import tokens_of
from bot.flow.words import Lexicon, Phrase, lexicon, phrase_of

SURE = 0.6
"""Below this confidence a reading is unclear. Chosen on bench/understanding.py's replies; see docs/flows.md."""


@dataclass(frozen=True, slots=True)
class Understanding:
    """`answer` is the name of one of the question's answers; `value` what to save (for a choice: the answer's
    name). Both None: unclear. `question_inside` tells that the reply (also) asks something."""

    answer: str | None = None
    value: Value = None
    confidence: float = 0.0
    question_inside: bool = False
    why: str = "nothing known in it"

    @property
    def clear(self) -> bool:
        return self.value is not None


@dataclass(frozen=True, slots=True)
class _Reading:
    """One text, read once: what every kind of question looks at."""

    words: Words
    spans: tuple[Span, ...]
    asking: frozenset[int]
    filler: frozenset[int]

    @property
    def content(self) -> tuple[int, ...]:
        """Positions that say something: no greeting, no thanks, not part of a question."""
        return tuple(
            place
            for place in range(len(self.words.tokens))
            if place not in self.filler and self.words.clause[place] not in self.asking
        )


def understand(
    wants: Wanted,
    text: str,
    english: str | None = None,
    languages: Sequence[str] = (),
    today: date | None = None,
    has_media: bool = False,
) -> Understanding:
    """What `text` answers to a question that `wants` something.

    `english` is the translation when there is one; `languages` those the family is likely to write, preferred
    first (the words of all others count as well, but must then be written exactly); `today` is the family's date,
    needed for "tomorrow". Never raises.
    """
    if isinstance(wants, PhotoWanted) and has_media:
        return replace(_first(wants, text, languages, today), answer=None, value="photo", confidence=1.0)
    best = _first(wants, text, languages, today)
    if best.clear or not english or best.why in _FINAL:
        return best
    translated = _one(wants, english, ("en",), today, everywhere=False)
    asks = best.question_inside or translated.question_inside
    if translated.clear and not isinstance(wants, WordsWanted):
        return replace(
            translated,
            confidence=round(translated.confidence * 0.95, 3),
            question_inside=asks,
            why="translation",
        )
    return replace(best, question_inside=asks)


_FINAL = frozenset({"two answers compete", "says it is unclear", "out of bounds", "several numbers"})


def _first(wants: Wanted, text: str, languages: Sequence[str], today: date | None) -> Understanding:
    likely = tuple(languages) or lexicon().languages
    near = _one(wants, text, likely, today, everywhere=False)
    if near.clear or near.why in _FINAL or not languages:
        return near
    far = _one(wants, text, likely, today, everywhere=True)
    return far if far.clear else near


def _one(
    wants: Wanted, text: str, likely: Sequence[str], today: date | None, everywhere: bool
) -> Understanding:
    known = lexicon()
    reading = _read(text, known, _own_phrases(wants.answers), tuple(likely), everywhere)
    choice = _choice(wants.answers, reading, known)
    asks = _asks(reading)
    match wants:
        case ChoiceWanted():
            found = choice
        case NumberWanted():
            found = _number(wants, text, reading, known, likely, everywhere, choice)
        case DateWanted():
            found = _date(choice, text, likely, today)
        case WordsWanted():
            found = _words(choice, text, reading, known)
        case PhotoWanted():
            found = choice
    return replace(found, question_inside=asks)


@lru_cache(maxsize=4_096)
def _own_phrases(answers: tuple[Answer, ...]) -> Phrases:
    """The author's words for these answers, ready to be looked for. Labels carry "=" before the answer's name."""
    by_first: dict[str, list[Phrase]] = {}
    vocabulary: set[str] = set()
    for answer in answers:
        for language, all_words in answer.match:
            for words in all_words:
                phrase = phrase_of(words, language, (f"={answer.name}",))
                if phrase is not None:
                    by_first.setdefault(phrase.plain[0], []).append(phrase)
                    vocabulary.update(phrase.plain)
    return Phrases({first: tuple(found) for first, found in by_first.items()}, frozenset(vocabulary))


def _read(text: str, known: Lexicon, own: Phrases, likely: tuple[str, ...], everywhere: bool) -> _Reading:
    words = words_of(tokens_of(text), known)
    spans = spans_in(words, known, own, likely, everywhere)
    filler = frozenset(
        place for span in spans if _all_fillers(span, known) for place in range(span.start, span.end)
    ) | frozenset(
        place
        for place, token in enumerate(words.tokens)
        if token.sort == "emoji"
        and any(other.sort != "emoji" for other in words.tokens)
        and not any(span.start <= place < span.end and not _all_fillers(span, known) for span in spans)
    )
    asking = question_clauses(words, known)
    told = {words.clause[place] for place in range(len(words.tokens)) if place not in filler}
    if told and told <= asking and _only_an_answer(words, spans, filler, known):
        # "Un poco?" is an answer said with a shrug, not a question.
        asking = frozenset()
    return _Reading(words, spans, asking, filler)


def _only_an_answer(words: Words, spans: Sequence[Span], filler: frozenset[int], known: Lexicon) -> bool:
    covered = {
        place
        for span in spans
        for place in range(span.start, span.end)
        if not any(label in known.concepts and known.concepts[label].stands_alone for label in span.labels)
    }
    return all(place in covered or place in filler for place in range(len(words.tokens))) and any(
        place not in filler for place in covered
    )


def _all_fillers(span: Span, known: Lexicon) -> bool:
    return all(label in known.concepts and known.concepts[label].sort == "filler" for label in span.labels)


def _asks(reading: _Reading) -> bool:
    return bool(reading.asking)


def _answer_of(span: Span, answers: Sequence[Answer], known: Lexicon) -> tuple[Answer, int] | None:
    """The answer `span` speaks for, and how far its meaning was stretched (0: said outright)."""
    best: tuple[Answer, int] | None = None
    rivals = 0
    for label in span.labels:
        if label.startswith("="):
            named = [answer for answer in answers if answer.name == label[1:]]
            if named:
                return named[0], 0
        for distance, meaning in enumerate(known.answers_for(label)):
            meant = [answer for answer in answers if meaning in answer.means]
            if not meant:
                continue
            if best is None or distance < best[1]:
                best, rivals = (meant[0], distance), 0
            elif distance == best[1] and meant[0] is not best[0]:
                rivals += 1
            break
    return best if rivals == 0 else None


def _choice(answers: Sequence[Answer], reading: _Reading, known: Lexicon) -> Understanding:
    content = reading.content
    if not content and not _bare_emoji(reading):
        return Understanding()
    places = frozenset(content) or frozenset(range(len(reading.words.tokens)))
    votes: dict[str, float] = {}
    said: list[tuple[Answer, Span]] = []
    covered: set[int] = set()
    blocked = False
    for span in reading.spans:
        if not any(place in places for place in range(span.start, span.end)):
            continue
        stands_alone = any(
            label in known.concepts and known.concepts[label].stands_alone for label in span.labels
        )
        meant = _answer_of(span, answers, known)
        covered.update(range(span.start, span.end))
        if meant is None:
            blocked = blocked or stands_alone
            continue
        if span.negated:
            turned = _turned(span, answers, known)
            if turned is None:
                continue
            meant = (turned, 0)
        said.append((meant[0], span))
    if blocked and not any(span.length > 1 or not _weak(span, known) for _, span in said):
        return Understanding(why="says it is unclear")
    said = _refined(said, known)
    if not said:
        return Understanding()
    names = {answer.name for answer, _ in said}
    share = _share(said, covered, places)
    for answer, span in said:
        sure = _confidence(span, known, content, share)
        votes[answer.name] = max(votes.get(answer.name, 0.0), sure)
    if len(names) > 1:
        return Understanding(why="two answers compete")
    name = names.pop()
    sure = round(votes[name], 3)
    if sure < SURE:
        return Understanding(confidence=sure, why="too little of it is known")
    return Understanding(name, name, sure, why="words")


def _bare_emoji(reading: _Reading) -> bool:
    return bool(reading.words.tokens) and all(token.sort == "emoji" for token in reading.words.tokens)


_BASE = frozenset({"yes", "no", "ok", "did", "didnt", "good"})
_UPSIDE_DOWN = {
    "good": "bad",
    "yes": "no",
    "did": "didnt",
    "a_lot": "a_little",
    "every_day": "sometimes",
    "all": "a_little",
}


def _turned(span: Span, answers: Sequence[Answer], known: Lexicon) -> Answer | None:
    """The answer a negated meaning speaks for ("not good" → bad), when there is one."""
    for label in span.labels:
        other = _UPSIDE_DOWN.get(label)
        if other is not None:
            meant = _answer_of(replace(span, labels=(other,)), answers, known)
            if meant is not None:
                return meant[0]
    return None


def _weak(span: Span, known: Lexicon) -> bool:
    return any(label in _BASE for label in span.labels)


def _refined(said: list[tuple[Answer, Span]], known: Lexicon) -> list[tuple[Answer, Span]]:
    """ "Yes, a little" is a little; "no, not yet" is not yet; "yes … no" stays a contradiction."""
    if len({answer.name for answer, _ in said}) < 2:
        return said
    strong = [(answer, span) for answer, span in said if not _weak(span, known)]
    if not strong:
        return said
    contradicted = any(
        label in known.concepts and set(known.concepts[label].against) & set(other.labels)
        for _, span in said
        if _weak(span, known)
        for label in span.labels
        for _, other in strong
    )
    return said if contradicted else strong


def _share(said: Sequence[tuple[Answer, Span]], covered: set[int], places: frozenset[int]) -> float:
    mine = {place for _, span in said for place in range(span.start, span.end)} & places
    rest = places - covered
    return len(mine) / max(1, len(mine) + len(rest))


def _confidence(span: Span, known: Lexicon, content: Sequence[int], share: float) -> float:
    own = any(label.startswith("=") for label in span.labels)
    topic = any(label in known.concepts and known.concepts[label].sort == "topic" for label in span.labels)
    leads = bool(content) and span.start <= content[0] < span.end
    if not span.likely:
        sure = 0.9 if share >= 0.5 else 0.5
    elif topic or (own and span.length > 1):
        sure = 0.92 if share >= 0.5 else 0.8
    elif leads:
        sure = 0.97 if share >= 0.75 else 0.85 if share >= 0.3 else 0.65
    elif share >= 0.5:
        sure = 0.85
    elif span.length > 1 or (own and share >= 0.25):
        sure = 0.72
    else:
        sure = 0.5
    return sure - (0.08 if span.guessed else 0.0)


def _number(
    wants: NumberWanted,
    text: str,
    reading: _Reading,
    known: Lexicon,
    likely: Sequence[str],
    everywhere: bool,
    choice: Understanding,
) -> Understanding:
    tokens = tokens_of(text)
    said = [
        number
        for number in numbers_in(tokens, known, None if everywhere else likely)
        if not number.by_article or number.unit is not None or len(reading.content) <= 1
    ]
    if len(said) > 1 and wants.unit is not None:
        said = [number for number in said if number.unit == wants.unit] or said
    if len({number.value for number in said}) > 1:
        return Understanding(why="several numbers")
    if said:
        return _bounded(wants, said[0])
    if choice.clear:
        return choice
    return _amount_in_words(wants, reading)


def _bounded(wants: NumberWanted, said: Said) -> Understanding:
    value = said.value
    if wants.unit == "minutes" and said.unit == "hours":
        value *= 60
    elif wants.unit is not None and said.unit not in (None, wants.unit) and said.unit in ("minutes", "hours"):
        return Understanding(why="another unit")
    if not wants.least <= value <= wants.most:
        return Understanding(why="out of bounds")
    return Understanding(None, value, 0.75 if said.is_range else 0.95, why="number")


def _amount_in_words(wants: NumberWanted, reading: _Reading) -> Understanding:
    """ "Every day" is all the days there are, "never" is none: only where the question's bounds make it so."""
    labels = {label for span in reading.spans if not span.negated for label in span.labels}
    if labels & {"every_day", "all"} and wants.unit == "days" and "none" not in labels:
        return Understanding(None, wants.most, 0.8, why="every day")
    if labels & {"none", "never", "not_yet", "didnt"} and wants.least == 0 and "every_day" not in labels:
        return Understanding(None, 0, 0.85, why="none")
    return Understanding()


def _date(choice: Understanding, text: str, likely: Sequence[str], today: date | None) -> Understanding:
    day = day_in(text, likely, today)
    if day is not None:
        return Understanding(None, day.isoformat(), 0.9, why="date")
    return choice


def _words(choice: Understanding, text: str, reading: _Reading, known: Lexicon) -> Understanding:
    """Free words are taken as they are, unless they are nothing but a sign, a greeting or "I don't understand"."""
    if choice.clear and len(reading.content) <= 6 and choice.confidence >= 0.8:
        return choice
    if choice.why == "says it is unclear":
        return choice
    covered_alone = {
        place
        for span in reading.spans
        if any(label in known.concepts and known.concepts[label].stands_alone for label in span.labels)
        for place in range(span.start, span.end)
    }
    told = [
        place
        for place in reading.content
        if reading.words.tokens[place].sort != "emoji" and place not in covered_alone
    ]
    if not told:
        return Understanding()
    return Understanding(None, text.strip(), 0.9, why="free words")
