"""What a transaction may wake. The tables are the truth: a wake-up that is lost costs time, never a message."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import Connection


class Wake(Protocol):
    """Tells workers that there is work, inside the transaction that made it."""

    def turn(self, connection: Connection, conversation_id: int) -> None:
        """A conversation has an unhandled text."""
        ...

    def send(self, connection: Connection, sender: str, medium: str) -> None:
        """A sender has something ready."""
        ...


class NoWake:
    """For SQLite: workers look by themselves every few milliseconds."""

    def turn(self, connection: Connection, conversation_id: int) -> None:
        """Nothing to do."""

    def send(self, connection: Connection, sender: str, medium: str) -> None:
        """Nothing to do."""
