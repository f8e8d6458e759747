"""A whole installation as real processes, to be killed: web, worker, scheduler, and a provider that misbehaves."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import requests
from sqlalchemy import func, select

from bot.jobs.wiring import World, ensure_senders
from bot.outreach.audience import Audience
from bot.outreach.scheduling import NewPrompt, create
from bot.settings import HOME, load
from bot.store.columns import new_id
from bot.store.outreach import Prompt, PromptRecipient
from bot.store.people import Enrollment, Guardian, Guardianship, School, Section, Staff, Student, Teaching
from bot.store.talk import Inbox, Outbox
from tests.fake_twilio.plan import Mischief
from tests.fake_twilio.server import FakeTwilio, new_sid
from tests.people import settings_for

OUR_NUMBER = "+15555550199"
WRITING, SILENT = 6, 7
"""Sections: of families who text, and of families who are only asked."""

ALONE = {"web": ["web"], "worker": ["worker"], "scheduler": ["scheduler"]}
"""One machine: one of each."""

MANY = {
    "web": ["web", "--workers", "2"], "worker": ["worker"], "second worker": ["worker"], "scheduler": ["scheduler"],
    "second scheduler": ["scheduler"],
}  # fmt: skip
"""Several web processes, workers and schedulers on one PostgreSQL: the outcome must be the same."""


def say(text: str) -> None:
    """A line of progress, for whoever watches (`pytest -s`)."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(database_url: str, folder: Path, port: int, twilio: FakeTwilio) -> dict[str, str]:
    """The settings of the installation: short leases, so that a death is noticed within the test; but long enough that a
    sender that is alive and starved by a busy machine is not taken for dead while its request is on the way."""
    return settings_for(
        database_url,
        folder,
        PORT=str(port),
        PUBLIC_URL=f"http://127.0.0.1:{port}",
        TWILIO_ACCOUNT_SID=twilio.account_sid,
        TWILIO_AUTH_TOKEN=twilio.auth_token,
        TWILIO_SENDERS=OUR_NUMBER,
        TWILIO_SENDER_RATE="1000",
        TWILIO_SENDER_BURST="1000",
        TWILIO_API_BASE=twilio.url,
        PROVIDER_TIMEOUT_SECONDS="1",
        PROVIDER_LIST_LAG_SECONDS="3",
        TURN_LEASE_SECONDS="2",
        SEND_LEASE_SECONDS="8",
        WORKERS="2",
        LOG_FORMAT="json",
    )


def noon_somewhere() -> str:
    """The zone in which it is past twelve now, so that nobody's quiet hours are in the way of a test."""
    east = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-east:+d}" if east else "Etc/GMT"


def enroll(world: World, count: int, section: int = WRITING) -> list[str]:
    """`count` families who read Portuguese or English, each with a child in one section; returns their numbers."""
    numbers = [f"+155555{section}{index:04d}" for index in range(count)]
    vault = world.db.vault
    with world.db.writing() as session:
        if session.get(School, 1) is None:
            session.add(School(id=1, name="Lincoln", time_zone=noon_somewhere(), weekly_cap=1000))
            session.add(Staff(id=1, school_id=1, name="Ms. Lee", email="lee@lincoln.invalid", role="teacher"))
            session.flush()
        session.add(Section(id=section, school_id=1, name=f"Section {section}"))
        session.flush()
        session.add(Teaching(staff_id=1, section_id=section))
        for index, number in enumerate(numbers):
            guardian, student = new_id(), new_id()
            session.add(Student(id=student, school_id=1, given_name="Ana", family_name=f"Souza {index}"))
            session.add(
                Guardian(
                    id=guardian, school_id=1, name=f"Rosa {index}", language="pt" if index % 2 else "en",
                    phone=vault.seal(Guardian.phone, guardian, number), phone_index=vault.index(number),
                )
            )  # fmt: skip
            session.flush()
            session.add(Enrollment(student_id=student, section_id=section))
            session.add(Guardianship(guardian_id=guardian, student_id=student))
    return numbers


