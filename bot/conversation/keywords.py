"""What a family may say at any time, in any language: STOP, START, HELP, PAUSE, LESS, MORE, LANGUAGE, WHY, WHO, MY DATA,
FORGET ME, TEACHER, "that is not the word", and "?" for "I did not understand".

STOP comes in two kinds. The carriers' own words count exactly and always. Beyond them, any reasonable wording of "do
not write to me any more" must be honoured at once (US: 47 CFR 64.1200(a)(10)), in whatever language it comes and
whatever language the family is set to; but a text that only *looks* like it ("can you stop by at 3?", "no more homework
please") is for the teacher, and silencing a family by mistake is a failure too. Every wording is data
(data/keywords/, one file a language, all `draft` until a speaker approves them); this module only applies them.

Pure: no I/O but reading its own data once, no clock, no state.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from bot.conversation.clauses import Clause, Word, clauses_of
from bot.conversation.phrase_matching import Index, Language, Matcher, PhraseError, language_of, lines
from bot.flow.yaml_data import read_data


class Action(StrEnum):
    """What a keyword asks for."""

    STOP = "stop"
    START = "start"
    HELP = "help"
    PAUSE = "pause"
    LESS = "less"
    MORE = "more"
    LANGUAGE = "language"
    WHY = "why"
    WHO = "who"
    MY_DATA = "my_data"
    FORGET_ME = "forget_me"
    TEACHER = "teacher"
    WRONG_WORD = "wrong_word"
    UNCLEAR_TO_ME = "unclear_to_me"
    NONE = "none"


# When one text says several things the first of these is done; the others are told in `also`.
_ORDER: Final = (
    Action.STOP,
    Action.FORGET_ME,
    Action.START,
    Action.PAUSE,
    Action.LESS,
    Action.LANGUAGE,
    Action.MORE,
    Action.MY_DATA,
    Action.WHY,
    Action.WHO,
    Action.TEACHER,
    Action.WRONG_WORD,
    Action.UNCLEAR_TO_ME,
    Action.HELP,
)

_QUESTION_MARKS: Final = frozenset("?？؟⁇❓❔;՞፧")
_STOP_SIGNS: Final = frozenset("🛑⛔")


@dataclass(frozen=True, slots=True)
class Keyword:
    """What a text asks for, and why we think so."""

    action: Action
    matched: str | None = None
    """The word or phrase that decided, folded; None for `none`."""
    language: str | None = None
    """The language whose wording it was; None for signs and for the carriers' own words."""
    ambiguous: bool = False
    """The word is an everyday answer too (YES is the carriers' START, "more", "English"): while a question is open
    that it answers, it is that answer, and the keyword only otherwise."""
    wanted_language: str | None = None
    """For `language`: which one was named, when one was."""
    also: tuple[Action, ...] = ()
    """What else the same text asks for ("stop, and delete my data")."""


NOTHING: Final = Keyword(Action.NONE)


class _Way(StrEnum):
    """How a wording counts. `UNLESS` is none of them: a clause with one of those does not count, whatever else is in it."""

    WHOLE = "whole"
    ONLY_WHEN_SET = "only_when_set"
    """A whole message in a word too common in other languages: only for families whose language this is."""
    EVERYDAY = "everyday"
    """A whole message that is an everyday answer as well."""
    OPENING = "opening"
    """A first clause that counts whatever follows ("Stop. You have the wrong family")."""
    REFUSES = "refuses"
    """Like `INSIDE`, but what is named is what is *not* wanted ("I don't speak English")."""
    INSIDE = "inside"
    BESIDE = "beside"
    """A clause that says nothing by itself, beside others that say it wholly ("Wrong number. Stop")."""


_UNLESS: Final = "unless"
_WHOLE_MESSAGES: Final = frozenset((_Way.WHOLE, _Way.ONLY_WHEN_SET, _Way.EVERYDAY))
_BEST: Final = {way: place for place, way in enumerate(_Way)}


@dataclass(frozen=True, slots=True)
class _Tag:
    """Whose wording it is, what it says, and how it counts."""

    language: str
    action: Action
    way: _Way


_Courtesy = Mapping[str, tuple[tuple[str, ...], ...]]
"""Courtesies by their first word and, for those at the end of a text, by their last; the longest first."""


