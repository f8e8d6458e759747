"""Texts nobody asked for: a prompt, a reminder, a next step that was due. They come as one, count against the family's
weekly cap, and are too late when its quiet hours begin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot.conversation.desk import Desk
from bot.conversation.reply import LONGEST
from bot.conversation.snapshot import Running, Seen
from bot.delivery.caps import taken_by
from bot.delivery.outbox import Draft
from bot.delivery.pacing import at_local, end_of_waking, next_allowed
from bot.delivery.quiet_days import first_free_day
from bot.store.outreach import SchoolHoliday
from bot.store.people import Guardian, School
from bot.store.talk import Conversation

CAP_REACHED = "weekly cap"
"""Why a text is withheld when the family has had its learning texts for these seven days."""


_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Pace:
    """How often and when a family wants to hear from us, beside its quiet hours."""

    guardian_id: int | None
    zone: ZoneInfo
    paused_until: datetime | None
    quiet_days: tuple[str, ...]
    family_cap: int
    own_cap: int | None
    holidays: frozenset[date] = frozenset()
    """Days without school: nothing is begun, and nothing that is under way goes on by itself."""

    def first_moment(self, desk: Desk, now: datetime) -> datetime:
        """The first instant from `now` on at which we may begin something."""
        at = now if self.paused_until is None else max(now, self.paused_until)
        at = next_allowed(at, self.zone, desk.quiet)
        local = at.astimezone(self.zone)
        free = self._free_day(local.date())
        if free == local.date():
            return at
        # What was meant for half past five stays a matter of half past five.
        return next_allowed(at_local(free, local.time(), self.zone), self.zone, desk.quiet)

    def _free_day(self, day: date) -> date:
        """`day`, or the next one on which the family may hear from us; what gives way to a holiday goes on a school
        day."""
        free, moved = first_free_day(day, self.quiet_days), False
        while free in self.holidays or (moved and free.weekday() >= _SATURDAY):
            free, moved = first_free_day(free + timedelta(days=1), self.quiet_days), True
        return free

    def day(self, at: datetime) -> date:
        """The family's own day at `at`."""
        return at.astimezone(self.zone).date()


def pace_of(desk: Desk, seen: Seen) -> Pace:
    """The pace of a conversation's family."""
    with desk.db.reading() as session:
        row = session.execute(
            select(
                Conversation.guardian_id, Conversation.paused_until, Conversation.weekly_cap,
                Guardian.quiet_days, School.weekly_cap.label("family_cap"), School.id.label("school_id"),
            )
            .outerjoin(Guardian, Guardian.id == Conversation.guardian_id)
            .outerjoin(School, School.id == Guardian.school_id)
            .where(Conversation.id == seen.id)
        ).one()  # fmt: skip
        off = (
            session.scalars(
                select(SchoolHoliday.day).where(
                    SchoolHoliday.school_id == row.school_id,
                    SchoolHoliday.day >= desk.clock().date() - timedelta(days=1),
                )
            ).all()
            if row.school_id is not None
            else ()
        )
    return Pace(
        row.guardian_id,
        ZoneInfo(seen.time_zone or desk.default_zone),
        row.paused_until,
        tuple(row.quiet_days or ()),
        row.family_cap or 0,
        row.weekly_cap,
        frozenset(off),
    )


def has_room(desk: Desk, pace: Pace, day: date, what: str) -> bool:
    """May the family get one more learning text on `day`, beside what it got and what is planned for it?"""
    if pace.guardian_id is None:
        return True
    with desk.db.reading() as session:
        taken = taken_by(session, [pace.guardian_id], (day, day))[pace.guardian_id]
    return taken.admits(day, what, pace.family_cap, pace.own_cap)


def is_learning(running: Running) -> bool:
    """Does this run serve a learning goal? Only learning texts are capped; what a school announces has a budget."""
    return running.goal is not None or running.script.conversations[running.script.name].goal is not None


def one_text(drafts: Sequence[Draft], occasion: str | None, expires_at: datetime) -> list[Draft]:
    """What is said at once, as one text (unless it would be too long, or part of it waits for a person)."""
    ready = [replace(draft, occasion=occasion, expires_at=expires_at) for draft in drafts]
    together = sum(len(draft.body) + 1 for draft in ready)
    if len(ready) < 2 or together > LONGEST or any(draft.withheld for draft in ready):
        return ready
    last, doubts = ready[-1], dict.fromkeys(doubt for draft in ready for doubt in draft.doubts)
    weakest = next((draft for draft in ready if draft.origin == "machine"), last)
    translated = next((draft for draft in ready if draft.original is not None), None)
    originals = [draft.body if draft.original is None else draft.original for draft in ready]
    return [
        replace(
            last,
            ref=ready[0].ref,
            body="\n".join(draft.body for draft in ready),
            origin=weakest.origin,
            engine=weakest.engine,
            model=weakest.model,
            doubts=tuple(doubts),
            original=None if translated is None else "\n".join(originals),
            original_language=None if translated is None else translated.original_language,
        )
    ]


def too_late_at(desk: Desk, pace: Pace, at: datetime) -> datetime:
    """When a text queued at `at` must not go any more: the family's quiet hours begin."""
    return end_of_waking(at, pace.zone, desk.quiet)
