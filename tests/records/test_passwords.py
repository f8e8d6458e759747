"""What is kept of a password is expensive to guess from."""

from __future__ import annotations

from argon2 import extract_parameters
from argon2.low_level import Type

from bot.records.passwords import fits, hash_password


def test_a_kept_hash_costs_what_owasp_asks_for_at_least() -> None:
    """OWASP Password Storage Cheat Sheet: argon2id with 19 MiB and two passes, or more."""
    kept = hash_password("four teachers carry a bridge")
    found = extract_parameters(kept)
    assert found.type is Type.ID
    assert found.memory_cost >= 19 * 1024
    assert found.time_cost >= 2
    assert fits(kept, "four teachers carry a bridge")
    assert not fits(kept, "four teachers carry a bridg")
