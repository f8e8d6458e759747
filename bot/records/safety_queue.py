"""The safety queue: what was raised, three messages around it, and what people did about it.

For coordinators and administrators of the school alone: the guardian may be the danger, and so may a colleague who
teaches the child. Every look is in the audit log, under the alert and not under the family, so that nothing a family
is handed tells that an alert exists.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from bot.records import audit
from bot.records.profile import Words
from bot.records.staff import Member
from bot.records.threads import Message, message_of_family, message_to_family
from bot.store.database import Database
from bot.store.people import Guardian, Staff
from bot.store.safety import SafetyAlert, SafetyPage, SafetyStep
from bot.store.talk import Conversation, Inbox, Outbox

PAGE: Final = 30
AROUND: Final = 3
ROLES: Final = ("coordinator", "administrator")
SUBJECT: Final = "safety_alert"
_ORDER: Final = case((SafetyAlert.tier == "urgent", 0), (SafetyAlert.tier == "concern", 1), else_=2)


@dataclass(frozen=True, slots=True)
class RuleFound:
    """A wording that raised the alert: whose language, what about, the words, and where they stood."""

    language: str
    tier: str
    kind: str
    matched: str
    seen_in: str


@dataclass(frozen=True, slots=True)
class Line:
    """One alert in the queue. `name` None: a number nobody knows, or a family that was erased."""

    id: int
    tier: str
    kinds: tuple[str, ...]
    raised_at: datetime
    due_at: datetime
    acknowledged_at: datetime | None
    assigned: str | None
    settled_at: datetime | None
    outcome: str | None
    name: str | None
    words: Words | None
    english: str | None

    def late(self, now: datetime) -> bool:
        """Whether it should have been looked at by now."""
        return self.settled_at is None and self.acknowledged_at is None and self.due_at < now


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the queue; `next` is where the following page begins, or None."""

    lines: tuple[Line, ...]
    next: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """What somebody did. `who` None: the system itself."""

    at: datetime
    who: str | None
    what: str
    words: str
    to: str | None


@dataclass(frozen=True, slots=True)
class Call:
    """One page to one person."""

    at: datetime
    who: str
    way: str
    state: str


@dataclass(frozen=True, slots=True)
class Case:
    """An alert as a person needs it who decides what to do."""

    line: Line
    conversation_id: int | None
    rules: tuple[RuleFound, ...]
    message: Message | None
    before: tuple[Message, ...]
    after: tuple[Message, ...]
    steps: tuple[Step, ...]
    calls: tuple[Call, ...]
    others: tuple[int, ...]
    """Other alerts of this family that nobody has settled."""
    acknowledged_by: str | None
    next_page_at: datetime | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many alerts nobody has looked at, how many of them are urgent, and since when the first of those waits (of all,
    when none is urgent)."""

    count: int
    urgent: int
    since: datetime | None


def waiting(db: Database, who: Member) -> Waiting:
    """What nobody has looked at yet, for somebody who may see the queue; nothing for everybody else."""
    if who.role not in ROLES:
        return Waiting(0, 0, None)
    with db.reading() as session:
        rows = session.execute(
            select(SafetyAlert.tier, func.count(), func.min(SafetyAlert.raised_at))
            .where(
                SafetyAlert.school_id == who.school_id,
                SafetyAlert.settled_at.is_(None),
                SafetyAlert.acknowledged_at.is_(None),
            )
            .group_by(SafetyAlert.tier)
        ).all()
    found = {tier: (count, since) for tier, count, since in rows}
    urgent, since = found.get("urgent", (0, None))
    first = since or min((since for _count, since in found.values()), default=None)
    return Waiting(sum(count for count, _since in found.values()), urgent, first)


def queue(db: Database, who: Member, *, settled: bool, after: int | None = None, limit: int = PAGE) -> Page:
    """The alerts of a school: open ones by tier and time, settled ones newest first. `after`: the last one seen."""
    query = _lines().where(SafetyAlert.school_id == who.school_id)
    if settled:
        query = query.where(SafetyAlert.settled_at.is_not(None)).order_by(SafetyAlert.id.desc())
        if after is not None:
            query = query.where(SafetyAlert.id < after)
    else:
        query = query.where(SafetyAlert.settled_at.is_(None)).order_by(
            _ORDER, SafetyAlert.due_at, SafetyAlert.id
        )
    with db.reading() as session:
        if after is not None and not settled:
            query = query.where(_behind(session, after))
        rows = session.execute(query.limit(limit + 1)).all()
    lines = tuple(_line(db, row) for row in rows[:limit])
    return Page(lines, lines[-1].id if len(rows) > limit else None)


def _behind(session: Session, alert_id: int) -> Any:
    """The condition on open alerts that stand behind this one."""
    last = session.execute(
        select(_ORDER.label("place"), SafetyAlert.due_at).where(SafetyAlert.id == alert_id)
    ).first()
    if last is None:
        return SafetyAlert.id.is_not(None)
    return or_(
        last.place < _ORDER,
        and_(last.place == _ORDER, SafetyAlert.due_at > last.due_at),
        and_(last.place == _ORDER, SafetyAlert.due_at == last.due_at, SafetyAlert.id > alert_id),
    )


def _lines() -> Any:
    assigned = aliased(Staff)
    return (
        select(
            SafetyAlert, Inbox.id.label("text_id"), Inbox.body, Inbox.body_en, Inbox.language, Guardian.name,
            assigned.name.label("assigned"),
        )
        .outerjoin(Inbox, Inbox.id == SafetyAlert.inbox_id)
        .outerjoin(Conversation, Conversation.id == SafetyAlert.conversation_id)
        .outerjoin(Guardian, Guardian.id == Conversation.guardian_id)
        .outerjoin(assigned, assigned.id == SafetyAlert.assigned_to)
    )  # fmt: skip


def _line(db: Database, row: Any) -> Line:
    alert: SafetyAlert = row.SafetyAlert
    said = db.vault.show(Inbox.body, row.text_id, row.body) if row.body is not None else None
    return Line(
        id=alert.id,
        tier=alert.tier,
        kinds=tuple(map(str, alert.kinds)),
        raised_at=alert.raised_at,
        due_at=alert.due_at,
        acknowledged_at=alert.acknowledged_at,
        assigned=row.assigned,
        settled_at=alert.settled_at,
        outcome=alert.outcome,
        name=row.name,
        words=None if said is None else Words(said, row.language),
        english=db.vault.show(Inbox.body_en, row.text_id, row.body_en) if row.body_en is not None else None,
    )


def look(db: Database, who: Member, alert_id: int, now: datetime) -> Case | None:
    """One alert, written to the audit log before it is shown. None when it is not this person's to see."""
    if not _theirs(db, who, alert_id):
        return None
    audit.record(db, now, who.id, "saw_safety_alert", SUBJECT, alert_id)
    by, to = aliased(Staff), aliased(Staff)
    with db.reading() as session:
        row = session.execute(_lines().where(SafetyAlert.id == alert_id)).one()
        alert: SafetyAlert = row.SafetyAlert
        steps = session.execute(
            select(SafetyStep, by.name.label("who"), to.name.label("to"))
            .outerjoin(by, by.id == SafetyStep.staff_id)
            .outerjoin(to, to.id == SafetyStep.to_id)
            .where(SafetyStep.alert_id == alert_id)
            .order_by(SafetyStep.id)
        ).all()
        calls = session.execute(
            select(SafetyPage.at, Staff.name, SafetyPage.way, SafetyPage.state, Outbox.state.label("sent"))
            .join(Staff, Staff.id == SafetyPage.staff_id)
            .outerjoin(Outbox, Outbox.ref == SafetyPage.ref)
            .where(SafetyPage.alert_id == alert_id)
            .order_by(SafetyPage.at.desc(), SafetyPage.id.desc())
            .limit(20)
        ).all()
        others = session.scalars(
            select(SafetyAlert.id)
            .where(
                SafetyAlert.conversation_id == alert.conversation_id,
                SafetyAlert.id != alert_id,
                SafetyAlert.settled_at.is_(None),
            )
            .order_by(SafetyAlert.id)
            .limit(20)
        ).all()
        seen_by = session.scalar(select(Staff.name).where(Staff.id == alert.acknowledged_by))
        before, message, after = _around(db, session, alert)
    return Case(
        line=_line(db, row),
        conversation_id=alert.conversation_id,
        rules=_rules(db, alert),
        message=message,
        before=before,
        after=after,
        steps=tuple(
            Step(
                step.SafetyStep.at,
                step.who,
                step.SafetyStep.what,
                db.vault.show(SafetyStep.words, step.SafetyStep.id, step.SafetyStep.words),
                step.to,
            )
            for step in steps
        ),
        calls=tuple(Call(call.at, call.name, call.way, call.sent or call.state) for call in calls),
        others=tuple(others),
        acknowledged_by=seen_by,
        next_page_at=alert.next_page_at,
    )


