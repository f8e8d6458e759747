"""Small groups are not shown, nor can they be reckoned from what is shown.

Hiding the one group that is too small is not enough: its numbers are the total less all others. So groups that are
too small are taken together with the next smallest until what is taken together is at least two groups and large
enough. Nothing can then be said about any group smaller than `FEWEST`. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
FEWEST = 10
"""Families (or staff) in the smallest group whose numbers are shown."""


@dataclass(frozen=True, slots=True)
class Shown(Generic[T]):
    """Groups that may be shown by name, and the small ones together (None: there is none, or all together are too
    few). `total` None: even everybody together are too few."""

    groups: dict[str, T]
    together: T | None
    of: tuple[str, ...]
    """The names of the groups taken together."""
    total: T | None


def show(
    groups: Mapping[str, T], size: Callable[[T], int], add: Callable[[T, T], T], fewest: int = FEWEST
) -> Shown[T]:
    """What may be shown of `groups`. `size`: how many families a group has; `add`: two groups as one."""
    there = {name: group for name, group in groups.items() if size(group) > 0}
    ranked = sorted(there, key=lambda name: (size(there[name]), name))
    taken = [name for name in ranked if size(there[name]) < fewest]
    rest = ranked[len(taken) :]

    def together(names: list[str]) -> T | None:
        sums: T | None = None
        for name in names:
            sums = there[name] if sums is None else add(sums, there[name])
        return sums

    pool = together(taken)
    while pool is not None and rest and (size(pool) < fewest or len(taken) < 2):
        name = rest.pop(0)
        taken.append(name)
        pool = add(pool, there[name])
    everybody = together(ranked)
    if everybody is None or size(everybody) < fewest:
        return Shown({}, None, tuple(sorted(taken)), None)
    return Shown(
        {name: there[name] for name in sorted(rest)}, pool if taken else None, tuple(sorted(taken)), everybody
    )
