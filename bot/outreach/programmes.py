"""Programmes: prompts over weeks, on the same weekdays, without holidays; a sequence (FACT, TIP, GROWTH) loses no part.

A programme is laid out when it is made: one row a prompt, so that everybody sees what comes when, and each can be called
off by itself. A weekly prompt is a programme with one part and one weekday.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import cycle, islice

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.conversation.desk import Desk
from bot.delivery.quiet_days import WEEKDAYS
from bot.outreach.audience import Audience
from bot.outreach.scheduling import CannotPrompt, NewPrompt, add, cancel
from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.outreach import Programme, Prompt, SchoolHoliday

MOST_WEEKS = 60
"""A school year and the summer: a programme that nobody looks at any more must end by itself."""


@dataclass(frozen=True, slots=True)
class Part:
    """One conversation of a programme."""

    script: str
    goal_id: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class NewProgramme:
    """What somebody wants to begin over weeks. `parts` take turns on the given weekdays, in their order.

    `weeks` ends it; None: when every part was there once. `holidays` are this programme's own, beside the school's.
    """

    name: str
    audience: Audience
    begins: date
    weekdays: tuple[str, ...]
    at: time
    parts: tuple[Part, ...]
    weeks: int | None = None
    holidays: tuple[date, ...] = ()
    best_time: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """A programme and its prompts, in their order."""

    id: int
    prompt_ids: tuple[int, ...]


def slots(begins: date, weekdays: Sequence[str], holidays: Collection[date]) -> Iterator[date]:
    """The days of a programme, from `begins` on: its weekdays without the holidays, for at most `MOST_WEEKS`."""
    wanted = {WEEKDAYS.index(one) for one in weekdays}
    for ahead in range(7 * MOST_WEEKS):
        day = begins + timedelta(days=ahead)
        if day.weekday() in wanted and day not in holidays:
            yield day


def laid_out(new: NewProgramme, holidays: Collection[date]) -> list[tuple[date, Part]]:
    """Every day of the programme with what is begun on it. A holiday moves the rest on: no part is lost to it."""
    free = slots(new.begins, new.weekdays, {*holidays, *new.holidays})
    if new.weeks is None:
        return list(zip(islice(free, len(new.parts)), new.parts, strict=False))
    last = new.begins + timedelta(weeks=new.weeks)
    return list(zip((day for day in free if day < last), cycle(new.parts), strict=False))


def create_programme(desk: Desk, school_id: int, new: NewProgramme, staff_id: int | None) -> Made:
    """Make a programme with all its prompts, or nothing. Raises `CannotPrompt`."""
    with desk.db.writing() as session:
        return add_programme(session, desk, school_id, new, staff_id)


def add_programme(
    session: Session, desk: Desk, school_id: int, new: NewProgramme, staff_id: int | None
) -> Made:
    """As `create_programme`, inside the caller's transaction."""
    _check(new)
    off = session.scalars(select(SchoolHoliday.day).where(SchoolHoliday.school_id == school_id)).all()
    plan = laid_out(new, set(off))
    if not plan or (new.weeks is None and len(plan) < len(new.parts)):
        raise CannotPrompt("There is no free day for every part of this programme. Choose other weekdays.")
    programme_id = new_id()
    session.add(
        Programme(
            id=programme_id,
            school_id=school_id,
            name=new.name.strip(),
            created_by=staff_id,
            created_at=desk.clock(),
        )
    )
    session.flush()
    made = tuple(
        add(session, desk, school_id, one, staff_id, programme_id=programme_id)
        for one in prompts_of(new, plan)
    )
    return Made(programme_id, made)


def prompts_of(new: NewProgramme, plan: Sequence[tuple[date, Part]]) -> list[NewPrompt]:
    """The prompts a programme is made of, numbered when there are several."""
    name = new.name.strip()
    return [
        NewPrompt(
            title=f"{name}, {number}" if len(plan) > 1 else name,
            audience=new.audience,
            day=day,
            at=new.at,
            script=part.script,
            goal_id=part.goal_id,
            reason=part.reason,
            best_time=new.best_time,
        )
        for number, (day, part) in enumerate(plan, start=1)
    ]


def preview_days(desk: Desk, school_id: int, new: NewProgramme) -> list[tuple[date, str]]:
    """The days of a programme that is not made yet, with the conversation of each. Raises `CannotPrompt`."""
    _check(new)
    with desk.db.reading() as session:
        off = session.scalars(select(SchoolHoliday.day).where(SchoolHoliday.school_id == school_id)).all()
    plan = laid_out(new, set(off))
    if not plan:
        raise CannotPrompt("There is no free day for every part of this programme. Choose other weekdays.")
    return [(day, part.script) for day, part in plan]


def _check(new: NewProgramme) -> None:
    if not new.name.strip():
        raise CannotPrompt("Give it a title: staff see it in lists and plans.")
    if not new.parts:
        raise CannotPrompt("A programme needs at least one conversation.")
    strange = [one for one in new.weekdays if one not in WEEKDAYS]
    if strange or not new.weekdays:
        raise CannotPrompt("Choose the weekdays on which it goes out.")
    if new.weeks is not None and not 1 <= new.weeks <= MOST_WEEKS:
        raise CannotPrompt("A programme lasts 1 to 60 weeks.")


def prompts_in(db: Database, programme_id: int) -> list[int]:
    """The prompts of a programme, in the order in which they go. Empty: there is no such programme."""
    with db.reading() as session:
        return list(
            session.scalars(
                select(Prompt.id)
                .where(Prompt.programme_id == programme_id)
                .order_by(Prompt.day, Prompt.at, Prompt.id)
            )
        )


def cancel_programme(desk: Desk, programme_id: int) -> int:
    """Call off what has not gone yet of a programme. Returns how many planned guardians get nothing more.

    Raises `CannotPrompt` when there is no such programme.
    """
    now = desk.clock()
    with desk.db.connection() as tx:
        known = tx.execute(
            update(Programme)
            .where(Programme.id == programme_id, Programme.cancelled_at.is_(None))
            .values(cancelled_at=now)
        ).rowcount
        prompts = list(
            tx.execute(
                select(Prompt.id).where(
                    Prompt.programme_id == programme_id, Prompt.state.in_(("scheduled", "planned"))
                )
            ).scalars()
        )
    if not known and not prompts:
        raise CannotPrompt("There is no such programme, or it was called off already.")
    return cancel(desk.db, prompts, now)
