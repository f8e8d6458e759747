"""How the fake provider is told to misbehave: one `Plan` for one create request."""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass, field, fields
from typing import Any

ANSWERS = {
    # Accepted, and it looks like it
    "ok": "201 with the message",
    "slow": "201, after `seconds`",
    # Accepted, and it looks failed
    "accept_then_timeout": "accepted, then silence for `seconds`, then the connection closes",
    "accept_then_reset": "accepted, then the connection is reset in the middle of the answer",
    "accept_then_close": "accepted, then the connection closes without a byte",
    "accept_then_500": "accepted, then 500",
    "accept_then_502": "accepted, then a proxy's 502 in HTML",
    "broken_201": "accepted, then a 201 whose JSON is cut off",
    "empty_201": "accepted, then a 201 without a body",
    # Not accepted
    "reset_before": "the connection is reset before anything was accepted",
    "500_before": "500, and nothing was accepted",
    "429": "too many requests, no Retry-After",
    "429_retry_after": "too many requests, with Retry-After: `seconds`",
    "503": "out of service, in HTML",
    "401": "our account details are turned away",
    "refuse": "400 with `error_code`",
    "refuse_rfc9457": "400 with `error_code`, in the newer problem-details form",
}
ACCEPTING = {name for name, what in ANSWERS.items() if what.startswith(("accepted", "201"))}

CALLBACKS = {
    "normal": "one receipt a state, in order",
    "early": "the first receipt comes before the create call has answered",
    "late": "receipts come after `callback_seconds`",
    "doubled": "each receipt comes twice",
    "shuffled": "the last state first",
    "absent": "no receipt ever comes",
}


@dataclass(frozen=True)
class Plan:
    """What happens to one create request, and then to the message."""

    answer: str = "ok"
    fate: str = "delivered"
    """The last state: delivered, undelivered, failed, or sent (nothing more is ever heard)."""
    error_code: int | None = None
    """The code of a refusal (`answer="refuse"`), or of an undelivered or failed `fate`."""
    callbacks: str = "normal"
    seconds: float = 2.0
    callback_seconds: float = 0.0

    def __post_init__(self) -> None:
        if self.answer not in ANSWERS:
            raise ValueError(f"No such answer: {self.answer}")
        if self.callbacks not in CALLBACKS:
            raise ValueError(f"No such way of calling back: {self.callbacks}")

    @property
    def accepts(self) -> bool:
        return self.answer in ACCEPTING

    def states(self) -> list[str]:
        return ["sent"] if self.fate == "sent" else ["sent", self.fate]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Plan:
        known = {f.name for f in fields(cls)}
        return cls(**{k: v for k, v in data.items() if k in known})

    # The failures a school meets, by name.
    @classmethod
    def opted_out(cls) -> Plan:
        return cls(answer="refuse", error_code=21610)

    @classmethod
    def bad_number(cls) -> Plan:
        return cls(answer="refuse", error_code=21211)

    @classmethod
    def not_a_mobile(cls) -> Plan:
        return cls(answer="refuse", error_code=21614)

    @classmethod
    def undelivered(cls, code: int = 30003) -> Plan:
        return cls(fate="undelivered", error_code=code)

    @classmethod
    def filtered(cls) -> Plan:
        return cls(fate="undelivered", error_code=30007)

    @classmethod
    def unregistered(cls) -> Plan:
        return cls(fate="undelivered", error_code=30034)


@dataclass
class Mischief:
    """Random misbehaviour for fault tests: a share of requests gets a plan other than the good one.

    Seeded, so that one seed gives one sequence of plans; which request gets which depends on who comes first.
    """

    share: float
    seed: int = 0
    seconds: float = 0.3
    answers: tuple[str, ...] = (
        "slow",
        "accept_then_timeout",
        "accept_then_reset",
        "accept_then_close",
        "accept_then_500",
        "broken_201",
        "reset_before",
        "500_before",
        "429",
        "429_retry_after",
        "503",
    )
    callbacks: tuple[str, ...] = ("normal", "early", "late", "doubled", "shuffled", "absent")
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def next_plan(self) -> Plan:
        dice = self._random
        answer = dice.choice(self.answers) if dice.random() < self.share else "ok"
        callbacks = dice.choice(self.callbacks) if dice.random() < self.share else "normal"
        return Plan(answer=answer, callbacks=callbacks, seconds=self.seconds, callback_seconds=self.seconds)
