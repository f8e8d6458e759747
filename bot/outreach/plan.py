"""Who gets a prompt, when, in which language; who does not, and why. A plan is data, written before anything is due.

The reasons are looked at in an order that tells staff the one that matters most: a family that asked for no texts
is not told about caps. Caps, opt-outs, pauses and quiet days are looked at again when a text goes (`firing`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.conversation.desk import Desk
from bot.delivery import best_time
from bot.delivery.caps import OPENING, Taken, chunks, taken_by
from bot.delivery.pacing import QuietHours, at_local, end_of_waking, next_allowed
from bot.delivery.quiet_days import is_quiet
from bot.flow.lines import Value
from bot.outreach.audience import Audience, Lead, leads
from bot.outreach.opener import Opener
from bot.outreach.reach import Reach, answers_of, reach_of
from bot.outreach.texts import Texts
from bot.store.learning import LearningGoal
from bot.store.outreach import Prompt, PromptRecipient
from bot.store.talk import FlowSession

WHY: dict[str, str] = {
    "no_phone": "There is no phone number.",
    "left": "The family is no longer on the roster.",
    "opted_out": "The family asked for no more texts.",
    "paused": "The family asked for a pause.",
    "staff_talking": "A person is talking with the family; the bot keeps quiet.",
    "language_unknown": "It is not known which language the family reads. Ask first.",
    "no_approved_translation": "No approved translation into the family's language.",
    "no_channel": "No conversation with the family takes a text now.",
    "duplicate": "The same phone gets this prompt already.",
    "quiet_day": "A day on which the family wants to be left alone.",
    "quiet_hours": "The time falls into the family's quiet hours.",
    "cap_reached": "The family would get more learning texts in seven days than its cap.",
    "too_late": "The day was over before it could go.",
    "holiday": "A day without school.",
    "no_script": "The conversation is not in the library any more.",
    "cancelled": "It was called off.",
}
"""Why a guardian does not get a prompt, in words for staff."""


HOURS: dict[str, time] = {name: hour for name, (_from, _until, hour) in best_time.HOURS.items()}
"""The hours meant by a family's best time of day."""


def hour_of(prompt: Prompt, quiet: QuietHours, answers: Mapping[str, Value] | None) -> time:
    """The hour of `prompt` for a family that gave these answers."""
    if not prompt.best_time or not answers:
        return prompt.at
    best = HOURS.get(str(answers.get(best_time.FIELD)))
    return prompt.at if best is None or quiet.holds(best) else best


@dataclass(frozen=True, slots=True)
class Moment:
    """When a prompt is due for a family, and from when on it would be too late (its quiet hours begin)."""

    day: date
    zone: ZoneInfo
    due_at: datetime
    expires_at: datetime

    @classmethod
    def of(
        cls, prompt: Prompt, zone: ZoneInfo, quiet: QuietHours, answers: Mapping[str, Value] | None = None
    ) -> Moment:
        """The prompt's hour on the family's own clock; or the time of day the family said suits it best, when the
        prompt leaves that to families. `due_at == expires_at`: it falls into the quiet hours."""
        due = at_local(prompt.day, hour_of(prompt, quiet, answers), zone)
        if next_allowed(due, zone, quiet) != due:
            return cls(prompt.day, zone, due, due)
        return cls(prompt.day, zone, due, end_of_waking(due, zone, quiet))


@dataclass(frozen=True, slots=True)
class Decision:
    """What a plan says about one guardian. `why` is a code of `WHY`; None: the guardian gets it.

    `digest_with` is a row of another prompt of that day: both go out as one text.
    """

    guardian_id: int
    lead: Lead
    talk_id: int | None
    moment: Moment
    language: str | None
    segments: int | None
    why: str | None
    digest_with: int | None = None

    @property
    def stands(self) -> bool:
        """Whether it waits for its hour: included, or held up only by a translation that may be approved until then."""
        return self.why in (None, "no_approved_translation")


