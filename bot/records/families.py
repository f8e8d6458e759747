"""Lists of families for the staff pages: who wrote and waits, and everybody else, a page at a time.

Pages are cut by key, never by offset: page 400 costs what page 1 costs. A page is three queries, however many
families there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session

from bot.records.scope import strangers_of, visible_conversations, visible_guardians
from bot.records.staff import Member
from bot.store.database import Database
from bot.store.people import Enrollment, Guardian, Guardianship, Section, Student
from bot.store.talk import Conversation, Inbox

PAGE = 30


@dataclass(frozen=True, slots=True)
class Child:
    """A child of a family, with the sections it is in."""

    id: int
    given_name: str
    family_name: str
    grade: str | None
    sections: tuple[str, ...]
    relationship: str | None


@dataclass(frozen=True, slots=True)
class FamilyLine:
    """One family in a list. `name` is None for a number that belongs to nobody yet; then `number_ends` tells it apart."""

    conversation_id: int | None
    guardian_id: int | None
    name: str | None
    children: tuple[Child, ...]
    language: str | None
    waits_since: datetime | None
    last_in_at: datetime | None
    opted_out: bool
    taken_over: bool
    number_ends: str = ""
    said: str = ""
    said_language: str | None = None
    said_translated: bool = False
    not_translated: bool = False
    """Nothing here could say in English what was said."""
    sent_media: bool = False
    more: int = 0
    """How many texts followed it."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list; `next` is where the following page begins, or None."""

    lines: tuple[FamilyLine, ...]
    next: tuple[str, int] | None


def waiting(db: Database, who: Member, after: tuple[str, int] | None = None, limit: int = PAGE) -> Page:
    """The families who wrote and wait for a person, longest first, with the first thing that waits for an answer: a
    question is not hidden by the thanks that followed it."""
    query = (
        select(
            Conversation.id,
            Conversation.guardian_id,
            Conversation.address,
            Conversation.language,
            Conversation.awaits_staff_since,
            Conversation.last_in_at,
            Conversation.opted_out_at,
            Conversation.staff_took_over_at,
            Guardian.name,
            Guardian.language.label("guardian_language"),
        )
        .outerjoin(Guardian, Guardian.id == Conversation.guardian_id)
        .where(Conversation.awaits_staff_since.is_not(None), visible_conversations(who))
        .order_by(Conversation.awaits_staff_since, Conversation.id)
        .limit(limit + 1)
    )
    if after is not None:
        place = (datetime.fromisoformat(after[0]), after[1])
        query = query.where(tuple_(Conversation.awaits_staff_since, Conversation.id) > tuple_(*place))
    with db.reading() as session:
        rows = session.execute(query).all()
        more, rows = len(rows) > limit, rows[:limit]
        children = children_of(session, (row.guardian_id for row in rows if row.guardian_id is not None))
        unanswered = _unanswered(session, [row.id for row in rows])
    lines = []
    for row in rows:
        texts = unanswered.get(row.id, [])
        first = texts[0] if texts else None
        original = english = ""
        if first is not None:
            original = db.vault.show(Inbox.body, first.id, first.body)
            english = db.vault.show(Inbox.body_en, first.id, first.body_en)
        known = row.guardian_id is not None
        lines.append(
            FamilyLine(
                conversation_id=row.id,
                guardian_id=row.guardian_id,
                name=row.name,
                children=children.get(row.guardian_id, ()),
                language=row.guardian_language or row.language,
                waits_since=row.awaits_staff_since,
                last_in_at=row.last_in_at,
                opted_out=row.opted_out_at is not None,
                taken_over=row.staff_took_over_at is not None,
                number_ends="" if known else db.vault.open(Conversation.address, row.id, row.address)[-4:],
                said=english or original,
                said_language="en" if english else (first.language if first is not None else None),
                said_translated=bool(english) and english != original,
                not_translated=bool(original)
                and not english
                and first is not None
                and first.state != "new"
                and first.language not in ("en", None),
                sent_media=first is not None and first.media is not None,
                more=max(0, len(texts) - 1),
            )
        )
    last = rows[-1] if rows else None
    return Page(tuple(lines), (last.awaits_staff_since.isoformat(), last.id) if more and last else None)


