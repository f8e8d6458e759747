"""Days on which a family is left alone, as the family said: a weekday, a date, or a span of dates."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_IN_FULL = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class NoSuchDay(ValueError):
    """Not a day or span of days; the message says how to write one."""


def read_day(written: str) -> str:
    """`written` in the one form it is kept in: "fri", "2026-03-20" or "2026-03-01..2026-03-29".

    Raises `NoSuchDay`.
    """
    words = written.strip().casefold()
    if words in WEEKDAYS or words in _IN_FULL:
        return words[:3]
    first, dots, last = words.partition("..")
    try:
        begins = date.fromisoformat(first.strip())
        ends = date.fromisoformat(last.strip()) if dots else begins
    except ValueError:
        raise NoSuchDay(f"{written!r} is no day: write fri, 2026-03-20 or 2026-03-01..2026-03-29.") from None
    if ends < begins:
        raise NoSuchDay(f"{written!r} ends before it begins.")
    return begins.isoformat() if begins == ends else f"{begins.isoformat()}..{ends.isoformat()}"


def in_order(days: Iterable[str]) -> list[str]:
    """What `read_day` gave, each once: weekdays, then dates."""
    told = set(days)
    return [day for day in WEEKDAYS if day in told] + sorted(told - set(WEEKDAYS))


def is_quiet(day: date, quiet_days: Iterable[str]) -> bool:
    """Is `day` one of these? Takes what `read_day` gave."""
    for one in quiet_days:
        if one in WEEKDAYS:
            if WEEKDAYS[day.weekday()] == one:
                return True
            continue
        first, dots, last = one.partition("..")
        if first <= day.isoformat() <= (last if dots else first):  # ISO dates sort as they fall
            return True
    return False


def first_free_day(day: date, quiet_days: Iterable[str]) -> date:
    """`day`, or the first day after it that is none of these. Somebody who names every day is left alone for a year
    at a time."""
    quiet = tuple(quiet_days)
    return next(
        (one for one in (day + timedelta(days=ahead) for ahead in range(366)) if not is_quiet(one, quiet)),
        day + timedelta(days=366),
    )
