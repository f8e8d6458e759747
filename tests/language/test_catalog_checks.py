"""A catalog that lost a child's name, a plural or a sentence is found before a family reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.language.catalog_checks import check, status
from bot.language.codes import CATALOG_LANGUAGES

HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: {}\\n"\n\n'
ROMANCE = "nplurals=2; plural=(n != 1);"
TEMPLATE = """
msgid "Hello {child}, how are you today?"
msgstr ""

msgid "{n} day"
msgid_plural "{n} days"
msgstr[0] ""
msgstr[1] ""
"""
GOOD = """
#, draft
msgid "Hello {child}, how are you today?"
msgstr "Hola {child}, ¿qué tal?"

msgid "{n} day"
msgid_plural "{n} days"
msgstr[0] "{n} día"
msgstr[1] "{n} días"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "bot.pot").write_text(HEAD.format(ROMANCE) + TEMPLATE, encoding="utf-8")
    for language in CATALOG_LANGUAGES:
        write(tmp_path, language, GOOD)
    return tmp_path


def write(folder: Path, language: str, entries: str, plural: str = ROMANCE) -> None:
    place = folder / language / "LC_MESSAGES"
    place.mkdir(parents=True, exist_ok=True)
    (place / "bot.po").write_text(HEAD.format(plural) + entries, encoding="utf-8")


def codes_of(folder: Path) -> list[tuple[str, str]]:
    return [(finding.file.partition("/")[0], finding.code) for finding in check(folder)]


def test_whole_catalogs_are_without_a_fault_and_drafts_are_counted(folder: Path) -> None:
    assert codes_of(folder) == []
    spanish = next(row for row in status(folder) if row.language == "es")
    assert (spanish.wanted, spanish.translated, spanish.reviewed, spanish.complete) == (2, 2, 1, True)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("Hola {child},", "Hola,"), "placeholder"),
        (("Hola {child}", "Hola {nino}"), "placeholder"),
        (("¿qué tal?", "how are you today?"), "english"),
        (("Hola {child}, ¿qué tal?", ""), "empty"),
        (("¿qué tal?", "¿qué tal? " + "á" * 260), "long"),
    ],
)
def test_each_fault_is_named_with_its_place(folder: Path, change: tuple[str, str], code: str) -> None:
    write(folder, "es", GOOD.replace(*change))
    assert codes_of(folder) == [("es", code)]


def test_a_missing_file_a_missing_and_a_left_over_entry_are_found(folder: Path) -> None:
    (folder / "so" / "LC_MESSAGES" / "bot.po").unlink()
    write(folder, "es", GOOD.replace("how are you today", "how are you"))
    assert codes_of(folder) == [("es", "missing"), ("es", "left-over"), ("so", "missing-file")]


def test_russian_needs_its_three_plurals(folder: Path) -> None:
    rule = "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);"
    write(folder, "ru", GOOD, rule)
    assert codes_of(folder) == [("ru", "empty")], "the third form is not there"


def test_a_broken_file_is_a_finding_and_not_a_crash(folder: Path) -> None:
    write(folder, "es", GOOD + '\nmsgid "open\n')
    assert codes_of(folder) == [("es", "unreadable")]


def test_texts_of_conversations_may_stand_in_their_own_file_and_pages_exist_where_staff_read_them(
    folder: Path,
) -> None:
    for domain in ("flows", "web"):
        (folder / f"{domain}.pot").write_text(HEAD.format(ROMANCE) + TEMPLATE, encoding="utf-8")
    (folder / "es" / "LC_MESSAGES" / "flows.po").write_text(HEAD.format(ROMANCE), encoding="utf-8")
    assert codes_of(folder) == []
    (folder / "es" / "LC_MESSAGES" / "web.po").write_text(HEAD.format(ROMANCE), encoding="utf-8")
    assert codes_of(folder) == [("es", "missing"), ("es", "missing")]
