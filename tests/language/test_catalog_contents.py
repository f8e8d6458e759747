"""The catalogs themselves: a family is never left with half a sentence, a lost name or a line of English."""

from __future__ import annotations

import gettext
import re
import unicodedata
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

from bot.channels.segments import measure
from bot.conversation.keywords import Action, decide
from bot.conversation.phrases import PHRASES
from bot.flow.answers import understand
from bot.flow.library import Library, load_library
from bot.flow.lint.view import views
from bot.flow.script import Answer, ChoiceWanted
from bot.language.catalog import DRAFT, Catalogs, fill, placeholders, po_path, read_catalog
from bot.language.codes import CATALOG_LANGUAGES

HOME = Path(__file__).parents[2]
LOCALES = HOME / "locales"
FILES = sorted(LOCALES.glob("*/LC_MESSAGES/*.po"))
KNOWN_FLAGS = {DRAFT, "python-brace-format"}
"""The second one Babel adds by itself when it sees a placeholder."""

# As long as these get in real schools: a name of 20 letters, a goal of 25.
SAMPLE = {
    "school": "Lincoln Elementary  "[:20],
    "teacher": "Ms. Rivera",
    "child": "Daniela",
    "goal": "Read together every day  "[:25],
    "language": "Kreyòl ayisyen",
    "first": "Daniela",
    "second": "Mateo",
    "emergency": "911",
    "crisis": "988",
}
THREE_PARTS_EVERYWHERE = {"which_language"}
"""Six language names, each in its own script, are a part of their own in every language, English too."""


def _name(path: Path) -> str:
    return f"{path.parent.parent.name}-{path.stem}"


def _read(path: Path) -> Catalog:
    return read_catalog(path, path.parent.parent.name)


def _messages(path: Path) -> list[Message]:
    return [message for message in _read(path) if message.id]


