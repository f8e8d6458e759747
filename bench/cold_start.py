"""A new technician's first five minutes: from a fresh clone to the first page, and the second start after it.

Clones the last commit, runs `make run` with nothing but the machine's own Python, and waits for "ready". Downloads are
part of it: the registry's speed is in the number, so it is told in seconds, not as a ratio.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from bench.figures import Figure
from bot.settings import HOME, Settings
from tests.cli.processes import free_port

PATIENCE = 900.0


def run() -> list[Figure]:
    """The first `make run`, then the second."""
    with tempfile.TemporaryDirectory(dir=HOME.parent) as place:
        clone = Path(place) / "puente"
        subprocess.run(["git", "clone", "--quiet", str(HOME), str(clone)], check=True)
        first, said = _start(clone)
        size = int(
            subprocess.run(
                ["du", "-sm", ".venv"], cwd=clone, capture_output=True, text=True, check=True
            ).stdout.split()[0]
        )
        installed = re.search(r"Installed in (\d+) s", said)
        seconds, _ = _start(clone)
        return [
            Figure("cold `make run`, from the clone to the first page", first, "s", at_most=180),
            Figure("of which installing", float(installed[1]) if installed else float("nan"), "s"),
            Figure("what it installed", size, "MB", at_most=900),
            Figure("second `make run`, to the first page", seconds, "s", at_most=5),
        ]


def _start(clone: Path) -> tuple[float, str]:
    """Seconds from `make run` to a first page that answers, and what was printed; stopped again by Ctrl-C."""
    port = free_port()
    clean = {name: value for name, value in os.environ.items() if name.lower() not in Settings.model_fields}
    for name in ("VIRTUAL_ENV", "PYTHONPATH", "MAKEFLAGS", "MAKELEVEL", "PYTHONHOME"):
        clean.pop(name, None)
    own = str(Path(sys.executable).parent)
    clean["PATH"] = os.pathsep.join(part for part in clean["PATH"].split(os.pathsep) if part != own)
    output = clone.parent / f"output.{port}"
    with output.open("w") as file:
        began = time.monotonic()
        process = subprocess.Popen(
            ["make", "run"],
            cwd=clone,
            env=clean | {"PORT": str(port), "LOG_FORMAT": "console"},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            while not _answers(port):
                if process.poll() is not None or time.monotonic() - began > PATIENCE:
                    raise RuntimeError(f"make run did not come up:\n{output.read_text()}")
                time.sleep(0.05)
            took = time.monotonic() - began
        finally:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(60)
    return took, output.read_text()


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
