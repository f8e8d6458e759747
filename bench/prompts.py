"""100,000 prompts in twelve time zones and twelve languages come due at once: how long until each is one outbox row.

The limit: the same rows (sessions, timers, outbox), ready-made and sealed, inserted in bulk in transactions of the same
size into a copy of the same database: by SQLAlchemy, as bulk inserts are usually written, and by the bare driver.
Firing and copying take turns every few seconds, so that a busy moment of the machine meets all three. Meanwhile another
process receives texts from families, as the web server does.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from datetime import time as clock_time
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event, func, insert, select, text, update
from sqlalchemy.orm import DeclarativeBase

from bench.figures import Figure
from bench.postgres import database
from bot.channels.base import Incoming, Medium
from bot.conversation.effects import revision_of
from bot.conversation.receive import receive
from bot.jobs.wiring import World, ensure_senders
from bot.outreach import outgoing
from bot.outreach.audience import Audience
from bot.outreach.firing import fire_due
from bot.outreach.planning import plan_due
from bot.outreach.reach import our_numbers
from bot.outreach.scheduling import NewPrompt, create
from bot.settings import load
from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.migrate import upgrade
from bot.store.outreach import PromptRecipient
from bot.store.people import Enrollment, Guardian, Guardianship, School, Section, Staff, Student, Teaching
from bot.store.statistics import look_again
from bot.store.talk import FlowSession, Inbox, Outbox
from tests.people import settings_for

FAMILIES = int(os.environ.get("BENCH_PROMPTS", "100000"))
SCHOOLS = 10
LANGUAGES = ("en", "es", "pt", "ar", "zh-Hans", "vi", "ht", "so", "ru", "fr", "ko", "tl")
ZONES = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
    "America/Anchorage", "Pacific/Honolulu", "America/Puerto_Rico", "America/Sao_Paulo", "America/Mexico_City",
    "America/Toronto", "America/Guatemala",
)  # fmt: skip
DAY = date(2026, 3, 4)
AT = clock_time(9, 0)
ALL_DUE = datetime(2026, 3, 4, 20, 30, tzinfo=UTC)
"""10:30 in Honolulu, the last to reach nine o'clock; 17:30 in São Paulo: nobody's day is over yet."""

SLICE = 3.0
"""Seconds of firing between two turns of the bare driver."""

PATIENCE = 0.250
IN_SECONDS = 30.0
OUR_NUMBER = "+15555550199"


def run() -> list[Figure]:
    """SQLite, then PostgreSQL."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as place:  # on the checkout's disk: /tmp may be memory
        figures += _measure("SQLite", _environment(f"sqlite:///{place}/prompts.db", Path(place)))
    with database("bench_prompts") as uri, tempfile.TemporaryDirectory() as place:
        figures += _measure("PostgreSQL", _environment(uri, Path(place)))
    return figures


def _environment(url: str, folder: Path) -> dict[str, str]:
    return settings_for(url, folder, TWILIO_SENDERS=OUR_NUMBER, SCHOOL_TIME_ZONE="America/New_York")


def _measure(name: str, environment: dict[str, str]) -> list[Figure]:
    world = World.build(load(environment, None), lambda: ALL_DUE)
    ours = our_numbers(world.settings)
    try:
        upgrade(world.db.engine)
        ensure_senders(world.db, world.settings)
        numbers = _people(world)
        look_again(world.db, len(numbers), Guardian, Student, Enrollment, Guardianship)  # as an import does
        _plan(world)
        by_sqlalchemy, by_driver = _bulk(world, environment, "core"), _bulk(world, environment, "bare")
        taken, writes = _Recorder(), _Writes()
        fired, took, core_took, bare_took = 0, 0.0, 0.0, 0.0
        waits: list[float] = []
        gc.collect()
        gc.freeze()  # as `run_scheduler` does
        while True:
            with _receiving(environment, numbers) as waited, writes.watching(world), taken.recording(world):
                began = time.perf_counter()
                count = fire_due(world.desk, ours, seconds=SLICE)
                took += time.perf_counter() - began
            if not count:
                break
            fired += count
            waits += waited
            core_took += by_sqlalchemy.insert(taken.rows)
            bare_took += by_driver.bare(taken.rows)
            taken.rows.clear()
        _hear_the_others(world)
        _once_each(world)
    finally:
        world.close()
    waits.sort()
    return [
        Figure(f"{name}: {FAMILIES:,} due prompts in {len(ZONES)} zones become outbox rows", took, "s", at_most=IN_SECONDS),
        Figure(
            f"{name}: prompts fired", fired / took, "prompts/s", at_least=0.3, limit=fired / core_took,
            limit_name="the same rows ready-made, bulk-inserted by SQLAlchemy",
        ),
        Figure(
            f"{name}: prompts fired", fired / took, "prompts/s", limit=fired / bare_took,
            limit_name="the same rows ready-made, bulk-inserted by the bare driver",
        ),
        Figure(f"{name}: longest write transaction", 1000 * max(writes.seconds), "ms", at_most=1000 * PATIENCE),
        Figure(
            f"{name}: texts received meanwhile, p99 of {len(waits)}",
            1000 * waits[int(0.99 * len(waits))], "ms", at_most=1000 * PATIENCE,
        ),
    ]  # fmt: skip


