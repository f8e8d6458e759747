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

from bot.flow.choosing import COMPETE, NOTHING, SAYS_UNCLEAR, SURE, TOO_LITTLE, Reading, choose
from bot.flow.dates import day_in
from bot.flow.found import Span, Words, without, words_of
from bot.flow.lines import Value
from bot.flow.numbers import Said, numbers_in
from bot.flow.questions import question_clauses
from bot.flow.script import Answer, DateWanted, NumberWanted, PhotoWanted, Wanted, WordsWanted
from bot.flow.spans import Phrases, spans_in
from bot.flow.text import Token, tokens_of
from bot.flow.words import Lexicon, Phrase, lexicon, phrase_of

__all__ = ["PROPOSABLE", "SURE", "Understanding", "understand"]

OUT_OF_BOUNDS = "out of bounds"
SEVERAL_NUMBERS = "several numbers"

_FINAL = frozenset({COMPETE, SAYS_UNCLEAR, OUT_OF_BOUNDS, SEVERAL_NUMBERS})
"""Reasons for being unclear that another look, at other languages or a translation, cannot mend."""

PROPOSABLE = frozenset({NOTHING, TOO_LITTLE})
"""When a model of meaning may propose: where words found nothing. Where they found a contradiction, or an "I don't
know", it may not."""


@dataclass(frozen=True, slots=True)
class Understanding:
    """`answer` is the name of one of the question's answers; `value` what to save (for a choice: the answer's
    name). Both None: unclear. `question_inside` tells that the reply (also) asks something."""

    answer: str | None = None
    value: Value = None
    confidence: float = 0.0
    question_inside: bool = False
    why: str = NOTHING

    @property
    def clear(self) -> bool:
        return self.value is not None


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
        return replace(_original(wants, text, languages, today), answer=None, value="photo", confidence=1.0)
    best = _original(wants, text, languages, today)
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


def _original(wants: Wanted, text: str, languages: Sequence[str], today: date | None) -> Understanding:
    likely = tuple(languages) or lexicon().languages
    near = _one(wants, text, likely, today, everywhere=False)
    if near.clear or near.why in _FINAL or not languages:
        return near
    far = _one(wants, text, likely, today, everywhere=True)
    return far if far.clear else near


@lru_cache(maxsize=2_048)
def _one(
    wants: Wanted, text: str, likely: tuple[str, ...], today: date | None, everywhere: bool
) -> Understanding:
    # Replies repeat ("yes", 👍): the last few thousand readings are remembered, in this process's memory only.
    known = lexicon()
    own = _own_phrases(wants.answers)
    reading = _read(words_of(tokens_of(text), known), known, own, likely, everywhere)
    chosen = choose(wants.answers, reading, known)
    if chosen.answer is None and chosen.why in PROPOSABLE and reading.filler and reading.content:
        # "Masyado pong mahaba": the polite word in the middle hides what is said around it.
        bare = _read(without(reading.words, reading.filler), known, own, likely, everywhere)
        again = choose(wants.answers, bare, known)
        if again.answer is not None or again.why not in PROPOSABLE:
            chosen = again
    choice = Understanding(chosen.answer, chosen.answer, chosen.sure, why=chosen.why)
    match wants:
        case NumberWanted():
            found = _number(wants, text, reading, known, likely, everywhere, choice)
        case DateWanted():
            found = _date(choice, text, likely, today)
        case WordsWanted():
            found = _words(choice, chosen.whole, text, reading, known)
        case _:
            found = choice
    return replace(found, question_inside=bool(reading.asking))


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
    return Phrases(
        tuple((first, tuple(found)) for first, found in by_first.items()),
        frozenset(vocabulary),
        frozenset(meaning for answer in answers for meaning in answer.means),
    )


# --- reading a text once ------------------------------------------------------------------------------------------


def _read(words: Words, known: Lexicon, own: Phrases, likely: tuple[str, ...], everywhere: bool) -> Reading:
    spans = spans_in(words, known, own, likely, everywhere)
    filler = _filler(words, spans, known)
    asking = question_clauses(words, known, spans, likely)
    told = {words.clause[place] for place in range(len(words.tokens)) if place not in filler}
    if told and told <= asking and _only_an_answer(words, spans, filler, known):
        # "Un poco?" is an answer said with a shrug, not a question.
        asking = frozenset()
    return Reading(words, spans, asking, filler)


