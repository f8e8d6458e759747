"""`bot flows`, as an educator and a script use it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.flows import FLOWS, flows
from tests.flow.writing import GOOD, VOCABULARY


def run(*words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(flows, list(words), input=typed)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "vocabulary.yaml").write_text(VOCABULARY, encoding="utf-8")
    (tmp_path / "tea.yaml").write_text(GOOD, encoding="utf-8")
    return tmp_path


def test_a_folder_without_faults_leaves_with_zero(folder: Path) -> None:
    result = run("check", str(folder), "--no-advice")

    assert result.exit_code == 0, result.output
    assert result.stdout == ""


def test_a_fault_has_a_line_and_a_way_out_and_leaves_with_one(folder: Path) -> None:
    (folder / "tea.yaml").write_text(GOOD.replace("next: person}", "next: nobody}"), encoding="utf-8")

    result = run("check", str(folder / "tea.yaml"))
    assert result.exit_code == 1
    assert "tea.yaml:13: unknown-step: there is no step “nobody” here → use one of:" in result.stdout

    [finding] = json.loads(run("check", "--json", str(folder)).stdout)
    assert {"file", "line", "code", "says", "do", "level"} == finding.keys()


def test_a_test_that_goes_otherwise_is_told_with_its_line(folder: Path) -> None:
    assert run("test", str(folder)).exit_code == 0

    (folder / "tea.yaml").write_text(
        GOOD.replace("family.answer: did", "family.answer: never"), encoding="utf-8"
    )
    result = run("test", str(folder))

    assert result.exit_code == 1
    assert "expected 'never', got 'did'" in result.stdout


def test_playing_a_conversation_with_time_travel() -> None:
    result = run(
        "play", str(FLOWS / "reading_checkin.yaml"), "--language", "pt", typed="um pouco\nsim\n+3d\nfoi bom\n"
    )

    assert result.exit_code == 0, result.output
    for words in ("Dica", "family.last_reading", "Como foi ler com Ana", "went_well", "done"):
        assert words in result.output


def test_drawing_into_a_file(folder: Path) -> None:
    assert run("draw", str(folder / "tea.yaml"), "-o", str(folder / "tea.svg")).exit_code == 0
    assert (folder / "tea.svg").read_text(encoding="utf-8").startswith("<svg")


def test_a_difference_between_two_files(folder: Path) -> None:
    old = folder / "old"
    old.mkdir()
    (old / "vocabulary.yaml").write_text(VOCABULARY, encoding="utf-8")
    (old / "tea.yaml").write_text(GOOD.replace("Thank you", "Thanks"), encoding="utf-8")

    result = run("diff", str(folder / "tea.yaml"), "--old", str(old / "tea.yaml"))

    assert result.exit_code == 0, result.output
    assert result.stdout == "tea.bye: texts: the words changed in en\n"


def test_a_file_that_cannot_be_used_says_why(folder: Path) -> None:
    (folder / "tea.yaml").write_text("conversation: tea\n", encoding="utf-8")

    result = run("draw", str(folder / "tea.yaml"))

    assert result.exit_code == 1
    assert "tea.yaml:1: format" in result.output


def test_a_batch_of_replies_keeps_its_order_and_ids(tmp_path: Path) -> None:
    categories = [
        {"name": "yes", "examples_en": ["yes", "we did"]},
        {"name": "a_little", "examples_en": ["a little", "not much"]},
        {"name": "not_yet", "examples_en": ["not yet", "no"]},
    ]
    rows = [
        {"id": 7, "text": "Un poco 😅", "language": "es", "categories": categories, "extra": True},
        {"id": 8, "text": "no sé", "language": "es", "categories": categories},
        {"id": 9, "text": "٣ مرات", "language": "ar", "kind": "number"},
        {"id": 10, "text": "ndiyo, lakini kitabu gani?", "categories": categories},
        {"id": 11, "text": "12", "kind": "number", "max": 7},
    ]
    batch = tmp_path / "batch.jsonl"
    batch.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")

    result = run("understand", "--batch", str(batch))

    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(row["id"], row["category"], row["number"]) for row in found] == [
        (7, "a_little", None),
        (8, "unclear", None),
        (9, "number", 3),
        (10, "yes", None),
        (11, "unclear", None),
    ]
    assert [row["question_inside"] for row in found] == [False, False, False, True, False]


def test_one_reply_from_the_command_line() -> None:
    result = run(
        "understand", "poko", "--language", "ht", "--category", "yes=yes", "--category", "not_yet=not yet"
    )

    assert result.stdout.startswith("not_yet (confidence")


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"text": "x", "categories": []}, "Give categories"),
        ({"text": "x", "categories": [{"examples_en": ["y"]}]}, "needs a “name”"),
        ({"text": "x", "kind": "number", "min": "two"}, "must be a whole number"),
    ],
)
def test_a_batch_that_cannot_be_read_says_what_is_wrong(
    tmp_path: Path, row: dict[str, object], says: str
) -> None:
    batch = tmp_path / "batch.jsonl"
    batch.write_text(json.dumps(row) + "\n", encoding="utf-8")

    result = run("understand", "--batch", str(batch))

    assert result.exit_code == 2
    assert says in result.output


def test_every_text_of_the_library_is_listed_for_translators() -> None:
    rows = [json.loads(line) for line in run("texts").stdout.splitlines()]

    assert {"key", "english", "placeholders", "reader", "inline"} == rows[0].keys()
    assert "reading_checkin.ask.ask" in {row["key"] for row in rows}
