"""Every page of staff in a district of 20,000 guardians and 1,000,000 messages on PostgreSQL: server time, p95.

Each page is asked for by the teacher, the coordinator, the administrator and the district's member of staff who may open
it, with other rows each time; the slowest of them counts. The time is that of the whole request inside the server:
session, rules, queries, template. `BENCH_PAGES_MESSAGES` makes a smaller district.
"""

from __future__ import annotations

import itertools
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from bench import district, postgres
from bench.figures import Figure
from bot.app import create_app
from bot.jobs.wiring import World, ensure_senders
from bot.settings import load
from bot.store.migrate import upgrade
from bot.web.access import RULES, Door
from tests.people import settings_for

WANTED_MS = 150.0
ROUNDS = 25
VIEWERS = ("teacher", "coordinator", "administrator", "leader", "reviewer", "district")


def run() -> list[Figure]:
    """One line a page; the last ones say what could not be asked for."""
    with postgres.database("bench_pages", Path.cwd()) as uri, tempfile.TemporaryDirectory() as place:
        world = World.build(load(_environment(uri, Path(place)), None), lambda: district.NOW)
        try:
            upgrade(world.db.engine)
            ensure_senders(world.db, world.settings)
            began = time.perf_counter()
            found = district.seed(world.db, lambda line: print(line, file=sys.stderr, flush=True))
            print(f"seeded in {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
            return _measure(create_app(world), found)
        finally:
            world.close()


def _environment(uri: str, folder: Path) -> dict[str, str]:
    return settings_for(
        uri, folder, TWILIO_SENDERS=district.OUR_NUMBER, SCHOOL_TIME_ZONE=district.ZONE, SAMPLE_SCHOOL="no"
    )


def _measure(app: Flask, found: district.Seeded) -> list[Figure]:
    figures: list[Figure] = []
    clients = {role: _signed_in(app, found.staff[role]) for role in VIEWERS}
    missing = []
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: one.endpoint):
        asked = RULES.get(rule.endpoint)
        if asked is None or asked.door is not Door.STAFF or "GET" not in (rule.methods or ()):
            continue
        slowest: tuple[float, str] | None = None
        for role in VIEWERS:
            if role not in asked.roles:
                continue
            taken = _ask(app, clients[role], rule.endpoint, rule.arguments, found)
            if taken is not None and (slowest is None or taken > slowest[0]):
                slowest = (taken, role)
        if slowest is None:
            missing.append(rule.endpoint)
            continue
        figures.append(
            Figure(f"{rule.endpoint}, asked by a {slowest[1]}: p95", slowest[0], "ms", at_most=WANTED_MS)
        )
    figures.sort(key=lambda one: -one.value)
    if missing:
        print("not asked for (no such row in the district): " + ", ".join(missing), file=sys.stderr)
    return [*figures, Figure("pages that were asked for", len(figures), "pages")]


def _ask(
    app: Flask, client: FlaskClient, endpoint: str, names: set[str], found: district.Seeded
) -> float | None:
    """p95 of `ROUNDS` requests in milliseconds, other rows each time; None when a page cannot be asked for."""
    values = _values(names, found)
    if values is None:
        return None
    taken = []
    for number, some in enumerate(itertools.islice(values, ROUNDS + 2)):
        with app.test_request_context():
            path = app.url_for(endpoint, **dict[str, Any](some))
        began = time.perf_counter()
        answer = client.get(path)
        answer.get_data()
        took = time.perf_counter() - began
        if answer.status_code in (403, 404):
            return None
        if answer.status_code >= 400:
            raise RuntimeError(f"{path} answers {answer.status_code}")
        if number >= 2:  # the first ones compile the template and the queries
            taken.append(took)
    taken.sort()
    return 1000 * taken[int(0.95 * (len(taken) - 1))]


def _values(names: set[str], found: district.Seeded) -> Iterator[dict[str, int]] | None:
    """What stands in the address, request after request; None for rows the district has none of."""
    rows = {
        "conversation_id": found.busy + found.conversations,
        "guardian_id": found.guardians,
        "section_id": found.sections,
        "prompt_id": found.prompts,
        "staff_id": found.people,
        "person_id": found.people,
        "school_id": found.schools,
        "alert_id": found.alerts,
    }
    if names - rows.keys():
        return None
    turns = {name: itertools.cycle(rows[name]) for name in names}
    return ({name: next(turn) for name, turn in turns.items()} for _ in itertools.repeat(None))


def _signed_in(app: Flask, email: str) -> FlaskClient:
    client = app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in").text)
    assert token, "the sign-in page has no form"
    answer = client.post(
        "/sign-in", data={"csrf_token": token[1], "email": email, "password": district.PASSWORD}
    )
    assert answer.status_code == 303, f"{email} cannot sign in: {answer.status_code}"
    return client
