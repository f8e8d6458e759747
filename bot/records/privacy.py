"""MY DATA and FORGET ME: everything of a family, gathered or erased.

Erasing deletes every row of a family (see `family_tables`). What stays is what the law asks for: the consent ledger
with the number's blind index, and with it that this number must not be texted; a blind mark, so that the school's next
roster does not bring the family back; and the audit log's line that it was done. None of it can be read back.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Connection, Table, insert, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.records.family_found import Found, NoSuchFamily, find, note
from bot.records.family_tables import SAFETY, erase_rows, family_rows
from bot.records.holds import OnHold, refuse_on_hold
from bot.records.roster_diff_guardians import roster_mark
from bot.store.carriage import MediaRow
from bot.store.columns import Sealed, Vault, new_id
from bot.store.database import Database
from bot.store.keeping import Forgotten
from bot.store.people import (
    AuditEvent,
    Enrollment,
    Guardian,
    Guardianship,
    School,
    Section,
    Staff,
    Student,
    Teaching,
)
from bot.store.tables import sealed_columns
from bot.store.talk import ConsentEvent, Conversation

__all__ = ["Erased", "Everything", "Found", "NoSuchFamily", "OnHold", "everything", "find", "forget"]

FORGOTTEN = "the family asked to be forgotten"
_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True, slots=True)
class Everything:
    """All we hold of a family: rows by table with sealed values opened, and what those rows point to."""

    found: Found
    school: str
    time_zone: str
    rows: dict[str, list[dict[str, Any]]]
    children: list[dict[str, Any]]
    seen_by: list[dict[str, Any]]

    def as_json(self) -> dict[str, Any]:
        """Everything, as a program reads it."""
        return {
            "school": self.school,
            "language": self.found.language,
            "children": self.children,
            "seen_by": self.seen_by,
            "records": self.rows,
        }


@dataclass(frozen=True, slots=True)
class Erased:
    """How many rows of each table were deleted."""

    rows: dict[str, int]

    @property
    def total(self) -> int:
        """Rows of all tables."""
        return sum(self.rows.values())


# --- MY DATA --------------------------------------------------------------------------------------------------------


def everything(db: Database, found: Found, now: datetime, staff_id: int | None = None) -> Everything:
    """All we hold of a family. Written to the audit log before it is handed out."""
    subject = "guardian" if found.guardian_id is not None else "conversation"
    with db.connection() as tx:
        note(
            tx, now, staff_id, "family_exported", subject, found.guardian_id or found.conversation_ids[0], {}
        )
    with db.reading() as session:
        tx = session.connection()
        guardians = [found.guardian_id] if found.guardian_id is not None else []
        rows: dict[str, list[dict[str, Any]]] = {}
        for table, row in family_rows(tx, guardians, list(found.conversation_ids)):
            if table.name != SAFETY:
                rows.setdefault(table.name, []).append(_shareable(_opened(db.vault, table, row)))
        rows["consent_event"] = _ledger(tx, db.vault, found)
        school = tx.execute(
            select(School.name, School.time_zone).where(
                School.id == found.school_id if found.school_id is not None else School.id.is_not(None)
            )
        ).first()
        return Everything(
            found,
            school.name if school else "",
            school.time_zone if school else "UTC",
            {name: some for name, some in rows.items() if some},
            _children(tx, found),
            _seen_by(tx, found),
        )


_ATTRIBUTES = {(column.class_.__tablename__, column.key): column for column in sealed_columns()}
"""The sealed columns by table and name."""


def _opened(vault: Vault, table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """A row as plain values: sealed ones opened, blind indexes left out (they say nothing to anybody)."""
    plain: dict[str, Any] = {}
    for name, value in row.items():
        if (table.name, name) == ("media", "content"):
            opened = None if value is None else vault.open_bytes(MediaRow.content, row["id"], value)
            plain[name] = None if opened is None else base64.b64encode(opened).decode()
        elif isinstance(value, Sealed):
            text = vault.show(_ATTRIBUTES[(table.name, name)], row["id"], value)
            plain[name] = _structure(text) if name in ("state", "media") else text
        elif isinstance(value, datetime | date | time):
            plain[name] = value.isoformat()
        elif not isinstance(value, bytes):
            plain[name] = value
    return plain


def _shareable(row: dict[str, Any]) -> dict[str, Any]:
    """A row without the notes that staff were alerted: whoever asks for everything may be the danger."""
    if isinstance(row.get("notes"), list):
        row["notes"] = [note for note in row["notes"] if not str(note).startswith("alert_")]
    return row


def _structure(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _ledger(tx: Connection, vault: Vault, found: Found) -> list[dict[str, Any]]:
    """Why the family's numbers could be texted, whoever they belonged to then."""
    numbers = set(
        tx.scalars(select(Conversation.address_index).where(Conversation.id.in_(found.conversation_ids)))
    )
    if found.guardian_id is not None:
        numbers |= set(
            tx.scalars(
                select(Guardian.phone_index).where(
                    Guardian.id == found.guardian_id, Guardian.phone_index.is_not(None)
                )
            )
        )
    table = ConsentEvent.__table__
    assert isinstance(table, Table)
    events = tx.execute(
        select(table)
        .where(or_(table.c.address_index.in_(numbers), table.c.guardian_id == found.guardian_id))
        .order_by(table.c.at, table.c.id)
    )
    return [_opened(vault, table, dict(row._mapping)) for row in events]