def _unanswered(session: Session, conversation_ids: list[int]) -> dict[int, list[Any]]:
    """The texts of these conversations that wait for a person, oldest first; the newest where none is marked."""
    if not conversation_ids:
        return {}
    waits = or_(
        Inbox.handled_at.is_(None),
        Inbox.handled_at >= Conversation.awaits_staff_since,
        Inbox.seq == Conversation.in_seq,
    )
    found: dict[int, list[Any]] = defaultdict(list)
    for row in session.execute(
        select(
            Inbox.conversation_id,
            Inbox.id,
            Inbox.body,
            Inbox.body_en,
            Inbox.language,
            Inbox.media,
            Inbox.state,
        )
        .join(Conversation, Conversation.id == Inbox.conversation_id)
        .where(Conversation.id.in_(conversation_ids), waits)
        .order_by(Inbox.conversation_id, Inbox.seq)
    ):
        found[row.conversation_id].append(row)
    return found


def everyone_else(
    db: Database, who: Member, after: tuple[str, int] | None = None, search: str = "", limit: int = PAGE
) -> Page:
    """The families who are not waiting, by name; with `search`, every family (or child) whose name contains it."""
    query = (
        select(Guardian.id, Guardian.name, Guardian.language)
        .where(Guardian.active, visible_guardians(who))
        .order_by(Guardian.name, Guardian.id)
        .limit(limit + 1)
    )
    if search:
        child = (
            select(Guardianship.guardian_id)
            .join(Student, Student.id == Guardianship.student_id)
            .where(
                Guardianship.active,
                (Student.given_name + " " + Student.family_name).icontains(search, autoescape=True),
            )
        )
        query = query.where(or_(Guardian.name.icontains(search, autoescape=True), Guardian.id.in_(child)))
    else:
        query = query.where(
            ~exists().where(
                Conversation.guardian_id == Guardian.id, Conversation.awaits_staff_since.is_not(None)
            )
        )
    if after is not None:
        query = query.where(tuple_(Guardian.name, Guardian.id) > tuple_(*after))
    with db.reading() as session:
        rows = session.execute(query).all()
        more, rows = len(rows) > limit, rows[:limit]
        ids = [row.id for row in rows]
        children = children_of(session, ids)
        talks = _newest_conversations(session, ids)
    lines = []
    for row in rows:
        talk = talks.get(row.id)
        lines.append(
            FamilyLine(
                conversation_id=talk.id if talk else None,
                guardian_id=row.id,
                name=row.name,
                children=children.get(row.id, ()),
                language=row.language or (talk.language if talk else None),
                waits_since=talk.awaits_staff_since if talk else None,
                last_in_at=talk.last_in_at if talk else None,
                opted_out=talk is not None and talk.opted_out_at is not None,
                taken_over=talk is not None and talk.staff_took_over_at is not None,
            )
        )
    last = rows[-1] if rows else None
    return Page(tuple(lines), (last.name, last.id) if more and last else None)


def strangers(db: Database, who: Member, after: tuple[str, int] | None = None, limit: int = PAGE) -> Page:
    """Conversations with numbers that belong to nobody yet, newest text first; nothing for a teacher."""
    if not who.sees_whole_school:
        return Page((), None)
    query = (
        select(Conversation)
        .where(strangers_of(who), Conversation.last_in_at.is_not(None))
        .order_by(Conversation.last_in_at.desc(), Conversation.id.desc())
        .limit(limit + 1)
    )
    if after is not None:
        place = (datetime.fromisoformat(after[0]), after[1])
        query = query.where(tuple_(Conversation.last_in_at, Conversation.id) < tuple_(*place))
    with db.reading() as session:
        rows = session.scalars(query).all()
    more, rows = len(rows) > limit, rows[:limit]
    lines = tuple(
        FamilyLine(
            conversation_id=row.id,
            guardian_id=None,
            name=None,
            children=(),
            language=row.language,
            waits_since=row.awaits_staff_since,
            last_in_at=row.last_in_at,
            opted_out=row.opted_out_at is not None,
            taken_over=row.staff_took_over_at is not None,
            number_ends=db.vault.open(Conversation.address, row.id, row.address)[-4:],
        )
        for row in rows
    )
    last = rows[-1] if rows else None
    at = last.last_in_at if last else None
    return Page(lines, (at.isoformat(), last.id) if more and last and at else None)


