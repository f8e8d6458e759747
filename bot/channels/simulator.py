"""The phone in the browser (and in the terminal): a channel without a network.

The simulator's phone page reads the outbox itself: a row there *is* the message on the screen. So a text is carried
the moment it is queued, `send` can never fail half-way, and the provider id is derived from the row's `ref`: sending
the same row twice gives the same id and shows one bubble, not two.

That also settles `find`. With a real provider it must look; here the answer follows from the design: a row that got as
far as `sending` has been handed over as well as it ever will be, so `find` says "found" under the id that `send` would
have given. No state is kept, therefore none can be lost in a crash or differ between processes.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from bot.channels.base import Accepted, Asked, Outgoing, Receipt


class Simulator:
    """Carries texts to the simulated phone. Stateless, so safe from any thread and any process."""

    name = "simulator"

    def send(self, message: Outgoing) -> Accepted:
        """Always accepted, and delivered at once: there is no carrier that could report later."""
        return Accepted(provider_id(message.ref), "delivered")

    def find(self, message: Outgoing, since: datetime, known: frozenset[str]) -> Asked:
        """Always found, under the id `send` gives (see the module's reasoning). `since` and `known` change nothing."""
        return Asked(self.send(message))

    def look_up(self, provider_id: str) -> Receipt:
        """A simulated text is on the screen: delivered."""
        return Receipt("delivered", provider_id=provider_id)


def provider_id(ref: str) -> str:
    """The id a simulated message gets: the same for the same `ref`, in every process."""
    return "SIM" + hashlib.sha256(ref.encode()).hexdigest()[:32]
