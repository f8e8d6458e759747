"""Can this installation serve families right now? Each check says so in words a technician can act on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.insight.lag import measure
from bot.store.database import Database, is_down
from bot.store.migrate import current, newest

LATE_SECONDS = 300.0
"""Work that nobody has touched for this long means that no worker is working."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must be so, whether it is, and what was found."""

    name: str
    ok: bool
    says: str


def checks(db: Database, now: datetime) -> list[Check]:
    """The database, its migrations, and the queues. A database that is down is an answer, not an error."""
    try:
        found, wanted = current(db.engine), newest()
        if found != wanted:
            return [
                Check("database", True, "reachable"),
                Check(
                    "migrations",
                    False,
                    f"at {found or 'nothing'}, the code wants {wanted}: run `bot migrate`",
                ),
            ]
        with db.reading() as session:
            lag = measure(session, now)
    except Exception as error:
        if not is_down(error):
            raise
        return [
            Check("database", False, "cannot be reached: look at DATABASE_URL and whether the server runs")
        ]
    return [
        Check("database", True, "reachable"),
        Check("migrations", True, f"at {found}"),
        _queue("inbox", lag.inbox_oldest_seconds, "no worker reads what families write: start `bot worker`"),
        _queue("outbox", lag.outbox_due_oldest_seconds, "texts wait to be sent: is `bot worker` running?"),
    ]


def model_check(present: bool) -> Check:
    """Whether the translation model that comes with the installation can be used."""
    says = "English and Portuguese, both ways" if present else "no translation model: run `bot doctor`"
    return Check("model", present, says)


def _queue(name: str, seconds: float, trouble: str) -> Check:
    if seconds == 0:
        return Check(name, True, "nothing waits")
    says = f"the oldest has waited {round(seconds)} s"
    return Check(name, seconds < LATE_SECONDS, says if seconds < LATE_SECONDS else f"{says}; {trouble}")
