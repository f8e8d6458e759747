"""One measured number, and the limit it is held to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its unit. `at_least` or `at_most` is what is wanted, None where the number is only told.

    With a `limit`, something of the same unit measured in the same run (`limit_name` says what), the wish is about
    the ratio `value / limit`: a ratio says the same on a slow machine and on a fast one.
    """

    name: str
    value: float
    unit: str = ""
    at_least: float | None = None
    at_most: float | None = None
    limit: float | None = None
    limit_name: str = ""

    @property
    def ratio(self) -> float | None:
        """The value as a share of the limit."""
        return self.value / self.limit if self.limit else None

    @property
    def judged(self) -> float:
        """The number that the wish is about."""
        return self.value if self.ratio is None else self.ratio

    @property
    def holds(self) -> bool:
        """Whether the number keeps what is wanted of it."""
        low = self.at_least is None or self.judged >= self.at_least
        return low and (self.at_most is None or self.judged <= self.at_most)

    @property
    def wanted(self) -> str:
        """What is wanted, in words; empty where nothing is."""
        wishes = [f"at least {self.at_least:g}"] if self.at_least is not None else []
        wishes += [f"at most {self.at_most:g}"] if self.at_most is not None else []
        return ", ".join(wishes)

    def line(self) -> str:
        """As one line of plain text: name, value, limit, what is wanted, and whether it holds."""
        limit = (
            f" of {self.limit:.1f} {self.limit_name}: ratio {self.ratio:.3f}"
            if self.ratio is not None
            else ""
        )
        wanted = f" ({self.wanted})" if self.wanted else ""
        verdict = "" if not wanted else "  ok" if self.holds else "  MISSED"
        return f"{self.name:<72} {self.value:>10.3f} {self.unit}{limit}{wanted}{verdict}"