@dataclass(frozen=True, slots=True)
class _Book:
    carriers: Mapping[Action, frozenset[str]]
    yes: frozenset[str]
    please: _Courtesy
    greetings: _Courtesy
    index: Index[_Tag]
    unless: Mapping[tuple[str, Action], Matcher]
    names: tuple[tuple[str, Matcher], ...]


def decide(text: str, language: str | None = None) -> Keyword:
    """What `text` asks for. `language` is the family's own (BCP-47); every language's words count whatever it is.

    Never raises. A text that asks for nothing, or only might, is `none`: it goes to the conversation or the teacher.
    """
    book = _book()
    said = clauses_of(text)
    clauses = _without_courtesy(said, book.please, book.greetings)
    if not clauses:
        return _signs(text)
    if len(clauses) == 1 and (exact := _carriers(clauses[0], book)):
        # "Yes" may be the carriers' START; "yes please" is an answer and nothing else.
        return NOTHING if exact.ambiguous and list(said) != clauses else exact
    hits = _hits(clauses, book, language)
    named = Action.TEACHER in hits and hits[Action.TEACHER][0].way is _Way.EVERYDAY
    if named and clauses != _without_courtesy(said, book.please):
        del hits[Action.TEACHER]  # "Hola, maestra" greets her; "maestra por favor" asks for her
    if not hits:
        return NOTHING
    first, *others = (action for action in _ORDER if action in hits)
    tag, matched = hits[first]
    wanted = _named_language(clauses, book) if first is Action.LANGUAGE else None
    return Keyword(first, matched, tag.language, tag.way is _Way.EVERYDAY, wanted, tuple(others))


def language_named(text: str) -> str | None:
    """The one language `text` names, in any language's word for it ("español", "越南语"); a primary tag such as "zh".
    None when it names none, several, or only one that it does not want."""
    return _named_language(clauses_of(text), _book())


def _hits(clauses: Sequence[Clause], book: _Book, language: str | None) -> dict[Action, tuple[_Tag, str]]:
    """The best wording found for each action: the family's own language first, whole messages before parts."""
    best: dict[Action, tuple[tuple[bool, int], _Tag, str]] = {}
    whole: list[set[_Tag]] = []
    beside: list[set[Action]] = []
    for place, clause in enumerate(clauses):
        whole.append(set())
        beside.append(set())
        for found in book.index.find(clause):
            tag = found.tag
            if tag.way is _Way.BESIDE:
                if found.whole:
                    beside[-1].add(tag.action)
                continue
            if tag.way in _WHOLE_MESSAGES:
                if found.whole and (tag.way is not _Way.ONLY_WHEN_SET or _same(language, tag.language)):
                    whole[-1].add(tag)
                continue
            if tag.way is _Way.OPENING:
                if place or not found.whole:
                    continue
            elif (unless := book.unless.get((tag.language, tag.action))) and unless.find(clause):
                continue
            _keep(best, tag, found.matched, language)
    # Several short clauses that all say it ("Stop. Unsubscribe me!") are one whole message; a remark may stand by.
    for tag in set[_Tag]().union(*whole):
        if all(
            tag.action in remarks or any((t.language, t.action) == (tag.language, tag.action) for t in tags)
            for tags, remarks in zip(whole, beside, strict=True)
        ):
            _keep(best, tag, str(clauses[0]), language)
    return {action: (tag, matched) for action, (_, tag, matched) in best.items()}


def _keep(
    best: dict[Action, tuple[tuple[bool, int], _Tag, str]], tag: _Tag, matched: str, language: str | None
) -> None:
    rank = (not _same(language, tag.language), _BEST[tag.way])
    if tag.action not in best or (rank, tag.language) < (best[tag.action][0], best[tag.action][1].language):
        best[tag.action] = (rank, tag, matched)


def _same(language: str | None, code: str) -> bool:
    """Whether a BCP-47 tag is one of a data file's language: the script and the region do not matter here."""
    return language is not None and language.partition("-")[0] == code.partition("-")[0]


def _signs(text: str) -> Keyword:
    """Texts without a word: question marks, a stop sign."""
    signs = {c for c in text if not c.isspace() and c not in "\ufe0f\u200d!.¿"}
    if signs and signs <= _QUESTION_MARKS:
        return Keyword(Action.UNCLEAR_TO_ME, "?")
    if signs and signs <= _STOP_SIGNS:
        return Keyword(Action.STOP, "🛑")
    return NOTHING


