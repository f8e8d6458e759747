"""What `make test` runs: every check, even after one failed, and at the end a table with the time of each.

Run by the Python of .venv (`make test` sees to that). Exit status 1 when any check failed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

HOUSE = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
CODE = ["bot", "tests", "bench", ".ci"]


@dataclass(frozen=True)
class Result:
    name: str
    seconds: float
    ok: bool


def cores() -> int:
    """Cores this process may use: in a container often fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def checks() -> list[tuple[str, list[str]]]:
    """Name and command of each check, quick ones first."""
    found = [
        ("ruff check", ["ruff", "check", *CODE]),
        ("ruff format", ["ruff", "format", "--check", *CODE]),
        ("mypy --strict", ["mypy"]),
        ("import contracts", ["lint-imports"]),
    ]
    found += [
        (" ".join(command), command)
        for command in (
            ["bot", "flows", "check"],
            ["bot", "flows", "test"],
            ["bot", "locales", "check"],
            ["bot", "demo"],
        )
        if is_command(command)
    ]
    workers = str(max(1, cores()))
    pytest = ["pytest", "-n", workers, "--dist", "worksteal", "--durations", "15", "-q", *sys.argv[1:]]
    return [*found, ("pytest", pytest)]


def environment() -> dict[str, str]:
    """The environment of the checks: temporary files in memory where there is room.

    The tests commit tens of thousands of small transactions on both databases; what is under test is kill -9 of our
    processes, not of the machine, and a busy disk made the same suite take three times as long.
    """
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2 * 1024**3
    return dict(os.environ) | ({"TMPDIR": str(memory)} if roomy and "TMPDIR" not in os.environ else {})


def is_command(command: list[str]) -> bool:
    """Whether the `bot` command knows this subcommand."""
    asked = subprocess.run(
        [str(BIN / command[0]), *command[1:], "--help"], cwd=HOUSE, capture_output=True, check=False
    )
    return asked.returncode == 0


def run(name: str, command: list[str]) -> Result:
    """Run one check; its output goes straight through."""
    print(f"\n── {name} " + "─" * max(0, 90 - len(name)), flush=True)
    began = time.monotonic()
    status = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=HOUSE,
        env=environment(),
        stdin=subprocess.DEVNULL,
        check=False,
    ).returncode
    return Result(name, time.monotonic() - began, status == 0)


def main() -> int:
    """Run everything; 0 when all is well."""
    results = [run(name, command) for name, command in checks()]
    width = max(len(result.name) for result in results)
    print("\n" + "═" * (width + 22))
    for result in results:
        print(f"  {result.name:<{width}}  {result.seconds:7.1f} s  {'ok' if result.ok else 'FAILED'}")
    total = sum(result.seconds for result in results)
    failed = [result.name for result in results if not result.ok]
    verdict = "all is well" if not failed else "FAILED: " + ", ".join(failed)
    print("═" * (width + 22) + f"\n  {total:.0f} s on {cores()} cores: {verdict}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
