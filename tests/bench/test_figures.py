"""A number is held to what is wanted of it: by itself, or as a share of a limit from the same run."""

from __future__ import annotations

import pytest

from bench.__main__ import names
from bench.figures import Figure


@pytest.mark.parametrize(
    ("figure", "holds"),
    [
        (Figure("told only", 3.0), True),
        (Figure("seconds", 4.9, "s", at_most=5), True),
        (Figure("seconds", 5.1, "s", at_most=5), False),
        (Figure("share", 160.0, at_least=0.15, limit=1000.0), True),
        (Figure("share", 140.0, at_least=0.15, limit=1000.0), False),
    ],
)
def test_the_wish_is_about_the_ratio_where_there_is_a_limit(figure: Figure, holds: bool) -> None:
    assert figure.holds is holds
    assert ("MISSED" in figure.line()) is not holds


def test_the_benchmarks_of_the_journey_are_found() -> None:
    assert {"webhook", "ingest", "cold_start"} <= set(names())
