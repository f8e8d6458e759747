"""Numbers that many people look at are reckoned once in a while, not for each look.

Only counts and rates are remembered, in this process's memory: never a family's words. A page says from when its
numbers are.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

T = TypeVar("T")
FRESH = timedelta(minutes=10)
MOST = 500
"""Answers kept at once; the oldest goes first."""


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """A result and when it was reckoned."""

    value: T
    made_at: datetime


class Remembered(Generic[T]):
    """Results by question. Safe for many threads: a question that several ask at once is reckoned once."""

    def __init__(self, fresh: timedelta = FRESH, most: int = MOST) -> None:
        self._fresh, self._most = fresh, most
        self._answers: dict[Hashable, Answer[T]] = {}
        self._asking: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, question: Hashable, now: datetime, reckon: Callable[[], T]) -> Answer[T]:
        """The answer to `question`, reckoned now unless there is one that is fresh. What `reckon` raises is raised,
        and nothing is remembered."""
        known = self._known(question, now)
        if known is not None:
            return known
        with self._lock:
            mine = self._asking.setdefault(question, threading.Lock())
        with mine:
            known = self._known(question, now)
            if known is None:
                known = Answer(reckon(), now)
                self._keep(question, known)
        return known

    def forget(self) -> None:
        """Reckon everything again: somebody has erased or imported families."""
        with self._lock:
            self._answers.clear()

    def _known(self, question: Hashable, now: datetime) -> Answer[T] | None:
        with self._lock:
            answer = self._answers.get(question)
        return answer if answer is not None and abs(now - answer.made_at) < self._fresh else None

    def _keep(self, question: Hashable, answer: Answer[T]) -> None:
        with self._lock:
            self._answers[question] = answer
            self._asking.pop(question, None)
            while len(self._answers) > self._most:
                oldest = min(self._answers, key=lambda one: self._answers[one].made_at)
                del self._answers[oldest]