# --- a district ---------------------------------------------------------------------------------------------------


def _people(world: World) -> list[str]:
    """Families with one child each, in ten schools; a third have written to us before."""
    db, vault = world.db, world.db.vault
    sections: dict[int, int] = {}
    with db.connection() as tx:
        for number in range(SCHOOLS):
            school, section, staff = new_id(), new_id(), new_id()
            zone = {"time_zone": ZONES[0]}
            tx.execute(insert(School), {"id": school, "name": f"School {number}", **zone})
            tx.execute(insert(Section), {"id": section, "school_id": school, "name": "Grade 3", "grade": "3"})
            tx.execute(
                insert(Staff),
                {"id": staff, "school_id": school, "name": "Ms. Lee", "email": f"lee{number}@x.invalid", "role": "teacher"},
            )  # fmt: skip
            tx.execute(insert(Teaching), {"staff_id": staff, "section_id": section})
            sections[school] = section
    schools = list(sections)
    numbers = []
    for start in range(0, FAMILIES, 2000):
        guardians, students, enrollments, links = [], [], [], []
        for index in range(start, min(start + 2000, FAMILIES)):
            guardian, student, school = new_id(), new_id(), schools[index % SCHOOLS]
            phone = f"+1555{5_000_000 + index:07}"
            numbers.append(phone)
            guardians.append(
                {
                    "id": guardian, "school_id": school, "name": f"Rosa Souza {index}", "address_as": None,
                    "phone": vault.seal(Guardian.phone, guardian, phone), "phone_index": vault.index(phone),
                    "language": LANGUAGES[index % len(LANGUAGES)], "time_zone": ZONES[index // 7 % len(ZONES)],
                }
            )  # fmt: skip
            students.append(
                {"id": student, "school_id": school, "given_name": f"Ana {index}", "family_name": "Souza", "grade": "3"}
            )  # fmt: skip
            enrollments.append({"student_id": student, "section_id": sections[school]})
            links.append({"guardian_id": guardian, "student_id": student})
        with db.connection() as tx:
            for table, rows in (
                (Guardian, guardians),
                (Student, students),
                (Enrollment, enrollments),
                (Guardianship, links),
            ):
                tx.execute(insert(table), rows)
    return numbers


def _plan(world: World) -> None:
    """One prompt a school, planned by the product itself hours before the first is due."""
    early = World.build(world.settings, lambda: datetime(2026, 3, 4, 6, 0, tzinfo=UTC))
    try:
        with early.db.reading() as session:
            schools = session.scalars(select(School.id)).all()
        for school in schools:
            create(
                early.desk,
                school,
                NewPrompt("Reading", Audience(everyone=True), DAY, AT, "reading_checkin"),
                None,
            )
        plan_due(early.desk, our_numbers(early.settings))
        with early.db.connection() as tx:  # the copy below needs it too
            revision_of(tx, early.desk.library["reading_checkin"], early.clock())
    finally:
        early.close()
    with world.db.reading() as session:
        planned = session.scalar(select(func.count()).where(PromptRecipient.state == "planned"))
    assert planned == FAMILIES, f"{planned} rows are planned"


def _hear_the_others(world: World) -> None:
    """Families that wrote meanwhile come first with what they wrote; when a worker has heard them, they get theirs."""
    with world.db.connection() as tx:
        tx.execute(update(Inbox).values(state="done"))
    fire_due(world.desk, our_numbers(world.settings), seconds=600.0)


def _once_each(world: World) -> None:
    """Exactly once: one row of the plan, one session, one outbox row a family."""
    with world.db.reading() as session:
        fired = session.scalar(select(func.count()).where(PromptRecipient.state == "fired"))
        texts = session.scalar(select(func.count()).where(Outbox.occasion.is_not(None)))
        reached = session.scalar(
            select(func.count(Outbox.conversation_id.distinct())).where(Outbox.occasion.is_not(None))
        )
        sessions = session.scalar(select(func.count()).select_from(FlowSession))
    assert (fired, texts, reached, sessions) == (FAMILIES,) * 4, (fired, texts, reached, sessions)


# --- what is measured ---------------------------------------------------------------------------------------------


@dataclass
class _Writes:
    """How long each write transaction held what others may wait for: from its begin to the end of its commit."""

    seconds: list[float] = field(default_factory=list)

    @contextmanager
    def watching(self, world: World) -> Iterator[None]:
        began: list[float] = []

        def begin(connection: Any) -> None:
            if not connection.get_execution_options().get("puente_read"):
                began[:] = [time.perf_counter()]

        def returned(_dbapi: Any, _record: Any) -> None:
            if began:  # the commit is over when the connection goes back to the pool
                self.seconds.append(time.perf_counter() - began.pop())

        event.listen(world.db.engine, "begin", begin)
        event.listen(world.db.engine, "checkin", returned)
        try:
            yield
        finally:
            event.remove(world.db.engine, "begin", begin)
            event.remove(world.db.engine, "checkin", returned)


Rows = tuple[type[DeclarativeBase], list[dict[str, Any]]]


@dataclass
class _Recorder:
    """The rows that each transaction of the firing inserted."""

    rows: list[list[Rows]] = field(default_factory=list)

    @contextmanager
    def recording(self, world: World) -> Iterator[None]:
        own = outgoing.insert_rows
        rows: list[Rows] = []

        def insert_rows(tx: Connection, table: type[DeclarativeBase], some: list[dict[str, Any]]) -> None:
            rows.append((table, some))
            own(tx, table, some)

        def commit(_connection: Any) -> None:
            if rows:
                self.rows.append(list(rows))
            rows.clear()

        outgoing.insert_rows = insert_rows
        event.listen(world.db.engine, "commit", commit)
        try:
            yield
        finally:
            outgoing.insert_rows = own
            event.remove(world.db.engine, "commit", commit)


@dataclass
class _Bulk:
    """A copy of the database, for rows that are ready-made. Both ways tell how many seconds they took."""

    db: Database

    def insert(self, batches: list[list[Rows]]) -> float:
        began = time.perf_counter()
        for batch in batches:
            with self.db.connection() as tx:
                for table, rows in batch:
                    tx.execute(insert(table), rows)
        return time.perf_counter() - began

    def bare(self, batches: list[list[Rows]]) -> float:
        ready = [[_as_driver_takes_it(self.db, *one) for one in batch if one[1]] for batch in batches]
        raw: Any = self.db.engine.raw_connection()
        cursor = raw.cursor()
        began = time.perf_counter()
        for batch in ready:
            if self.db.is_sqlite:
                cursor.execute("BEGIN IMMEDIATE")
            for statement, values in batch:
                cursor.executemany(statement, values)
            raw.commit()
        took = time.perf_counter() - began
        cursor.close()
        raw.close()
        return took


def _as_driver_takes_it(
    db: Database, table: type[DeclarativeBase], rows: list[dict[str, Any]]
) -> tuple[str, list[tuple[Any, ...]]]:
    columns = [column for column in table.__table__.columns if column.name in rows[0]]
    convert = [
        column.type.dialect_impl(db.engine.dialect).bind_processor(db.engine.dialect) for column in columns
    ]
    fixed = [c for c in table.__table__.columns if c.name not in rows[0] and c.default is not None]
    defaults = tuple(column.default.arg for column in fixed)  # type: ignore[union-attr]
    mark = "?" if db.is_sqlite else "%s"
    names = [f'"{column.name}"' for column in (*columns, *fixed)]
    values = [
        (
            *(
                one if c is None else c(one)
                for one, c in zip((row[k.name] for k in columns), convert, strict=True)
            ),
            *defaults,
        )
        for row in rows
    ]
    marks = ", ".join([mark] * len(names))
    return f"INSERT INTO {table.__tablename__} ({', '.join(names)}) VALUES ({marks})", values


def _bulk(world: World, environment: dict[str, str], name: str) -> _Bulk:
    url = world.db.engine.url
    if world.db.is_sqlite:
        with (
            sqlite3.connect(str(url.database)) as source,
            sqlite3.connect(f"{url.database}.{name}") as target,
        ):
            source.backup(target)
        return _Bulk(Database(f"sqlite:///{url.database}.{name}", world.db.vault))
    world.db.dispose()  # a database is copied only while nobody is in it
    copy = f"{url.database}_{name}"
    admin = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as server:
        server.execute(text(f'DROP DATABASE IF EXISTS "{copy}" WITH (FORCE)'))
        server.execute(text(f'CREATE DATABASE "{copy}" TEMPLATE "{url.database}"'))
    admin.dispose()
    return _Bulk(Database(url.set(database=copy).render_as_string(hide_password=False), world.db.vault))


@contextmanager
def _receiving(environment: dict[str, str], numbers: list[str]) -> Iterator[list[float]]:
    """Another process receives texts, twenty a second, for as long as the block runs."""
    context = multiprocessing.get_context("spawn")
    stop, ready = context.Event(), context.Event()
    results: Any = context.Queue()
    # Families whose prompt was fired first, or will be last, and some that we do not know at all.
    some = numbers[:: max(1, len(numbers) // 400)]
    process = context.Process(target=_receive_texts, args=(environment, some, ready, stop, results))
    process.start()
    ready.wait(60)
    waits: list[float] = []
    try:
        yield waits
    finally:
        stop.set()
        waits += results.get(timeout=60)
        process.join()


def _receive_texts(
    environment: dict[str, str], numbers: list[str], ready: Event, stop: Event, results: Any
) -> None:
    world = World.build(load(environment, None))
    waits: list[float] = []
    number = 0
    ready.set()
    while not stop.is_set():
        incoming = Incoming(
            f"SM{new_id()}", Medium.SMS, OUR_NUMBER, numbers[number % len(numbers)], "Obrigada!"
        )
        began = time.perf_counter()
        receive(world.db, incoming, datetime.now(UTC), world.wake)
        waits.append(time.perf_counter() - began)
        number += 1
        time.sleep(0.05)
    world.close()
    results.put(waits)