def number_of(db: Database, who: Member, conversation_id: int) -> str | None:
    """The number of a conversation this person may read. For what is done with it at once; it is not shown."""
    with db.reading() as session:
        row = session.scalars(
            select(Conversation)
            .outerjoin(Guardian, Guardian.id == Conversation.guardian_id)
            .where(Conversation.id == conversation_id, visible_conversations(who))
        ).one_or_none()
    return None if row is None else db.vault.open(Conversation.address, row.id, row.address)


def languages_of(db: Database, who: Member) -> list[tuple[str, int]]:
    """The languages the families this person may read, read; with how many families each. Most first."""
    query = (
        select(Guardian.language, func.count())
        .where(Guardian.active, Guardian.language.is_not(None), visible_guardians(who))
        .group_by(Guardian.language)
    )
    with db.reading() as session:
        rows = [(str(language), count) for language, count in session.execute(query)]
    return sorted(rows, key=lambda row: (-row[1], row[0]))


def can_see_guardian(db: Database, who: Member, guardian_id: int) -> bool:
    """Whether this guardian's words are this person's to read."""
    with db.reading() as session:
        found = session.execute(
            select(Guardian.id).where(Guardian.id == guardian_id, Guardian.active, visible_guardians(who))
        ).one_or_none()
    return found is not None


@dataclass(frozen=True, slots=True)
class Counts:
    """A school in numbers without names: for those who see no family's words."""

    families: int
    languages: int
    waiting: int
    longest_since: datetime | None


def counts(db: Database, who: Member) -> Counts:
    """How many families, how many languages, how many wait; for a district across all its schools."""
    mine = (
        Guardian.active
        if who.role == "district"
        else and_(Guardian.active, Guardian.school_id == who.school_id)
    )
    with db.reading() as session:
        families, languages = session.execute(
            select(func.count(), func.count(Guardian.language.distinct())).select_from(Guardian).where(mine)
        ).one()
        waits, longest = session.execute(
            select(func.count(), func.min(Conversation.awaits_staff_since))
            .select_from(Conversation)
            .join(Guardian, Guardian.id == Conversation.guardian_id)
            .where(Conversation.awaits_staff_since.is_not(None), mine)
        ).one()
    return Counts(families, languages, waits, longest)


def children(db: Database, guardian_ids: Iterable[int]) -> dict[int, tuple[Child, ...]]:
    """As `children_of`, for a list that is not of this room."""
    with db.reading() as session:
        return children_of(session, guardian_ids)


def children_of(session: Session, guardian_ids: Iterable[int]) -> dict[int, tuple[Child, ...]]:
    """The active children of these guardians, with their active sections: one query."""
    ids = list(guardian_ids)
    if not ids:
        return {}
    rows = session.execute(
        select(
            Guardianship.guardian_id,
            Guardianship.relationship,
            Student.id,
            Student.given_name,
            Student.family_name,
            Student.grade,
            Section.name,
        )
        .join(Student, Student.id == Guardianship.student_id)
        .outerjoin(Enrollment, and_(Enrollment.student_id == Student.id, Enrollment.active))
        .outerjoin(Section, and_(Section.id == Enrollment.section_id, Section.active))
        .where(Guardianship.guardian_id.in_(ids), Guardianship.active, Student.active)
        .order_by(Student.given_name, Student.id, Section.name)
    ).all()
    found: dict[int, dict[int, Child]] = defaultdict(dict)
    for row in rows:
        before = found[row.guardian_id].get(row.id)
        sections = before.sections if before else ()
        if row.name is not None:
            sections = (*sections, row.name)
        found[row.guardian_id][row.id] = Child(
            row.id, row.given_name, row.family_name, row.grade, sections, row.relationship
        )
    return {guardian: tuple(children.values()) for guardian, children in found.items()}


def _newest_conversations(session: Session, guardian_ids: list[int]) -> dict[int, Conversation]:
    """Of each guardian the conversation that was used last."""
    if not guardian_ids:
        return {}
    rows = session.scalars(select(Conversation).where(Conversation.guardian_id.in_(guardian_ids))).all()
    newest: dict[int, Conversation] = {}
    for row in sorted(rows, key=lambda row: (row.last_in_at or row.created_at, row.id)):
        if row.guardian_id is not None:
            newest[row.guardian_id] = row
    return newest
