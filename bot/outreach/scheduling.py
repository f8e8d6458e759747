"""Prompts and announcements are made, listed and called off here; `planning` works out who gets them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.conversation.desk import Desk
from bot.conversation.reply import LONGEST
from bot.delivery.caps import has_room
from bot.delivery.pacing import QuietHours
from bot.flow.lines import placeholders_in
from bot.flow.script import Ask, Script
from bot.flow.telling import NotTold, as_told
from bot.language import codes
from bot.language.codes import ENGLISH
from bot.language.critical import TOPICS, rules_of, topic_of
from bot.outreach.audience import Audience, NoAudience
from bot.outreach.opener import MAY_STAND_IN_WORDS
from bot.outreach.plan import HOURS
from bot.outreach.told import sealed_telling
from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.learning import LearningGoal
from bot.store.outreach import Prompt, PromptRecipient, SchoolHoliday
from bot.store.people import School

FURTHEST_EAST, FURTHEST_WEST = timedelta(hours=14), timedelta(hours=12)
"""How far from UTC a clock on the wall can be."""

GIVEN = "given"
"""A script's word for "the goal is told at the start"."""


class CannotPrompt(ValueError):
    """The prompt was not made, or not called off. The message says why and what to do, for staff."""


@dataclass(frozen=True, slots=True)
class NewPrompt:
    """What somebody wants to begin. Either `script` (a conversation) or `words` (an announcement's own).

    `day` and `at` are read on each family's own clock. `topic` is a code of `bot.language.critical.TOPICS`.
    """

    title: str
    audience: Audience
    day: date
    at: time
    script: str | None = None
    words: str | None = None
    words_language: str = ENGLISH
    goal_id: int | None = None
    topic: str | None = None
    reason: str | None = None
    told: Mapping[str, str] = field(default_factory=dict)
    """What the conversation wants to be told (`bot.flow.telling`): a date, an idea, a practice."""
    best_time: bool = False
    """Families who told us their best time of day get it then."""


def create(
    desk: Desk, school_id: int, new: NewPrompt, staff_id: int | None, *, programme_id: int | None = None
) -> int:
    """Make one prompt; returns its id. Its plan is written by the scheduler a day and a half before it is due.

    Raises `CannotPrompt`.
    """
    with desk.db.writing() as session:
        return add(session, desk, school_id, new, staff_id, programme_id=programme_id)


def add(
    session: Session,
    desk: Desk,
    school_id: int,
    new: NewPrompt,
    staff_id: int | None,
    *,
    programme_id: int | None = None,
) -> int:
    """As `create`, inside the caller's transaction."""
    now = desk.clock()
    # Locked: two people who spend the last announcement of the week at the same moment are one too many.
    school = session.get(School, school_id, with_for_update=True)
    if school is None:
        raise CannotPrompt("There is no such school.")
    if not new.title.strip():
        raise CannotPrompt("Give it a title: staff see it in lists and plans.")
    try:
        audience = new.audience.checked(session, school_id)
    except NoAudience as error:
        raise CannotPrompt(str(error)) from None
    _check_content(session, desk, school_id, new)
    _check_time(session, school_id, new, desk.quiet, now)
    kind = "prompt" if is_learning(desk, new) else "announcement"
    if kind == "announcement":
        _check_budget(session, school, new)
    row_id = new_id()
    words = new.words.strip() if new.words else None
    session.add(
        Prompt(
            id=row_id,
            school_id=school_id,
            programme_id=programme_id,
            kind=kind,
            title=new.title.strip(),
            script=new.script,
            words=None if words is None else desk.db.vault.seal(Prompt.words, row_id, words),
            words_language=None if words is None else codes.normalise(new.words_language),
            told=sealed_telling(desk.db.vault, row_id, desk.library.get(new.script or ""), new.told),
            goal_id=new.goal_id,
            topic=new.topic
            or topic_of(" ".join(filter(None, (new.title, words))), rules_of(session, school_id)),
            reason=new.reason.strip() if new.reason else None,
            audience=audience.to_json(),
            day=new.day,
            at=new.at,
            best_time=new.best_time,
            opens_at=datetime.combine(new.day, _earliest(new), UTC) - FURTHEST_EAST,
            closes_at=datetime.combine(new.day + timedelta(days=1), time(0), UTC) + FURTHEST_WEST,
            created_by=staff_id,
            created_at=now,
        )
    )
    session.flush()
    return row_id


def _earliest(new: NewPrompt) -> time:
    return min(new.at, *HOURS.values()) if new.best_time else new.at


def is_learning(desk: Desk, new: NewPrompt) -> bool:
    """Does it name a learning goal, and can a family answer it? Everything else is an announcement."""
    script = desk.library.get(new.script or "")
    if script is None or not _asks(script):
        return False
    own = script.conversations[script.name].goal
    return new.goal_id is not None or own not in (None, GIVEN)


def _asks(script: Script) -> bool:
    return any(
        isinstance(step, Ask)
        for conversation in script.conversations.values()
        for step in conversation.steps.values()
    )


