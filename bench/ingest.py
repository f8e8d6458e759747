"""How much of the database's own speed `receive` leaves to a text that comes in.

The limit: the very statements and parameters that `receive` sent, replayed through the bare driver (sqlite3 at
synchronous=FULL, psycopg) on a copy of the same database. One thread, one commit a text, on both sides.
"""

from __future__ import annotations

import gc
import secrets
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import event, make_url

from bench.figures import Figure
from bench.postgres import new, server
from bot.channels.base import Incoming, Medium
from bot.conversation.receive import receive
from bot.jobs.cluster import ProcrastinateWake
from bot.store.columns import KEY_BYTES, Key, Vault
from bot.store.database import Database, make_engine
from bot.store.migrate import upgrade
from bot.store.wake import NoWake, Wake

FAMILIES = 200
TEXTS = 3000
ROUNDS = 5
BODY = "Professora, o Lucas leu vinte minutos ontem e gostou muito da história do peixe. Obrigada!"

Statement = tuple[str, Any]


def run() -> list[Figure]:
    """SQLite, then PostgreSQL."""
    return [*_sqlite(), *_postgresql()]


def _texts(run_name: str, count: int) -> list[Incoming]:
    return [
        Incoming(
            provider_id=f"SM{run_name}{number:08}",
            medium=Medium.SMS,
            sender="+15555550100",
            address=f"+1555557{number % FAMILIES:04}",
            body=BODY,
        )
        for number in range(count)
    ]


def _ours(db: Database, wake: Wake, texts: list[Incoming]) -> float:
    began = time.perf_counter()
    for incoming in texts:
        receive(db, incoming, datetime.now(UTC), wake)
    return len(texts) / (time.perf_counter() - began)


def _record(db: Database, wake: Wake, texts: list[Incoming]) -> list[list[Statement]]:
    """The statements of each text, as the driver got them."""
    taken: list[list[Statement]] = []

    def listen(
        _connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool
    ) -> None:
        taken[-1].append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", listen)
    for incoming in texts:
        taken.append([])
        receive(db, incoming, datetime.now(UTC), wake)
    event.remove(db.engine, "before_cursor_execute", listen)
    return taken


def _figures(
    name: str, wanted: float, ours: Callable[[int], float], raw: Callable[[int], float], bare: str
) -> list[Figure]:
    """Turn about, so that a busy moment of the machine meets both; the median of the rounds' ratios decides."""
    pairs = []
    for number in range(ROUNDS):
        gc.collect()
        pairs.append((ours(number), raw(number)))
    ratios = sorted(mine / limit for mine, limit in pairs)
    mine, limit = sorted(pairs, key=lambda pair: pair[0] / pair[1])[len(pairs) // 2]
    return [
        Figure(f"{name}: receive", mine, "texts/s", at_least=wanted, limit=limit, limit_name=bare),
        Figure(f"{name}: spread of the ratio over {ROUNDS} rounds", ratios[-1] - ratios[0]),
        Figure(f"{name}: median of the ratios", statistics.median(ratios), at_least=wanted),
    ]


def _sqlite() -> list[Figure]:
    with tempfile.TemporaryDirectory(
        dir=Path.cwd()
    ) as place:  # on the disk of the checkout: /tmp may be memory
        folder = Path(place)
        vault = Vault([Key.new()], secrets.token_bytes(KEY_BYTES))
        empty = folder / "empty.db"
        engine = make_engine(f"sqlite:///{empty}")
        upgrade(engine)
        engine.dispose()

        def fresh(name: str) -> Path:
            path = folder / f"{name}.db"
            shutil.copy(empty, path)
            return path

        def ours(number: int) -> float:
            db = Database(f"sqlite:///{fresh(f'ours{number}')}", vault)
            _ours(db, NoWake(), _texts(f"warm{number}", FAMILIES))
            speed = _ours(db, NoWake(), _texts(f"n{number}", TEXTS))
            db.dispose()
            return speed

        def raw(number: int) -> float:
            db = Database(f"sqlite:///{fresh(f'record{number}')}", vault)
            warm = _record(db, NoWake(), _texts(f"warm{number}", FAMILIES))
            taken = _record(db, NoWake(), _texts(f"n{number}", TEXTS))
            db.dispose()
            connection = sqlite3.connect(fresh(f"raw{number}"), isolation_level=None)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
                connection.execute(f"PRAGMA {pragma}")
            _replay_sqlite(connection, warm)
            speed = _replay_sqlite(connection, taken)
            connection.close()
            return speed

        return _figures("SQLite", 0.20, ours, raw, "raw sqlite3, same statements, synchronous=FULL")


def _replay_sqlite(connection: sqlite3.Connection, texts: list[list[Statement]]) -> float:
    execute = connection.execute
    began = time.perf_counter()
    for statements in texts:
        execute("BEGIN IMMEDIATE")
        for statement, parameters in statements:
            if not statement.startswith("BEGIN"):
                execute(statement, parameters).fetchall()
        execute("COMMIT")
    return len(texts) / (time.perf_counter() - began)


def _postgresql() -> list[Figure]:
    with server() as uri:
        vault = Vault([Key.new()], secrets.token_bytes(KEY_BYTES))

        def fresh(name: str) -> str:
            url = new(uri, name)
            engine = make_engine(url)
            upgrade(engine)
            engine.dispose()
            return url

        def ours(number: int) -> float:
            db = Database(fresh("bench_ours"), vault)
            _ours(db, ProcrastinateWake(), _texts(f"warm{number}", FAMILIES))
            speed = _ours(db, ProcrastinateWake(), _texts(f"n{number}", TEXTS))
            db.dispose()
            return speed

        def raw(number: int) -> float:
            db = Database(fresh("bench_record"), vault)
            warm = _record(db, ProcrastinateWake(), _texts(f"warm{number}", FAMILIES))
            taken = _record(db, ProcrastinateWake(), _texts(f"n{number}", TEXTS))
            db.dispose()
            address = make_url(fresh("bench_raw")).set(drivername="postgresql")
            with psycopg.connect(address.render_as_string(hide_password=False)) as connection:
                _replay_postgresql(connection, warm)
                return _replay_postgresql(connection, taken)

        return _figures("PostgreSQL", 0.35, ours, raw, "raw psycopg, same statements")


def _replay_postgresql(connection: psycopg.Connection[Any], texts: list[list[Statement]]) -> float:
    began = time.perf_counter()
    with connection.cursor() as cursor:
        for statements in texts:
            for statement, parameters in statements:
                cursor.execute(statement, parameters)  # our own recorded SQL
                if cursor.description:
                    cursor.fetchall()
            connection.commit()
    return len(texts) / (time.perf_counter() - began)
