"""Which of a question's answers a reply speaks for, from the meanings that were found in it.

Every found meaning votes for an answer, outright or stretched ("every day" for an answer that means yes). Then: a bare
yes or no gives way to what is said more exactly ("yes, a little"), what is said outright beats what is stretched, a
contradiction is unclear, and a meaning that carries too little of the reply is not trusted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.flow.found import Span, Words
from bot.flow.script import Answer
from bot.flow.words import Lexicon

SURE = 0.6
"""Below this confidence a reading is unclear. Chosen on bench/understanding.py's replies; see docs/flows.md."""

NOTHING = "nothing known in it"
TOO_LITTLE = "too little of it is known"
COMPETE = "two answers compete"
SAYS_UNCLEAR = "says it is unclear"

_BASE = frozenset({"yes", "no", "ok", "did", "didnt", "good"})
"""Meanings that give way to a more exact one."""
_QUALITY = frozenset(
    [
        "good",
        "bad",
        "easy",
        "hard",
        "so_so",
        "better",
        "worse",
        "too_long",
        "too_short",
        "just_right",
        "helpful",
        "useless",
        "clear",
        "confusing",
        "same",
    ]
)
"""Particles that may stand anywhere in a short reply when the question asks for just them ("it went great")."""
_UPSIDE_DOWN: dict[str, tuple[str, ...]] = {
    "good": ("bad",),
    "yes": ("no",),
    "did": ("didnt",),
    "tried": ("didnt",),
    "a_lot": ("a_little",),
    "every_day": ("sometimes",),
    "often": ("sometimes",),
    "all": ("a_little",),
    "easy": ("hard",),
    "hard": ("easy", "just_right"),
    "agree": ("disagree",),
    "will_come": ("cannot_come",),
    "happy": ("sad",),
    "helpful": ("useless",),
    "clear": ("confusing",),
    "safe": ("unsafe", "worried"),
    "calm": ("worried",),
    "worried": ("calm",),
    "better": ("same", "worse"),
    "worse": ("same", "better"),
}
"""What a meaning becomes when it is denied. Two: it lies between them, and counts where a question has only one."""
_NEITHER = {
    frozenset({"easy", "hard"}): "just_right",
    frozenset({"too_long", "too_short"}): "just_right",
    frozenset({"more", "less"}): "same",
    frozenset({"better", "worse"}): "same",
    frozenset({"good", "bad"}): "so_so",
    frozenset({"happy", "sad"}): "so_so",
}
"""What lies between two that are both denied: neither easy nor hard."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One text, read once: what every kind of question looks at."""

    words: Words
    spans: tuple[Span, ...]
    asking: frozenset[int]
    """Clauses that ask us something."""
    filler: frozenset[int]
    """Words that say nothing: greetings, thanks, "teacher"."""

    @property
    def content(self) -> tuple[int, ...]:
        """Places of words that say something and do not belong to a question."""
        return tuple(
            place
            for place in range(len(self.words.tokens))
            if place not in self.filler and self.words.clause[place] not in self.asking
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """The answer's name, or None; how sure; and why."""

    answer: str | None
    sure: float
    why: str
    whole: bool = False
    """Whether the answer is all that was said."""


@dataclass(frozen=True, slots=True)
class _Vote:
    answer: Answer
    span: Span
    stretch: int
    """0: said outright."""


def choose(answers: Sequence[Answer], reading: Reading, known: Lexicon) -> Choice:
    """The answer that `reading` speaks for."""
    content = reading.content
    if not content and not _only_signs(reading):
        return Choice(None, 0.0, NOTHING)
    places = frozenset(content) or frozenset(range(len(reading.words.tokens)))
    spans = [span for span in reading.spans if any(place in places for place in range(span.start, span.end))]
    votes = [vote for span in spans if (vote := _vote(span, answers, known)) is not None]
    votes = _between(votes, answers, known)
    voting = {vote.span for vote in votes}
    unsure = [span for span in spans if span not in voting and _stands_alone(span, known)]
    if unsure:
        # "I don't know … but a little" is a little; "still don't know", "no, I don't know" are not answers.
        clauses = {reading.words.clause[span.start] for span in unsure}
        votes = [
            vote
            for vote in votes
            if vote.stretch == 0
            and reading.words.clause[vote.span.start] not in clauses
            and not (vote.span.length == 1 and _is_base(vote.span))
        ]
        if not votes:
            return Choice(None, 0.0, SAYS_UNCLEAR)
    votes = [vote for vote in votes if not _only_says_how_much(vote, votes)]
    if not votes:
        return Choice(None, 0.0, NOTHING)
    if len({vote.answer.name for vote in votes}) > 1:
        votes = votes if _contradicting(votes, known) else _exact(votes)
    if len({vote.answer.name for vote in votes}) > 1:
        return Choice(None, 0.0, COMPETE)
    known_places = {place for span in spans for place in range(span.start, span.end)}
    mine = {place for vote in votes for place in range(vote.span.start, vote.span.end)} & places
    share = len(mine) / max(1, len(mine) + len(places - known_places))
    sure = round(max(_confidence(vote, reading, content, share, known_places, known) for vote in votes), 3)
    if sure < SURE:
        return Choice(None, sure, TOO_LITTLE)
    return Choice(votes[0].answer.name, sure, "words", places <= mine)


def _only_signs(reading: Reading) -> bool:
    return bool(reading.words.tokens) and all(token.sort == "emoji" for token in reading.words.tokens)


def _stands_alone(span: Span, known: Lexicon) -> bool:
    return any(known.concepts[label].stands_alone for label in span.labels if label in known.concepts)


def _is_base(span: Span) -> bool:
    return any(label in _BASE for label in span.labels)


def _vote(span: Span, answers: Sequence[Answer], known: Lexicon) -> _Vote | None:
    lacking = any(known.concepts[label].lack for label in span.labels if label in known.concepts)
    if not span.negated or lacking:
        found = _answer_of(span.labels, answers, known)
        return None if found is None else _Vote(found[0], span, found[1])
    turned = tuple(other for label in span.labels for other in _UPSIDE_DOWN.get(label, ()))
    found = _answer_of(turned, answers, known)
    return None if found is None else _Vote(found[0], span, found[1] + 1)


def _answer_of(labels: Sequence[str], answers: Sequence[Answer], known: Lexicon) -> tuple[Answer, int] | None:
    """The answer that one of `labels` speaks for, and how far it was stretched; None when two do equally."""
    best: tuple[Answer, int] | None = None
    rival = False
    for label in labels:
        if label.startswith("="):
            named = next((answer for answer in answers if answer.name == label[1:]), None)
            if named is not None:
                return named, 0
        for distance, meaning in enumerate(known.answers_for(label)):
            meant = next((answer for answer in answers if meaning in answer.means), None)
            if meant is None:
                continue
            if best is None or distance < best[1]:
                best, rival = (meant, distance), False
            elif distance == best[1] and meant is not best[0]:
                rival = True
            break
    return None if rival else best


def _between(votes: list[_Vote], answers: Sequence[Answer], known: Lexicon) -> list[_Vote]:
    """ "Not too easy, not too hard": what lies between, where the question knows it."""
    denied = {label for vote in votes if vote.span.negated for label in vote.span.labels}
    for pair, middle in _NEITHER.items():
        if pair <= denied and (found := _answer_of((middle,), answers, known)) is not None:
            return [
                _Vote(found[0], vote.span, found[1]) if pair & set(vote.span.labels) else vote
                for vote in votes
            ]
    return votes


_AMOUNTS = frozenset({"a_lot", "a_little", "all"})
_BESIDES = frozenset({"so_so", "bad", "sometimes", "half"})
"""What "not very" may also mean when it stands alone."""
_MEASURED = frozenset(
    [
        "good",
        "bad",
        "so_so",
        "easy",
        "hard",
        "better",
        "worse",
        "more",
        "less",
        "too_long",
        "too_short",
        "just_right",
        "helpful",
        "useless",
        "clear",
        "confusing",
        "happy",
        "sad",
        "worried",
        "angry",
        "proud",
        "calm",
        "tired",
        "bored",
        "sick",
        "agree",
        "disagree",
        "often",
        "rarely",
    ]
)
"""What there can be a little of."""


def _only_says_how_much(vote: _Vote, votes: Sequence[_Vote]) -> bool:
    """ "Não gostou muito", "a little hard": an amount beside what it measures, not an answer of its own. Beside a bare
    yes or no it is one: "sim, um pouco"."""
    return any(
        measures(vote.span, other.span)
        or (vote.stretch > 0 and set(vote.span.labels) <= _AMOUNTS and _beside(vote.span, other.span))
        for other in votes
        if vote.span is not other.span
    )


def _beside(one: Span, other: Span) -> bool:
    return other.end == one.start or one.end == other.start


def measures(one: Span, other: Span) -> bool:
    """Whether `one` says how much of `other` there is: "a little" beside "hard"."""
    labels = set(one.labels)
    return (
        bool(labels & _AMOUNTS)
        and labels <= _AMOUNTS | _BESIDES
        and bool(_MEASURED & set(other.labels))
        and not _AMOUNTS & set(other.labels)
        and _beside(one, other)
    )


def _contradicting(votes: list[_Vote], known: Lexicon) -> bool:
    """ "Yes … no", "no, every day": a bare yes or no beside something that cannot go with it."""
    against = {
        other
        for vote in votes
        if _is_base(vote.span) and not vote.span.negated
        for label in vote.span.labels
        if label in known.concepts
        for other in known.concepts[label].against
    }
    return any(against & set(vote.span.labels) for vote in votes if not vote.span.negated)


def _exact(votes: list[_Vote]) -> list[_Vote]:
    """What is said outright beats what is only stretched to another answer; "yes, a little" is a little; "no, not
    yet" is not yet."""
    outright = [vote for vote in votes if vote.stretch == 0]
    if len({vote.answer.name for vote in outright}) == 1:
        return outright
    return [vote for vote in votes if not _is_base(vote.span)] or votes


def _confidence(
    vote: _Vote,
    reading: Reading,
    content: Sequence[int],
    share: float,
    known_places: set[int],
    known: Lexicon,
) -> float:
    span = vote.span
    topic = any(known.concepts[label].sort == "topic" for label in span.labels if label in known.concepts)
    quality = vote.stretch == 0 and bool(_QUALITY & set(span.labels))
    leads = bool(content) and span.start <= content[0] < span.end
    if "later" in span.labels and vote.stretch > 0 and share < 0.75:
        # "Later" alone is as good as "not yet"; "tonight we will read" tells a plan and answers nothing.
        sure = 0.5
    elif not span.likely:
        sure = 0.9 if share >= 0.5 else 0.5
    elif topic or (span.own and span.length > 1):
        sure = 0.92 if share >= 0.5 else 0.8
    elif leads and _denies_the_sentence(span, reading, content, known_places):
        sure = 0.55
    elif leads:
        sure = 0.97 if share >= 0.75 else 0.85 if share >= 0.3 else 0.65
    elif share >= 0.5 or (_fills_its_clause(span, reading) and not _is_base(span)):
        sure = 0.85
    elif span.length > 1 or (span.own and share >= 0.25) or (quality and share >= 0.15):
        sure = 0.72
    else:
        sure = 0.5
    return sure - (0.08 if span.guessed else 0.0) - (0.02 * vote.stretch)


def _fills_its_clause(span: Span, reading: Reading) -> bool:
    """ "…, pita": said by itself, whatever else the text tells."""
    clause = reading.words.clause
    return all(
        span.start <= place < span.end or place in reading.filler
        for place in range(len(clause))
        if clause[place] == clause[span.start]
    )


def _denies_the_sentence(
    span: Span, reading: Reading, content: Sequence[int], known_places: set[int]
) -> bool:
    """A bare "no" that is the "not" of a longer sentence ("no tengo libros en casa") is no answer by itself."""
    if span.labels != ("no",) or span.length > 1:
        return False
    clause = reading.words.clause[span.start]
    unknown = [
        place for place in content if reading.words.clause[place] == clause and place not in known_places
    ]
    return len(unknown) >= 3
