"""Whether a sender's rate is used and kept: four worker processes share one number at 1, 20 and 100 segments a second.

Everything is real: `bot worker` four times (and on PostgreSQL a scheduler), a provider behind HTTP that writes down when
it took each text. In the middle all four are killed and started anew: a restart must grant no second burst. The rate is
measured over what came after the first burst and outside the restart; the limit is the rate that was set.
"""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from sqlalchemy import insert

from bench import postgres
from bench.figures import Figure
from bot.delivery.outbox import Draft, outbox_row
from bot.jobs.wiring import World, ensure_senders
from bot.settings import HOME, load
from bot.store.columns import new_id
from bot.store.database import make_engine
from bot.store.migrate import upgrade
from bot.store.talk import Conversation, Outbox
from tests.fake_twilio.server import FakeTwilio
from tests.people import settings_for

NUMBER = "+15555550199"
PROCESSES = 4
BURST = {1: 4, 20: 10, 100: 20}
"""What such senders are set to: a long code keeps the default."""

SECONDS = {1: 14.0, 20: 8.0, 100: 8.0}
"""How long each rate is watched, before the restart and after it."""


def run() -> list[Figure]:
    """SQLite, then PostgreSQL."""
    found: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="puente-rate-") as folder:
        found += _all_rates("SQLite", f"sqlite:///{folder}/rate.db", Path(folder))
    with tempfile.TemporaryDirectory(prefix="puente-rate-") as folder, postgres.database("rate") as url:
        found += _all_rates("PostgreSQL", url, Path(folder))
    return found


def _all_rates(kind: str, url: str, folder: Path) -> list[Figure]:
    engine = make_engine(url)
    upgrade(engine)
    engine.dispose()
    return [figure for rate in SECONDS for figure in _one_rate(kind, url, folder, rate)]


def _one_rate(kind: str, url: str, folder: Path, rate: int) -> list[Figure]:
    with FakeTwilio() as twilio:
        env = _environment(url, folder, rate, twilio)
        world = World.build(load(env, None))
        try:
            ensure_senders(world.db, world.settings)
            _queue(world, rate, round(2.5 * SECONDS[rate] * rate) + 4 * BURST[rate] + 10 * rate)
            with _workers(env, folder, world.db.is_sqlite):
                _watch(twilio, SECONDS[rate])
            killed = time.time()
            with _workers(env, folder, world.db.is_sqlite):
                _watch(twilio, SECONDS[rate], after=killed)
            with world.db.connection() as tx:
                tx.exec_driver_sql("UPDATE outbox SET state = 'withheld' WHERE state = 'ready'")
        finally:
            world.close()
        times = sorted(entry["at"] for entry in twilio.ledger.entries("attempt"))
    first = [at for at in times if at < killed]
    second = [at for at in times if at >= killed]
    name = f"{kind}, {PROCESSES} processes, {rate} segments/s"
    return [
        Figure(f"{name}: used", _pace(first, BURST[rate]), "segments/s", at_least=0.95, limit=rate, limit_name="set"),
        Figure(f"{name}: used after all were killed", _pace(second, BURST[rate]), "segments/s", at_least=0.95, limit=rate, limit_name="set"),
        Figure(
            f"{name}: most in any second, both lives together", _most_in_a_second(times), "segments",
            at_most=1.05, limit=rate + BURST[rate], limit_name="rate + burst",
        ),
    ]  # fmt: skip


def _environment(url: str, folder: Path, rate: int, twilio: FakeTwilio) -> dict[str, str]:
    return settings_for(
        url, folder, TWILIO_ACCOUNT_SID=twilio.account_sid, TWILIO_AUTH_TOKEN=twilio.auth_token, TWILIO_SENDERS=NUMBER,
        TWILIO_SENDER_RATE=str(rate), TWILIO_SENDER_BURST=str(BURST[rate]), TWILIO_API_BASE=twilio.url, LOG_FORMAT="json",
    )  # fmt: skip


def _queue(world: World, rate: int, count: int) -> None:
    """One short text each for `count` families, so that only the rate holds anything back."""
    vault, now = world.db.vault, datetime.now(UTC)
    talks, texts = [], []
    for number in range(count):
        row, phone = new_id(), f"+1555{rate:03}{number:04}"
        talk = {
            "id": row, "medium": "sms", "sender": NUMBER, "address": vault.seal(Conversation.address, row, phone),
            "address_index": vault.index(phone), "pending": {}, "created_at": now,
        }  # fmt: skip
        talks.append(talk)
        draft = Draft(f"rate.{secrets.token_hex(8)}", "flow", "Did Ana read today?", "en", "catalog", now)
        texts.append(outbox_row(vault, draft, _Place(row), phone, now) | {"seq": 1})
    with world.db.connection() as tx:
        tx.execute(insert(Conversation), talks)
        tx.execute(insert(Outbox), texts)


class _Place:
    sender, medium = NUMBER, "sms"

    def __init__(self, row: int) -> None:
        self.id = row


@contextmanager
def _workers(env: dict[str, str], folder: Path, alone: bool) -> Iterator[None]:
    roles = ["worker"] * PROCESSES + ([] if alone else ["scheduler"])
    running = []
    with (folder / "workers.log").open("ab") as log:
        for role in roles:
            running.append(
                subprocess.Popen(
                    [sys.executable, "-m", "bot", role], cwd=HOME, env={**os.environ, **env}, stdin=subprocess.DEVNULL,
                    stdout=log, stderr=log, start_new_session=True,
                )
            )  # fmt: skip
    try:
        yield
    finally:
        for process in running:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _watch(twilio: FakeTwilio, seconds: float, after: float = 0.0) -> None:
    """Wait until the first text has gone, then for `seconds`."""
    until = time.monotonic() + 60
    while not any(entry["at"] > after for entry in twilio.ledger.entries("attempt")):
        if time.monotonic() > until:
            raise SystemExit("no worker sends anything")
        time.sleep(0.1)
    time.sleep(seconds)


def _pace(times: list[float], burst: int) -> float:
    """Segments a second after the first burst (after the restart it is what had grown again meanwhile)."""
    rest = times[min(burst, len(times) // 2) :]
    return (len(rest) - 1) / (rest[-1] - rest[0]) if len(rest) > 1 else 0.0


def _most_in_a_second(times: list[float]) -> float:
    most, first = 0, 0
    for last, at in enumerate(times):
        while at - times[first] >= 1.0:
            first += 1
        most = max(most, last - first + 1)
    assert all(a <= b for a, b in pairwise(times))
    return float(most)
