"""How fast a carrier hears 200: a signed text in, verified, stored and committed, on SQLite, over 16 connections.

The limit: `GET /healthz` on the same server, over the same connections, in turn with the texts. The client is a
thread a connection writing prepared bytes, so that the two cores go to the server as far as they can; both sides of
the ratio pay for it. Then the same while a worker handles what comes in: what the slowest percent of carriers wait.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import func, select

from bench.figures import Figure
from bot.jobs.wiring import World
from bot.settings import HOME
from bot.store.talk import Inbox
from tests.cli.processes import Installation, wait_for
from tests.faults.site import enroll

CONNECTIONS = 16
TEXTS = 2400
PINGS = 6400
ROUNDS = 5
FAMILIES = 300
ACCOUNT, TOKEN = "AC" + "0123456789abcdef" * 2, "bench-token"
OUR_NUMBER = "+15555550199"
BODIES = (
    "O Lucas leu vinte minutos ontem. Obrigada, professora!",
    "Um pouco",
    "Sim",
    "Ele não entendeu a lição de matemática, pode explicar de novo?",
)


def run() -> list[Figure]:
    """Accepting alone, then beside a worker."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as place, _provider() as provider:
        house = Installation(
            Path(place),
            TWILIO_ACCOUNT_SID=ACCOUNT,
            TWILIO_AUTH_TOKEN=TOKEN,
            TWILIO_SENDERS=OUR_NUMBER,
            TWILIO_SENDER_RATE="1000",
            TWILIO_API_BASE=provider,
            LOG_LEVEL="error",
        )
        house.bot("migrate")
        world = World.build(house.settings)
        numbers = enroll(world, FAMILIES)
        try:
            with house.running("web"):
                wait_for("the web server", lambda: house.status_of("/healthz") == 200)
                figures = _accepting(house, numbers)
                with house.running("worker"):
                    wait_for("the worker to be at work", lambda: _handled(world) > 0)
                    figures += _beside_a_worker(house, numbers, world)
        finally:
            world.close()
    return figures


def _handled(world: World) -> int:
    with world.db.reading() as session:
        return session.scalar(select(func.count()).select_from(Inbox).where(Inbox.state == "done")) or 0


@contextmanager
def _provider() -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.fake_twilio", "--account-sid", ACCOUNT, "--auth-token", TOKEN],
        stdout=subprocess.PIPE,
        text=True,
        cwd=HOME,
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


def _accepting(house: Installation, numbers: list[str]) -> list[Figure]:
    _times(house, _pings(house, 640))
    _times(house, _texts(house, numbers, 640))
    pairs = []
    for _ in range(ROUNDS):
        texts, pings = _texts(house, numbers, TEXTS), _pings(house, PINGS)
        took_texts, _ = _times(house, texts)
        took_pings, _ = _times(house, pings)
        pairs.append((TEXTS / took_texts, PINGS / took_pings))
    ours, limit = sorted(pairs, key=lambda pair: pair[0] / pair[1])[ROUNDS // 2]
    ratios = [mine / ping for mine, ping in pairs]
    return [
        Figure(
            f"accepting signed texts, {CONNECTIONS} connections, SQLite",
            ours,
            "texts/s",
            at_least=0.15,
            limit=limit,
            limit_name="bare ping of the same server",
        ),
        Figure(f"spread of that ratio over {ROUNDS} rounds", max(ratios) - min(ratios)),
    ]


def _beside_a_worker(house: Installation, numbers: list[str], world: World) -> list[Figure]:
    waits: list[float] = []
    before, began = _handled(world), time.perf_counter()
    for _ in range(ROUNDS):
        _, one = _times(house, _texts(house, numbers, TEXTS // 2))
        waits += one
    took = time.perf_counter() - began
    handled = _handled(world) - before
    waits.sort()
    return [
        Figure("the same while a worker runs", len(waits) / took, "texts/s"),
        Figure("turns the worker took meanwhile", handled / took, "turns/s"),
        Figure("until 200 while a worker runs, median", 1000 * statistics.median(waits), "ms"),
        Figure("until 200 while a worker runs, p99", 1000 * waits[int(0.99 * len(waits))], "ms", at_most=250),
        Figure("until 200 while a worker runs, slowest", 1000 * waits[-1], "ms"),
    ]


def _pings(house: Installation, count: int) -> list[bytes]:
    return [f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{house.port}\r\n\r\n".encode()] * count


def _texts(house: Installation, numbers: list[str], count: int) -> list[bytes]:
    return [_signed(house, numbers[one % len(numbers)], BODIES[one % len(BODIES)]) for one in range(count)]


def _signed(house: Installation, number: str, body: str) -> bytes:
    path, name = "/webhooks/twilio/inbound", secrets.token_hex(16)
    form = {
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
        "Body": body,
        "From": number,
        "FromCity": "",
        "MessageSid": f"SM{name}",
        "NumMedia": "0",
        "SmsMessageSid": f"SM{name}",
        "SmsSid": f"SM{name}",
        "SmsStatus": "received",
        "To": OUR_NUMBER,
    }
    said = f"{house.url}{path}" + "".join(key + form[key] for key in sorted(form))
    signature = base64.b64encode(hmac.digest(TOKEN.encode(), said.encode(), hashlib.sha1)).decode()
    encoded = urlencode(form).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{house.port}\r\nX-Twilio-Signature: {signature}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(encoded)}\r\n\r\n"
    )
    return head.encode() + encoded


def _times(house: Installation, requests: list[bytes]) -> tuple[float, list[float]]:
    """Send all over the connections, each its share, one after the other. Seconds in all, and of each."""
    waits: list[list[float]] = [[] for _ in range(CONNECTIONS)]
    failed: list[bytes] = []

    def one(lane: int) -> None:
        with _Connection(house.port) as connection:
            for request in requests[lane::CONNECTIONS]:
                began = time.perf_counter()
                status = connection.ask(request)
                waits[lane].append(time.perf_counter() - began)
                if status != b"200":
                    failed.append(status)

    threads = [threading.Thread(target=one, args=(lane,)) for lane in range(CONNECTIONS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    if failed:
        raise RuntimeError(
            f"{len(failed)} of {len(requests)} requests were not answered 200, but {failed[0]!r}"
        )
    return took, [wait for lane in waits for wait in lane]


class _Connection:
    """A kept-alive connection that reads no more of an answer than it must."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket = self._open()

    def _open(self) -> socket.socket:
        made = socket.create_connection(("127.0.0.1", self._port), timeout=60)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made

    def __enter__(self) -> _Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def ask(self, request: bytes) -> bytes:
        """The status of the answer, read to its end."""
        self._socket.sendall(request)
        answer = self._socket.recv(65536)
        while b"\r\n\r\n" not in answer:
            more = self._socket.recv(65536)
            if not more:
                raise ConnectionError("the server hung up in the middle of an answer")
            answer += more
        head, _, body = answer.partition(b"\r\n\r\n")
        low = head.lower()
        wanted = int(low.split(b"content-length:")[1].split(b"\r\n")[0])
        while len(body) < wanted:
            body += self._socket.recv(65536)
        if b"connection: close" in low:
            self._socket.close()
            self._socket = self._open()
        return head[9:12]
