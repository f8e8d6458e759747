"""Several processes as one: started together, restarted when they crash, gone together.

Children stand in process groups of their own, so that Ctrl-C in the terminal reaches only the supervisor, which then
ends them in order. Each has a pipe from the supervisor as its standard input: when that closes, because the supervisor
was killed and could not say goodbye, the child stops by itself. No orphan holds the port.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import IO

FIRST_WAIT = 1.0
LONGEST_WAIT = 30.0
HEALTHY_SECONDS = 60.0
"""A child that ran this long has recovered: its next crash is a first one again."""
GRACE_SECONDS = 15.0


@dataclass(slots=True)
class Child:
    """One process to keep alive. It is first started at `start_at`, by the supervisor's clock."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[str] | None = None
    started: float = 0.0
    crashes: int = 0
    start_at: float = 0.0

    @property
    def runs(self) -> bool:
        return self.process is not None


@dataclass
class Supervisor:
    """Keeps `children` running until told to stop. `line(child, text)` gets what they print, `status(child, text)` what
    happens to them; both are called from one thread."""

    children: list[Child]
    environment: Mapping[str, str]
    line: Callable[[str, str], None]
    status: Callable[[str, str], None]
    clock: Callable[[], float] = time.monotonic
    _events: queue.SimpleQueue[Callable[[], None]] = field(default_factory=queue.SimpleQueue)
    _stopping: int = 0

    def run(self) -> None:
        """Start everything and return when everything has ended after a stop was asked for."""
        with self._signals():
            try:
                while not self._stopping:
                    for child in self.children:
                        if not child.runs and self.clock() >= child.start_at:
                            self._start(child)
                    self._handle_one(timeout=0.2)
            finally:
                self._end_all()

    def stop(self) -> None:
        """End all children and return from `run`. From any thread; a second call does not wait for them any more."""
        self._events.put(self._note_stop)

    def say(self, name: str, text: str) -> None:
        """A status line from another thread."""
        self._events.put(lambda: self.status(name, text))

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        def on_signal(_number: int, _frame: FrameType | None) -> None:
            self.stop()

        before = {number: signal.signal(number, on_signal) for number in _STOP_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _note_stop(self) -> None:
        self._stopping += 1

    def _handle_one(self, timeout: float) -> None:
        try:
            event = self._events.get(timeout=timeout)
        except queue.Empty:
            return
        event()

    def _start(self, child: Child) -> None:
        process = subprocess.Popen(  # noqa: S603  (our own command, no shell)
            child.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(self.environment),
            text=True,
            errors="replace",
            start_new_session=True,
        )
        child.process, child.started = process, self.clock()
        self.status(child.name, f"started, process {process.pid}" if not child.crashes else "started again")
        assert process.stdout is not None
        threading.Thread(target=self._read, args=(child, process, process.stdout), daemon=True).start()

    def _read(self, child: Child, process: subprocess.Popen[str], out: IO[str]) -> None:
        for text in out:
            self._events.put(lambda text=text: self.line(child.name, text.rstrip("\n")))  # type: ignore[misc]
        code = process.wait()
        self._events.put(lambda: self._ended(child, code))

    def _ended(self, child: Child, code: int) -> None:
        child.process = None
        if self._stopping:
            self.status(child.name, "stopped")
            return
        if self.clock() - child.started > HEALTHY_SECONDS:
            child.crashes = 0
        wait = min(LONGEST_WAIT, FIRST_WAIT * 2**child.crashes)
        child.crashes += 1
        child.start_at = self.clock() + wait
        how = f"killed by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"
        self.status(child.name, f"{how}; starts again in {wait:.0f} s")

    def _end_all(self) -> None:
        self._stopping = max(1, self._stopping)
        for child in self.children:
            _signal_group(child, signal.SIGTERM, whole=False)
        deadline = self.clock() + GRACE_SECONDS
        while any(child.runs for child in self.children):
            if self.clock() > deadline or self._stopping > 1:
                for child in self.children:
                    if child.runs:
                        self.status(child.name, "did not stop in time and was killed")
                    _signal_group(child, signal.SIGKILL, whole=True)
                deadline = self.clock() + GRACE_SECONDS
                self._stopping = 1
            self._handle_one(timeout=0.1)


_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _signal_group(child: Child, number: signal.Signals, *, whole: bool) -> None:
    if child.process is None:
        return
    with contextlib.suppress(ProcessLookupError):
        if whole:
            os.killpg(child.process.pid, number)
        else:
            child.process.send_signal(number)
