"""Who may write next, on SQLite: first come, first served.

SQLite has one writer at a time, and lets the others poll with sleeps of up to 100 ms: whoever is unlucky starves, and
a carrier that waits is a text that is tried again. So writers queue before they meet SQLite's own lock, which stays
the true guard. The threads of a process queue in order of arrival (a plain lock may be taken by whoever comes by);
the processes queue on a locked file, where the kernel wakes the next one at once and the dead hold nothing.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class NestedWrite(RuntimeError):
    """A fault of ours: a function that writes was called inside somebody else's write."""


class FairLock:
    """A lock that is handed over in order of arrival."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._held = False

    def acquire(self) -> None:
        """Wait for one's turn."""
        with self._mutex:
            if not self._held:
                self._held = True
                return
            ticket = threading.Lock()
            ticket.acquire()
            self._waiting.append(ticket)
        ticket.acquire()  # released by whoever hands the lock over

    def release(self) -> None:
        """Hand over to whoever has waited longest."""
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._held = False


class Writers:
    """The queue of one database file's writers. `beside` is the database file; None for one in memory."""

    def __init__(self, beside: Path | None) -> None:
        self._lock = FairLock()
        self._writer: int | None = None
        self._file: int | None = None
        if beside is not None:
            path = beside.with_name(f"{beside.name}.writers")
            self._file = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """The block is the only writer of all processes. Raises `NestedWrite` inside a block of the same thread."""
        if self._writer == threading.get_ident():
            raise NestedWrite("A write inside a write of the same thread would wait for itself for ever.")
        self._lock.acquire()
        try:
            if self._file is not None:
                fcntl.flock(self._file, fcntl.LOCK_EX)
            self._writer = threading.get_ident()
            yield
        finally:
            self._writer = None
            if self._file is not None:
                fcntl.flock(self._file, fcntl.LOCK_UN)
            self._lock.release()

    def close(self) -> None:
        """Give the file back. Nobody may be writing."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
