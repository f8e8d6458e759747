"""OneRoster 1.0, 1.1 and 1.2 CSV: what each file must say, and what is wrong with it, row by row.

Sources: 1EdTech OneRoster 1.1 CSV Tables and OneRoster 1.2 CSV Binding. Followed: which columns a record cannot do
without, the vocabularies of `type`, `role`, `roleType`, `status` and `classType`, references between files, the
manifest's `absent`, `bulk` and `delta`. Read kindly, because real files need it: a missing manifest, columns that say
nothing to us, US dates, any case. Never used: birth dates, passwords, preferred names (a child may not have told its
family), `enabledUser` (it speaks of an account elsewhere).
"""

from __future__ import annotations

import re

from bot.records.roster_files import WHOLE_FILE, Files
from bot.records.roster_model import Options, Place, Roster
from bot.records.roster_oneroster_exchange import Exchange
from bot.records.roster_oneroster_links import read_enrollments, read_guardians
from bot.records.roster_oneroster_rows import read_classes, read_orgs, read_people, read_users

_USED = ("orgs", "users", "roles", "classes", "enrollments")
_MODES = (None, "absent", "bulk", "delta")


def read_oneroster(files: Files, options: Options) -> Roster:
    """The roster in a OneRoster exchange. Faults are in it; `unusable` when a file or column we need is not there."""
    version, modes = _manifest(files)
    is_1_2 = version == "1.2" or (version is None and files.get("roles.csv") is not None)
    said = version or ("1.2" if is_1_2 else "1.1")
    whole = "delta" not in {modes.get(name) for name in ("users", "classes", "enrollments")}
    exchange = Exchange(files, options, Roster(f"OneRoster {said}", files.source, whole), modes, is_1_2)
    _check_files(exchange)
    read_orgs(exchange)
    read_users(exchange)
    read_classes(exchange)
    read_people(exchange)
    read_enrollments(exchange)
    read_guardians(exchange)
    roster = exchange.roster
    for name in _USED:
        sheet = files.get(f"{name}.csv")
        if sheet is not None:
            roster.faults += sheet.faults
            roster.notices += sheet.notices
            roster.unusable |= sheet.broken
    return roster


def _manifest(files: Files) -> tuple[str | None, dict[str, str]]:
    """The version the manifest names, and how each file is exchanged."""
    sheet = files.get("manifest.csv")
    if sheet is None:
        return None, {}
    key, value = sheet.column("propertyName"), sheet.column("value")
    said = {row.at(key).casefold(): row.at(value) for row in sheet.rows}
    modes = {
        name.removeprefix("file."): mode.casefold() for name, mode in said.items() if name.startswith("file.")
    }
    version = said.get("oneroster.version", "")
    return (version if re.fullmatch(r"1\.\d", version) else None), modes


def _check_files(exchange: Exchange) -> None:
    """Files the manifest promises, and those without which there is nobody to add."""
    roster = exchange.roster
    for name in _USED:
        mode, sheet = exchange.modes.get(name), exchange.files.get(f"{name}.csv")
        if sheet is None and mode in ("bulk", "delta"):
            roster.faults.append(
                Place(f"{name}.csv", WHOLE_FILE).fault("", f"is missing, but the manifest says {mode}.")
            )
            roster.unusable = True
        if mode not in _MODES:
            roster.faults.append(
                Place("manifest.csv", _manifest_row(exchange.files, name)).fault(
                    "value", "must be absent, bulk or delta."
                )
            )
    for name in ("users", "roles") if exchange.is_1_2 else ("users",):
        if exchange.files.get(f"{name}.csv") is None and not roster.unusable:
            roster.faults.append(
                Place(f"{name}.csv", WHOLE_FILE).fault("", "is missing: there is nobody to add.")
            )
            roster.unusable = True


def _manifest_row(files: Files, name: str) -> int:
    sheet = files.sheets["manifest.csv"]
    key = sheet.column("propertyName")
    return next(row.number for row in sheet.rows if row.at(key).casefold() == f"file.{name}")
