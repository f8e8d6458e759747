"""The office: a roster comes in and goes back, standards become goals, a family asks for what is its own."""

from __future__ import annotations

import io
import json
import re

import pytest
from sqlalchemy import func, select

from bot.store.drafts import Upload
from bot.store.keeping import LegalHold, RosterImport
from bot.store.learning import LearningGoal
from bot.store.people import Guardian, Student
from bot.store.talk import Conversation, Inbox
from tests.web.conftest import Site, Visitor, text_of

ROSTER = (
    "Student ID,First Name,Last Name,Grade,Class,Guardian Name,Guardian Phone,Home Language\r\n"
    "900,Iris,Nowak,3,Room 31,Ola Nowak,(555) 555-0177,Polish\r\n"
    "901,Leo,<b>Bold</b>,3,Room 31,=HYPERLINK(1),not a phone,Klingon\r\n"
)
CASE = {
    "CFDocument": {"identifier": "d-1", "title": "Sample standards", "creator": "Us", "uri": "https://case.example/d-1",
                   "lastChangeDateTime": "2026-01-01T00:00:00Z"},
    "CFItems": [
        {"identifier": "i-1", "fullStatement": "Fractions", "humanCodingScheme": "3.NF", "uri": "u1"},
        {"identifier": "i-2", "fullStatement": "Understand a fraction as a number", "humanCodingScheme": "3.NF.A.1",
         "educationLevel": ["03"], "uri": "u2"},
    ],
    "CFAssociations": [
        {"identifier": "a-1", "associationType": "isChildOf", "originNodeURI": {"identifier": "i-2"},
         "destinationNodeURI": {"identifier": "i-1"}},
    ],
}  # fmt: skip


def upload(visitor: Visitor, path: str, field: str, *files: tuple[str, bytes]) -> str:
    """Hand files over; returns where that leads."""
    page = path.rpartition("/")[0]
    data = {
        "csrf_token": visitor.token(page),
        field: [(io.BytesIO(content), name) for name, content in files],
    }
    answer = visitor.client.post(path, data=data, content_type="multipart/form-data")
    assert answer.status_code == 303, text_of(answer)
    return str(answer.headers["Location"])


def count(site: Site, table: type) -> int:
    with site.town.world.db.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_roster_is_looked_at_applied_and_taken_back(any_site: Site) -> None:
    admin = any_site.enter("administrator")
    before = count(any_site, Student)
    look = upload(admin, "/staff/roster/upload", "files", ("spring.csv", ROSTER.encode("utf-8-sig")))
    page = admin.get(f"{look}?partial=on")
    words = text_of(page)
    assert "Iris Nowak" in words
    assert re.search(r"spring.csv\s+3\s+", words)  # the row of the fault, as a spreadsheet counts
    assert "<b>Bold" not in page.text
    assert count(any_site, Student) == before
    assert admin.post(f"{look}/apply?partial=on", page=look).status_code == 303
    assert count(any_site, Student) > before
    assert count(any_site, Upload) == 0
    again = upload(admin, "/staff/roster/upload", "files", ("spring.csv", ROSTER.encode("utf-8-sig")))
    done = admin.post(f"{again}/apply?partial=on", page=again, follow_redirects=True)
    assert "Nothing had changed" in text_of(done)
    assert count(any_site, RosterImport) == 1
    taken = admin.post("/staff/roster/undo", page="/staff/roster", follow_redirects=True)
    assert "Taken back" in text_of(taken)
    assert count(any_site, Student) == before


