"""Somebody gives a child, a class, a colleague and a text names that are programs. Every page and every file that staff
can fetch shows them as text, in HTML, in CSV and in the logs."""

from __future__ import annotations

import csv
import html
import io
import re

import pytest
from sqlalchemy import select

from bot.store.people import Guardian, School, Section, Staff, Student
from bot.store.talk import Conversation
from tests.web.conftest import Site
from tests.web.test_access import path_of, routes

SCRIPT = "<script>alert(7)</script>"
BREAKOUT = "\"'><img src=x onerror=alert(7)>"
FORMULA = '=HYPERLINK("http://evil.example","x")'
TEMPLATE = "{{7*7}}{% x %}${7*7}"
LOG = "evil\r\n2026-01-01 level=error forged\x1b[31m"
NAMES = (f"{FORMULA}{SCRIPT}", f"{BREAKOUT}{TEMPLATE}", f"@SUM(1+1){LOG}\u202e{SCRIPT}")


def plant(site: Site) -> None:
    """Everybody and everything bears a hostile name."""
    with site.town.world.db.writing() as session:
        for table, column in (
            (Guardian, "name"), (Guardian, "address_as"), (Student, "given_name"), (Student, "family_name"),
            (Section, "name"), (Staff, "name"), (School, "name"),
        ):  # fmt: skip
            for number, row in enumerate(session.scalars(select(table))):
                setattr(row, column, NAMES[number % len(NAMES)].replace("\r\n", " "))
    for name in (0, 1, 2):
        with site.town.world.db.reading() as session:
            guardian = session.scalars(select(Guardian).where(Guardian.phone.is_not(None))).all()[name]
            number = site.town.world.db.vault.open(Guardian.phone, guardian.id, guardian.phone or b"")
        site.town.phone(number).texts("I found her with cuts all over her arms " + NAMES[name])
        site.town.phone(number).texts(NAMES[name])


def ids(site: Site) -> dict[str, int]:
    """Something real for each kind of address."""
    with site.town.world.db.reading() as session:
        conversation = session.scalars(
            select(Conversation).where(Conversation.guardian_id.is_not(None))
        ).first()
        assert conversation
        from bot.store.safety import SafetyAlert

        return {
            "conversation_id": conversation.id,
            "guardian_id": conversation.guardian_id or 0,
            "staff_id": session.scalars(select(Staff.id)).first() or 0,
            "person_id": session.scalars(select(Staff.id)).first() or 0,
            "section_id": session.scalars(select(Section.id)).first() or 0,
            "school_id": session.scalars(select(School.id)).first() or 0,
            "alert_id": session.scalars(select(SafetyAlert.id)).first() or 0,
        }


def test_names_that_are_programs_are_text_on_every_page_and_in_every_file(
    site: Site, capfd: pytest.CaptureFixture[str]
) -> None:
    plant(site)
    known = ids(site)
    seen, files = 0, 0
    for role in ("administrator", "coordinator", "teacher", "leader", "reviewer", "district"):
        visitor = site.enter(role)
        for route in routes(site.app):
            if "GET" not in (route.methods or ()) or route.endpoint in ("static", "signin.leave"):
                continue
            filled = {name: known[name] for name in route.arguments if name in known}
            path = path_of(route)
            if filled and set(filled) == set(route.arguments):
                path = str(route.build(filled)[1])  # type: ignore[index]
            answer = visitor.get(path)
            kind = answer.mimetype
            if kind == "text/html":
                seen += answer.status_code == 200
                page = answer.text
                assert SCRIPT not in page, path
                assert "<img src=x" not in page, path
                assert "\x1b" not in page, path
                for value in re.findall(r'(?:href|src|action)="([^"]*)"', page):
                    assert not html.unescape(value).lower().lstrip().startswith("javascript:"), path
                assert ">49" not in page, path
            elif kind == "text/csv":
                files += 1
                for row in csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))):
                    for cell in row:
                        assert not cell.lstrip().startswith(("=", "+", "@")), (path, cell)
    assert seen > 60
    assert files >= 3
    out = capfd.readouterr()
    assert "forged" not in out.out + out.err
    assert SCRIPT not in out.out + out.err
