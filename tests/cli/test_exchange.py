"""A district's translator works in her own tool; what she approved goes out, comes back, and nothing is lost."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from click.testing import CliRunner, Result

from bot.cli import main
from bot.language.glossary import GlossaryBook
from bot.language.memory import TranslationMemory
from bot.records.house import schools
from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.talk import Conversation
from tests.cli.processes import Installation


def run(school: Installation, *arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, env=school.environment)


def clock() -> datetime:
    return datetime(2026, 3, 4, 15, tzinfo=UTC)


def one_family(db: Database) -> int:
    with db.writing() as session:
        row = new_id()
        session.add(
            Conversation(
                id=row, medium="simulator", sender="+15555550100", address_index=b"x", created_at=clock(),
                address=db.vault.seal(Conversation.address, row, "+15555550199"),
            )
        )  # fmt: skip
    return row


def test_the_memory_goes_out_and_comes_back_in_both_formats(school: Installation, tmp_path: Path) -> None:
    db = school.database()
    memory, at = TranslationMemory(db, clock), schools(db)[0].id
    memory.approve("The bus leaves at 3:15 pm.", "O ônibus sai às 15:15.", "en", "pt", at, None)
    memory.approve("{child} read & wrote <3", '=HOJE() "{child}" leu', "en", "pt", at, None)
    memory.approve("My sister is ill", "Minha irmã está doente", "en", "pt", at, None, one_family(db))
    files = [tmp_path / "memory.tmx", tmp_path / "memory.csv"]
    for file in files:
        assert run(school, "memory", "export", str(file)).exit_code == 0
        assert "sister" not in file.read_text(), "what was written to one family stays here"
        assert "⟨0⟩" in file.read_text()
    for file in files:
        done = run(school, "memory", "import", str(file), "--district")
        assert done.exit_code == 0, done.output
    found = memory.recall("The bus leaves at 2:40 pm.", "en", "pt", None)
    assert found is not None
    assert (found.text, found.reviewed) == ("O ônibus sai às 14:40.", True)
    again = memory.recall("{child} read & wrote <3", "en", "pt", None)
    assert again is not None
    assert again.text == '=HOJE() "{child}" leu'
    db.dispose()


def test_the_glossary_keeps_who_said_so(school: Installation, tmp_path: Path) -> None:
    db = school.database()
    book, at = GlossaryBook(db, clock), schools(db)[0].id
    book.say("report card", "boletim", "en", "pt", school=at, said_by="a family, by text")
    file = tmp_path / "glossary.tmx"
    assert run(school, "glossary", "export", str(file)).exit_code == 0
    book.say("report card", "", "en", "pt", school=at, said_by="Ms. Rivera")
    assert "Added 1 terms" in run(school, "glossary", "import", str(file)).output
    [term] = book.newest("en", "pt", at)
    assert (term.wording, term.said_by) == ("boletim", "a family, by text")
    assert "1 were known" in run(school, "glossary", "import", str(file)).output
    db.dispose()


def test_a_wrong_row_is_named_and_nothing_is_kept(school: Installation, tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"

    def says(body: str) -> str:
        file.write_text(body, encoding="utf-8")
        done = run(school, "memory", "import", str(file))
        assert done.exit_code == 1, done.output
        return done.output

    head = "source,target,text,translation\n"
    good = "en,pt,Hello,Oi\n"
    assert "Row 3: “klingon” is not a language" in says(f"{head}{good}en,klingon,Hello,nuqneH\n")
    assert "Row 3: translation is empty" in says(f"{head}{good}en,pt,Bye,\n")
    assert "mine.csv: Row 3, translation" in says(f"{head}{good}en,pt,{{child}} read,leu\n")
    assert "translation is missing" in says("source,target,text\nen,pt,Hello\n")
    assert "both pt" in says(f"{head}pt,pt,Oi,Oi\n")
    file.write_bytes(head.encode() + b"en,pt,Hello,Ol\xe1\n")
    assert "UTF-8" in run(school, "memory", "import", str(file)).output
    assert run(school, "memory", "import", str(tmp_path / "mine.xlsx")).exit_code == 2
    db = school.database()
    assert TranslationMemory(db, clock).recall("Hello", "en", "pt", schools(db)[0].id) is None
    db.dispose()
