"""The small language in which wordings are written."""

from __future__ import annotations

import pytest

from bot.conversation.clauses import clauses_of
from bot.conversation.phrase_matching import Index, Language, Matcher, PhraseError

SPOKEN = Language({"me": "me | us | my phone", "text": "text | message"})


def matcher(*phrases: str, language: Language = SPOKEN) -> Matcher:
    made = language.matcher(phrases)
    assert made is not None
    return made


def found(phrase: str, text: str, language: Language = SPOKEN) -> bool:
    return any(matcher(phrase, language=language).find(clause) for clause in clauses_of(text))


@pytest.mark.parametrize(
    ("phrase", "text", "expected"),
    [
        ("stop (now|it)", "Please STOP it!", True),
        ("stop (now|it)", "stop them", False),
        ("stop [it] now", "stop now", True),
        ("stop [it] now", "stop it now", True),
        ("{text} {me}", "don't message my phone", True),
        ("{text} {me}", "message your phone", False),
        ("envi*", "no envíen nada", True),
        ("no ... mensajes", "no quiero recibir más mensajes", True),
        ("no ... mensajes", "no uno dos tres cuatro cinco mensajes", False),
        ("no ... mensajes", "no. Quiero mensajes", False),
        ("stop $", "please stop", True),
        ("stop $", "stop please", False),
        ("^ stop", "please stop", False),
        ("=dừng", "dừng", True),
        ("=dừng", "đúng", False),
        ("=dừng", "dung", False),
        ("dừng lại", "dung lai", True),
        ("no más", "no mas", True),
        ("don't", "DONT", True),
        ("don't", "don’t", True),
        ("l'école", "a l école", True),
        ("أوقفوا الرسائل", "اوقفوا الرسايل", True),
        ("መልዕክት", "መልእክት", True),
        ("ሠላም", "ሰላም", True),
        ("बुझिनँ", "बुझिन", True),
        ("बुझिनँ", "बझन", False),
        ("stop", "stooooop", True),
        ("не пишите", "НЕ ПИШИТЕ", True),
        ("3 weeks", "3weeks", True),
    ],
)
def test_phrases_say_what_they_seem_to_say(phrase: str, text: str, expected: bool) -> None:
    assert found(phrase, text) is expected


@pytest.mark.parametrize(
    ("phrase", "text", "expected"),
    [
        ("不要再发", "请不要再发了", True),
        ("不要[再]发(短信|信息)", "不要 发信息", True),
        ("문자 그만", "문자그만 보내", True),
        ("문자 그만", "문자", False),
        ("پیام نفرستید", "پیام‌نفرستید", True),
    ],
)
def test_where_spaces_are_free_they_are_not_looked_at(phrase: str, text: str, expected: bool) -> None:
    assert found(phrase, text, Language({}, spaced=False)) is expected


def test_a_whole_message_is_the_phrase_and_nothing_else() -> None:
    (clause,) = clauses_of("stop it")
    assert matcher("stop it").is_whole(clause)
    assert not matcher("stop").is_whole(clause)
    assert matcher("stop", "stop it").is_whole(clause)


@pytest.mark.parametrize(
    ("phrase", "says"),
    [
        ("(a|b", "not closed"),
        ("a)", "too many"),
        ("{nobody}", "nobody"),
        ("a ! b", "no letters"),
        ("a { b", "Cannot"),
    ],
)
def test_a_phrase_that_cannot_be_read_says_why(phrase: str, says: str) -> None:
    with pytest.raises(PhraseError, match=says):
        SPOKEN.matcher([phrase])


def test_sets_in_a_circle_are_named() -> None:
    with pytest.raises(PhraseError, match="circle"):
        Language({"a": "{b}", "b": "{a}"}).matcher(["{a}"])


def test_an_index_tells_every_group_that_is_found_and_whether_it_is_the_whole_clause() -> None:
    index = Index(
        [("greeting", matcher("hello [there]")), ("there", matcher("there")), ("never", matcher("bye"))]
    )
    (clause,) = clauses_of("Hello there")
    assert {(f.tag, f.matched, f.whole) for f in index.find(clause)} == {
        ("greeting", "hello there", True),
        ("there", "there", False),
    }


def test_clauses_end_at_punctuation_but_not_inside_numbers() -> None:
    said = [str(clause) for clause in clauses_of("At 3:30, not 4.15! Ok? «Sí»")]
    assert said == ["at 3 30", "not 4 15", "ok", "si"]
