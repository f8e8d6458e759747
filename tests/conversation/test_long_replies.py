"""A teacher writes a long answer: the family gets it in texts that end where a reader pauses, and she saw that before."""

from __future__ import annotations

import pytest

from bot.conversation.reply import MOST_TEXTS, CannotReply, preview_reply
from tests.people import Town

LINK = "https://school.example/reading/autumn-list"
LONG = (
    "We read about the sea today, and everybody drew a fish. " * 28
    + f"The list is at {LINK}. "
    + "Come by! " * 20
)


def test_a_long_answer_goes_in_two_and_no_link_is_torn(school: Town) -> None:
    james = school.guardian("James")
    james.texts("Hello, what did you read?")
    seen = preview_reply(school.world.desk, james.conversation, LONG)
    assert seen.messages == 2
    before = len(james.shows())
    queued = school.teacher_writes(james, LONG, "once")
    school.teacher_writes(james, LONG, "once")
    parts = [shown.body for shown in james.shows()[before:]]
    assert len(parts) == 2
    assert all(len(part) <= 1600 for part in parts)
    assert " ".join(parts) == " ".join(LONG.split())
    assert any(LINK in part for part in parts)
    assert queued.segments == seen.segments


def test_a_letter_is_no_text(school: Town) -> None:
    james = school.guardian("James")
    james.texts("Hello")
    with pytest.raises(CannotReply, match="too long"):
        school.teacher_writes(james, LONG * MOST_TEXTS)


def test_what_makes_it_longer_to_send_is_told(school: Town) -> None:
    james = school.guardian("James")
    james.texts("Hello")
    dressed = preview_reply(school.world.desk, james.conversation, "It’s a fine day – " * 6)
    assert dressed.cheaper is not None
    assert dict(dressed.cheaper.swaps) == {"’": "'", "–": "-"}
    assert dressed.cheaper.then is not None
    assert dressed.cheaper.then.segments < dressed.segments
    assert preview_reply(school.world.desk, james.conversation, "It's a fine day.").cheaper is None
