"""The commands as a script and as a person at a terminal use them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.cli import main

PACKAGE = Path(__file__).parent / "data" / "translate-en_es-0_1-for-tests-only.argosmodel"


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def bot(models: Path) -> Any:
    def call(*arguments: str, given: str | None = None) -> Result:
        return CliRunner().invoke(main, list(arguments), input=given, env={"MODELS_DIR": str(models)})

    return call


def lines(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_detect_answers_a_batch_line_by_line_and_echoes_ids(bot: Any, tmp_path: Path) -> None:
    file = tmp_path / "batch.jsonl"
    rows = [
        {"id": 7, "text": "Ela leu um pouco", "unknown": 1},
        {"id": "b", "text": "si", "prior": "es"},
        {"text": "👍"},
        {"id": 3, "text": "老師您好，謝謝您"},
    ]
    file.write_text("\ufeff" + "\n".join(map(json.dumps, rows)) + "\n\n", encoding="utf-8")
    made = lines(bot("detect", "--batch", str(file)))
    assert [(row.get("id"), row["language"], row["script"]) for row in made] == [
        (7, "pt", "Latn"),
        ("b", "es", "Latn"),
        (None, "und", "Zyyy"),
        (3, "zh", "Hant"),
    ]
    assert set(made[0]) == {"id", "language", "confidence", "script"}


@pytest.mark.model
def test_translate_answers_with_every_promised_key_in_the_files_order(bot: Any, tmp_path: Path) -> None:
    file = tmp_path / "batch.jsonl"
    rows = [
        {"id": 1, "text": "Hello Ana, see you at 3:30 pm!", "source": "en", "target": "pt"},
        {"id": 2, "text": "Ela leu 3 livros", "source": "auto", "target": "en"},
        {"id": 3, "text": "Hello", "source": "qq", "target": "pt"},
        {"id": 4, "text": "Please bring a coat.", "source": "en", "target": "so"},
        {"id": 5, "text": "Thank you!", "source": "en", "target": "ht"},
        {"id": 6, "text": "😀", "source": "en", "target": "pt"},
    ]
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    made = lines(bot("translate", "--batch", str(file)))
    assert [row["id"] for row in made] == [1, 2, 3, 4, 5, 6]
    promised = {"id", "text", "source", "target", "origin", "engine", "model", "doubts", "protected", "ms"}
    assert all(promised <= set(row) for row in made)
    assert [row["origin"] for row in made] == ["machine", "machine", "none", "none", "catalog", "none"]
    assert "15:30" in made[0]["text"]
    assert "15:30" in made[0]["protected"]
    assert (made[1]["source"], "3" in made[1]["text"]) == ("pt", True)
    assert [row["why"] for row in made[2:4]] == ["unknown_language", "no_engine"]
    assert [row["text"] for row in made[2:]] == ["", "", "Mèsi!", "😀"]


@pytest.mark.model
def test_strange_texts_have_an_answer_of_their_own(bot: Any, tmp_path: Path) -> None:
    file = tmp_path / "batch.jsonl"
    rows: list[dict[str, Any]] = [
        {"id": "same", "text": "Hello", "source": "en", "target": "en"},
        {"id": "digits", "text": "12345 / 67", "source": "pt", "target": "en"},
        {"id": "nothing", "text": "  ", "source": "pt", "target": "en"},
        {"id": "controls", "text": "O livro\u0000azul\u202e", "source": "pt", "target": "en"},
        {"id": "half", "text": "\ud83d", "source": "pt", "target": "en"},
        {"id": "long", "text": "Bom dia. " * 2300, "source": "pt", "target": "en"},
        {"id": "mixed", "text": "Привет 你好 hello", "source": "auto", "target": "pt"},
        {"id": "swapped", "text": "A professora está cansada", "source": "en", "target": "pt"},
        {"id": "names", "text": "Portuguese, please", "source": "PT-br", "target": "English"},
        {"id": "none", "text": "See you", "source": None, "target": "pt", "names": None, "prior": None},
    ]
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    made = {row["id"]: row for row in lines(bot("translate", "--batch", str(file)))}
    assert list(made) == [row["id"] for row in rows]
    assert (made["same"]["why"], made["same"]["text"]) == ("same_language", "Hello")
    assert {made[one]["why"] for one in ("digits", "nothing", "half")} == {"nothing_to_translate"}
    assert made["half"]["text"] == "\ud83d"
    assert "blue book" in made["controls"]["text"].lower()
    assert "too_long" in made["long"]["doubts"]
    assert (made["mixed"]["source"], made["mixed"]["why"]) == ("ru", "no_engine")
    assert made["swapped"]["text"] == "A professora está cansada", "in the reader's language already"
    assert (made["names"]["source"], made["names"]["target"]) == ("pt", "en")
    assert made["none"]["origin"] == "machine"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"text": "x", "prior": 7}', "“prior” must be a string"),
        ('{"text": "x", "names": "Ana"}', "“names” must be a list of strings"),
        ('{"text": "x", "source": ["pt"]}', "“source” must be a string"),
        ('{"text": 3}', "an object with a “text”"),
        ("[1]", "an object with a “text”"),
        ("nonsense", "is not JSON"),
        ("\xff\xfe", "is not UTF-8"),
    ],
)
def test_a_line_that_is_wrong_is_named(bot: Any, tmp_path: Path, line: str, says: str) -> None:
    file = tmp_path / "batch.jsonl"
    file.write_bytes(b'{"text": "hi"}\n' + line.encode("latin-1" if line.startswith("\xff") else "utf-8"))
    result = bot("translate", "--batch", str(file))
    assert result.exit_code == 2
    assert says in result.output
    assert "UTF-8" in says or "line 2" in result.output


@pytest.mark.model
def test_a_person_gets_the_text_on_stdout_and_its_state_on_stderr(bot: Any) -> None:
    result = bot("translate", "--from", "en", "--to", "pt", "-", given="School is closed on Friday.\n")
    assert result.exit_code == 0
    assert "sexta" in result.stdout
    assert "machine, unreviewed" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["translate", "--from", "xx", "hi"], 2, "not a language"),
        (["translate", "--from", "en", "--to", "so", "hello there"], 3, "bot models install so"),
        (["detect"], 2, "Give a TEXT"),
        (["detect", "--batch", "/nowhere/file"], 2, "cannot be read"),
        (["models", "install", "klingonish"], 2, "not a language"),
        (["models", "remove", "nothing"], 1, "bot models list"),
        (["models", "add", "/nowhere"], 1, "is not there"),
    ],
)
def test_what_goes_wrong_has_a_status_and_a_sentence(
    bot: Any, arguments: list[str], status: int, says: str
) -> None:
    result = bot(*arguments)
    assert result.exit_code == status
    assert says in result.stderr


def test_a_batch_line_that_is_no_text_is_named(bot: Any, tmp_path: Path) -> None:
    file = tmp_path / "batch.jsonl"
    file.write_text('{"text": "hi"}\n{"text": 3}\n', encoding="utf-8")
    result = bot("detect", "--batch", str(file))
    assert result.exit_code == 2
    assert "line 2" in result.stderr


@pytest.mark.model
def test_a_model_from_a_stick_is_added_checked_used_and_removed(bot: Any) -> None:
    assert bot("models", "add", str(PACKAGE)).exit_code == 0
    rows = json.loads(bot("models", "list", "--json").stdout)
    assert {(row["engine"], row["source"], row["target"]) for row in rows} >= {
        ("argos", "en", "es"),
        ("bergamot", "en", "pt"),
    }
    checked = bot("models", "check")
    assert checked.exit_code == 0, checked.output
    assert "Gracias por su mensaje." in checked.stdout
    made = bot("translate", "--json", "--from", "en", "--to", "es", "Ana read 3 books this week.")
    assert json.loads(made.stdout)["text"] == "Ana leyó 3 libros esta semana."
    assert bot("models", "remove", "es").exit_code == 0
    assert "argos" not in bot("models", "list").stdout


def test_no_network_is_said_plainly(bot: Any) -> None:
    result = bot("models", "install", "es", "--mirror", "http://127.0.0.1:9")
    assert result.exit_code == 3
    assert "127.0.0.1 cannot be reached" in result.stderr
    assert "Traceback" not in result.output


def test_the_catalogs_have_a_table_and_a_checker(bot: Any, tmp_path: Path) -> None:
    table = json.loads(bot("locales", "status", "--json").stdout)
    assert {"es", "sw"} <= {row["language"] for row in table}
    shown = bot("locales", "status").stdout
    assert "usted, warm and short" in shown
    assert {"papers", "flows", "approved"} <= set(shown.split("\n", 1)[0].split())
    assert bot("locales", "check", "--folder", str(tmp_path)).exit_code == 0, "an empty folder has no faults"
    assert bot("locales", "compile", "--folder", str(tmp_path)).exit_code == 0


def test_what_can_be_done_for_a_language_is_said_plainly(bot: Any) -> None:
    dari = bot("languages", "fa-AF")
    assert "Dari (دری, prs)" in dari.stdout
    assert "“not translated”, until a person translates it" in dari.stdout
    assert "Dari is not Iranian Farsi" in dari.stdout
    rows = {row["language"]: row for row in lines(bot("languages", "--json"))}
    assert (rows["pt"]["reads"], rows["pt"]["writes"]) == (True, True)
    assert any("mostly spoken" in sentence for sentence in rows["mam"]["says"])
    assert bot("languages", "klingon").exit_code == 2
