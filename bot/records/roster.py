"""Import a school's roster: read the files, compare, show what would change, apply, undo.

plan = look(db, open_files(path), options, ...)     # a dry run: what would be added, changed, deactivated, and why not
apply(db, plan, now)                                # all of it in one transaction, or nothing
undo(db, now)                                       # the newest import, as if it had not been
"""

from __future__ import annotations

from datetime import datetime

from bot.records.roster_apply import Applied, CannotApply, Progress, apply
from bot.records.roster_clever import read_clever
from bot.records.roster_comparison import Comparison
from bot.records.roster_diff import compare
from bot.records.roster_files import Files, RosterUnreadable, files_of, open_files
from bot.records.roster_model import Options, Roster
from bot.records.roster_oneroster import read_oneroster
from bot.records.roster_plain import read_plain
from bot.records.roster_plan import Plan
from bot.records.roster_state import Found, Stored, WhichSchool, stored
from bot.records.roster_undo import NothingToUndo, Undone, undo
from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.people import Guardian

__all__ = [
    "Applied",
    "CannotApply",
    "Files",
    "NothingToUndo",
    "Options",
    "Plan",
    "Progress",
    "Roster",
    "RosterUnreadable",
    "Undone",
    "WhichSchool",
    "apply",
    "files_of",
    "look",
    "open_files",
    "read",
    "undo",
]


def read(files: Files, options: Options) -> Roster:
    """The roster in `files`, whichever format they have. Raises `RosterUnreadable` for files that are none of them."""
    if files.get("users.csv") is not None or files.get("manifest.csv") is not None:
        return read_oneroster(files, options)
    if files.get("students.csv") is not None and (len(files.sheets) > 1 or _is_clever(files)):
        return read_clever(files, options)
    if len(files.sheets) == 1:
        return read_plain(files, options)
    names = ", ".join(sorted(sheet.name for sheet in files.sheets.values())[:8])
    raise RosterUnreadable(
        f"{files.source} is no roster we know: OneRoster has users.csv, Clever has students.csv; there is {names}. "
        "A single CSV file of any kind can be imported by itself."
    )


def _is_clever(files: Files) -> bool:
    sheet = files.get("students.csv")
    return (
        sheet is not None
        and not sheet.broken
        and all(sheet.column(title).there for title in ("Student_id", "First_name", "Last_name"))
        and sheet.column("School_id").there
    )


def look(
    db: Database | None,
    files: Files,
    options: Options,
    now: datetime,
    *,
    into: int | None = None,
    school_name: str = "School",
    time_zone: str,
    partial: bool = False,
) -> Plan:
    """What importing `files` would do. Writes nothing. `db` None: as into an empty installation.

    `into`: the school that files of one school go into; `school_name` and `time_zone` are for a school that is new.
    `partial`: the files hold only some of the school, so nobody leaves. Raises `RosterUnreadable`, `WhichSchool`.
    """
    roster = read(files, options)
    if partial:
        roster.whole = False
    if db is None:
        found = Stored()
    else:
        with db.reading() as session:
            found = stored(session, roster, into)

    def open_phone(row: Found) -> str | None:
        return None if db is None or row.phone is None else db.vault.open(Guardian.phone, row.id, row.phone)

    def index(number: str) -> bytes:
        return number.encode() if db is None else db.vault.index(number)

    return compare(Comparison(roster, found, options, now, index, new_id, open_phone, school_name, time_zone))
