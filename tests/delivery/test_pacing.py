"""Nobody is texted at night, in any zone, on any of the year's two odd nights; and a sender keeps its rate."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.pacing import QuietHours, Rate, next_allowed

NEW_YORK = ZoneInfo("America/New_York")
EVENING = QuietHours(time(20), time(8))
ZONES = [
    "America/New_York",
    "America/Phoenix",
    "Pacific/Honolulu",
    "America/St_Johns",
    "Europe/Kyiv",
    "Asia/Kolkata",
]


def test_a_text_due_at_eleven_at_night_waits_for_eight_in_the_morning() -> None:
    late = datetime(2026, 3, 4, 23, 0, tzinfo=NEW_YORK)
    assert next_allowed(late, NEW_YORK, EVENING) == datetime(2026, 3, 5, 8, 0, tzinfo=NEW_YORK)


def test_noon_is_fine() -> None:
    noon = datetime(2026, 3, 4, 12, 0, tzinfo=NEW_YORK)
    assert next_allowed(noon, NEW_YORK, EVENING) == noon


def test_the_night_the_clocks_go_forward_and_the_night_they_go_back() -> None:
    for day, offset in ((datetime(2026, 3, 8, 1, 30), -4), (datetime(2026, 11, 1, 1, 30), -5)):
        allowed = next_allowed(day.replace(tzinfo=NEW_YORK), NEW_YORK, EVENING)
        assert allowed == datetime(day.year, day.month, day.day, 8 - offset, 0, tzinfo=UTC)


@given(
    at=st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)),
    zone=st.sampled_from(ZONES),
    start=st.times(),
    end=st.times(),
)
def test_whatever_the_hours_the_answer_is_never_early_never_quiet_and_within_a_day(
    at: datetime, zone: str, start: time, end: time
) -> None:
    quiet, place = QuietHours(start, end), ZoneInfo(zone)
    asked = at.replace(tzinfo=UTC)
    allowed = next_allowed(asked, place, quiet)
    assert allowed >= asked - timedelta(
        hours=1
    )  # a wall-clock time that the clocks skip is read as before the change
    assert allowed <= asked + timedelta(hours=25)
    local = allowed.astimezone(place)
    skipped = local.replace(tzinfo=None) != allowed.astimezone(place).astimezone(UTC).astimezone(
        place
    ).replace(tzinfo=None)
    assert start == end or skipped or not quiet.holds(local.time()) or local.time() < _after(end)


def _after(end: time) -> time:
    """The end of quiet hours as it may fall when the clocks change that very hour."""
    return (datetime.combine(datetime(2026, 1, 1), end) + timedelta(hours=1, seconds=1)).time()


@given(
    rate=st.floats(0.5, 200),
    burst=st.integers(1, 50),
    texts=st.lists(st.tuples(st.floats(0, 3), st.integers(1, 4)), min_size=1, max_size=80),
)
def test_no_second_ever_carries_more_than_its_rate_and_the_burst(
    rate: float, burst: int, texts: list[tuple[float, int]]
) -> None:
    line, tat, now = Rate(rate, burst), None, datetime(2026, 1, 1, tzinfo=UTC)
    went: list[tuple[datetime, int]] = []
    for pause, segments in texts:
        now += timedelta(seconds=pause)
        after = line.admit(tat, segments, now)
        if after is not None:
            tat = after
            went.append((now, segments))
    for began, _ in went:
        window = sum(segments for at, segments in went if began <= at < began + timedelta(seconds=1))
        assert window <= rate + max(burst, 4) + 1


@given(
    rate=st.floats(0.5, 200), burst=st.integers(1, 50), segments=st.integers(1, 10), behind=st.floats(0, 60)
)
def test_waiting_as_long_as_told_is_enough(rate: float, burst: int, segments: int, behind: float) -> None:
    line, now = Rate(rate, burst), datetime(2026, 1, 1, tzinfo=UTC)
    tat = now + timedelta(seconds=behind)
    wait = line.wait(tat, segments, now)
    assert line.admit(tat, segments, now + wait + timedelta(milliseconds=1)) is not None