def test_columns_with_names_of_their_own_are_mapped(site: Site) -> None:
    admin = site.enter("administrator")
    strange = "Kid No;Kid;Lvl;Grown-up;Cell\n77;Ada Byron;3;Anne Byron;555-555-0178\n"
    look = upload(admin, "/staff/roster/upload", "files", ("kids.csv", strange.encode()))
    mapped = {
        "column_student_id": "Kid No", "column_student_name": "Kid", "column_grade": "Lvl",
        "column_guardian_name": "Grown-up", "column_guardian_phone": "Cell", "partial": "on",
    }  # fmt: skip
    page = text_of(admin.get(look, query_string=mapped))
    assert "Ada Byron" in page
    admin.client.post(
        f"{look}/apply", query_string=mapped, data={"csrf_token": admin.token(f"{look}?partial=on")}
    )
    with site.town.world.db.reading() as session:
        assert session.scalars(select(Guardian).where(Guardian.name == "Anne Byron")).one().phone_index


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("old.xls", b"\xd0\xcf\x11\xe0"),
        ("torn.zip", b"PK\x03\x04 torn"),
        ("nul.csv", b"\x00\x01\x02"),
    ],
)
def test_what_is_no_roster_is_said(site: Site, name: str, content: bytes) -> None:
    admin = site.enter("administrator")
    look = upload(admin, "/staff/roster/upload", "files", (name, content))
    assert admin.get(look).status_code in (200, 422)
    assert count(site, RosterImport) == 0


def test_a_roster_of_several_schools_is_for_whoever_runs_the_server(site: Site) -> None:
    admin = site.enter("administrator")
    two = (
        b"School ID,School,Student ID,First Name,Last Name,Guardian Name,Guardian Phone\n"
        b"1,North,1,Al,One,Ann One,555-555-0171\n2,South,2,Bo,Two,Ben Two,555-555-0172\n"
    )
    look = upload(admin, "/staff/roster/upload", "files", ("district.csv", two))
    assert "several schools" in text_of(admin.get(look))
    assert admin.post(f"{look}/apply", page="/staff/roster").status_code == 403


def test_an_upload_is_seen_by_whoever_brought_it_and_for_a_day(site: Site) -> None:
    admin = site.enter("administrator")
    look = upload(admin, "/staff/roster/upload", "files", ("spring.csv", ROSTER.encode()))
    site.town.clock.forward(hours=25)
    assert site.enter("administrator").get(look).status_code == 404


def test_a_file_larger_than_anybody_needs_is_refused(site: Site) -> None:
    admin = site.enter("administrator")
    data = {
        "csrf_token": admin.token("/staff/roster"),
        "files": (io.BytesIO(b"x" * (64 * 1024 * 1024 + 1)), "big.csv"),
    }
    answer = admin.client.post("/staff/roster/upload", data=data, content_type="multipart/form-data")
    assert answer.status_code == 413


def test_standards_come_in_are_found_by_code_and_become_a_goal(any_site: Site) -> None:
    admin = any_site.enter("administrator")
    upload(admin, "/staff/standards/upload", "file", ("case.json", json.dumps(CASE).encode()))
    page = admin.get("/staff/standards?q=3nfa1")
    assert "Understand a fraction as a number" in text_of(page)
    standard = re.search(r'name="standard" value="(\d+)"', page.text)
    assert standard
    admin.post("/staff/standards/goal", {"standard": standard.group(1)}, page="/staff/standards?q=3nfa1")
    with any_site.town.world.db.reading() as session:
        assert (
            session.scalars(select(LearningGoal).where(LearningGoal.standard == "i-2")).one().code
            == "3.NF.A.1"
        )
    assert "a learning standard" in text_of(admin.get("/staff/standards"))


def test_nonsense_is_no_framework_and_no_goal(site: Site) -> None:
    admin = site.enter("administrator")
    upload(admin, "/staff/standards/upload", "file", ("x.json", b"{]"))
    for number in ("", "x", "12", "9" * 30):
        answer = admin.post(
            "/staff/standards/goal", {"standard": number}, page="/staff/standards", follow_redirects=True
        )
        assert "search again" in text_of(answer)
    assert admin.get("/staff/standards?q=%00%25").status_code == 200


def rights_of(site: Site, name: str) -> str:
    return f"/staff/families/{site.town.guardian(name).conversation}"


def test_a_family_gets_everything_in_its_language(any_site: Site) -> None:
    any_site.town.guardian("Juliana").texts("O Lucas gosta de <dinossauros>")
    coordinator = any_site.enter("coordinator")
    path = rights_of(any_site, "Juliana")
    paper = coordinator.get(f"{path}/everything.html")
    assert paper.headers["Content-Disposition"].startswith("attachment")
    assert 'lang="pt"' in paper.text
    assert "&lt;dinossauros&gt;" in paper.text
    records = coordinator.get(f"{path}/everything.json").json
    assert records
    assert "inbox" in records["records"]
    assert len(any_site.audit("family_exported")) == 2
    assert any_site.enter().get(f"{path}/everything.html").status_code == 403