def _english(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def _forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def _edges(text: str) -> tuple[bool, bool]:
    return text[:1].isspace(), text[-1:].isspace()


@pytest.mark.parametrize("language", CATALOG_LANGUAGES)
def test_a_family_reads_every_sentence_of_the_bot_in_its_own_language(language: str) -> None:
    said = {
        (message.context, message.id): message.string
        for message in _messages(po_path(LOCALES, language, "bot"))
    }
    wanted = {(phrase.key, phrase.text) for phrase in PHRASES.values()}
    assert set(said) == wanted, "missing, or left over from an English text that has changed"
    assert all(said.values())


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_every_form_is_there_and_keeps_its_names_and_numbers(path: Path) -> None:
    catalog = _read(path)
    plural_form = gettext.c2py(catalog.plural_expr)
    reached = {plural_form(n) for n in range(1_000)}
    assert reached == set(range(catalog.num_plurals)), f"Plural-Forms: {catalog.plural_forms}"
    for message in _messages(path):
        english = _english(message)
        forms = _forms(message)
        assert len(forms) == (catalog.num_plurals if len(english) > 1 else 1), message.id
        for number, form in enumerate(forms):
            assert form.strip(), message.id
            assert _edges(form) == _edges(english[-1]), f"{message.id}: {form!r}"
            wanted = placeholders(english[-1])
            counted = [n for n in range(1_000) if plural_form(n) == number] if len(forms) > 1 else []
            if len(counted) == 1:  # "a day", "two days" may say their number in a word
                wanted = wanted - {"n"}
                assert placeholders(form) - {"n"} == wanted, f"{message.id}: {form}"
            else:
                assert placeholders(form) == wanted, f"{message.id}: {form}"
            for digits in ("911", "988", "STOP", "START"):
                assert (digits in english[-1]) == (digits in form), f"{digits}: {form}"


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_nobody_reads_left_over_english_or_a_torn_letter(path: Path) -> None:
    for message in _messages(path):
        english = _runs(_english(message)[0])
        for form in _forms(message):
            assert not english & _runs(form), f"{message.id}: {form}"
            assert unicodedata.normalize("NFC", form) == form, form


def _runs(text: str) -> set[tuple[str, ...]]:
    """Every three words in a row, in Latin letters; names in braces, commands in `backticks` and signs stand between."""
    found = set()
    for stretch in re.split(r"`[^`]*`|\{\w+\}|[^A-Za-z' ]", text.lower()):
        words = stretch.split()
        found |= {tuple(words[i : i + 3]) for i in range(len(words) - 2)}
    return found


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_every_entry_is_a_draft_until_a_speaker_approves_it(path: Path) -> None:
    for message in _messages(path):
        assert set(message.flags) <= KNOWN_FLAGS, f"{message.id}: {message.flags}"


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_the_head_says_how_readers_are_addressed(path: Path) -> None:
    comment = path.read_text(encoding="utf-8").partition("msgid")[0]
    assert "Register:" in comment


@pytest.mark.parametrize("language", CATALOG_LANGUAGES)
def test_what_the_bot_says_costs_two_parts_at_most(language: str) -> None:
    long = {}
    for message in _messages(po_path(LOCALES, language, "bot")):
        if message.context in THREE_PARTS_EVERYWHERE:
            continue
        cost = measure(fill(str(message.string), SAMPLE))
        if cost.segments > 2:
            long[message.context] = cost
    assert not long


WORDS_WE_PROMISE = {
    # stop, start (None: START alone), yes, no
    "es": ("ALTO", None, "SÍ", "NO"),
    "pt": ("PARE", None, "SIM", "NÃO"),
    "ht": ("SISPANN", None, "WI", "NON"),
    "fr": ("STOP", None, "OUI", "NON"),
    "ar": ("توقف", "ابدأ", "نعم", "لا"),
    "zh-Hans": ("停止", "开始", "想", "不用"),
    "zh-Hant": ("停止", "開始", "想", "不用"),
    "vi": ("DỪNG", None, "CÓ", "KHÔNG"),
    "ru": ("СТОП", "СТАРТ", "ДА", "НЕТ"),
    "uk": ("СТОП", "СТАРТ", "ТАК", "НІ"),
    "ko": ("중지", "시작", "네", "아니요"),
    "tl": ("HINTO", None, "OO", "HINDI"),
    "so": ("JOOJI", None, "HAA", "MAYA"),
    "sw": ("ACHA", None, "NDIYO", "HAPANA"),
}
YES_OR_NO = ChoiceWanted((Answer("yes", "end", means=("yes",)), Answer("no", "end", means=("no",))))


@pytest.mark.parametrize("language", CATALOG_LANGUAGES)
def test_the_words_we_ask_a_family_to_text_are_words_we_understand(language: str) -> None:
    said = {message.context: str(message.string) for message in _messages(po_path(LOCALES, language, "bot"))}
    stop, start, yes, no = WORDS_WE_PROMISE[language]
    for key in ("help", "started", "already_started", "why", "why_plain"):
        assert stop in said[key]
    assert decide(stop, language).action is Action.STOP
    if start is not None:
        assert start in said["stopped"]
        assert decide(start, language).action is Action.START
    assert yes in said["change_language"]
    assert no in said["change_language"]
    assert understand(YES_OR_NO, yes, languages=(language,)).answer == "yes"
    assert understand(YES_OR_NO, no, languages=(language,)).answer == "no"


@pytest.fixture(scope="module")
def library() -> Library:
    catalogs = Catalogs.load(LOCALES, "flows")
    return load_library(
        HOME / "flows",
        {
            language: {
                (entry.context or "", entry.msgid): (entry.forms[0], entry.reviewed)
                for entry in catalogs.entries(language)
            }
            for language in CATALOG_LANGUAGES
        },
    )


@pytest.mark.parametrize("language", CATALOG_LANGUAGES)
def test_a_family_reads_every_conversation_in_its_own_language(library: Library, language: str) -> None:
    lacking = {
        told.line.key
        for view in views(library)
        for told in view.told()
        if told.reader == "family" and told.line.state(language) is None
    }
    assert not lacking, "translate them in locales/, or beside the English in the conversation's file"


@pytest.mark.parametrize("language", CATALOG_LANGUAGES)
def test_no_translation_is_left_over_from_a_line_that_is_gone(library: Library, language: str) -> None:
    lines = {(told.line.key, told.line.texts.get("en")) for view in views(library) for told in view.told()}
    kept = {(message.context, message.id) for message in _messages(po_path(LOCALES, language, "flows"))}
    assert kept <= lines
