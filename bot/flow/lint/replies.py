"""Rules about the answers a question knows: none may be taken for another, or for STOP."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bot.flow.findings import Finding
from bot.flow.lint.view import View
from bot.flow.script import Answer, Ask
from bot.flow.words import lexicon, phrase_of

CARRIER_WORDS: dict[str, str] = {
    **dict.fromkeys(
        ("stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out"), "STOP"
    ),
    **dict.fromkeys(("start", "unstop"), "START"),
    **dict.fromkeys(("help", "info"), "HELP"),
}
"""Words that US carriers act on before we see them. (YES opts in again, but stays an answer.)"""


Reserved = Callable[[str, str], str | None]
"""(words, language) → what they mean before any conversation hears them (STOP, HELP …), or None."""


def reply_findings(view: View, reserved: Reserved) -> Iterator[Finding]:
    """Overlapping answers across languages, and words that STOP, HELP or START would swallow."""
    for path, written in view.steps():
        step = view.conversation.steps[written.id]
        if not isinstance(step, Ask):
            continue
        answers = step.wants.answers
        base = (*path, "answers")
        yield from _shared_meanings(view, base, answers)
        owner: dict[tuple[str, ...], str] = {}
        for answer in answers:
            for language, all_words in answer.match:
                for words in all_words:
                    where = (*base, answer.name, "match", language)
                    phrase = phrase_of(words, language, ())
                    if phrase is None:
                        yield view.finding(
                            where,
                            "empty-answer",
                            f"“{words}” holds nothing that can be recognised",
                            "write words, a number or an emoji",
                        )
                        continue
                    other = owner.setdefault(phrase.plain, answer.name)
                    if other != answer.name:
                        yield view.finding(
                            where,
                            "overlap",
                            f"“{words}” is an answer “{other}” as well as “{answer.name}”",
                            "keep it in one of them, or make it longer",
                        )
                    taken = CARRIER_WORDS.get(" ".join(phrase.plain)) or reserved(words, language)
                    if taken is not None:
                        yield view.finding(
                            where,
                            "reserved-word",
                            f"“{words}” means {taken} and never reaches this question",
                            "choose another word",
                        )
                    yield from _built_in(view, where, words, phrase.plain, language, answer, answers)
    yield from _start_words(view, reserved)


def _shared_meanings(
    view: View, base: tuple[str | int, ...], answers: tuple[Answer, ...]
) -> Iterator[Finding]:
    owner: dict[str, str] = {}
    for answer in answers:
        for meaning in answer.means:
            other = owner.setdefault(meaning, answer.name)
            if other != answer.name:
                yield view.finding(
                    (*base, answer.name),
                    "overlap",
                    f"“{meaning}” is what “{other}” means as well as “{answer.name}”",
                    "keep it in one of them",
                )


def _built_in(
    view: View,
    where: tuple[str | int, ...],
    words: str,
    plain: tuple[str, ...],
    language: str,
    answer: Answer,
    answers: tuple[Answer, ...],
) -> Iterator[Finding]:
    """The author's word is also a built-in word for another answer of the same question."""
    for phrase in lexicon().by_first.get(plain[0], ()):
        if phrase.plain != plain or phrase.language != language:
            continue
        for other in answers:
            if other.name != answer.name and set(other.means) & set(phrase.labels):
                meaning = next(iter(set(other.means) & set(phrase.labels)))
                yield view.finding(
                    where,
                    "overlap",
                    f"“{words}” also means {meaning}, which is the answer “{other.name}”",
                    f"take it out, or take {meaning} from “{other.name}”",
                )


def _start_words(view: View, reserved: Reserved) -> Iterator[Finding]:
    start = view.written.start
    if start is None:
        return
    for language, all_words in start.keyword.items():
        for words in all_words:
            where = ("start", "keyword", language)
            phrase = phrase_of(words, language, ())
            taken = CARRIER_WORDS.get(" ".join(phrase.plain) if phrase else "") or reserved(words, language)
            if taken is not None:
                yield view.finding(
                    where,
                    "reserved-word",
                    f"the keyword “{words}” means {taken}",
                    "choose another keyword",
                )
            for other_language, other_words, name in view.library.keywords():
                other = phrase_of(other_words, other_language, ())
                if (
                    name < view.name
                    and other is not None
                    and phrase is not None
                    and other.plain == phrase.plain
                ):
                    yield view.finding(
                        where,
                        "overlap",
                        f"the keyword “{words}” already begins “{name}”",
                        "choose another keyword",
                    )
