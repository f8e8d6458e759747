"""What the bot says in fourteen languages is written by people and looked up, never guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.language.catalog import CatalogError, Catalogs, Origin, compile_catalogs, fill

PORTUGUESE = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

#, draft
msgid "Hello {child}."
msgstr "Olá {child}."

msgctxt "reading.ask"
msgid "Did {child} read?"
msgstr "{child} leu?"

msgid "{n} day"
msgid_plural "{n} days"
msgstr[0] "{n} dia"
msgstr[1] "{n} dias"

msgid "Goodbye"
msgstr ""
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "pt" / "LC_MESSAGES"
    place.mkdir(parents=True)
    (place / "bot.po").write_text(PORTUGUESE, encoding="utf-8")
    return tmp_path


def test_a_text_comes_filled_in_and_says_whether_a_speaker_approved_it(folder: Path) -> None:
    catalogs = Catalogs.load(folder, "bot")
    text = catalogs.text("Hello {child}.", "pt", child="Ana")
    assert text is not None
    assert (text.text, text.language, text.origin, text.reviewed) == ("Olá Ana.", "pt", Origin.CATALOG, False)
    asked = catalogs.text("Did {child} read?", "pt", context="reading.ask", child="Ana")
    assert asked is not None
    assert asked.reviewed


def test_what_a_language_lacks_is_none_and_never_another_language(folder: Path) -> None:
    catalogs = Catalogs.load(folder, "bot")
    assert catalogs.text("Goodbye", "pt") is None
    assert catalogs.text("Hello {child}.", "so", child="Ana") is None
    assert catalogs.text("Did {child} read?", "pt", child="Ana") is None, "its context is part of its key"
    assert catalogs.text("Hello, {child}!", "pt", child="Ana") is None, (
        "English that changed is missing, not stale"
    )


def test_counts_take_the_plural_form_of_the_language(folder: Path) -> None:
    catalogs = Catalogs.load(folder, "bot")
    says = [catalogs.text("{n} day", "pt", plural="{n} days", n=n) for n in (0, 1, 2)]
    assert [text.text for text in says if text] == ["0 dia", "1 dia", "2 dias"]
    english = [catalogs.text("{n} day", "en", plural="{n} days", n=n) for n in (0, 1, 2)]
    assert [text.text for text in english if text] == ["0 days", "1 day", "2 days"]


def test_a_missing_value_is_named_and_a_value_is_never_looked_into(folder: Path) -> None:
    with pytest.raises(CatalogError, match=r"\{child\}"):
        Catalogs.load(folder, "bot").text("Hello {child}.", "pt")
    assert fill("Hi {a}", {"a": "{b}", "b": "secret"}) == "Hi {b}"


def test_a_broken_file_is_named_with_its_line(folder: Path) -> None:
    path = folder / "pt" / "LC_MESSAGES" / "bot.po"
    path.write_text(PORTUGUESE + '\nmsgid "open\n', encoding="utf-8")
    with pytest.raises(CatalogError, match=r"bot\.po"):
        Catalogs.load(folder, "bot").text("Hello {child}.", "pt", child="Ana")
    with pytest.raises(CatalogError, match="LOCALES_DIR"):
        Catalogs.load(folder / "nowhere", "bot")


def test_compiling_writes_what_is_new_and_only_that(folder: Path) -> None:
    assert [path.name for path in compile_catalogs(folder)] == ["bot.mo"]
    assert compile_catalogs(folder) == []
