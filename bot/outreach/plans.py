"""Plans as people read them: who gets a prompt, when, in which language; who does not, and why; what follows over weeks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import islice
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.conversation.desk import Desk
from bot.conversation.initiative import Pace
from bot.flow.script import Wait
from bot.outreach.forecast import Later, forecast
from bot.outreach.plan import WHY, decide
from bot.outreach.planning import ROWS, row_of
from bot.store.learning import LearningGoal
from bot.store.outreach import Prompt, PromptRecipient, SchoolHoliday
from bot.store.people import Guardian, School, Student
from bot.store.talk import Conversation

PAGE = 50


@dataclass(frozen=True, slots=True)
class Planned:
    """One line of a plan, for people."""

    guardian_id: int
    guardian: str
    child: str | None
    when: datetime
    """On the family's own clock (aware, with the zone's name)."""
    language: str | None
    segments: int | None
    included: bool
    why: str
    """Why not, or what it is merged with; empty when there is nothing to say."""
    state: str
    then: tuple[Later, ...] = ()
    """What follows by itself, of a conversation that runs over weeks; for a family that stays silent."""


@dataclass(frozen=True, slots=True)
class PlanPage:
    """A page of a plan, in the roster's order. `whys` and `going` count everybody, whatever page this is; None: the
    plan is not written yet, and what is shown is how it would be written now."""

    prompt_id: int
    title: str
    kind: str
    state: str
    day: date
    lines: tuple[Planned, ...]
    next: int | None
    going: int | None
    whys: tuple[tuple[str, int], ...]


def plan_of(desk: Desk, prompt_id: int) -> list[Planned]:
    """The whole plan of a prompt: as it is written; or, before that, as it would be written now.

    Raises LookupError when there is no such prompt, and `NoSuchScript`.
    """
    with desk.db.reading() as session:
        prompt = _prompt(session, prompt_id)
        if prompt.state == "scheduled":
            rows = _as_if_written(session, desk, prompt, None, None)
        else:
            rows = list(
                session.scalars(select(PromptRecipient).where(PromptRecipient.prompt_id == prompt_id))
            )
        lines = _lines(session, desk, prompt, rows)
    return sorted(lines, key=lambda line: (not line.included, line.when, line.guardian, line.guardian_id))


def plan_page(
    desk: Desk, prompt_id: int, after: int | None = None, *, out: bool = False, limit: int = PAGE
) -> PlanPage:
    """A page of a plan, from the guardian after `after` on; with `out` only who does not get it.

    Raises LookupError when there is no such prompt, and `NoSuchScript`.
    """
    with desk.db.reading() as session:
        prompt = _prompt(session, prompt_id)
        whys: tuple[tuple[str, int], ...] = ()
        going = None
        if prompt.state == "scheduled":
            rows = _as_if_written(session, desk, prompt, after, limit + 1)
        else:
            query = select(PromptRecipient).where(PromptRecipient.prompt_id == prompt_id)
            if after is not None:
                query = query.where(PromptRecipient.guardian_id > after)
            query = query.where(PromptRecipient.why.is_not(None) if out else PromptRecipient.why.is_(None))
            rows = list(session.scalars(query.order_by(PromptRecipient.guardian_id).limit(limit + 1)))
            counts = session.execute(
                select(PromptRecipient.why, func.count())
                .where(PromptRecipient.prompt_id == prompt_id)
                .group_by(PromptRecipient.why)
            ).all()
            going = sum(count for why, count in counts if why is None)
            whys = tuple(
                sorted(((WHY.get(why, why), count) for why, count in counts if why), key=lambda one: -one[1])
            )
        more = len(rows) > limit
        lines = _lines(session, desk, prompt, rows[:limit])
        return PlanPage(
            prompt.id, prompt.title, prompt.kind, prompt.state, prompt.day, tuple(lines),
            rows[limit - 1].guardian_id if more else None, going, whys,
        )  # fmt: skip


def _prompt(session: Session, prompt_id: int) -> Prompt:
    prompt = session.get(Prompt, prompt_id)
    if prompt is None:
        raise LookupError(f"There is no prompt with the id {prompt_id}.")
    return prompt


def _as_if_written(
    session: Session, desk: Desk, prompt: Prompt, after: int | None, most: int | None
) -> list[PromptRecipient]:
    holiday = session.get(SchoolHoliday, (prompt.school_id, prompt.day)) is not None
    now = desk.clock()
    return [
        PromptRecipient(**row_of(prompt, replace(one, why="holiday") if holiday else one, {}, now))
        for one in islice(decide(session, desk, prompt, now, after), most)
    ]


def _lines(session: Session, desk: Desk, prompt: Prompt, rows: Sequence[PromptRecipient]) -> list[Planned]:
    people: dict[int, tuple[str, tuple[str, ...]]] = {}
    children: dict[int, str] = {}
    for start in range(0, len(rows), ROWS):
        some = rows[start : start + ROWS]
        for guardian_id, name, quiet_days in session.execute(
            select(Guardian.id, Guardian.name, Guardian.quiet_days).where(
                Guardian.id.in_([row.guardian_id for row in some])
            )
        ):
            people[guardian_id] = (name, tuple(quiet_days))
        children |= dict(
            session.execute(
                select(Student.id, Student.given_name).where(Student.id.in_([row.student_id for row in some]))
            ).all()
        )  # fmt: skip
    merged = _merged_titles(session, prompt, rows)
    ahead = _Ahead(session, desk, prompt, rows)
    lines = []
    for row in rows:
        name, quiet_days = people.get(row.guardian_id, ("", ()))
        included = row.why is None and row.state in ("planned", "fired")
        lines.append(
            Planned(
                row.guardian_id,
                name,
                children.get(row.student_id or 0),
                row.due_at.astimezone(ZoneInfo(row.time_zone)),
                row.language,
                row.segments,
                included,
                WHY.get(row.why, row.why)
                if row.why is not None
                else merged.get((row.guardian_id, row.day), ""),
                row.state,
                ahead.of(row, quiet_days) if included else (),
            )
        )
    return lines


class _Ahead:
    """What follows a prompt's first text, reckoned once for all families who live by the same rules."""

    def __init__(self, session: Session, desk: Desk, prompt: Prompt, rows: Sequence[PromptRecipient]) -> None:
        self._desk = desk
        script = desk.library.get(prompt.script or "")
        # Only a conversation that waits goes on by itself; the others are over with their answer.
        runs = script is not None and any(
            isinstance(step, Wait)
            for conversation in script.conversations.values()
            for step in conversation.steps.values()
        )
        self._script = script if runs and prompt.kind == "prompt" else None
        self._found: dict[object, tuple[Later, ...]] = {}
        self._caps: dict[int, int | None] = {}
        if self._script is None:
            return
        self._school_cap = session.get_one(School, prompt.school_id).weekly_cap
        goal = session.get(LearningGoal, prompt.goal_id) if prompt.goal_id is not None else None
        self._goal = goal.title if goal else None
        self._off = frozenset(
            session.scalars(
                select(SchoolHoliday.day).where(
                    SchoolHoliday.school_id == prompt.school_id, SchoolHoliday.day >= prompt.day
                )
            )
        )
        talks = [row.conversation_id for row in rows if row.conversation_id is not None]
        for start in range(0, len(talks), ROWS):
            self._caps |= dict(
                session.execute(
                    select(Conversation.id, Conversation.weekly_cap).where(
                        Conversation.id.in_(talks[start : start + ROWS])
                    )
                ).all()
            )  # fmt: skip

    def of(self, row: PromptRecipient, quiet_days: tuple[str, ...]) -> tuple[Later, ...]:
        """The texts that follow the one this row plans."""
        if self._script is None:
            return ()
        own = self._caps.get(row.conversation_id or 0)
        key = (row.due_at, row.time_zone, row.language, quiet_days, own)
        if key not in self._found:
            pace = Pace(None, ZoneInfo(row.time_zone), None, quiet_days, self._school_cap, own, self._off)
            known = {"child": "…", "guardian": "…", "teacher": "…", "school": "…", "goal": self._goal}
            languages = (row.language,) if row.language else ()
            self._found[key] = forecast(self._desk, self._script, row.due_at, pace, {**known}, languages)
        return self._found[key]


def _merged_titles(
    session: Session, prompt: Prompt, rows: Sequence[PromptRecipient]
) -> dict[tuple[int, date], str]:
    """Which other prompts a family's text also carries."""
    merging = [row.guardian_id for row in rows if row.digest is not None]
    found: dict[tuple[int, date], str] = {}
    for start in range(0, len(merging), ROWS):
        for guardian, day, title in session.execute(
            select(PromptRecipient.guardian_id, PromptRecipient.day, Prompt.title)
            .join(Prompt, Prompt.id == PromptRecipient.prompt_id)
            .where(
                PromptRecipient.guardian_id.in_(merging[start : start + ROWS]),
                PromptRecipient.day == prompt.day,
                PromptRecipient.prompt_id != prompt.id,
                PromptRecipient.state.in_(("planned", "fired")),
                Prompt.kind == "prompt",
            )
        ):
            found[guardian, day] = f"One text together with “{title}”."
    return found
