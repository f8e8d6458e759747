"""One measured number, and the limit it is held to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its unit. `at_least` or `at_most` is the limit an issue set, None where it is only told."""

    name: str
    value: float
    unit: str = ""
    at_least: float | None = None
    at_most: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the number keeps its limit."""
        low = self.at_least is None or self.value >= self.at_least
        return low and (self.at_most is None or self.value <= self.at_most)

    def line(self) -> str:
        """As it is printed: name, value, limit, and whether it holds."""
        limit = f" (at least {self.at_least:g})" if self.at_least is not None else ""
        limit += f" (at most {self.at_most:g})" if self.at_most is not None else ""
        verdict = "" if not limit else "  ok" if self.holds else "  MISSED"
        return f"{self.name:<72} {self.value:>10.3f} {self.unit}{limit}{verdict}"
