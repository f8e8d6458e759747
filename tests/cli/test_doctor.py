"""Something is wrong and nobody knows what: `bot doctor` says it, and what to do."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from bot.cli import checks
from bot.cli.findings import Finding
from bot.settings import Settings, load
from bot.store.keys import keys_of
from tests.cli.processes import Installation

TWILIO = {
    "TWILIO_ACCOUNT_SID": "AC0123456789abcdef0123456789abcdef",
    "TWILIO_AUTH_TOKEN": "token",
    "TWILIO_SENDERS": "+15555550199",
}


def settings_with(**given: str) -> Settings:
    return load(given, None)


def only(findings: Iterator[Finding], check: str) -> Finding:
    (found,) = [finding for finding in findings if finding.check == check]
    return found


@contextmanager
def a_provider(status: int, date: datetime | None = None) -> Iterator[str]:
    """A real HTTP server that answers like Twilio's account page."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response_only(status)
            self.send_header("Date", format_datetime(date or datetime.now(UTC), usegmt=True))
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_looking_at_an_installation_that_was_never_started_changes_nothing(tmp_path: Path) -> None:
    settings = Installation(tmp_path).settings
    finding = only(checks.database(settings, datetime.now(UTC)), "database")
    assert "bot migrate" in finding.do
    assert only(checks.keys(settings), "keys").ok
    assert list(tmp_path.iterdir()) == []


def test_an_installation_is_well_after_its_first_start(school: Installation) -> None:
    done = school.bot("doctor", "--json")
    findings = json.loads(done.stdout)
    assert done.returncode == 0, findings
    assert all(set(finding) == {"check", "ok", "says", "do"} for finding in findings)
    assert {
        "settings",
        "keys",
        "database",
        "migrations",
        "models",
        "catalogs",
        "provider",
        "clock",
        "disk",
    } <= {finding["check"] for finding in findings}


def test_a_wrong_setting_is_the_first_and_only_finding(tmp_path: Path) -> None:
    done = Installation(tmp_path, QUIET_FROM="late").bot("doctor", "--json")
    assert done.returncode == 1
    (finding,) = json.loads(done.stdout)
    assert finding["check"] == "settings"
    assert "QUIET_FROM" in finding["says"]


def test_a_database_that_is_down_is_a_finding_and_the_rest_is_still_looked_at(tmp_path: Path) -> None:
    done = Installation(tmp_path, "postgresql://puente:SENTINEL@127.0.0.1:1/puente").bot("doctor", "--json")
    findings = {finding["check"]: finding for finding in json.loads(done.stdout)}
    assert done.returncode == 1
    assert not findings["database"]["ok"]
    assert "disk" in findings
    assert "SENTINEL" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("status", "ok", "says"),
    [(200, True, "accepts"), (401, False, "HTTP 401"), (503, False, "HTTP 503")],
)
def test_the_provider_is_really_asked(status: int, ok: bool, says: str) -> None:
    with a_provider(status) as address:
        finding = only(
            checks.provider(settings_with(**TWILIO, TWILIO_API_BASE=address), datetime.now(UTC)), "provider"
        )
    assert finding.ok is ok
    assert says in finding.says


def test_a_provider_out_of_reach_is_said_without_the_account(tmp_path: Path) -> None:
    finding = only(
        checks.provider(settings_with(**TWILIO, TWILIO_API_BASE="http://127.0.0.1:1"), datetime.now(UTC)),
        "provider",
    )
    assert not finding.ok
    assert "AC0123" not in finding.says
    assert "firewall" in finding.do


def test_a_clock_that_disagrees_with_the_providers_is_found() -> None:
    with a_provider(200, datetime.now(UTC) - timedelta(hours=1)) as address:
        found = list(checks.provider(settings_with(**TWILIO, TWILIO_API_BASE=address), datetime.now(UTC)))
    assert [finding.check for finding in found if not finding.ok] == ["clock"]


def test_real_texts_and_open_sample_doors_do_not_go_together() -> None:
    finding = only(checks.address(settings_with(**TWILIO, PUBLIC_URL="https://texts.example.org")), "address")
    assert not finding.ok
    assert "SAMPLE_SCHOOL=false" in finding.do


def test_the_address_for_twilio_carries_the_fragment_that_makes_it_try_again() -> None:
    finding = only(
        checks.address(
            settings_with(**TWILIO, PUBLIC_URL="https://texts.example.org", SAMPLE_SCHOOL="false")
        ),
        "address",
    )
    assert finding.ok
    assert finding.do.endswith("#rc=3&rp=ct,rt,5xx")


def test_keys_that_others_may_read_are_a_fault(tmp_path: Path) -> None:
    settings = settings_with(VAR=str(tmp_path))
    keys_of(settings)
    (tmp_path / "keys.env").chmod(0o644)
    finding = only(checks.keys(settings), "keys")
    assert not finding.ok
    assert finding.do.startswith("chmod 600")


def test_a_lost_key_is_found_before_a_teacher_finds_it(school: Installation) -> None:
    (Path(school.environment["VAR"]) / "keys.env").unlink()
    keys_of(school.settings)  # another set
    finding = only(checks.database(school.settings, datetime.now(UTC)), "sealed")
    assert not finding.ok
    assert "which DATA_KEYS does not have" in finding.says