def _carriers(clause: Clause, book: _Book) -> Keyword | None:
    said = " ".join(dict.fromkeys(plain for plain, _ in clause.words))
    for action, words in book.carriers.items():
        if said in words:
            return Keyword(action, said, None, ambiguous=said in book.yes)
    return None


def _named_language(clauses: Sequence[Clause], book: _Book) -> str | None:
    """The language a text asks for; None when it names none, several, or only one that it does *not* want."""
    named: set[str] = set()
    for clause in clauses:
        if not any(found.tag.way is _Way.REFUSES for found in book.index.find(clause)):
            named |= {code for code, names in book.names if names.find(clause)}
    if any(code.startswith("zh-") for code in named):
        named.discard("zh")  # "traditional Chinese" is one language, not two
    return named.pop() if len(named) == 1 else None


def _without_courtesy(clauses: Sequence[Clause], *courtesies: _Courtesy) -> list[Clause]:
    """The clauses without "please" or "good morning" at either end; one said twice counts once."""
    kept: list[Clause] = []
    for clause in clauses:
        words = list(clause.words)
        while length := max(_courtesy_length(words, courtesy, 0) for courtesy in courtesies):
            del words[:length]
        while length := max(_courtesy_length(words, courtesy, -1) for courtesy in courtesies):
            del words[-length:]
        if words and len(set(words)) == 1:
            words = words[:1]
        if words and Clause(tuple(words)) not in kept:
            kept.append(Clause(tuple(words)))
    return kept


def _courtesy_length(words: Sequence[Word], courtesy: _Courtesy, end: int) -> int:
    for phrase in courtesy.get(words[end][0], ()) if words else ():
        piece = words[: len(phrase)] if end == 0 else words[-len(phrase) :]
        if tuple(plain for plain, _ in piece) == phrase:
            return len(phrase)
    return 0


@lru_cache(maxsize=1)
def _book() -> _Book:
    folder = files("bot.conversation") / "data" / "keywords"
    common = read_data(folder / "common.yaml")
    groups: list[tuple[_Tag, Matcher]] = []
    unless: dict[tuple[str, Action], Matcher] = {}
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if path.name.endswith(".yaml") and path.name != "common.yaml":
            _read(path.name.removesuffix(".yaml"), read_data(path), groups, unless)
    names = [(code, Language({}).matcher(words)) for code, words in common["names"].items()]
    return _Book(
        carriers={
            Action(a): frozenset(" ".join(_folded(w)) for w in words)
            for a, words in common["carriers"].items()
        },
        yes=frozenset(common["everyday"]),
        please=_by_ends({tuple(_folded(phrase)) for phrase in common["courtesy"]["please"]}),
        greetings=_by_ends({tuple(_folded(phrase)) for phrase in common["courtesy"]["greetings"]}),
        index=Index(groups),
        unless=unless,
        names=tuple((code, matcher) for code, matcher in names if matcher),
    )


def _read(
    code: str,
    told: Mapping[str, Any],
    groups: list[tuple[_Tag, Matcher]],
    unless: dict[tuple[str, Action], Matcher],
) -> None:
    language = language_of(told)
    for action in _ORDER:
        ways: Mapping[str, str] = told.get(action.value) or {}
        try:
            groups += [
                (_Tag(code, action, way), matcher)
                for way in _Way
                if (matcher := language.matcher(lines(ways.get(way.value))))
            ]
            if matcher := language.matcher(lines(ways.get(_UNLESS))):
                unless[code, action] = matcher
        except PhraseError as error:
            raise PhraseError(f"data/keywords/{code}.yaml, {action.value}: {error}") from error


def _by_ends(phrases: set[tuple[str, ...]]) -> _Courtesy:
    """Phrases by their first and by their last word, the longest first."""
    ends = {word for phrase in phrases for word in (phrase[0], phrase[-1])}
    return {
        word: tuple(sorted((p for p in phrases if word in (p[0], p[-1])), key=len, reverse=True))
        for word in ends
    }


def _folded(phrase: str) -> Iterator[str]:
    return (plain for clause in clauses_of(phrase) for plain, _ in clause.words)