def _check_content(session: Session, desk: Desk, school_id: int, new: NewPrompt) -> None:
    if (new.script is None) == (not (new.words and new.words.strip())):
        raise CannotPrompt("Give either a conversation or the words of an announcement.")
    if new.script is not None:
        script = desk.library.get(new.script)
        if script is None or script.audience != "family":
            known = ", ".join(sorted(name for name, one in desk.library.items() if one.audience == "family"))
            raise CannotPrompt(
                f"There is no conversation “{new.script}” to have with families. These are: {known}."
            )
        if script.conversations[script.name].goal == GIVEN and new.goal_id is None:
            raise CannotPrompt(f"The conversation “{new.script}” wants to be told its learning goal.")
        try:
            as_told(script, new.told)
        except NotTold as error:
            raise CannotPrompt(str(error)) from None
    else:
        strange = set(placeholders_in(new.words or "")) - set(MAY_STAND_IN_WORDS)
        if strange:
            allowed = ", ".join(f"{{{one}}}" for one in MAY_STAND_IN_WORDS)
            raise CannotPrompt(f"{{{sorted(strange)[0]}}} cannot be filled in; these can: {allowed}.")
        if len(new.words or "") > LONGEST:
            raise CannotPrompt(
                f"The text is {len(new.words or '')} characters long; {LONGEST} is the limit. Shorten it."
            )
        try:
            codes.normalise(new.words_language)
        except codes.UnknownLanguage as error:
            raise CannotPrompt(str(error)) from None
    if new.topic is not None and new.topic not in TOPICS:
        raise CannotPrompt(f"{new.topic!r} is no critical topic; these are: {', '.join(TOPICS)}.")
    if new.goal_id is not None:
        goal = session.get(LearningGoal, new.goal_id)
        if goal is None or goal.school_id != school_id:
            raise CannotPrompt("This school has no such learning goal.")


def _check_time(session: Session, school_id: int, new: NewPrompt, quiet: QuietHours, now: datetime) -> None:
    if quiet.holds(new.at):
        raise CannotPrompt(
            f"{new.at:%H:%M} is in the quiet hours ({quiet.start:%H:%M} to {quiet.end:%H:%M}, each family's time). "
            "Choose another time."
        )
    if datetime.combine(new.day, new.at, UTC) + FURTHEST_WEST < now:
        raise CannotPrompt(f"{new.day.isoformat()} {new.at:%H:%M} is over everywhere. Choose a later time.")
    holiday = session.get(SchoolHoliday, (school_id, new.day))
    if holiday is not None:
        raise CannotPrompt(f"{new.day.isoformat()} is a holiday ({holiday.name}). Choose another day.")


def _check_budget(session: Session, school: School, new: NewPrompt) -> None:
    if not (new.reason and new.reason.strip()):
        raise CannotPrompt(
            "This is an announcement: it names no learning goal, or there is nothing to answer. Say for what reason "
            "it is worth the families' attention (`reason`)."
        )
    if not has_room(_announced(session, school.id, new.day), new.day, school.announcements_a_week):
        raise CannotPrompt(
            f"The school's budget is {school.announcements_a_week} announcements in seven days, and it is used up "
            f"around {new.day.isoformat()}. Choose another day, or make it a prompt that families can answer."
        )


def _announced(session: Session, school_id: int, day: date) -> list[date]:
    return list(
        session.scalars(
            select(Prompt.day).where(
                Prompt.school_id == school_id,
                Prompt.kind == "announcement",
                Prompt.state.not_in(("cancelled", "skipped")),
                Prompt.day.between(day - timedelta(days=6), day + timedelta(days=6)),
            )
        )
    )


@dataclass(frozen=True, slots=True)
class Budget:
    """A school's announcements in any seven days: how many it may make, and how many are `left` for one day."""

    in_seven_days: int
    left: int


def budget(db: Database, school_id: int, day: date) -> Budget:
    """How many announcements can still be made for `day`."""
    with db.reading() as session:
        most = session.get_one(School, school_id).announcements_a_week
        taken = _announced(session, school_id, day)
    left = 0
    while left < most and has_room([*taken, *[day] * left], day, most):
        left += 1
    return Budget(most, left)


@dataclass(frozen=True, slots=True)
class Listed:
    """One prompt in a list. `guardians` are those its plan looked at (0: not planned yet), `included` who gets it."""

    id: int
    title: str
    kind: str
    day: date
    at: time
    state: str
    school: str
    guardians: int
    included: int


def listed(db: Database, *, every: bool = False) -> list[Listed]:
    """Prompts that are still to come or under way, the next one first; with `every` the others too."""
    gets_it = PromptRecipient.state.in_(("planned", "fired")) & PromptRecipient.why.is_(None)
    query = (
        select(
            Prompt.id, Prompt.title, Prompt.kind, Prompt.day, Prompt.at, Prompt.state, School.name,
            func.count(PromptRecipient.id), func.count(PromptRecipient.id).filter(gets_it),
        )
        .join(School, School.id == Prompt.school_id)
        .outerjoin(PromptRecipient, PromptRecipient.prompt_id == Prompt.id)
        .group_by(Prompt.id, School.name)
        .order_by(Prompt.day, Prompt.at, Prompt.id)
    )  # fmt: skip
    if not every:
        query = query.where(Prompt.state.in_(("scheduled", "planned")))
    with db.reading() as session:
        return [Listed(*row) for row in session.execute(query).all()]


def cancel(db: Database, prompt_ids: Iterable[int], now: datetime) -> int:
    """Call prompts off; what has gone out already has gone. Returns how many guardians will not get one any more.

    Raises `CannotPrompt` when one of them does not exist.
    """
    wanted = list(prompt_ids)
    with db.connection() as tx:
        there = set(tx.execute(select(Prompt.id).where(Prompt.id.in_(wanted))).scalars())
        if there != set(wanted):
            raise CannotPrompt("There is no prompt with this id. `bot prompts list` shows them.")
        tx.execute(
            update(Prompt)
            .where(Prompt.id.in_(wanted), Prompt.state.in_(("scheduled", "planned")))
            .values(state="cancelled", why="cancelled")
        )
        return tx.execute(
            update(PromptRecipient)
            .where(PromptRecipient.prompt_id.in_(wanted), PromptRecipient.state == "planned")
            .values(state="cancelled", why="cancelled", settled_at=now)
        ).rowcount
