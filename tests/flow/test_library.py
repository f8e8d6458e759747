"""What an educator sees after saving a file: whether it can be used, and otherwise the line and the way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.flow.library import NoSuchConversation, load_library
from tests.flow.writing import GOOD, codes, library


def test_a_good_file_can_be_used() -> None:
    found = library(tea=GOOD)

    assert found.findings == ()
    assert found.script("tea").name == "tea"


def test_a_next_that_leads_nowhere_names_its_line_and_what_there_is() -> None:
    found = library(tea=GOOD.replace("next: person}", "next: persom}"))

    [finding] = found.findings
    assert (finding.code, finding.file) == ("unknown-step", "tea.yaml")
    assert GOOD.splitlines()[finding.line - 1].strip().startswith("unclear:")
    assert "person" in finding.do
    with pytest.raises(NoSuchConversation, match="bot flows check"):
        found.script("tea")


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("id: bye", "id: ask", "duplicate-step"),
        ("save: family.answer", "save: family.anser", "unknown-field"),
        ("goal: reading.daily", "goal: reading.weekly", "unknown-goal"),
        ("means: 'yes'", "means: 'yess'", "unknown-meaning"),
        ("role: supporter", "role: helper", "format"),
        ("tries: 2", "tires: 2", "format"),
        ("after: 44h", "after: two days", "format"),
        ("conversation: tea", "conversation: coffee", "file-name"),
        ('    say: {en: "Thank you, {guardian}."}', "    call: nowhere", "unknown-conversation"),
        ("title: {en: Tea}", "title: {en: Tea", "yaml"),
        ("role: supporter", "role: supporter\nrole: monitor", "duplicate-key"),
        ('    say: {en: "Thank you, {guardian}."}', '    say: {es: "Gracias"}', "missing-text"),
        ('    say: {en: "Thank you, {guardian}."}', "    say: hi\n    ask: hi", "format"),
        ('    say: {en: "Thank you, {guardian}."}', "    say: hi\n    save: family.answer", "format"),
    ],
)
def test_each_slip_has_its_own_finding(before: str, after: str, code: str) -> None:
    found = library(tea=GOOD.replace(before, after))

    assert code in codes(found)
    assert all(finding.do and finding.line > 0 for finding in found.findings)


def test_yes_and_no_are_words_not_switches() -> None:
    found = library(tea=GOOD.replace("means: 'yes'", "match: {en: [yes, on], es: [sí]}"))

    assert found.findings == ()
    answers = found.written["tea"].steps[0].answers
    assert answers is not None
    assert answers["did"].match == {"en": ["yes", "on"], "es": ["sí"]}


def test_a_conversation_that_comes_back_to_itself_is_stopped() -> None:
    caller = "conversation: {0}\ntitle: x\nsteps:\n  - {{id: go, call: {1}}}\n"
    found = library(one=caller.format("one", "two"), two=caller.format("two", "one"))

    assert codes(found) == ["recursion", "recursion"]
    assert found.scripts == {}


def test_a_conversation_that_calls_a_broken_one_is_not_used_either() -> None:
    found = library(
        one="conversation: one\ntitle: x\nsteps:\n  - {id: go, call: two}\n",
        two="conversation: two\ntitle: x\nsteps:\n  - {id: go, say: hi, next: nowhere}\n",
    )

    assert found.scripts == {}


def test_what_a_called_conversation_needs_must_be_given() -> None:
    callee = "conversation: two\ntitle: x\ntakes: {level: choice}\nsteps:\n  - {id: go, say: hi}\n"
    found = library(one="conversation: one\ntitle: x\nsteps:\n  - {id: go, call: two}\n", two=callee)

    assert codes(found) == ["not-given"]


@pytest.mark.parametrize(
    "text", ["", "just words", "- a\n- b\n", "\x00", "a: &a [*a]", "a: " + "[" * 200, "é: \ud800"]
)
def test_no_file_makes_the_reader_fall_over(text: str) -> None:
    found = library(tea=text)

    assert found.scripts == {}
    assert found.findings


def test_a_file_that_repeats_itself_through_aliases_is_refused_before_it_fills_the_memory() -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{name}: &{name} [{', '.join(['*' + before] * 10)}]\n"
        for before, name in zip("abcde", "bcdef", strict=True)
    )

    assert codes(library(tea=bomb)) == ["yaml"]


def test_a_missing_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="conversations"):
        load_library(tmp_path / "flows")


def test_a_reviewed_translation_beats_a_draft_in_the_file_and_a_draft_does_not() -> None:
    from bot.flow.library import compile_library
    from tests.flow.writing import VOCABULARY

    text = GOOD.replace(
        'say: {en: "Thank you, {guardian}."}', 'say: {en: "Thanks, {guardian}.", es: "Gracias."}'
    )
    sources = {"vocabulary.yaml": VOCABULARY, "tea.yaml": text}
    key = ("tea.bye.say", "Thanks, {guardian}.")

    def line(reviewed: bool) -> tuple[str, str | None]:
        found = compile_library(sources, {"es": {key: ("Gracias, {guardian}.", reviewed)}})
        [bye] = [line for line in found.script("tea").lines() if line.key == "tea.bye.say"]
        return bye.texts["es"], bye.state("es")

    assert line(reviewed=True) == ("Gracias, {guardian}.", "reviewed")
    assert line(reviewed=False) == ("Gracias.", "draft")