def decide(
    session: Session, desk: Desk, prompt: Prompt, now: datetime, after: int | None = None
) -> Iterator[Decision]:
    """The plan of a prompt as things stand at `now`, guardian by guardian; from the one after `after` on.

    Raises `NoSuchScript` when its conversation has gone.
    """
    opener = opener_of(session, desk, prompt, Texts(desk.wording))
    audience = Audience.from_json(prompt.audience)
    meant = leads(session, prompt.school_id, audience)
    mine = session.scalars(select(PromptRecipient.id).where(PromptRecipient.prompt_id == prompt.id)).all()
    phones: set[bytes] = set()
    for some in chunks(one for one in sorted(meant) if after is None or one > after):
        reaches = reach_of(session, some)
        taken = taken_by(session, some, (prompt.day, prompt.day), without=mine)
        planned = _planned_that_day(session, some, prompt) if prompt.kind == "prompt" else {}
        turns = _turns(session, [reaches[one] for one in some if len(meant[one]) > 1])
        answers = answers_of(
            session, desk.db.vault, [talk.id for reach in reaches.values() for talk in reach.talks]
        )
        for guardian_id in some:
            reach = reaches[guardian_id]
            heard = next((answers[talk.id] for talk in reach.talks if talk.id in answers), None)
            moment = Moment.of(prompt, reach.zone, desk.quiet, heard)
            if not audience.wants(reach, moment.due_at):
                continue
            lead = min(meant[guardian_id], key=lambda one: (turns.get(one.student_id, 0), one.student_id))
            decision = _decide(
                desk, opener, reach, lead, moment, taken[guardian_id], planned.get(guardian_id),
                answers, phones, now,
            )  # fmt: skip
            if decision.stands and reach.phone_index is not None:
                phones.add(reach.phone_index)
            yield decision


def opener_of(session: Session, desk: Desk, prompt: Prompt, texts: Texts) -> Opener:
    """What opens this prompt. Raises `NoSuchScript`."""
    goal = session.get(LearningGoal, prompt.goal_id) if prompt.goal_id is not None else None
    return Opener(desk, prompt, texts, goal.title if goal else None)


def _decide(
    desk: Desk,
    opener: Opener,
    reach: Reach,
    lead: Lead,
    moment: Moment,
    taken: Taken,
    merges_with: int | None,
    answers: Mapping[int, Mapping[str, Value]],
    phones: set[bytes],
    now: datetime,
) -> Decision:
    talk = reach.talk_at(moment.due_at)
    decision = Decision(
        reach.guardian_id, lead, talk.id if talk else None, moment, reach.language, None, None, None
    )
    why = unreachable(reach, moment.due_at)
    if why is None and reach.phone_index in phones:
        why = "duplicate"
    if why is None and is_quiet(moment.day, reach.quiet_days):
        why = "quiet_day"
    if why is None and moment.due_at == moment.expires_at:
        why = "quiet_hours"
    if why is None and now >= moment.expires_at:
        why = "too_late"
    if why is not None:
        return replace(decision, why=why)
    lesson = reach.lesson(lead.student_id, lead.section_id)
    opened = opener.open(
        reach, lesson, answers.get(talk.id, {}) if talk else {}, reach.language or "", moment.due_at
    )
    if opened.blocked:
        decision = replace(decision, why="no_approved_translation")
    else:
        decision = replace(decision, segments=opened.segments)
    if opener.prompt.kind == "prompt":
        if merges_with is not None:
            return replace(decision, digest_with=merges_with)
        if not taken.admits(moment.day, OPENING, reach.weekly_cap, reach.own_cap):
            return replace(decision, why="cap_reached", segments=None)
    return decision


def unreachable(reach: Reach, at: datetime) -> str | None:
    """Why nothing can be begun with this guardian at `at` whatever the prompt says, or None."""
    if not reach.active:
        return "left"
    if reach.phone_index is None:
        return "no_phone"
    if reach.opted_out:
        return "opted_out"
    if reach.paused_until is not None and reach.paused_until > at:
        return "paused"
    if reach.taken_over:
        return "staff_talking"
    if reach.language is None:
        return "language_unknown"
    return None


def _planned_that_day(session: Session, guardian_ids: Sequence[int], prompt: Prompt) -> dict[int, int]:
    """Guardian → a planned row of another learning prompt of the same day: the two become one text."""
    rows = session.execute(
        select(PromptRecipient.guardian_id, func.min(PromptRecipient.id))
        .join(Prompt, Prompt.id == PromptRecipient.prompt_id)
        .where(
            PromptRecipient.guardian_id.in_(guardian_ids),
            PromptRecipient.day == prompt.day,
            PromptRecipient.prompt_id != prompt.id,
            PromptRecipient.state == "planned",
            Prompt.kind == "prompt",
        )
        .group_by(PromptRecipient.guardian_id)
    )
    return dict(rows.all())


def _turns(session: Session, reaches: Sequence[Reach]) -> dict[int, int]:
    """How often each child of these guardians has had a turn: brothers and sisters take turns."""
    talks = [talk.id for reach in reaches for talk in reach.talks]
    found: dict[int, int] = defaultdict(int)
    for some in chunks(talks):
        for student, count in session.execute(
            select(FlowSession.student_id, func.count())
            .where(FlowSession.conversation_id.in_(some), FlowSession.student_id.is_not(None))
            .group_by(FlowSession.student_id)
        ):
            found[int(student or 0)] += count
    return found
