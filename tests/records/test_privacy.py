"""What a family may ask of us, and what happens by itself when time has passed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from bot.channels.base import Medium
from bot.language.catalog import Catalogs
from bot.language.codes import CATALOG_LANGUAGES, LANGUAGES
from bot.outreach.prompts import conversation_with
from bot.records.family_found import NoSuchFamily, find
from bot.records.family_paper import WORDS, Reader, as_html, as_text, paper
from bot.records.family_tables import family_tables
from bot.records.holds import OnHold, hold, lift
from bot.records.privacy import everything, forget
from bot.records.retention import Keep, retain
from bot.settings import HOME
from bot.store.base import Base
from bot.store.columns import first_id_at, new_id
from bot.store.database import Database
from bot.store.keeping import Forgotten
from bot.store.learning import Answer, Contribution
from bot.store.people import AuditEvent, Guardian, Guardianship, Student
from bot.store.tables import metadata
from bot.store.talk import ConsentEvent, Conversation, DeliveryEvent, FlowSession, Inbox, Outbox
from tests.conftest import Clock
from tests.people import Phone, Town, town
from tests.records.rosters import School

KEEP = Keep(texts=1095, receipts=400, strangers=180, left=365, audit=2190)


@pytest.fixture
def place(database_url: str, tmp_path: Path, clock: Clock) -> Iterator[Town]:
    with town(database_url, tmp_path, clock) as found:
        yield found


@pytest.fixture
def mother(place: Town) -> Phone:
    """Juliana, after her first conversation: she told of her hopes, and the teacher wrote back."""
    phone = place.guardian("Juliana Ferreira")
    phone.texts("Oi, bom dia!")
    phone.texts("Quero que o Lucas leia com alegria <b>sempre</b>")
    place.teacher_writes(phone, "Thank you, Juliana!")
    return phone


def rows(db: Database, table: type[Base]) -> list[Any]:
    with db.reading() as session:
        return list(session.scalars(select(table)))


def numbers(db: Database) -> dict[str, int]:
    with db.reading() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in metadata.sorted_tables
        }


def reader(language: str) -> Reader:
    if language == "en":
        return Reader("en", "en_US", "ltr", lambda key: WORDS[key])
    catalogs = Catalogs.load(HOME / "locales", "papers")

    def say(key: str) -> str:
        entry = catalogs.entry(WORDS[key], language, context=key)
        assert entry is not None
        return entry.forms[0]

    known = LANGUAGES[language]
    return Reader(language, known.babel or "en_US", known.direction.value, say)


# --- MY DATA --------------------------------------------------------------------------------------------------------


def test_a_mother_gets_everything_in_her_language(place: Town, mother: Phone) -> None:
    db = place.world.db
    held = everything(db, find(db, mother.number), place.clock())
    text = as_text(paper(held, reader("pt"), place.clock()))
    for said in (
        "O que Puente Sample School (invented) guarda sobre a sua família", "Juliana Ferreira", mother.number, "Lucas Ferreira",
        "Grade 3, Room 12", "Ms. Rachel Bennett", "Quero que o Lucas leia com alegria <b>sempre</b>", "Você escreveu",
    ):  # fmt: skip
        assert said in text
    assert "Thank you, Juliana!" in text
    told = held.as_json()
    assert {"guardian", "conversation", "inbox", "outbox", "consent_event"} <= told["records"].keys()
    assert json.loads(json.dumps(told))["records"]["inbox"][0]["body"] == "Oi, bom dia!"
    assert "phone_index" not in told["records"]["guardian"][0]


def test_hostile_words_are_words_on_the_paper(place: Town, mother: Phone) -> None:
    db = place.world.db
    page = as_html(paper(everything(db, find(db, mother.number), place.clock()), reader("ar"), place.clock()))
    assert "<b>sempre</b>" not in page
    assert "&lt;b&gt;sempre&lt;/b&gt;" in page
    assert '<html lang="ar" dir="rtl">' in page
    assert "http" not in page


@pytest.mark.parametrize("language", CATALOG_LANGUAGES)
def test_the_paper_is_whole_in_every_language(language: str) -> None:
    catalogs = Catalogs.load(HOME / "locales", "papers")
    entries = {(entry.context, entry.msgid) for entry in catalogs.entries(language)}
    assert entries == set(WORDS.items())


@pytest.mark.parametrize("language", ["en", *CATALOG_LANGUAGES])
def test_days_on_the_paper_are_written_as_the_reader_writes_them(place: Town, language: str) -> None:
    db = place.world.db
    page = paper(everything(db, find(db, "+15555550123"), place.clock()), reader(language), place.clock())
    assert str(place.clock().year) in page.introduction[0] or language == "ar"


def test_looking_is_written_down_and_is_on_the_next_paper(place: Town, mother: Phone) -> None:
    db = place.world.db
    everything(db, find(db, mother.number), place.clock(), place.teacher().id)
    held = everything(db, find(db, mother.number), place.clock())
    assert [(one["what"], one["who"]) for one in held.seen_by] == [
        ("family_exported", None),
        ("family_exported", "Ms. Rachel Bennett"),
    ]


def test_a_family_is_found_by_number_or_id(place: Town, mother: Phone) -> None:
    db = place.world.db
    by_number = find(db, "(555) 555-0123")
    assert by_number.name == "Juliana Ferreira"
    assert find(db, str(by_number.guardian_id)) == by_number
    for nobody in ("+14155550000", "hello", str(new_id())):
        with pytest.raises(NoSuchFamily):
            find(db, nobody)


# --- FORGET ME ------------------------------------------------------------------------------------------------------


def test_every_table_that_can_hold_something_of_a_family_is_known() -> None:
    """A new table with a reference to a family fails here, so that somebody decides: erased (the default), or kept?"""
    assert {table.name for table in family_tables()} >= {
        "guardian", "conversation", "guardianship", "legal_hold", "inbox", "outbox", "session", "answer", "contribution",
        "goal_progress", "timer", "delivery_event", "consent_event", "staff_nudge", "prompt_recipient", "emergency_recipient",
    }  # fmt: skip


def test_a_mother_who_asks_to_be_forgotten_is(place: Town, mother: Phone) -> None:
    db = place.world.db
    before = numbers(db)
    other = {table: before[table] for table in ("student", "section", "staff", "school", "learning_goal")}
    erased = forget(db, find(db, mother.number), place.clock())
    assert erased.rows["inbox"] == 2
    after = numbers(db)
    assert after["guardian"] == before["guardian"] - 1
    for table in (
        "conversation",
        "inbox",
        "outbox",
        "session",
        "answer",
        "contribution",
        "timer",
        "delivery_event",
    ):
        assert after[table] == 0, table
    assert {table: after[table] for table in other} == other
    with pytest.raises(NoSuchFamily):
        find(db, mother.number)


def test_nothing_of_her_can_be_read_anywhere_afterwards(place: Town, mother: Phone) -> None:
    db = place.world.db
    guardian_id = find(db, mother.number).guardian_id
    forget(db, find(db, mother.number), place.clock())
    with db.reading() as session:
        for table in metadata.sorted_tables:
            for row in session.execute(select(table)):
                said = str([value for value in row if isinstance(value, str)])
                assert "Juliana" not in said
                assert "alegria" not in said
    assert guardian_id not in [event.guardian_id for event in rows(db, ConsentEvent)]


def test_what_stays_is_that_her_number_must_not_be_texted(place: Town, mother: Phone) -> None:
    db = place.world.db
    forget(db, find(db, mother.number), place.clock())
    index = db.vault.index(mother.number)
    events = [event for event in rows(db, ConsentEvent) if event.address_index == index]
    assert [event.kind for event in events] == ["opt_in", "opt_out"]
    assert {(event.guardian_id, event.inbox_id) for event in events} == {(None, None)}
    assert index in {row.mark for row in rows(db, Forgotten)}
    mother.texts("Oi de novo")  # she is a stranger now, who wants no texts
    assert mother.row().opted_out_at is not None
    assert mother.shows() == []
    mother.texts("START")
    assert mother.row().opted_out_at is None


def test_a_prompt_to_a_forgotten_number_that_somebody_types_in_again_is_never_sent(
    place: Town, mother: Phone
) -> None:
    db = place.world.db
    found = find(db, mother.number)
    forget(db, found, place.clock())
    guardian = new_id()
    with db.connection() as tx:
        tx.execute(
            insert(Guardian),
            {
                "id": guardian, "school_id": found.school_id, "name": "J. Ferreira", "language": "pt",
                "phone": db.vault.seal(Guardian.phone, guardian, mother.number), "phone_index": db.vault.index(mother.number),
            },
        )  # fmt: skip
    conversation_with(db, guardian, place.number, Medium.SIMULATOR, place.clock())
    assert mother.row().opted_out_at is not None


def test_tomorrows_roster_does_not_bring_her_back(place: Town) -> None:
    db = place.world.db
    School().brings(db)
    forget(db, find(db, "+14155550123"), place.clock())
    School().brings(db)
    assert "Juliana Ferreira" not in {row.name for row in rows(db, Guardian) if row.source_id == "g1"}


def test_a_stranger_can_be_forgotten_too(place: Town) -> None:
    db = place.world.db
    phone = place.phone("+14155550199")
    phone.texts("wrong number?")
    forget(db, find(db, phone.number), place.clock())
    assert numbers(db)["conversation"] == 0


def test_that_it_was_done_is_in_the_log_without_a_name(place: Town, mother: Phone) -> None:
    db = place.world.db
    forget(db, find(db, mother.number), place.clock(), place.teacher().id)
    event = next(event for event in rows(db, AuditEvent) if event.action == "family_forgotten")
    assert event.staff_id == place.teacher().id
    assert event.detail.keys() == {"rows"}


def test_a_legal_hold_is_stronger_than_the_wish(place: Town, mother: Phone) -> None:
    db = place.world.db
    hold(db, find(db, mother.number), "request to inspect", place.clock())
    before = numbers(db)
    with pytest.raises(OnHold, match="request to inspect"):
        forget(db, find(db, mother.number), place.clock())
    assert numbers(db) == before
    assert lift(db, find(db, mother.number), place.clock())
    assert not lift(db, find(db, mother.number), place.clock())
    assert forget(db, find(db, mother.number), place.clock()).total > 0


# --- retention ------------------------------------------------------------------------------------------------------


def in_years(now: datetime, years: float) -> datetime:
    return now + timedelta(days=365 * years)


def sweep(db: Database, now: datetime) -> dict[str, int]:
    """As long as there is something to erase."""
    total: dict[str, int] = {}
    for hours in range(200):
        erased = retain(db, now + timedelta(hours=2 * hours), KEEP, at_once=3)
        for kind, count in erased.counts.items():
            total[kind] = total.get(kind, 0) + count
        if not erased.total and hours > 3:
            break
    return total


def test_nothing_is_erased_before_its_time(place: Town, mother: Phone) -> None:
    assert sweep(place.world.db, datetime.now(place.clock().tzinfo)) == {}


def test_texts_are_empty_after_three_years_and_their_rows_are_still_counted(
    place: Town, mother: Phone
) -> None:
    db = place.world.db
    before = numbers(db)
    real_now = datetime.now(place.clock().tzinfo)
    erased = sweep(db, in_years(real_now, 3.1))
    assert erased["inbox"] == 2
    after = numbers(db)
    assert (after["inbox"], after["outbox"]) == (before["inbox"], before["outbox"])
    assert all(row.body is None and row.body_en is None for row in rows(db, Inbox))
    for row in rows(db, Outbox):
        assert (row.body, row.original) == (None, None)
        assert db.vault.open(Outbox.to, row.id, row.to) == ""
    assert rows(db, Contribution) == []
    assert all(row.words is None for row in rows(db, Answer))
    assert all(
        "alegria" not in db.vault.open(FlowSession.state, row.id, row.state)
        for row in rows(db, FlowSession)
        if not row.open
    )
    assert rows(db, DeliveryEvent) == []
    assert sweep(db, in_years(real_now, 3.2)) == {}


def test_texts_of_a_family_on_hold_stay_until_it_is_lifted(place: Town, mother: Phone) -> None:
    db = place.world.db
    hold(db, find(db, mother.number), "case 7", place.clock())
    later = in_years(datetime.now(place.clock().tzinfo), 3.1)
    assert "inbox" not in sweep(db, later)
    assert all(row.body is not None for row in rows(db, Inbox))
    lift(db, find(db, mother.number), place.clock())
    assert sweep(db, later)["inbox"] == 2


def test_a_stranger_who_has_been_silent_is_forgotten_but_not_that_he_said_stop(place: Town) -> None:
    db = place.world.db
    phone = place.phone("+14155550199")
    phone.texts("STOP")
    erased = sweep(db, place.clock() + timedelta(days=181))
    assert erased["strangers"] == 1
    assert rows(db, Conversation) == []
    phone.texts("who is this?")
    assert phone.row().opted_out_at is not None


def test_a_family_that_left_is_erased_after_a_year_with_its_child(place: Town, mother: Phone) -> None:
    db = place.world.db
    found = find(db, mother.number)
    with db.connection() as tx:
        tx.execute(
            update(Guardian)
            .where(Guardian.id == found.guardian_id)
            .values(active=False, left_at=place.clock())
        )
        children = select(Guardianship.student_id).where(Guardianship.guardian_id == found.guardian_id)
        tx.execute(
            update(Student).where(Student.id.in_(children)).values(active=False, left_at=place.clock())
        )
    before = numbers(db)
    assert "left" not in sweep(db, place.clock() + timedelta(days=364))
    erased = sweep(db, place.clock() + timedelta(days=370))
    assert (erased["left"], erased["students"]) == (1, 1)
    after = numbers(db)
    assert (after["guardian"], after["student"]) == (before["guardian"] - 1, before["student"] - 1)
    assert after["inbox"] == 0
    assert len([event for event in rows(db, ConsentEvent) if event.guardian_id is None]) == 1


def test_a_sweep_with_nothing_to_do_rests_for_an_hour(place: Town, clock: Clock) -> None:
    db = place.world.db
    later = clock() + timedelta(days=2200)
    sweep(db, later)
    retain(db, later + timedelta(days=30), KEEP)
    with db.connection() as tx:
        tx.execute(
            insert(AuditEvent),
            {"id": first_id_at(later) - 1, "at": clock(), "action": "x", "subject": "y", "detail": {}},
        )
    rested = later + timedelta(days=2200)
    assert retain(db, rested, KEEP).counts == {"audit": 1}
    with db.connection() as tx:
        tx.execute(
            insert(AuditEvent),
            {"id": first_id_at(later), "at": clock(), "action": "x", "subject": "y", "detail": {}},
        )
    assert retain(db, rested + timedelta(minutes=59), KEEP).total == 0
    assert retain(db, rested + timedelta(minutes=61), KEEP).counts == {"audit": 1}
