"""What a turn sees: one conversation and everything it needs to take its next step, read in one go.

Reading and writing are apart on purpose: translation happens between them, outside any transaction, and the write
is refused when the conversation's `version` has moved meanwhile.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session as OrmSession

from bot.flow.happenings import Text
from bot.flow.script import Script
from bot.flow.session import Session
from bot.store.columns import Vault
from bot.store.learning import Answer, LearningGoal
from bot.store.people import (
    Enrollment,
    Guardian,
    Guardianship,
    School,
    Section,
    Staff,
    Student,
    Teaching,
)  # fmt: skip
from bot.store.talk import Conversation, FlowRevision, FlowSession, Inbox


@dataclass(frozen=True, slots=True)
class Child:
    """A student of this guardian, in one section, with the teacher who leads it."""

    student_id: int
    given_name: str
    section_id: int | None
    section: str | None
    teacher: str | None


@dataclass(frozen=True, slots=True)
class Family:
    """Who is at the other end. `guardian_id` None: a number we do not know."""

    guardian_id: int | None = None
    name: str | None = None
    address_as: str | None = None
    language: str | None = None
    spoken_language: str | None = None
    school_id: int | None = None
    school: str = ""
    time_zone: str | None = None
    children: tuple[Child, ...] = ()
    quiet_days: tuple[str, ...] = ()
    emergency_number: str = "911"
    crisis_line: str = "988"
    crisis_texts: bool = True
    """Whether the crisis line answers texts too."""

    def names(self) -> tuple[str, ...]:
        """Names that must come through a translation unharmed."""
        found = [self.name, self.address_as, self.school or None]
        for child in self.children:
            found += [child.given_name, child.teacher, child.section]
        return tuple(dict.fromkeys(name for name in found if name))


@dataclass(frozen=True, slots=True)
class Running:
    """An open run through a script."""

    id: int
    script: Script
    session: Session
    student_id: int | None
    goal: str | None
    asked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Unhandled:
    """The oldest text that has not been handled."""

    id: int
    seq: int
    body: str = field(repr=False)
    media: tuple[tuple[str, str], ...]
    opt_out_type: str | None
    attempts: int
    failures: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """A conversation as it was at `version`."""

    id: int
    version: int
    address_index: bytes = field(repr=False)
    language: str | None
    pending: dict[str, object]
    time_zone: str | None
    opted_out: bool
    staff_took_over: bool
    awaits_staff_since: datetime | None
    in_seq: int
    out_seq: int
    family: Family
    running: tuple[Running, ...]
    known: dict[str, str | float]
    """What the family answered before, by field, newest wins."""
    inbound: Unhandled | None = None
    ever_ran: bool = False
    """Whether any script was ever begun with this family."""
    waiting: Text | None = None
    """An earlier text that waits for the family to say which child it was about."""


class Scripts:
    """Scripts by revision, compiled once. A revision never changes, so this never grows stale."""

    def __init__(self) -> None:
        self._by_revision: dict[int, Script] = {}

    def get(self, session: OrmSession, revision_id: int) -> Script:
        """The script of a revision."""
        script = self._by_revision.get(revision_id)
        if script is None:
            text = session.execute(
                select(FlowRevision.yaml).where(FlowRevision.id == revision_id)
            ).scalar_one()
            script = self._by_revision[revision_id] = Script.from_canonical(text)
        return script


def look(
    session: OrmSession, vault: Vault, scripts: Scripts, conversation_id: int, default_zone: str
) -> Seen | None:
    """Everything about one conversation, or None when there is none with this id."""
    row = session.get(Conversation, conversation_id)
    if row is None:
        return None
    runs = session.scalars(
        select(FlowSession)
        .where(FlowSession.conversation_id == row.id)
        .order_by(FlowSession.began_at, FlowSession.id)
    ).all()
    goals = _goals(session, [run.goal_id for run in runs if run.open and run.goal_id is not None])
    running = tuple(
        Running(
            run.id,
            scripts.get(session, run.revision_id),
            Session.from_json(json.loads(vault.open(FlowSession.state, run.id, run.state))),
            run.student_id,
            goals.get(run.goal_id) if run.goal_id else None,
            run.asked_at,
        )
        for run in runs
        if run.open
    )
    family = family_of(session, row.guardian_id)
    return Seen(
        id=row.id,
        version=row.version,
        address_index=row.address_index,
        language=row.language or family.language,
        pending=dict(row.pending or {}),
        time_zone=row.time_zone or family.time_zone or default_zone,
        opted_out=row.opted_out_at is not None,
        staff_took_over=row.staff_took_over_at is not None,
        awaits_staff_since=row.awaits_staff_since,
        in_seq=row.in_seq,
        out_seq=row.out_seq,
        family=family,
        running=running,
        known=_answers(session, vault, row.id),
        inbound=_oldest(session, vault, row.id),
        ever_ran=bool(runs),
        waiting=_waiting(session, vault, dict(row.pending or {})),
    )


def _goals(session: OrmSession, ids: list[int]) -> dict[int, str]:
    if not ids:
        return {}
    rows = session.execute(select(LearningGoal.id, LearningGoal.title).where(LearningGoal.id.in_(ids)))
    return {row.id: row.title for row in rows}


def family_of(session: OrmSession, guardian_id: int | None) -> Family:
    """A guardian with children, sections and teachers; of an unknown number only the school is known."""
    if guardian_id is None:
        school = session.scalars(select(School).order_by(School.id).limit(1)).first()
        return (
            Family(
                school=school.name,
                school_id=school.id,
                time_zone=school.time_zone,
                emergency_number=school.emergency_number,
                crisis_line=school.crisis_line,
                crisis_texts=school.crisis_texts,
            )
            if school
            else Family()
        )
    guardian = session.get_one(Guardian, guardian_id)
    school = session.get_one(School, guardian.school_id)
    rows = session.execute(
        select(Student.id, Student.given_name, Section.id, Section.name, Staff.name)
        .join(Guardianship, Guardianship.student_id == Student.id)
        .outerjoin(Enrollment, (Enrollment.student_id == Student.id) & Enrollment.active)
        .outerjoin(Section, (Section.id == Enrollment.section_id) & Section.active)
        .outerjoin(Teaching, (Teaching.section_id == Section.id) & Teaching.lead)
        .outerjoin(Staff, (Staff.id == Teaching.staff_id) & Staff.active)
        .where(Guardianship.guardian_id == guardian_id, Guardianship.active, Student.active)
        .order_by(Student.id, Section.id, Staff.id)
    ).all()
    children: dict[int, Child] = {}
    for student_id, given_name, section_id, section, teacher in rows:
        children.setdefault(student_id, Child(student_id, given_name, section_id, section, teacher))
    return Family(
        guardian_id=guardian.id,
        name=guardian.name,
        address_as=guardian.address_as,
        language=guardian.language,
        spoken_language=guardian.spoken_language,
        school_id=school.id,
        school=school.name,
        time_zone=guardian.time_zone or school.time_zone,
        children=tuple(children.values()),
        quiet_days=tuple(guardian.quiet_days or ()),
        emergency_number=school.emergency_number,
        crisis_line=school.crisis_line,
        crisis_texts=school.crisis_texts,
    )


def _oldest(session: OrmSession, vault: Vault, conversation_id: int) -> Unhandled | None:
    row = session.scalars(
        select(Inbox)
        .where(Inbox.conversation_id == conversation_id, Inbox.state == "new")
        .order_by(Inbox.seq)
        .limit(1)
    ).first()
    if row is None:
        return None
    media = json.loads(vault.open(Inbox.media, row.id, row.media)) if row.media else []
    return Unhandled(
        id=row.id,
        seq=row.seq,
        body=vault.open_or(Inbox.body, row.id, row.body),
        media=tuple((url, kind) for url, kind in media),
        opt_out_type=row.opt_out_type,
        attempts=row.attempts,
        failures=row.failures,
        received_at=row.received_at,
    )


def _waiting(session: OrmSession, vault: Vault, pending: dict[str, object]) -> Text | None:
    which = pending.get("which")
    row = session.get(Inbox, which["inbox"]) if isinstance(which, dict) else None
    if row is None:
        return None
    return Text(
        original=vault.open_or(Inbox.body, row.id, row.body),
        english=vault.open(Inbox.body_en, row.id, row.body_en) if row.body_en else None,
        language=row.language,
        has_media=row.media is not None,
        message_ref=str(row.id),
    )


def _answers(session: OrmSession, vault: Vault, conversation_id: int) -> dict[str, str | float]:
    known: dict[str, str | float] = {}
    for row in session.scalars(
        select(Answer).where(Answer.conversation_id == conversation_id).order_by(Answer.at, Answer.id)
    ):
        value = row.choice if row.choice is not None else row.number
        known[row.field] = value if value is not None else vault.open_or(Answer.words, row.id, row.words)
    return known