@dataclass
class Site:
    """The processes of one installation."""

    env: dict[str, str]
    folder: Path
    port: int
    twilio: FakeTwilio
    world: World
    roles: dict[str, list[str]]
    boot_seconds: float = 1.0
    """How long the processes took to come up: a busy machine gets more time between two deaths."""
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    kills: Counter[str] = field(default_factory=Counter)

    def start(self, role: str) -> None:
        log = (self.folder / f"{role}.log").open("ab")
        self.running[role] = subprocess.Popen(
            [sys.executable, "-m", "bot", *self.roles[role]],
            cwd=HOME, env={**os.environ, **self.env}, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
        log.close()

    def kill(self, role: str) -> None:
        """kill -9, the whole process group, at whatever line it is; and a new one, as an init system would."""
        os.killpg(self.running[role].pid, signal.SIGKILL)
        self.running[role].wait()
        self.kills[role] += 1
        self.start(role)

    def stop(self) -> None:
        for process in self.running.values():
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
            process.wait()

    def is_up(self) -> bool:
        try:
            return requests.get(f"{self.env['PUBLIC_URL']}/healthz", timeout=1).ok
        except requests.RequestException:
            return False

    def text(self, number: str, body: str) -> None:
        """Deliver one text as a carrier does: the same message id again until somebody says 2xx."""
        sid = new_sid()
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                answer = self.twilio.text_from_family(
                    f"{self.env['PUBLIC_URL']}/webhooks/twilio/inbound",
                    sender=number,
                    to=OUR_NUMBER,
                    body=body,
                    sid=sid,
                )
                if answer.ok:
                    return
            except requests.RequestException:
                pass
            time.sleep(0.1)
        raise AssertionError("the web server did not come back within a minute")

    def pour(self, numbers: list[str], texts: list[str], pause: float) -> list[threading.Thread]:
        """Every family sends its texts, one after the other is acknowledged, all families at once."""

        def family(number: str) -> None:
            for body in texts:
                self.text(number, body)
                time.sleep(pause)

        threads = [threading.Thread(target=family, args=(number,)) for number in numbers]
        for thread in threads:
            thread.start()
        return threads

    def ask_the_silent(self) -> int:
        """A prompt for the silent families, due now; returns its id."""
        world = self.world
        now = world.clock().astimezone(ZoneInfo(noon_somewhere()))
        prompt = NewPrompt(
            "Reading together", Audience(sections=(SILENT,)), now.date(), now.time().replace(second=0, microsecond=0),
            "reading_checkin",
        )  # fmt: skip
        return create(world.desk, 1, prompt, None)

    def at_rest(self) -> bool:
        """Nothing is left to ask, to handle, to send or to find out."""
        with self.world.db.reading() as session:
            asking = session.scalar(
                select(func.count()).select_from(Prompt).where(Prompt.state == "scheduled")
            ) or session.scalar(
                select(func.count()).select_from(PromptRecipient).where(PromptRecipient.state == "planned")
            )
            waiting = session.scalar(select(func.count()).select_from(Inbox).where(Inbox.state == "new"))
            moving = session.scalar(
                select(func.count())
                .select_from(Outbox)
                .where(Outbox.state.in_(("ready", "sending", "unknown")))
            )
        return not asking and not waiting and not moving

    def wait_for_rest(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self.at_rest():
            assert time.monotonic() < until, f"work is left after {seconds} s; logs are in {self.folder}"
            time.sleep(0.2)


@contextmanager
def site(
    database_url: str, folder: Path, families: int, mischief: Mischief | None = None
) -> Iterator[tuple[Site, list[str]]]:
    """An installation with `families`, up and answering."""
    port = free_port()
    with FakeTwilio(mischief=mischief) as twilio:
        env = environment(database_url, folder, port, twilio)
        world = World.build(load(env, None))
        ensure_senders(world.db, world.settings)
        numbers = enroll(world, families)
        found = Site(env, folder, port, twilio, world, ALONE if world.db.is_sqlite else MANY)
        try:
            for role in found.roles:
                found.start(role)
            began = time.monotonic()
            while not found.is_up():
                assert time.monotonic() < began + 60, f"the web server does not come up; see {folder}/web.log"
                time.sleep(0.1)
            found.boot_seconds = max(1.0, time.monotonic() - began)
            yield found, numbers
        finally:
            found.stop()
            world.close()


def killing(site: Site, chance: random.Random, count: int, pause: tuple[float, float]) -> None:
    """`count` kills of whoever chance names; `pause` is counted in the time this machine needs to start three of us: the
    more there are, the longer is each one's turn in coming."""
    for _ in range(count):
        time.sleep(chance.uniform(*pause) * site.boot_seconds * len(ALONE) / len(site.roles))
        site.kill(chance.choice(list(site.roles)))
