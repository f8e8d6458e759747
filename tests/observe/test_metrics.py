"""A technician looks at one page and sees every process of the machine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

COUNTING = """
import sys, os
from pathlib import Path
from bot.observe import metrics
metrics.prepare(Path(sys.argv[1]))
for _ in range(int(sys.argv[2])):
    metrics.sent("sms", "accepted", 0.2)
    metrics.translation("en", "pt", "bergamot", 0.03)
    metrics.received("sms", 0.002)
    metrics.turn(0.05)
if "kill" in sys.argv:
    os.kill(os.getpid(), 9)
"""
SHOWING = """
import sys
from pathlib import Path
from bot.observe import metrics
metrics.prepare(Path(sys.argv[1]))
gauges = [metrics.Gauge("puente_outbox", "Texts by state.", {"ready": 3, "unknown": 1}, "state"),
          metrics.Gauge.single("puente_inbox_lag_seconds", "Age.", 1.5)]
sys.stdout.write(metrics.exposition(gauges).decode())
"""


def run(code: str, folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder), *arguments], capture_output=True, text=True, timeout=60
    )
    assert done.returncode in (0, -9), done.stderr
    return done.stdout


def value(page: str, series: str) -> float:
    found = re.search(rf"^{re.escape(series)} (\S+)$", page, re.MULTILINE)
    assert found, page
    return float(found[1])


def test_the_page_adds_up_workers_that_ended_cleanly_or_by_force(tmp_path: Path) -> None:
    run(COUNTING, tmp_path, "3")
    run(COUNTING, tmp_path, "4", "kill")
    page = run(SHOWING, tmp_path)
    assert value(page, 'puente_sends_total{medium="sms",outcome="accepted"}') == 7
    assert value(page, 'puente_turn_seconds_count{outcome="done"}') == 7
    assert value(page, 'puente_turn_seconds_bucket{le="0.05",outcome="done"}') == 7
    assert value(page, 'puente_received_total{medium="sms"}') == 7
    assert value(page, 'puente_outbox{state="unknown"}') == 1
    assert value(page, "puente_inbox_lag_seconds") == 1.5


def test_files_of_dead_processes_do_not_pile_up_and_their_numbers_stay(tmp_path: Path) -> None:
    for _ in range(4):
        run(COUNTING, tmp_path, "2")
    page = run(SHOWING, tmp_path)
    assert sorted(path.name for path in tmp_path.glob("*.db")) == ["counter_ended.db", "histogram_ended.db"]
    assert value(page, 'puente_sends_total{medium="sms",outcome="accepted"}') == 8
    assert (
        value(
            run(SHOWING, tmp_path),
            'puente_translation_seconds_count{engine="bergamot",source="en",target="pt"}',
        )
        == 8
    )


def test_a_file_cut_short_by_a_power_cut_does_not_stop_the_start(tmp_path: Path) -> None:
    (tmp_path / "counter_999999999.db").write_bytes(b"\x07")
    (tmp_path / "histogram_999999999.db").write_bytes(b"\xff" * 80)
    run(COUNTING, tmp_path, "1")
    assert value(run(SHOWING, tmp_path), 'puente_received_total{medium="sms"}') == 1


def test_a_living_process_keeps_its_file(tmp_path: Path) -> None:
    mine = tmp_path / f"counter_{os.getpid()}.db"
    mine.write_bytes(b"\x08" + b"\0" * 65535)
    run(SHOWING, tmp_path)
    assert mine.exists()


def test_without_a_shared_folder_the_numbers_stay_in_the_process() -> None:
    code = "from bot.observe import metrics; metrics.sent('sms', 'unclear', 1.0); print(metrics.exposition().decode())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert value(done.stdout, 'puente_sends_total{medium="sms",outcome="unclear"}') == 1
