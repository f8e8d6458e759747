"""Learning standards: imported once a year, searched by code or words every day, and what a prompt's goal names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, case, insert, select, text, update
from sqlalchemy.orm import Session

from bot.records.roster_cells import fold
from bot.records.roster_rows import chunks, table_of
from bot.records.standards_reading import StandardsUnreadable, read_standards
from bot.records.standards_tree import FrameworkFile, Item
from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.learning import Framework, LearningGoal, Standard
from bot.store.people import AuditEvent

LOCK = 7246841
MOST_BYTES = 200 * 1024 * 1024
_COLUMNS = (
    "parent_id",
    "place",
    "depth",
    "code",
    "folded_code",
    "statement",
    "kind",
    "grades",
    "words",
    "active",
)


@dataclass(frozen=True, slots=True)
class Brought:
    """What an import of standards wrote."""

    framework_id: int
    added: int
    changed: int
    retired: int


@dataclass(frozen=True, slots=True)
class StandardLine:
    """One standard as it is found. `above`: the statements it stands under, from the top."""

    id: int
    identifier: str
    code: str | None
    statement: str
    kind: str | None
    grades: tuple[str, ...]
    framework: str
    above: tuple[str, ...]


def open_standards(path: Path) -> FrameworkFile:
    """The framework in a file. Raises `StandardsUnreadable` when there is none."""
    if not path.is_file():
        raise StandardsUnreadable(f"There is no file {str(path)!r}.")
    try:
        if path.stat().st_size > MOST_BYTES:
            raise StandardsUnreadable(f"{path.name} is larger than {MOST_BYTES // 1024 // 1024} MB.")
        return read_standards(path.name, path.read_bytes())
    except OSError as error:
        raise StandardsUnreadable(f"{path.name} cannot be read: {error.strerror or 'no access'}.") from error


def bring_in(db: Database, framework: FrameworkFile, now: datetime, staff_id: int | None = None) -> Brought:
    """Write a framework, in one transaction. The same file again writes nothing; items it lost are retired, not erased."""
    with db.connection() as tx:
        if not db.is_sqlite:
            tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        framework_id = _framework(tx, framework, now)
        before = {
            row.identifier: row
            for row in tx.execute(select(Standard).where(Standard.framework_id == framework_id))
        }
        added, changed, retired = _items(tx, framework_id, framework.items, before)
        if added or changed or retired:
            tx.execute(update(Framework).where(Framework.id == framework_id).values(imported_at=now))
            tx.execute(
                insert(AuditEvent),
                {
                    "id": new_id(), "at": now, "staff_id": staff_id, "action": "standards_imported",
                    "subject": "framework", "subject_id": framework_id,
                    "detail": {"added": added, "changed": changed, "retired": retired},
                },
            )  # fmt: skip
    return Brought(framework_id, added, changed, retired)


def _framework(tx: Connection, framework: FrameworkFile, now: datetime) -> int:
    values = {
        "title": framework.title,
        "publisher": framework.publisher,
        "language": framework.language,
        "uri": framework.uri,
    }
    row_id = tx.scalar(select(Framework.id).where(Framework.identifier == framework.identifier))
    if row_id is None:
        row_id = new_id()
        tx.execute(
            insert(Framework), {"id": row_id, "identifier": framework.identifier, "imported_at": now} | values
        )
    else:
        tx.execute(update(Framework).where(Framework.id == row_id).values(values))
    return row_id


def _items(
    tx: Connection, framework_id: int, items: Iterable[Item], before: dict[str, Any]
) -> tuple[int, int, int]:
    ids: dict[str, int] = {}
    new: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for item in items:
        row = before.get(item.identifier)
        values = {
            "parent_id": None if item.parent is None else ids[item.parent],
            "place": item.place,
            "depth": item.depth,
            "code": item.code,
            "folded_code": fold_code(item.code) if item.code else None,
            "statement": item.statement,
            "kind": item.kind,
            "grades": list(item.grades),
            "words": _words(item),
            "active": True,
        }
        ids[item.identifier] = row.id if row else new_id()
        if row is None:
            new.append(
                {"id": ids[item.identifier], "framework_id": framework_id, "identifier": item.identifier}
                | values
            )
        elif any(getattr(row, name) != values[name] for name in _COLUMNS):
            changed.append({f"b_{name}": value for name, value in values.items()} | {"b_id": row.id})
    table = table_of(Standard)
    for some in chunks(new):
        tx.execute(insert(table), some)
    change = (
        update(table)
        .where(table.c.id == bindparam("b_id"))
        .values({name: bindparam(f"b_{name}") for name in _COLUMNS})
    )
    for some in chunks(changed):
        tx.execute(change, some)
    gone = [row.id for identifier, row in before.items() if identifier not in ids and row.active]
    for lost in chunks(gone):
        tx.execute(update(Standard).where(Standard.id.in_(lost)).values(active=False))
    return len(new), len(changed), len(gone)


def fold_code(code: str) -> str:
    """A code to look up: "3.NF.A.1", "3 nf a 1" and "3NFA1" are one."""
    return "".join(char for char in code.casefold() if char.isalnum())


def _words(item: Item) -> str:
    grades = " ".join(f"grade {grade.lstrip('0') or grade}" for grade in item.grades)
    return fold(f"{item.code or ''} {item.statement} {item.kind or ''} {grades}")


def search(db: Database, words: str, limit: int = 20, framework_id: int | None = None) -> list[StandardLine]:
    """Standards whose code begins with `words`, or that have every one of the words; the exact code first."""
    code, parts = fold_code(words), fold(words).split()
    if not code and not parts:
        return []
    has_all = and_(*(Standard.words.contains(part, autoescape=True) for part in parts)) if parts else None
    begins = Standard.folded_code.startswith(code, autoescape=True) if code else None
    matches = [condition for condition in (begins, has_all) if condition is not None]
    rank = case(
        (Standard.folded_code == code, 0),
        (Standard.folded_code.startswith(code, autoescape=True), 1),
        else_=2,
    )
    query = _line().where(Standard.active, matches[0] | matches[-1])
    if framework_id is not None:
        query = query.where(Standard.framework_id == framework_id)
    with db.reading() as session:
        rows = session.execute(query.order_by(rank, Standard.framework_id, Standard.place).limit(limit)).all()
        return _lines(session, rows)


def below(db: Database, framework_id: int, parent_id: int | None = None) -> list[StandardLine]:
    """What stands directly under a standard (None: at the top of the framework), in the framework's order."""
    query = _line().where(
        Standard.active,
        Standard.framework_id == framework_id,
        Standard.parent_id.is_(None) if parent_id is None else Standard.parent_id == parent_id,
    )
    with db.reading() as session:
        return _lines(session, session.execute(query.order_by(Standard.place)).all())


