"""Bringing in a roster: upload, look at what would change and what is wrong, apply, take back."""

from __future__ import annotations

import io
import zipfile
from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.language.codes import LANGUAGES
from bot.language.home_language import home_language
from bot.records import roster, uploads
from bot.records.roster import CannotApply, NothingToUndo, Options, Plan, RosterUnreadable
from bot.records.roster_imports import imports, may_undo
from bot.records.roster_plain import FIELDS, GUARDIAN_FIELDS
from bot.records.roster_state import WhichSchool
from bot.web.here import me, now, world
from bot.web.words import local_today
from bot.web.words import translate as _

room = Blueprint("roster", __name__, url_prefix="/staff/roster")

MAPPED: Final = (*FIELDS, *GUARDIAN_FIELDS)
_SHOWN: Final = 200


class _SeveralSchools(Exception):
    """The files are of more schools than this administrator looks after."""


@room.get("")
def start() -> str:
    """Upload a roster; the imports there have been."""
    return render_template(
        "roster.html", imports=imports(world().db, me()), may_undo=may_undo(world().db, me())
    )


@room.post("/upload")
def upload() -> ResponseReturnValue:
    """Take the file (or the files of a folder) in, and look."""
    files = [
        (one.filename or "file.csv", one.read()) for one in request.files.getlist("files") if one.filename
    ]
    if not files:
        flash(_("Please choose a file first."), "danger")
        return redirect(url_for(".start"), code=303)
    name, data = files[0] if len(files) == 1 else ("roster.zip", _zipped(files))
    upload_id = uploads.keep(world().db, me().id, name, data, now())
    return redirect(url_for(".look", upload_id=upload_id), code=303)


@room.get("/<row_id:upload_id>")
def look(upload_id: int) -> ResponseReturnValue:
    """What importing it would do, and what is wrong with it."""
    name, data = _kept(upload_id)
    headers: tuple[str, ...] = ()
    try:
        files = roster.files_of([(name, data)], name)
        if len(files.sheets) == 1:
            headers = next(iter(files.sheets.values())).header
        plan = _plan(name, data)
    except (RosterUnreadable, WhichSchool) as error:
        return _page(upload_id, name, headers, trouble=str(error)), 422
    except _SeveralSchools:
        trouble = (
            "These files are of several schools. Whoever runs the server imports them: `bot import roster`."
        )
        return _page(upload_id, name, headers, trouble=trouble), 422
    return _page(upload_id, name, headers, plan)


@room.post("/<row_id:upload_id>/apply")
def apply(upload_id: int) -> ResponseReturnValue:
    """Import it: all of it in one transaction, or nothing."""
    name, data = _kept(upload_id)
    try:
        applied = roster.apply(world().db, _plan(name, data), now(), me().id, sure="sure" in request.values)
    except (RosterUnreadable, WhichSchool, CannotApply) as error:
        flash(str(error), "danger")
        return redirect(f"{url_for('.look', upload_id=upload_id)}?{urlencode(_asked())}", code=303)
    except _SeveralSchools:
        abort(403)
    uploads.drop(world().db, upload_id)
    if applied.import_id is None:
        flash(_("Nothing had changed since the last import."), "success")
    else:
        flash(_("The roster is imported: {n} record written.", "The roster is imported: {n} records written.",
                n=applied.changes), "success")  # fmt: skip
    return redirect(url_for(".start"), code=303)


@room.post("/undo")
def undo() -> ResponseReturnValue:
    """Take the newest import back."""
    if not may_undo(world().db, me()):
        flash(_("There is no import of your school to take back."), "danger")
        return redirect(url_for(".start"), code=303)
    try:
        undone = roster.undo(world().db, now(), me().id)
    except NothingToUndo as error:
        flash(str(error), "danger")
    else:
        flash(_("Taken back: {source}.", source=undone.source), "success")
    return redirect(url_for(".start"), code=303)


def _plan(name: str, data: bytes) -> Plan:
    files, options = roster.files_of([(name, data)], name), _options()
    if len(roster.read(files, options).schools) > 1:
        raise _SeveralSchools
    return roster.look(
        world().db,
        files,
        options,
        now(),
        into=me().school_id,
        time_zone=me().time_zone,
        partial="partial" in request.values,
    )


def _options() -> Options:
    columns = {
        field: title for field in MAPPED if (title := request.values.get(f"column_{field}", "").strip())
    }
    return Options(
        today=local_today(),
        language_of=home_language,
        home_language=request.values.get("home_language", "").strip() or None,
        ask_first=frozenset(tag for tag, language in LANGUAGES.items() if language.spoken_first),
        columns=columns,
    )


def _asked() -> dict[str, str]:
    """The choices of the page, to keep them from look to look."""
    names = ("home_language", "partial", *(f"column_{field}" for field in MAPPED))
    return {name: request.values[name] for name in names if request.values.get(name)}


def _page(
    upload_id: int, name: str, headers: tuple[str, ...], plan: Plan | None = None, trouble: str | None = None
) -> str:
    return render_template(
        "roster_look.html",
        upload_id=upload_id,
        name=name,
        headers=headers,
        plan=plan,
        entries=[entry for entry in plan.entries if entry.writes][:_SHOWN] if plan else [],
        trouble=trouble,
        fields=MAPPED,
        asked=_asked(),
        shown=_SHOWN,
    )


def _kept(upload_id: int) -> tuple[str, bytes]:
    found = uploads.fetch(world().db, me().id, upload_id, now())
    if found is None:
        abort(404)
    return found


def _zipped(files: list[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name.replace("\\", "/").rpartition("/")[2] or "file.csv", data)
    return out.getvalue()
