"""Real processes for tests: an installation of its own in a temporary folder, started as a person would."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import runpy
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from bot.settings import HOME, Settings, load
from bot.store.database import Database
from bot.store.keys import keys_of

PATIENCE = 60.0
"""Longest wait for something that certainly comes, seconds; on a busy machine things take long."""


_WARM = multiprocessing.get_context("forkserver")
_WARM.set_forkserver_preload(["tests.cli.warm"])
"""Commands start as copies of a process that has imported the house already: a second saved, a hundred times."""


def _command(arguments: tuple[str, ...], environment: dict[str, str], files: list[Path]) -> None:
    """Be `python -m bot ARGUMENTS`."""
    for number, (file, mode) in enumerate(zip(files, ("r", "w", "w"), strict=True)):
        with file.open(mode) as opened:
            os.dup2(opened.fileno(), number)
    sys.stdin = os.fdopen(0, encoding="utf-8")
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(HOME)
    sys.argv = ["bot", *arguments]
    runpy.run_module("bot", run_name="__main__", alter_sys=False)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(what: str, condition: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Return as soon as `condition` holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s for {what}"
        time.sleep(0.05)


class Installation:
    """Settings, data and processes of one installation. Nothing of the machine's own environment leaks in."""

    def __init__(self, folder: Path, database_url: str | None = None, **settings: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.database_url = database_url or f"sqlite:///{folder}/puente.db"
        clean = {
            name: value for name, value in os.environ.items() if name.lower() not in Settings.model_fields
        }
        clean.pop("FORCE_COLOR", None)
        self.environment = clean | {
            "VAR": str(folder),
            "DATABASE_URL": self.database_url.replace("postgresql+psycopg://", "postgresql://"),
            "PORT": str(self.port),
            "LOG_FORMAT": "console",
            **settings,
        }

    def bot(self, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command to its end, in a process of its own, with `typed` on its standard input."""
        with tempfile.TemporaryDirectory() as place:
            files = [Path(place, name) for name in ("typed", "said", "told")]
            files[0].write_text(typed, "utf-8")
            process = _WARM.Process(target=_command, args=(arguments, self.environment, files))
            process.start()
            process.join(PATIENCE)
            if process.exitcode is None:
                process.kill()
                raise subprocess.TimeoutExpired(arguments, PATIENCE)
            said, told = (file.read_text("utf-8") for file in files[1:])
            return subprocess.CompletedProcess(arguments, process.exitcode, said, told)

    def database(self) -> Database:
        """A way into the data beside the processes."""
        return Database(self.settings.sqlalchemy_url, keys_of(self.settings).vault(), pool_size=2)

    @property
    def settings(self) -> Settings:
        return load(self.environment, None)

    @contextlib.contextmanager
    def running(self, *arguments: str) -> Iterator[Running]:
        """Run a command in the background; whatever is left of it is gone at the end of the block."""
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=HOME,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        running = Running(process)
        try:
            yield running
        finally:
            running.end()

    def status_of(self, path: str) -> int | None:
        """The HTTP status of a page; None while nobody listens."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return None


class Running:
    """A process, everything it printed, and every process it ever started."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self._family: dict[int, psutil.Process] = {}
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)

    @property
    def said(self) -> str:
        return "".join(self.lines)

    def wait_until_said(self, text: str, times: int = 1) -> None:
        def so() -> bool:
            assert self.process.poll() is None or text in self.said, self.said
            return self.said.count(text) >= times

        wait_for(f"{text!r} in:\n{self.said}", so)
        self.family()

    def family(self) -> list[psutil.Process]:
        """All descendants alive now."""
        with contextlib.suppress(psutil.NoSuchProcess):
            for child in psutil.Process(self.process.pid).children(recursive=True):
                self._family[child.pid] = child
        return [child for child in self._family.values() if _alive(child)]

    def named(self, name: str) -> psutil.Process:
        """The child that runs `bot NAME`, directly below the supervisor."""
        for child in psutil.Process(self.process.pid).children():
            if name in child.cmdline():
                return child
        raise AssertionError(f"no {name} among the children")

    def wait_for_exit(self) -> int:
        code = self.process.wait(PATIENCE)
        self._reader.join(5)
        return code

    def end(self) -> None:
        family = self.family()
        if self.process.poll() is None:
            self.process.kill()
        for child in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()
        self.process.wait(PATIENCE)


def _alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