def frameworks(db: Database) -> list[tuple[int, str]]:
    """Every framework: id and title, by title."""
    with db.reading() as session:
        rows = session.execute(select(Framework.id, Framework.title).order_by(Framework.title, Framework.id))
        return [(row.id, row.title) for row in rows]


def goal_of(db: Database, school_id: int, standard_id: int) -> int:
    """The school's learning goal for a standard, made on first use: what a prompt stores. Raises `LookupError`."""
    with db.writing() as session:
        standard = session.get(Standard, standard_id)
        if standard is None:
            raise LookupError("This standard is not there any more; search again.")
        code = (standard.code or standard.identifier)[:120]
        known = session.scalars(
            select(LearningGoal).where(
                LearningGoal.school_id == school_id,
                (LearningGoal.standard == standard.identifier) | (LearningGoal.code == code),
            )
        ).first()
        if known is not None:
            known.standard = known.standard or standard.identifier
            return known.id
        goal = LearningGoal(
            id=new_id(),
            school_id=school_id,
            code=code,
            title=standard.statement,
            standard=standard.identifier,
        )
        session.add(goal)
        return goal.id


def _line() -> Select[Any]:
    return select(
        Standard.id, Standard.identifier, Standard.code, Standard.statement, Standard.kind, Standard.grades,
        Standard.parent_id, Framework.title.label("framework"),
    ).join(Framework, Framework.id == Standard.framework_id)  # fmt: skip


def _lines(session: Session, rows: Iterable[Any]) -> list[StandardLine]:
    """Rows with what they stand under: one query a level, whatever the number of rows."""
    found = list(rows)
    known: dict[int, Any] = {}
    wanted = {row.parent_id for row in found} - {None}
    while wanted:
        above = session.execute(
            select(Standard.id, Standard.parent_id, Standard.statement).where(Standard.id.in_(wanted))
        ).all()
        known |= {row.id: row for row in above}
        wanted = {row.parent_id for row in above} - {None} - known.keys()
    lines = []
    for row in found:
        path: list[str] = []
        here = known.get(row.parent_id)
        while here is not None:
            path.insert(0, here.statement)
            here = known.get(here.parent_id)
        lines.append(
            StandardLine(
                row.id,
                row.identifier,
                row.code,
                row.statement,
                row.kind,
                tuple(row.grades),
                row.framework,
                tuple(path),
            )
        )
    return lines
