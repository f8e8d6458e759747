"""Write a plan, all of it or nothing, with what undoes it.

Everything slow (sealing numbers, sealing what undoes the import) happens before the transaction begins, so that texts
from families wait for the writing only. A number that changes hands takes its conversation along, and what was open in
it ends; a child that has left is not asked about any more.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, text

from bot.records.roster_model import Kind, Tie
from bot.records.roster_plan import COUNTS, Entry, Link, Plan, Turn
from bot.records.roster_rows import AT_ONCE, add_rows, change_rows, chunks, sealed, write_ties
from bot.records.roster_talk import Moved, end_what_is_over, hand_over, note_consent
from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.keeping import RosterChange, RosterImport
from bot.store.people import AuditEvent, Enrollment, Guardian, Guardianship, Section, Student
from bot.store.statistics import look_again

LOCK = 7246840
"""PostgreSQL advisory lock: imports go one after the other."""

Progress = Callable[[str, int, int], None]
"""What is being done, how far it is, and of how many."""


class CannotApply(Exception):
    """Nothing was written. The message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What was written. `import_id` None: there was nothing to write, and nothing was."""

    import_id: int | None
    changes: int


def apply(
    db: Database,
    plan: Plan,
    now: datetime,
    staff_id: int | None = None,
    *,
    sure: bool = False,
    progress: Progress = lambda _what, _done, _of: None,
) -> Applied:
    """Write `plan` in one transaction. `sure`: somebody has looked at what would leave.

    Raises `CannotApply` for files that cannot be used, a plan that a person must confirm, or one that another import
    has overtaken.
    """
    if plan.unusable:
        raise CannotApply("The files cannot be used as they are; nothing was changed. Mend what is listed.")
    if plan.doubtful and not sure:
        raise CannotApply(f"{plan.doubtful} Nothing was changed; say so if it is right.")
    entries = [entry for entry in plan.entries if entry.writes]
    if not entries:
        return Applied(None, 0)
    import_id = new_id()
    rows = _sealed_rows(db, entries, progress)
    undo = {entry.row_id: _undo_row(db, import_id, entry, {}) for entry in entries}
    with db.connection() as tx:
        _first_in_line(tx, db, plan)
        _write(tx, entries, rows, progress)
        moved = hand_over(tx, db.vault, entries, now)
        end_what_is_over(tx, entries, moved, now)
        note_consent(tx, db.vault, entries, now)
        counts = {what: plan.count(what) for what in COUNTS}
        tx.execute(
            insert(RosterImport),
            {"id": import_id, "at": now, "staff_id": staff_id, "source": plan.source[:200], "counts": counts},
        )
        _keep_undo(tx, db, import_id, entries, undo, moved)
        tx.execute(
            insert(AuditEvent),
            {
                "id": new_id(), "at": now, "staff_id": staff_id, "action": "roster_imported",
                "subject": "roster_import", "subject_id": import_id, "detail": counts,
            },
        )  # fmt: skip
    look_again(db, len(entries), Guardian, Student, Section, Guardianship, Enrollment)
    return Applied(import_id, len(entries))


def _first_in_line(tx: Connection, db: Database, plan: Plan) -> None:
    if not db.is_sqlite:
        tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    if tx.scalar(select(func.max(RosterImport.id))) != plan.last_import:
        raise CannotApply("Another import was faster. Look at the differences again.")


def _sealed_rows(db: Database, entries: list[Entry], progress: Progress) -> dict[int, dict[str, Any]]:
    rows = {}
    for done, entry in enumerate(entries):
        rows[entry.row_id] = sealed(db.vault, entry.row_id, entry.after)
        if done % AT_ONCE == 0:
            progress("sealing", done, len(entries))
    return rows


def _write(tx: Connection, entries: list[Entry], rows: dict[int, dict[str, Any]], progress: Progress) -> None:
    """Records in the order of their references, numbers that are given up first, then ties."""
    given_up = [
        (entry.row_id, {"phone": None, "phone_index": None})
        for entry in entries
        if entry.kind is Kind.GUARDIAN and entry.turn is not Turn.ADD and "phone" in entry.after
    ]
    change_rows(tx, Kind.GUARDIAN, given_up)
    done = 0
    for kind in Kind:
        mine = [entry for entry in entries if entry.kind is kind]
        add_rows(
            tx, kind, [{"id": entry.row_id, **rows[entry.row_id]} for entry in mine if entry.turn is Turn.ADD]
        )
        change_rows(
            tx, kind, [(entry.row_id, rows[entry.row_id]) for entry in mine if entry.turn is not Turn.ADD]
        )
        done += len(mine)
        progress("writing", done, len(entries))
    for tie in Tie:
        links = [link for entry in entries for link in entry.links if link.tie is tie]
        write_ties(
            tx,
            tie,
            [(link.key, link.after) for link in links if link.before is None and link.after is not None],
            [(link.key, link.after) for link in links if link.before is not None and link.after is not None],
            [link.key for link in links if link.after is None],
        )


# --- what undoes it -------------------------------------------------------------------------------------------------


def _keep_undo(
    tx: Connection,
    db: Database,
    import_id: int,
    entries: list[Entry],
    undo: dict[int, dict[str, Any]],
    moved: list[Moved],
) -> None:
    """Keep what undoes this import; what undid the one before goes: only the newest can be undone."""
    talks: dict[int, list[list[int | None]]] = {}
    for one in moved:
        talks.setdefault(one.to, []).append([one.conversation_id, one.before])
    for entry in entries:
        if entry.kind is Kind.GUARDIAN and entry.row_id in talks:
            undo[entry.row_id] = _undo_row(db, import_id, entry, {"talks": talks[entry.row_id]})
    tx.execute(delete(RosterChange))
    for some in chunks(undo.values()):
        tx.execute(insert(RosterChange), some)


def _undo_row(db: Database, import_id: int, entry: Entry, also: dict[str, Any]) -> dict[str, Any]:
    row_id = new_id()
    kept = json.dumps(_kept(entry) | also, ensure_ascii=False)
    return {
        "id": row_id,
        "import_id": import_id,
        "kind": entry.kind.value,
        "row_id": entry.row_id,
        "kept": db.vault.seal(RosterChange.kept, row_id, kept),
    }


def _kept(entry: Entry) -> dict[str, Any]:
    return {
        "turn": entry.turn.value,
        "before": _plain(entry.before),
        "after": _plain(entry.after),
        "links": [_link(link) for link in entry.links],
    }


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {"at": value.isoformat()} if isinstance(value, datetime) else value
        for name, value in values.items()
    }


def _link(link: Link) -> list[Any]:
    return [link.tie.value, *link.key, link.before, link.after]
