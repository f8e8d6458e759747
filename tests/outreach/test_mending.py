"""One click puts a text right, and the writer sees what became of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.outreach import mending
from bot.outreach.wording import findings, mend


@pytest.mark.parametrize(
    ("code", "before", "after"),
    [
        ("shouting", "IMPORTANT NOTICE. School is CLOSED ON FRIDAY.", "Important notice. School is closed on friday."),
        ("no_answer", "School is closed on Friday", "School is closed on Friday. Any questions? Just write back."),
        ("two_requests", "We had fun. Please read tonight. Sign the form. Bring a pencil.", "We had fun. Please read tonight."),
        (
            "hard_to_read",
            "The children have been counting everything they can find at home and in the park, and next week they will "
            "begin to add the numbers because the fair is coming to our town",
            "The children have been counting everything they can find at home and in the park. Next week they will "
            "begin to add the numbers. The reason: the fair is coming to our town",
        ),
    ],
)  # fmt: skip
def test_what_one_click_does(code: str, before: str, after: str) -> None:
    assert mending.fix(before, code) == after
    assert code in mending.offered(before, findings(before, answerable=False))


def test_a_text_that_starts_from_a_lack_starts_from_what_is_there() -> None:
    text = "Ana is struggling with fractions. You should practice. We help low-income families."
    found = {
        finding.words: finding.instead
        for finding in findings(text, answerable=True)
        if finding.code == "deficit"
    }
    assert found == {"struggling with": "still learning", "You should": "you could", "low-income": ""}
    for words in found:
        text = mend(text, words)
    assert text == "Ana is still learning fractions. You could practice. We help families."


@given(st.text(alphabet="abc AND,. because;?!\n", max_size=200), st.sampled_from(list(mending.FIXES)))
def test_a_fix_is_offered_only_where_it_changes_something_and_never_fails(text: str, code: str) -> None:
    assert isinstance(mending.fix(text, code), str)
    for offered in mending.offered(text, findings(text, answerable=False)):
        assert mending.fix(text, offered) != text
