"""Laws that hold for every family, zone, night and sender; hypothesis looks for the one that breaks them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.delivery.caps import Taken, has_room
from bot.delivery.pacing import QuietHours, Rate, at_local, end_of_waking, next_allowed
from bot.delivery.quiet_days import NoSuchDay, first_free_day, is_quiet, read_day

ZONES = st.sampled_from(
    [
        "America/New_York", "America/Chicago", "America/Phoenix", "America/Anchorage", "Pacific/Honolulu",
        "America/St_Johns", "America/Santiago", "America/Sao_Paulo", "Africa/Cairo", "Asia/Beirut", "Asia/Kathmandu",
        "Australia/Lord_Howe", "Europe/Lisbon", "Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC",
    ]
).map(ZoneInfo)  # fmt: skip
DAYS = st.dates(date(2025, 1, 1), date(2030, 12, 31))
INSTANTS = st.datetimes(datetime(2025, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))
QUIET = st.builds(
    QuietHours,
    st.times(time(18, 0), time(21, 0)).map(lambda at: at.replace(second=0, microsecond=0)),
    st.times(time(6, 0), time(10, 0)).map(lambda at: at.replace(second=0, microsecond=0)),
)


# --- quiet hours and both clock changes ----------------------------------------------------------------------------


@given(INSTANTS, ZONES, QUIET)
def test_nobody_is_texted_in_quiet_hours_and_nobody_waits_longer_than_a_night(
    at: datetime, zone: ZoneInfo, quiet: QuietHours
) -> None:
    moment = next_allowed(at, zone, quiet)
    assert not quiet.holds(moment.astimezone(zone).time())
    assert at <= moment <= at + timedelta(hours=17)
    assert next_allowed(moment, zone, quiet) == moment


@given(INSTANTS, ZONES, QUIET)
def test_until_the_end_of_waking_every_moment_is_allowed(
    at: datetime, zone: ZoneInfo, quiet: QuietHours
) -> None:
    start = next_allowed(at, zone, quiet)
    end = end_of_waking(start, zone, quiet)
    assert start < end <= start + timedelta(hours=16)
    assert quiet.holds(end.astimezone(zone).time())
    for share in (0.0, 0.3, 0.7, 0.999):
        assert not quiet.holds((start + share * (end - start)).astimezone(zone).time())


@given(DAYS, st.times(), ZONES)
def test_a_prompt_is_due_on_its_own_local_day_and_only_once(day: date, at: time, zone: ZoneInfo) -> None:
    due = at_local(day, at, zone)
    local = due.astimezone(zone)
    assert local.date() == day
    # The wall shows the hour that was asked for, unless the clocks jump over it on that day.
    assert local.time() == at or local.utcoffset() != datetime.combine(day, at, zone).utcoffset()
    assert at_local(day + timedelta(days=1), at, zone) > due


def test_the_night_the_clocks_go_forward() -> None:
    new_york = ZoneInfo("America/New_York")
    assert at_local(date(2026, 3, 8), time(2, 30), new_york) == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)
    assert at_local(date(2026, 3, 7), time(17, 30), new_york) == datetime(2026, 3, 7, 22, 30, tzinfo=UTC)
    assert at_local(date(2026, 3, 8), time(17, 30), new_york) == datetime(2026, 3, 8, 21, 30, tzinfo=UTC)


def test_the_night_the_clocks_go_back_has_one_half_past_one_for_us() -> None:
    new_york = ZoneInfo("America/New_York")
    assert at_local(date(2026, 11, 1), time(1, 30), new_york) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


# --- caps ----------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 40), max_size=60), st.integers(0, 5))
def test_no_seven_days_hold_more_than_the_cap_in_whatever_order_texts_are_asked_for(
    wishes: list[int], cap: int
) -> None:
    taken: list[date] = []
    for wish in wishes:
        day = date(2026, 3, 1) + timedelta(days=wish)
        if has_room(taken, day, cap):
            taken.append(day)
    for start in range(-7, 48):
        first = date(2026, 3, 1) + timedelta(days=start)
        assert sum(first <= one < first + timedelta(days=7) for one in taken) <= cap


@given(st.lists(st.integers(0, 20), max_size=12), st.integers(0, 20), st.integers(1, 4))
def test_a_text_is_refused_only_when_it_would_break_the_cap(days: list[int], wish: int, cap: int) -> None:
    start = date(2026, 3, 1)
    taken = [start + timedelta(days=one) for one in days]
    day = start + timedelta(days=wish)
    with_it = [*taken, day]
    breaks = any(
        sum(first <= one < first + timedelta(days=7) for one in with_it) > cap
        for first in (day - timedelta(days=back) for back in range(7))
    )
    assert has_room(taken, day, cap) is not breaks


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 20), st.integers(0, 3)), max_size=40),
    st.lists(st.sampled_from([None, 1, 2, 3]), min_size=3, max_size=3),
)
def test_a_family_of_three_phones_keeps_its_cap_and_each_phone_its_own(
    wishes: list[tuple[int, int, int]], own_caps: list[int | None]
) -> None:
    family_cap, occasions = 3, set()
    texts: list[list[date]] = [[], [], []]
    for phone, ahead, matter in wishes:
        day, what = date(2026, 3, 1) + timedelta(days=ahead), f"matter {matter}"
        if Taken(texts[phone], occasions).admits(day, what, family_cap, own_caps[phone]):
            texts[phone].append(day)
            occasions.add((day, what))
    for back in range(28):
        first = date(2026, 2, 22) + timedelta(days=back)
        week = [one for one, _ in occasions if first <= one < first + timedelta(days=7)]
        assert len(week) <= family_cap
        for phone in range(3):
            mine = [one for one in texts[phone] if first <= one < first + timedelta(days=7)]
            assert len(mine) <= (own_caps[phone] or family_cap)


# --- days to leave alone -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "kept"),
    [("Fri", "fri"), ("friday", "fri"), ("2026-03-20", "2026-03-20"), (" 2026-03-01 .. 2026-03-29 ", "2026-03-01..2026-03-29"),
     ("2026-03-20..2026-03-20", "2026-03-20")],
)  # fmt: skip
def test_days_are_kept_in_one_spelling(written: str, kept: str) -> None:
    assert read_day(written) == kept


@pytest.mark.parametrize("written", ["", "friends", "20.3.2026", "2026-03-20..2026-03-01", "2026-02-30"])
def test_what_is_no_day_is_told(written: str) -> None:
    with pytest.raises(NoSuchDay):
        read_day(written)


@given(
    DAYS, st.lists(st.sampled_from(["mon", "wed", "fri", "sat", "sun"]), max_size=5), DAYS, st.integers(0, 40)
)
def test_the_first_free_day_is_free_and_none_before_it_is(
    day: date, weekdays: list[str], fast: date, length: int
) -> None:
    quiet = [*weekdays, read_day(f"{fast}..{fast + timedelta(days=length)}")]
    free = first_free_day(day, quiet)
    assert not is_quiet(free, quiet)
    assert all(is_quiet(day + timedelta(days=ahead), quiet) for ahead in range((free - day).days))


# --- the sender's rate ---------------------------------------------------------------------------------------------


@given(
    st.floats(0.5, 200),
    st.integers(1, 50),
    st.lists(st.tuples(st.floats(0, 3), st.integers(1, 6)), min_size=1, max_size=80),
)
def test_no_span_of_time_has_more_segments_than_rate_and_burst(
    rate: float, burst: int, arrivals: list[tuple[float, int]]
) -> None:
    line, tat, now = Rate(rate, burst), None, datetime(2026, 3, 4, tzinfo=UTC)
    assume(all(segments <= burst for _, segments in arrivals))
    sent: list[tuple[datetime, int]] = []
    for pause, segments in arrivals:
        now += timedelta(seconds=pause)
        after = line.admit(tat, segments, now)
        if after is None:
            now += line.wait(tat, segments, now) + timedelta(microseconds=2)  # instants have microseconds
            after = line.admit(tat, segments, now)
            assert after is not None, "after the wait it may go"
        tat = after
        sent.append((now, segments))
    for index, (begin, _) in enumerate(sent):
        total = 0
        for at, segments in sent[index:]:
            total += segments
            span = (at - begin).total_seconds()
            assert total <= burst + rate * (span + 0.00001 * len(sent)) + 1e-6


@given(st.floats(0.5, 200), st.integers(1, 50))
def test_a_restart_grants_no_second_burst(rate: float, burst: int) -> None:
    line, now = Rate(rate, burst), datetime(2026, 3, 4, tzinfo=UTC)
    tat = None
    for _ in range(burst):
        tat = line.admit(tat, 1, now)
        assert tat is not None
    assert Rate(rate, burst).admit(tat, 1, now) is None, (
        "all there is to remember is one instant, and it is kept"
    )