def _filler(words: Words, spans: Sequence[Span], known: Lexicon) -> frozenset[int]:
    """Words that only greet or thank, and signs beside words ("un poco 😅")."""
    polite = {place for span in spans if _all_fillers(span, known) for place in range(span.start, span.end)}
    telling = {
        place for span in spans if not _all_fillers(span, known) for place in range(span.start, span.end)
    }
    has_words = any(token.sort != "emoji" for token in words.tokens)
    signs = {
        place
        for place, token in enumerate(words.tokens)
        if token.sort == "emoji" and has_words and place not in telling
    }
    return frozenset(polite | signs)


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


# --- kinds of answers besides choices -----------------------------------------------------------------------------


def _number(
    wants: NumberWanted,
    text: str,
    reading: Reading,
    known: Lexicon,
    likely: Sequence[str],
    everywhere: bool,
    choice: Understanding,
) -> Understanding:
    tokens = tokens_of(text)
    said = [
        number
        for number in numbers_in(tokens, known, None if everywhere else likely)
        if (not number.weak or number.unit is not None or len(reading.content) <= 1)
        and not _part_of_a_meaning(tokens, number, reading)
    ]
    if len(said) > 1 and wants.unit is not None:
        said = [number for number in said if number.unit == wants.unit] or said
    if len({number.value for number in said}) > 1:
        return Understanding(why=SEVERAL_NUMBERS)
    if said:
        return _bounded(wants, said[0])
    if choice.clear:
        return choice
    return _amount_in_words(wants, reading)


def _part_of_a_meaning(tokens: Sequence[Token], number: Said, reading: Reading) -> bool:
    """Whether the number's words belong to something else ("một chút", "one page"). More than one, or an hour, is a
    number whatever else it means; "not one day" is none."""
    if number.value != 1 or number.unit in ("minutes", "hours"):
        return False
    places: list[int] = []
    place = -1
    for at, token in enumerate(tokens):
        if token.sort != "break":
            place += 1
            if number.start <= at < number.end:
                places.append(place)
    return any(
        span.start < places[-1] + 1 and places[0] < span.end and span.length > len(places)
        for span in reading.spans
    )


def _bounded(wants: NumberWanted, said: Said) -> Understanding:
    value = said.value
    if wants.unit == "minutes" and said.unit == "hours":
        value *= 60
    elif wants.unit is not None and said.unit not in (None, wants.unit) and said.unit in ("minutes", "hours"):
        return Understanding(why="another unit")
    if not wants.least <= value <= wants.most:
        return Understanding(why=OUT_OF_BOUNDS)
    return Understanding(None, value, 0.75 if said.is_range else 0.95, why="number")


def _amount_in_words(wants: NumberWanted, reading: Reading) -> Understanding:
    """ "Every day" is all the days there are, "never" is none: only where the question's bounds make it so."""
    labels = {label for span in reading.spans if not span.negated for label in span.labels}
    if labels & {"every_day", "all"} and wants.unit == "days" and "none" not in labels:
        return Understanding(None, wants.most, 0.8, why="every day")
    if labels & {"none", "never", "not_yet", "didnt"} and wants.least == 0 and "every_day" not in labels:
        return Understanding(None, 0, 0.85, why="none")
    said_no = {
        place for span in reading.spans if "no" in span.labels for place in range(span.start, span.end)
    }
    if wants.least == 0 and reading.content and set(reading.content) <= said_no:
        return Understanding(None, 0, 0.7, why="none")
    return Understanding()


def _date(choice: Understanding, text: str, likely: Sequence[str], today: date | None) -> Understanding:
    day = day_in(text, likely, today)
    if day is not None:
        return Understanding(None, day.isoformat(), 0.9, why="date")
    return choice


def _words(choice: Understanding, whole: bool, text: str, reading: Reading, known: Lexicon) -> Understanding:
    """Free words are taken as they are, unless they are nothing but a sign, a greeting or "I don't understand"; one
    of the question's answers counts only when nothing else was said."""
    if choice.clear and whole:
        return choice
    if choice.why == SAYS_UNCLEAR:
        return choice
    turned_down = {
        place
        for span in reading.spans
        if any(label in known.concepts and known.concepts[label].stands_alone for label in span.labels)
        for place in range(span.start, span.end)
    }
    told = [
        place
        for place in reading.content
        if reading.words.tokens[place].sort != "emoji" and place not in turned_down
    ]
    if not told:
        return Understanding()
    return Understanding(None, text.strip(), 0.9, why="free words")