def _theirs(db: Database, who: Member, alert_id: int) -> bool:
    with db.reading() as session:
        school = session.scalar(select(SafetyAlert.school_id).where(SafetyAlert.id == alert_id))
    return school == who.school_id and who.role in ROLES


def _rules(db: Database, alert: SafetyAlert) -> tuple[RuleFound, ...]:
    told = db.vault.show(SafetyAlert.rules, alert.id, alert.rules, "[]")
    try:
        return tuple(RuleFound(*map(str, rule)) for rule in json.loads(told))
    except (ValueError, TypeError):
        return ()


def _around(
    db: Database, session: Session, alert: SafetyAlert
) -> tuple[tuple[Message, ...], Message | None, tuple[Message, ...]]:
    """The text itself and up to three messages before and after it, from both sides."""
    text = session.get(Inbox, alert.inbox_id) if alert.inbox_id is not None else None
    if text is None:
        return (), None, ()
    at = text.received_at
    heard = [Inbox.conversation_id == text.conversation_id, Inbox.id != text.id]
    told = [Outbox.conversation_id == text.conversation_id]
    earlier = _messages(
        db,
        session.scalars(
            select(Inbox).where(*heard, Inbox.seq < text.seq).order_by(Inbox.seq.desc()).limit(AROUND)
        ).all(),
        session.scalars(
            select(Outbox).where(*told, Outbox.created_at < at).order_by(Outbox.seq.desc()).limit(AROUND)
        ).all(),
    )[-AROUND:]
    later = _messages(
        db,
        session.scalars(
            select(Inbox).where(*heard, Inbox.seq > text.seq).order_by(Inbox.seq).limit(AROUND)
        ).all(),
        session.scalars(
            select(Outbox).where(*told, Outbox.created_at >= at).order_by(Outbox.seq).limit(AROUND)
        ).all(),
    )[:AROUND]
    return tuple(earlier), message_of_family(db, text), tuple(later)


def _messages(db: Database, heard: Sequence[Inbox], told: Sequence[Outbox]) -> list[Message]:
    found = [message_of_family(db, row) for row in heard] + [message_to_family(db, row) for row in told]
    return sorted(found, key=lambda message: (message.at, not message.from_family, message.seq))
