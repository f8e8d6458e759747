"""`bot consent`: why were we allowed to text this number on that day?"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from bot.cli.errors import Faults, Wrong
from bot.cli.start import database_of, settings_of_this_process

if TYPE_CHECKING:
    from bot.records.permission import Entry, Permission


@click.command()
@click.argument("number")
@click.option("--on", "day", default="", help="The day, as 2026-03-04. Left out: today.")
@click.option("--time-zone", default="", help="Whose midnight counts. Left out: SCHOOL_TIME_ZONE.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of words.")
def consent(number: str, day: str, time_zone: str, as_json: bool) -> None:
    """Why were we allowed to text NUMBER on that day? From the consent ledger, which is only ever added to.

    Exit status 1: texts went out that day which no line of the ledger allowed.
    """
    from bot.records.permission import permission
    from bot.records.roster_cells import BadCell
    from bot.records.roster_phones import phone_in

    settings = settings_of_this_process("consent")
    try:
        zone = ZoneInfo(time_zone or settings.school_time_zone)
    except (ValueError, OSError, KeyError):
        raise Wrong(f"{time_zone!r} is no time zone; write one like America/Chicago.") from None
    try:
        asked = date.fromisoformat(day) if day else datetime.now(UTC).astimezone(zone).date()
    except ValueError:
        raise Wrong(f"{day!r} is no day; write it as 2026-03-04.") from None
    try:
        parsed = phone_in(number)
    except BadCell as error:
        raise Wrong(f"NUMBER {error}") from None
    if parsed is None:
        raise Wrong("NUMBER is empty: write it as +15555550123.")
    with database_of(settings) as db:
        found = permission(db, parsed, asked, zone)
    click.echo(json.dumps(_plain(found), ensure_ascii=False) if as_json else _words(found))
    if found.sent_without:
        raise Faults(f"{found.sent_without} of {found.sent} texts went out without a line that allowed them.")


def _plain(found: Permission) -> dict[str, Any]:
    return {
        "on": found.day.isoformat(),
        "time_zone": found.zone.key,
        "allowed": found.allowed,
        "before": found.before and _entry(found.before),
        "during": [_entry(one) for one in found.during],
        "sent": found.sent,
        "sent_without": found.sent_without,
    }


def _entry(one: Entry) -> dict[str, Any]:
    return {"at": one.at.isoformat(), "allows": one.allows, "basis": one.basis, "inbox": one.inbox_id}


def _words(found: Permission) -> str:
    said = [f"{found.day:%A, %-d %B %Y}, {found.zone.key}:"]
    if found.before is None and not found.during:
        said.append("  The ledger has no line for this number up to that day: it was not to be texted.")
    elif found.before is None:
        said.append("  When the day began, the ledger had no line for this number.")
    else:
        state = "could be texted" if found.before.allows else "was not to be texted"
        said.append(f"  When the day began, the number {state}: {_line(found.before, found)}")
    said += [
        f"  That day: {'allowed' if one.allows else 'stopped'}: {_line(one, found)}" for one in found.during
    ]
    said.append("  No text went out." if not found.sent else f"  Texts that went out: {found.sent}.")
    return "\n".join(said)


def _line(one: Entry, found: Permission) -> str:
    by = f" (the family’s text {one.inbox_id})" if one.inbox_id else ""
    return f"{one.basis}, {one.at.astimezone(found.zone):%Y-%m-%d %H:%M}{by}."