def test_a_family_is_forgotten_after_it_was_said_twice(any_site: Site) -> None:
    any_site.town.guardian("Juliana").texts("Esqueça-me, por favor")
    path = rights_of(any_site, "Juliana")
    admin = any_site.enter("administrator")
    assert "tick" in text_of(admin.post(f"{path}/forget", page=f"{path}/rights", follow_redirects=True))
    assert count(any_site, Inbox) == 1
    done = admin.post(f"{path}/forget", {"sure": "yes"}, page=f"{path}/rights", follow_redirects=True)
    assert "Erased:" in text_of(done)
    assert count(any_site, Inbox) == 0
    assert admin.get(f"{path}/rights").status_code == 404


def test_a_legal_hold_keeps_everything(site: Site) -> None:
    site.town.guardian("Juliana").texts("Oi")
    path = rights_of(site, "Juliana")
    admin = site.enter("administrator")
    admin.post(f"{path}/hold", {"reason": "Case 7", "do": "place"}, page=f"{path}/rights")
    assert "Case 7" in text_of(admin.get(f"{path}/rights"))
    kept = admin.post(f"{path}/forget", {"sure": "yes"}, page=f"{path}/rights", follow_redirects=True)
    assert "legal hold" in text_of(kept)
    assert count(site, LegalHold) == count(site, Inbox) == 1
    admin.post(f"{path}/hold", {"do": "lift"}, page=f"{path}/rights")
    assert "Keep everything, because" in text_of(admin.get(f"{path}/rights"))


def test_a_number_that_is_nobody_s_can_ask_too(site: Site) -> None:
    phone = site.town.phone("+15555550199")
    phone.texts("Who are you?")
    admin, path = site.enter("administrator"), f"/staff/families/{phone.conversation}"
    assert admin.get(f"{path}/everything.json").status_code == 200
    admin.post(f"{path}/forget", {"sure": "yes"}, page=f"{path}/rights")
    assert count(site, Conversation) == 0


def test_the_log_tells_who_looked_page_by_page(any_site: Site) -> None:
    any_site.town.guardian("Juliana").texts("Oi")
    coordinator = any_site.enter("coordinator")
    for _look in range(60):
        coordinator.get(f"/staff/families/{any_site.town.guardian('Juliana').conversation}/rights")
        coordinator.get(rights_of(any_site, "Juliana"))
    page = any_site.enter("administrator").get("/staff/log")
    assert "read a thread" in text_of(page)
    assert "Dana Whitfield" in text_of(page)
    older = re.search(r'href="([^"]+)">Older', page.text)
    assert older
    assert "signed in" in text_of(any_site.enter("administrator").get(older.group(1)))


def test_an_administrator_asks_what_one_person_did_and_with_whom(any_site: Site) -> None:
    site = any_site
    site.town.guardian("Juliana").texts("Oi")
    site.enter("coordinator").get(f"{rights_of(site, 'Juliana')}/rights")
    thread = rights_of(site, "Juliana")
    site.visitor().enters_as(site.town.teacher()).get(thread)
    admin = site.enter("administrator")
    everybody = text_of(admin.get("/staff/log"))
    assert "Dana Whitfield" in everybody
    assert "Juliana Ferreira" in everybody
    teacher = site.town.teacher()
    hers = admin.get(f"/staff/log?who={teacher.id}").text
    rows = re.findall(r"<tr><td>.*?</tr>", hers, re.S)
    assert rows
    assert all(teacher.name in row for row in rows)
    assert any("read a thread" in row and "Juliana Ferreira" in row and thread in row for row in rows)
    assert "Nothing yet." in text_of(admin.get("/staff/log?who=1"))
    looked = text_of(admin.get(f"{thread}/rights")).partition("Who looked")[2]
    assert teacher.name in looked
