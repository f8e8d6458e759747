"""`bot import` and `bot roster`, as a script runs them at night and a technician by hand."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from tests.cli.processes import Installation

DATA = Path(__file__).parents[1] / "records" / "data"


def told(house: Installation, *arguments: str, status: int = 0) -> Any:
    ran = house.bot(*arguments, "--json")
    assert ran.returncode == status, ran.stderr
    return json.loads(ran.stdout)


def test_a_night_of_imports(house: Installation, tmp_path: Path) -> None:
    folder = tmp_path / "roster"
    shutil.copytree(DATA / "oneroster-1.1", folder)
    dry = told(house, "import", "roster", str(folder), "--dry-run")
    assert (dry["add"], dry["change"], dry["deactivate"], dry["unchanged"], dry["errors"]) == (
        15,
        0,
        0,
        0,
        [],
    )
    assert not dry["applied"]
    assert told(house, "roster") == []
    assert told(house, "import", "roster", str(folder))["applied"]
    assert told(house, "import", "roster", str(folder))["unchanged"] == 15
    assert told(house, "roster")[0]["guardians"] == 5
    users = folder / "users.csv"
    users.write_text(users.read_text("utf-8").replace("415-555-0131", "415-555-0131 x9"), "utf-8")
    faulty = told(house, "import", "roster", str(folder), "--dry-run", status=1)
    assert faulty["errors"] == [
        {
            "file": "users.csv",
            "row": 10,
            "field": "sms",
            "message": "has an extension, which cannot be texted: write the family's own number.",
        }
    ]
    assert faulty["change"] == 0
    undone = told(house, "import", "undo")
    assert undone["removed"] == 15
    assert told(house, "roster") == []


def test_a_technician_tries_it_before_anything_is_set_up(tmp_path: Path) -> None:
    house = Installation(tmp_path)
    dry = told(house, "import", "roster", str(DATA / "families.csv"), "--dry-run")
    assert dry["add"] == 12
    assert told(house, "import", "roster", str(DATA / "families.csv"))["applied"]
    assert told(house, "import", "roster", str(DATA / "families.csv"), "--dry-run")["unchanged"] == 12


def test_what_a_person_reads(house: Installation) -> None:
    ran = house.bot("import", "roster", str(DATA / "oneroster-1.2"), "--dry-run")
    assert ran.returncode == 0
    assert "OneRoster 1.2" in ran.stdout
    assert "5 to add" in ran.stdout
    assert "dry run" in ran.stdout


def test_standards_from_a_file(house: Installation, tmp_path: Path) -> None:
    path = DATA / "standards" / "case.json"
    found = told(house, "import", "standards", str(path))
    assert (found["items"], found["roots"], found["depth"], found["errors"]) == (6, 2, 3, [])
    package = json.loads(path.read_text("utf-8"))
    package["CFPackage"]["CFAssociations"].pop(0)
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps(package), "utf-8")
    assert told(house, "import", "standards", str(broken), "--dry-run", status=1)["errors"][0]["row"] == 1
    (tmp_path / "no.json").write_text("{")
    ran = house.bot("import", "standards", str(tmp_path / "no.json"))
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "is no JSON" in ran.stderr


def test_wrong_usage_is_a_sentence(house: Installation, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    for name in ("menu.csv", "buses.csv"):
        (tmp_path / "other" / name).write_text("a\n1\n")
    for arguments, says in (
        (("import", "roster", str(tmp_path / "nothing")), "no file or folder"),
        (("import", "roster", str(tmp_path / "other")), "no roster we know"),
        (("import", "roster", str(DATA / "families.csv"), "--column", "shoe=Size"), "FIELD=TITLE"),
        (("import", "roster", str(DATA / "families.csv"), "--time-zone", "Mars"), "no time zone"),
        (("import", "undo"), "No roster has been imported"),
    ):
        ran = house.bot(*arguments)
        assert (ran.returncode, ran.stdout) == (2, "")
        assert says in ran.stderr
        assert "Traceback" not in ran.stderr


def test_a_familys_rights_from_the_command_line(school: Installation, tmp_path: Path) -> None:
    number = "+15555550131"
    paper = school.bot("family", "export", number)
    assert paper.returncode == 0, paper.stderr
    assert paper.stdout.startswith("Lo que Puente Sample School (invented) guarda sobre su familia")
    assert "Nobody who speaks Spanish has approved" in paper.stderr
    page = tmp_path / "paper.html"
    assert school.bot("family", "export", number, "--format", "html", "-o", str(page)).returncode == 0
    assert page.stat().st_mode & 0o077 == 0
    assert "Carmen Morales" in page.read_text("utf-8")
    records = told(school, "family", "export", number)["records"]
    assert records["guardian"][0]["phone"] == number
    assert school.bot("family", "hold", number, "--reason", "request to inspect").returncode == 0
    refused = school.bot("family", "forget", number, "--yes")
    assert refused.returncode == 1
    assert "legal hold" in refused.stderr
    assert school.bot("family", "unhold", number).returncode == 0
    assert school.bot("family", "forget", number).returncode == 2
    assert told(school, "family", "forget", number, "--yes")["erased"] >= 2
    gone = school.bot("family", "export", number)
    assert gone.returncode == 2
    assert number not in gone.stderr


def test_a_language_nobody_wrote_the_paper_in_is_said_aloud(school: Installation) -> None:
    paper = school.bot("family", "export", "+15555550131", "--language", "Amharic")
    assert paper.returncode == 0
    assert "not written in Amharic yet" in paper.stderr
    assert paper.stdout.startswith("What Puente Sample School")
