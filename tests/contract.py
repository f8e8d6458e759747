"""The whole suite against Twilio's published contract: every exchange that the tests had with the fake provider is asked
again through `prism proxy --errors`, after the last test and beside none of them.

Nothing is timed and no fault is bent: prism sees the very request that a test sent, and the very answer it got.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import requests

HERE = Path(__file__).parent / "channels" / "contract"
PATIENCE = 60.0
_CHANGING = re.compile(r"[0-9a-f]{32}|[0-9]{2}:[0-9]{2}:[0-9]{2}|(?<=ref=)[^\"&]+|(?<=ref%3D)[^\"&]+")
_WORDS = re.compile(r'"(body|to|date_\w+|num_segments)": "[^"]*"')


class NoPrism(Exception):
    """There is no prism; the message says how to get it."""


@dataclass(frozen=True)
class Verdict:
    """How many different exchanges were looked at, and what prism said of those outside the contract."""

    looked_at: int
    of: int
    violations: tuple[str, ...]


def prism() -> str:
    """The proxy's program. Raises `NoPrism`."""
    local = HERE / "node_modules" / ".bin" / "prism"
    found = str(local) if local.exists() else shutil.which("prism")
    if found is None:
        raise NoPrism("No prism here: npm install --prefix tests/channels/contract --no-package-lock")
    return found


@contextmanager
def proxy(upstream: str) -> Iterator[str]:
    """prism in front of `upstream`: its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    contract = str(HERE / "twilio_messages_oas.json")
    command = [prism(), "proxy", contract, upstream, "--errors", "-h", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            until = monotonic() + PATIENCE
            while monotonic() < until and process.poll() is None:
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    sleep(0.2)
            else:
                raise AssertionError("prism did not start")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def hold_against_contract(folder: Path) -> Verdict:
    """Ask every different exchange kept in `folder` again through prism."""
    kept = [
        json.loads(line)
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]
    different = list({_shape(one): one for one in kept}.values())
    good = next((one["content"] for one in kept if one["status"] == 201), None)
    violations = []
    with _again() as upstream, proxy(upstream.url) as front, requests.Session() as session:
        for one in different:
            if one["status"] is None and one["method"] == "POST":
                one = one | {
                    "status": 201,
                    "content": good,
                }  # the request alone: answered as a healthy provider would
            if one["content"] is None:
                continue
            upstream.answer = one
            told = session.request(
                one["method"],
                front + one["path"],
                data=one["body"].encode() or None,
                headers={"Authorization": one["authorization"]}
                | ({"Content-Type": "application/x-www-form-urlencoded"} if one["body"] else {}),
                timeout=30,
            )
            if told.status_code != one["status"]:
                violations.append(
                    f"{one['method']} {_masked(one['path'])}: {told.status_code} {told.text[:600]}"
                )
    return Verdict(len(different), len(kept), tuple(violations))


def _shape(one: dict[str, Any]) -> tuple[object, ...]:
    """Exchanges that differ only in ids, times and words are one."""
    form = sorted({pair.partition("=")[0] for pair in one["body"].split("&")})
    fields = _WORDS.sub("", _CHANGING.sub("", one["content"] or ""))
    return one["method"], _masked(one["path"]), tuple(form), _odd(one["body"]), one["status"], fields


def _odd(body: str) -> tuple[str, ...]:
    """Values whose form the contract speaks about."""
    return tuple(
        _CHANGING.sub("", pair)
        for pair in body.split("&")
        if pair.partition("=")[0] not in ("Body", "To", "StatusCallback", "ContentVariables")
    )


def _masked(path: str) -> str:
    return re.sub(r"(?<=To=)[^&]+", "…", _CHANGING.sub("…", path))


class _Again(ThreadingHTTPServer):
    daemon_threads = True
    answer: dict[str, Any]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: _Again

    def log_message(self, format: str, *args: Any) -> None:
        """Silent."""

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        content = self.server.answer["content"].encode()
        self.send_response(self.server.answer["status"])
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_GET


@contextmanager
def _again() -> Iterator[_Again]:
    server = _Again(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def wanted() -> bool:
    """Whether this run is to be held against the contract (CI sets it where npm is there)."""
    return bool(os.environ.get("REQUIRE_CONTRACT"))
