"""A family that asked is answered by a person; when it takes longer, staff are reminded and the family is told."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bot.jobs import work
from bot.jobs.wiring import World
from bot.outreach.promises import tick
from bot.outreach.school_days import SchoolDays, add_holidays
from bot.records.nudges import Nudge
from bot.records.nudges import open_nudges as nudges_of
from bot.records.staff import member
from bot.store.database import Database
from bot.store.outreach import StaffNudge
from tests.conftest import Clock
from tests.mail_server import mail_server
from tests.outreach.conftest import Office, an_office
from tests.people import Phone

pytestmark = pytest.mark.model
NEW_YORK = ZoneInfo("America/New_York")
DAYS = SchoolDays(time(8), time(15), NEW_YORK, frozenset({date(2026, 3, 6)}))


def open_nudges(db: Database, staff_id: int) -> list[Nudge]:
    """What this person sees on the first page."""
    who = member(db, staff_id)
    assert who is not None
    return nudges_of(db, who)


def _asked(office: Office) -> Phone:
    """Wednesday, 10:00: a mother has a question."""
    juliana = office.town.guardian("Juliana")
    juliana.texts("Professora, o Lucas vai ter prova na sexta-feira?")
    return juliana


def _later(office: Office, **amount: float) -> None:
    office.town.clock.forward(**amount)
    tick(office.town.world.desk)
    office.town.settle()


def test_the_teacher_is_reminded_after_four_school_hours_and_once(either_office: Office) -> None:
    office = either_office
    _asked(office)
    teacher = office.town.teacher("Bennett")
    _later(office, hours=3.9)
    assert open_nudges(office.town.world.db, teacher.id) == []
    for _ in range(3):
        _later(office, hours=0.2)
    [nudge] = open_nudges(office.town.world.db, teacher.id)
    assert (nudge.guardian, nudge.step) == ("Juliana Ferreira", "teacher")
    assert open_nudges(office.town.world.db, office.town.teacher("Osei").id) == [], "not her class"
    assert open_nudges(office.town.world.db, office.coordinator.id) == []


def test_after_a_school_day_the_coordinator_is_asked_and_the_family_told_once(office: Office) -> None:
    juliana = _asked(office)
    count = len(juliana.shows())
    _later(office, hours=5)
    _later(office, hours=19)  # Thursday, 10:00: seven school hours
    for _ in range(3):
        _later(office, minutes=10)
    assert [nudge.step for nudge in open_nudges(office.town.world.db, office.coordinator.id)] == [
        "coordinator"
    ]
    told = [shown for shown in juliana.shows()[count:] if shown.line == "phrase.promise_late"]
    assert len(told) == 1
    assert told[0].language == "pt"


def test_an_answer_settles_every_reminder(office: Office) -> None:
    juliana = _asked(office)
    _later(office, hours=24)
    office.town.teacher_writes(juliana, "Yes, on Friday at 9:00.")
    _later(office, minutes=1)
    for name in ("Bennett", "Whitfield"):
        assert open_nudges(office.town.world.db, office.town.teacher(name).id) == []
    _later(office, hours=48)
    told = [shown for shown in juliana.shows() if shown.line == "phrase.promise_late"]
    assert len(told) == 1, "the day before; since then nobody waits"


def test_the_clock_rests_at_night_at_weekends_and_on_holidays(office: Office) -> None:
    add_holidays(
        office.town.world.db,
        office.school_id,
        {date(2026, 3, 5): "Storm", date(2026, 3, 6): "Storm"},
        office.town.clock(),
    )
    office.town.clock.at = datetime(2026, 3, 4, 19, 30, tzinfo=UTC)  # Wednesday 14:30
    _asked(office)
    _later(office, days=4, hours=12)  # Monday, 3:30 in summer time
    assert open_nudges(office.town.world.db, office.town.teacher("Bennett").id) == []
    _later(office, hours=9)  # 12:30
    assert len(open_nudges(office.town.world.db, office.town.teacher("Bennett").id)) == 1


def test_two_schedulers_at_once_remind_and_tell_once(either_office: Office) -> None:
    office = either_office
    juliana = _asked(office)
    office.town.clock.forward(hours=24)
    other = World.build(office.town.world.settings, office.town.clock)
    try:
        both = [Thread(target=tick, args=(one.desk,)) for one in (office.town.world, other)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
    finally:
        other.close()
    tick(office.town.world.desk)
    office.town.settle()
    with office.town.world.db.reading() as session:
        steps = session.scalars(select(StaffNudge.step).order_by(StaffNudge.step)).all()
    assert steps == ["coordinator", "teacher"]
    assert len([shown for shown in juliana.shows() if shown.line == "phrase.promise_late"]) == 1


def test_a_family_that_wants_no_texts_is_not_told_and_nobody_is_reminded(office: Office) -> None:
    juliana = _asked(office)
    juliana.texts("STOP")
    count = len(juliana.shows())
    _later(office, hours=48)
    assert len(juliana.shows()) == count
    assert open_nudges(office.town.world.db, office.town.teacher("Bennett").id) == []


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)),
    st.integers(0, 200),
    st.integers(0, 200),
)
def test_school_hours_add_up_and_are_never_more_than_hours(since: datetime, first: int, second: int) -> None:
    middle, end = since + timedelta(hours=first), since + timedelta(hours=first + second)
    whole = DAYS.open_between(since, end)
    assert whole == DAYS.open_between(since, middle) + DAYS.open_between(middle, end)
    assert timedelta(0) <= whole <= end - since


def test_a_week_with_a_holiday_and_a_clock_change_has_its_hours() -> None:
    monday = datetime(2026, 3, 2, tzinfo=NEW_YORK)
    assert DAYS.open_between(monday, monday + timedelta(days=7)) == timedelta(hours=4 * 7)
    assert DAYS.open_between(monday, monday + timedelta(days=14)) == timedelta(hours=9 * 7)


def test_mail_reminds_the_teacher_once_and_names_nobody(
    database_url: str, tmp_path: Path, clock: Clock
) -> None:
    """The mail server is busy at first; then one mail comes, whoever looks how often."""
    with mail_server() as mail:
        more = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(mail.port), "SMTP_SECURITY": "none",
                "SMTP_FROM": "puente@school.invalid", "PUBLIC_URL": "https://puente.example"}  # fmt: skip
        with an_office(database_url, tmp_path, clock, **more) as office:
            _asked(office)
            office.town.clock.forward(hours=5)
            mail.refuse = True
            work.keep_promises(office.town.world)
            mail.refuse = False
            work.keep_promises(office.town.world)
            assert mail.arrived == [], "tried again after a while, not at once"
            office.town.clock.forward(minutes=6)
            for _ in range(3):
                work.keep_promises(office.town.world)
            [(address, letter)] = mail.arrived
    assert address == "rachel.bennett@sample.invalid"
    assert "https://puente.example/staff" in str(letter.get_payload())
    assert "Juliana" not in letter.as_string()
