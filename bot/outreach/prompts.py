"""Two-way prompts: a conversation script that the school begins with a family, about a child and a learning goal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from bot.channels.base import Medium
from bot.conversation import initiative
from bot.conversation.desk import Desk
from bot.conversation.effects import MovedOn, write
from bot.conversation.initiative import Pace
from bot.conversation.snapshot import look
from bot.conversation.step import Step
from bot.delivery.caps import OPENING, occasion
from bot.delivery.outbox import PROMPT
from bot.delivery.pacing import next_allowed
from bot.delivery.quiet_days import is_quiet
from bot.flow.script import Script
from bot.flow.telling import NotTold, as_told
from bot.outreach.conversations import open_with
from bot.outreach.reach import OurNumber, OurNumbers
from bot.store.database import Database
from bot.store.learning import LearningGoal
from bot.store.people import Guardian
from bot.store.talk import Conversation


class CannotBegin(Exception):
    """The conversation was not begun. The message says why and what to do, for staff."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What was begun: how many texts, and when the first may go."""

    conversation_id: int
    texts: int
    not_before: datetime


def conversation_with(db: Database, guardian_id: int, sender: str, medium: Medium, now: datetime) -> int:
    """The conversation with a guardian from one of our numbers, made if the family never wrote.

    Raises `CannotBegin` when the guardian has no phone number.
    """
    with db.writing() as session:
        guardian = session.get_one(Guardian, guardian_id)
        if guardian.phone is None or guardian.phone_index is None:
            raise CannotBegin(f"There is no phone number of {guardian.name}. Add one to the roster.")
        existing = session.scalar(
            select(Conversation.id).where(
                Conversation.address_index == guardian.phone_index,
                Conversation.sender == sender,
                Conversation.medium == medium.value,
            )
        )
        if existing is not None:
            return existing
        ours = OurNumber(sender, medium.value)
        made = open_with(session.connection(), db.vault, OurNumbers(ours, ours), [guardian_id], now)
        return made[guardian_id]


def begin(
    desk: Desk,
    conversation_id: int,
    script: str,
    cause: str,
    student_id: int | None = None,
    goal_id: int | None = None,
    told: Mapping[str, str] | None = None,
) -> Begun:
    """Begin `script` with a family now, or at the end of its quiet hours. The same `cause` begins it once. `told` is what
    the script wants to be told (`bot.flow.telling`).

    Raises `CannotBegin` when there is no such conversation script, it is not told what it wants to know, the family
    wants no texts (now, today, or so many of them), or its child is not the one named.
    """
    if script not in desk.library:
        raise CannotBegin(
            f"There is no conversation named {script}. `bot flows check` lists those that can be used."
        )
    try:
        values = as_told(desk.library[script], told or {})
    except NotTold as error:
        raise CannotBegin(str(error)) from None
    for _ in range(5):
        now = desk.clock()
        with desk.db.reading() as session:
            seen = look(session, desk.db.vault, desk.scripts, conversation_id, desk.default_zone)
            goal = session.get(LearningGoal, goal_id) if goal_id is not None else None
        if seen is None or seen.family.guardian_id is None:
            raise CannotBegin("This number belongs to no family on the roster yet.")
        if seen.opted_out:
            raise CannotBegin("This family asked for no more texts. Call, or speak with them at school.")
        child = next((one for one in seen.family.children if student_id in (None, one.student_id)), None)
        if student_id is not None and child is None:
            raise CannotBegin("This student does not belong to this family.")
        pace = initiative.pace_of(desk, seen)
        begins_at = _first_moment(desk, pace, now)
        step = Step(desk, seen, cause, begins_at, priority=PROMPT)
        step.begin(
            desk.library[script],
            cause,
            child,
            goal=goal.title if goal else None,
            goal_id=goal_id,
            told=values,
        )
        _as_one_text(desk, pace, step, desk.library[script], goal is not None)
        try:
            with desk.db.connection() as tx:
                write(tx, desk.db.vault, conversation_id, seen.version, step.effects, now, desk.wake)
        except MovedOn:
            continue
        except IntegrityError:
            raise CannotBegin("This conversation has been started with this family already.") from None
        return Begun(conversation_id, len(step.effects.drafts), begins_at)
    raise CannotBegin("The family is writing at this moment. Try again.")


def _first_moment(desk: Desk, pace: Pace, now: datetime) -> datetime:
    if pace.paused_until is not None and pace.paused_until > now:
        until = pace.day(pace.paused_until).isoformat()
        raise CannotBegin(
            f"This family asked for a pause until {until}. You can still answer what it writes."
        )
    at = next_allowed(now, pace.zone, desk.quiet)
    if is_quiet(pace.day(at), pace.quiet_days):
        raise CannotBegin(f"{pace.day(at).isoformat()} is a day on which this family wants to be left alone.")
    return at


def _as_one_text(desk: Desk, pace: Pace, step: Step, script: Script, has_goal: bool) -> None:
    """A learning conversation counts against the family's weekly cap, whoever begins it."""
    learning = has_goal or script.conversations[script.name].goal is not None
    day = pace.day(step.now)
    if learning and step.effects.drafts and not initiative.has_room(desk, pace, day, OPENING):
        cap = pace.family_cap if pace.own_cap is None else pace.own_cap
        raise CannotBegin(
            f"This family gets {cap} learning texts in seven days at most, and has them (its other classes and "
            "children count too). Begin it in a few days, or write a text of your own."
        )
    counted = occasion(day, OPENING) if learning else None
    step.effects.drafts = initiative.one_text(
        step.effects.drafts, counted, initiative.too_late_at(desk, pace, step.now)
    )
