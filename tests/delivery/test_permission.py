"""Years later somebody asks: why did the school text this number on that day?"""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete

from bot.channels.base import Incoming, Medium
from bot.conversation.receive import receive
from bot.delivery.consent import opt_in, opt_out
from bot.records.permission import permission
from bot.store.talk import ConsentEvent
from bot.store.wake import NoWake
from tests.delivery.conftest import OURS, PostOffice

MOTHER = "+15555550163"
HOME = ZoneInfo("America/Chicago")


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=HOME).astimezone(UTC)


def test_the_ledger_answers_for_every_day(office: PostOffice) -> None:
    db, index = office.db, office.db.vault.index(MOTHER)
    office.clock.at = at(2, 9)
    text = receive(db, Incoming("P1", Medium.SMS, OURS, MOTHER, "Hola"), office.clock(), NoWake())
    with db.connection() as tx:
        opt_out(tx, index, at(4, 23), "she wrote: no más", text.inbox_id)
        opt_in(tx, index, at(6, 7), "she wrote: START")

    def on(day: int, zone: ZoneInfo = HOME) -> tuple[bool, str | None, list[str]]:
        found = permission(db, MOTHER, date(2026, 3, day), zone)
        return found.allowed, found.before and found.before.basis, [one.basis for one in found.during]

    assert on(1) == (False, None, [])
    assert on(2) == (True, None, ["the family wrote to us first"])
    assert on(3) == (True, "the family wrote to us first", [])
    assert on(4) == (True, "the family wrote to us first", ["she wrote: no más"])
    assert on(4, ZoneInfo("UTC")) == (True, "the family wrote to us first", [])
    assert on(5) == (False, "she wrote: no más", [])
    assert on(6) == (True, "she wrote: no más", ["she wrote: START"])
    assert permission(db, MOTHER, date(2026, 3, 5), HOME).before is not None
    assert permission(db, "+15555550164", date(2026, 3, 5), HOME).before is None


def test_a_text_that_no_line_allowed_is_counted(office: PostOffice) -> None:
    office.queue(MOTHER, "Did Ana read?")
    office.send_all()
    today = office.clock().astimezone(HOME).date()
    found = permission(office.db, MOTHER, today, HOME)
    assert (found.sent, found.sent_without) == (1, 1)
    with office.db.connection() as tx:
        opt_in(tx, office.db.vault.index(MOTHER), office.clock(), "the school's roster")
    assert permission(office.db, MOTHER, today, HOME).sent_without == 0
    with office.db.connection() as tx:
        tx.execute(delete(ConsentEvent))
    assert not permission(office.db, MOTHER, today, HOME).allowed
