"""How often something may be tried: counted in the database, so that every web process sees every try.

What is limited (an account, an address on the network) is kept as a blind index only: the table tells nobody who tried.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.database import Database
from bot.store.signin import SignInWindow

_KEPT = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` tries in any one of the consecutive stretches of `seconds`."""

    most: int
    seconds: int


def limits(a_minute: int, an_hour: int) -> tuple[Limit, Limit]:
    """A limit for a minute and one for an hour."""
    return Limit(a_minute, 60), Limit(an_hour, 3600)


def may_try(db: Database, now: datetime, subjects: Iterable[tuple[str, Iterable[Limit]]]) -> bool:
    """Count one try of each subject; False when one of them has used its limits up. A refused try counts too.

    A subject is a name of what is limited, such as `account:<address>`. Each count is one statement, so two
    processes that count at once never count one try for two.
    """
    allowed = True
    with db.connection() as tx:
        insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
        tx.execute(delete(SignInWindow).where(SignInWindow.begins_at < now - _KEPT))
        for subject, some in subjects:
            mark = db.vault.index(f"try\n{subject}")
            for limit in some:
                began = int(now.timestamp()) // limit.seconds * limit.seconds
                count = tx.execute(
                    insert(SignInWindow)
                    .values(
                        mark=mark,
                        seconds=limit.seconds,
                        begins_at=datetime.fromtimestamp(began, UTC),
                        tries=1,
                    )
                    .on_conflict_do_update(
                        index_elements=["mark", "seconds", "begins_at"],
                        set_={"tries": SignInWindow.tries + 1},
                    )
                    .returning(SignInWindow.tries)
                ).scalar_one()
                allowed = allowed and count <= limit.most
    return allowed