def _children(tx: Connection, found: Found) -> list[dict[str, Any]]:
    rows = tx.execute(
        select(
            Student.id, Student.given_name, Student.family_name, Student.grade, Guardianship.relationship,
            Guardianship.active, Section.name.label("section"), Staff.name.label("teacher"),
        )
        .join(Student, Student.id == Guardianship.student_id)
        .outerjoin(Enrollment, (Enrollment.student_id == Student.id) & Enrollment.active)
        .outerjoin(Section, (Section.id == Enrollment.section_id) & Section.active)
        .outerjoin(Teaching, (Teaching.section_id == Section.id) & Teaching.lead)
        .outerjoin(Staff, (Staff.id == Teaching.staff_id) & Staff.active)
        .where(Guardianship.guardian_id == found.guardian_id)
        .order_by(Student.given_name, Student.id, Section.name, Staff.name)
    ).all()  # fmt: skip
    children: dict[int, dict[str, Any]] = {}
    for row in rows:
        child = children.setdefault(
            row.id,
            {
                "given_name": row.given_name, "family_name": row.family_name, "grade": row.grade,
                "relationship": row.relationship, "active": row.active, "classes": {},
            },
        )  # fmt: skip
        if row.section is not None:
            child["classes"].setdefault(row.section, []).extend([row.teacher] if row.teacher else [])
    return list(children.values())


def _seen_by(tx: Connection, found: Found) -> list[dict[str, Any]]:
    """Who at the school opened the family's record, newest first."""
    rows = tx.execute(
        select(AuditEvent.at, AuditEvent.action, Staff.name)
        .outerjoin(Staff, Staff.id == AuditEvent.staff_id)
        .where(
            or_(
                (AuditEvent.subject == "guardian") & (AuditEvent.subject_id == found.guardian_id),
                (AuditEvent.subject == "conversation") & AuditEvent.subject_id.in_(found.conversation_ids),
            )
        )
        .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
    )
    return [{"at": row.at.isoformat(), "what": row.action, "who": row.name} for row in rows]


# --- FORGET ME ------------------------------------------------------------------------------------------------------


def forget(db: Database, found: Found, now: datetime, staff_id: int | None = None) -> Erased:
    """Erase a family, in one transaction. Raises `OnHold`, and then nothing is erased."""
    with db.connection() as tx:
        refuse_on_hold(tx, found)
        numbers = _numbers(tx, found)
        for number in numbers:
            _mark(tx, number, now)
        for source_id in _source_ids(tx, found):
            _mark(tx, db.vault.index(roster_mark(source_id)), now)
        guardians = [found.guardian_id] if found.guardian_id is not None else []
        erased = Erased(erase_rows(tx, guardians, list(found.conversation_ids)))
        for number in numbers:
            tx.execute(
                insert(ConsentEvent),
                {"id": new_id(), "address_index": number, "at": now, "kind": "opt_out", "basis": FORGOTTEN},
            )
        subject = "guardian" if found.guardian_id is not None else "conversation"
        about = found.guardian_id or found.conversation_ids[0]
        note(tx, now, staff_id, "family_forgotten", subject, about, {"rows": erased.total})
    return erased


def _numbers(tx: Connection, found: Found) -> set[bytes]:
    numbers = set(
        tx.scalars(select(Conversation.address_index).where(Conversation.id.in_(found.conversation_ids)))
    )
    if found.guardian_id is not None:
        own = tx.scalar(select(Guardian.phone_index).where(Guardian.id == found.guardian_id))
        numbers |= {own} if own is not None else set()
    return numbers


def _source_ids(tx: Connection, found: Found) -> list[str]:
    if found.guardian_id is None:
        return []
    source_id = tx.scalar(select(Guardian.source_id).where(Guardian.id == found.guardian_id))
    return [source_id] if source_id else []


def _mark(tx: Connection, mark: bytes, now: datetime) -> None:
    statement = _INSERT[tx.dialect.name](Forgotten).values(mark=mark, at=now)
    tx.execute(statement.on_conflict_do_update(index_elements=["mark"], set_={"at": now}))
