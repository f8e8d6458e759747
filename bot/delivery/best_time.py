"""The time of day a family likes texts best: morning, afternoon or evening, by its own clock."""

from __future__ import annotations

from datetime import time

from bot.delivery.pacing import QuietHours

FIELD = "guardian.best_time"
"""The answer of `flows/how_to_reach_you.yaml` that says it."""

HOURS: dict[str, tuple[time, time, time]] = {
    "morning": (time(0, 0), time(12, 0), time(9, 0)),
    "afternoon": (time(12, 0), time(17, 0), time(15, 0)),
    "evening": (time(17, 0), time(23, 59), time(18, 30)),
}
"""From, until, and when a text goes that was meant for another time of day."""


def best_hour(at: time, best: object, quiet: QuietHours) -> time:
    """`at`, or the hour of the time of day that a family likes `best` when `at` lies outside it. An hour that this
    school counts as quiet is never chosen; another word ("any_time") changes nothing."""
    if best not in HOURS:
        return at
    first, last, hour = HOURS[str(best)]
    return at if first <= at < last or quiet.holds(hour) else hour
