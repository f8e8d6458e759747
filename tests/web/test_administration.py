"""An administrator's office: the crisis line of the own country, a number that is held back, why we could text on a day."""

from __future__ import annotations

import re

from sqlalchemy import select

from bot.store.people import School
from bot.store.talk import Outbox, SenderRow
from tests.web.conftest import Site, text_of

SETTINGS, SENDERS, CONSENT = "/staff/office/settings", "/staff/office/senders", "/staff/office/consent"
FORM = {
    "emergency_number": "112", "crisis_line": "116 123", "weekly_cap": "2", "announcements_a_week": "1",
    "day_begins": "08:30", "day_ends": "14:45", "time_zone": "Europe/Berlin",
}  # fmt: skip


def test_a_school_sets_its_own_lines_and_caps_and_sees_what_the_installation_set(any_site: Site) -> None:
    admin = any_site.enter("administrator")
    page = admin.get(SETTINGS)
    assert "QUIET_FROM" in page.text
    settings = any_site.town.world.settings
    for secret in (settings.secret_key, settings.data_keys, settings.index_key):
        assert secret
        assert secret not in page.text
    assert "Saved" in text_of(admin.post(SETTINGS, FORM, page=SETTINGS, follow_redirects=True))
    with any_site.town.world.db.reading() as session:
        school = session.scalars(select(School)).first()
        assert school
        assert (school.crisis_line, school.crisis_texts, school.weekly_cap) == ("116 123", False, 2)
        assert school.time_zone == "Europe/Berlin"
    assert any_site.audit("school_settings_changed")


def test_settings_that_make_no_sense_change_nothing(site: Site) -> None:
    admin = site.enter("administrator")
    for name, value in (
        ("crisis_line", "call us"), ("weekly_cap", "99"), ("weekly_cap", "²"), ("day_ends", "07:00"),
        ("day_begins", "noon"), ("time_zone", "../../etc/passwd"), ("time_zone", ""), ("emergency_number", ""),
    ):  # fmt: skip
        assert admin.post(SETTINGS, FORM | {name: value}, page=SETTINGS).status_code == 422, (name, value)
    with site.town.world.db.reading() as session:
        assert set(session.scalars(select(School.crisis_line))) == {"988"}


def test_a_number_that_is_paused_sends_nothing_until_it_may_again(any_site: Site) -> None:
    town, admin = any_site.town, any_site.enter("administrator")
    form = {"number": town.number, "medium": "simulator"}
    admin.post(SENDERS, form | {"do": "pause"}, page=SENDERS)
    juliana = town.guardian("Juliana")
    juliana.texts("Oi!")
    assert juliana.shows() == []
    assert "paused" in text_of(admin.get(SENDERS))
    assert re.search(r"waiting now: [1-9]", text_of(admin.get(SENDERS)))
    admin.post(SENDERS, form | {"do": "resume"}, page=SENDERS)
    town.settle()
    assert juliana.shows()
    assert re.search(r"in the last day: [1-9]\d* sent, 0 failed", text_of(admin.get(SENDERS)))


def test_a_number_is_added_once_and_nonsense_is_refused(site: Site) -> None:
    admin = site.enter("administrator")
    good = {"number": "+15555550111", "medium": "sms", "rate": "3", "do": "add"}
    for _again in range(2):
        assert admin.post(SENDERS, good, page=SENDERS).status_code == 303
    for bad in ({"number": "555"}, {"medium": "pigeon"}, {"rate": "0"}, {"rate": "nan"}, {"rate": "x"}):
        assert admin.post(SENDERS, good | bad, page=SENDERS).status_code == 422, bad
    with site.town.world.db.reading() as session:
        assert session.get_one(SenderRow, ("+15555550111", "sms")).rate == 3


def test_why_we_could_text_on_a_day(any_site: Site) -> None:
    juliana, town = any_site.town.guardian("Juliana"), any_site.town
    juliana.texts("Oi!")
    town.later(days=2)
    juliana.texts("STOP")
    admin = any_site.enter("administrator")
    for asked in (juliana.number[-4:], "ferreira"):
        before = text_of(admin.get(f"{CONSENT}?q={asked}&day=2026-03-04"))
        assert "we could text this number" in before
        assert "What counted:" in before
        after = text_of(admin.get(f"{CONSENT}?q={asked}&day=2026-03-06"))
        assert "we could not text this number" in after
        assert "wants no more texts" in after
    assert juliana.number not in admin.get(f"{CONSENT}?q={juliana.number[-4:]}").text
    assert "Nobody of this school fits" in text_of(admin.get(f"{CONSENT}?q=0000&day=never"))
    assert any_site.audit("saw_ledger")
    with town.world.db.reading() as session:
        assert session.scalars(select(Outbox.id)).first()


def test_the_models_that_are_here(site: Site) -> None:
    page = text_of(site.enter("administrator").get("/staff/office/models"))
    assert "bot models install" in page
