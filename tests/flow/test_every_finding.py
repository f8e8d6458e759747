"""Everything the linter can say: one small slip for each, the line it is told on, and the way out."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

import bot.flow
from bot.flow.findings import Finding
from bot.flow.lint import check
from tests.flow.writing import GOOD, library

SAY = '    say: {en: "Thank you, {guardian}."}'
UNCLEAR = '    unclear: {say: {en: "Was that yes, or not yet?"}, tries: 2, next: person}\n'
SILENT_TEST = '  - {knows: {child: Ana}, says: ["+2d"], expect: {path: [ask, bye]}}\n'
HARD = (
    "Institutional communication facilitates extraordinarily beneficial educational participation opportunities "
    "whenever parental involvement demonstrably increases."
)
CALLED = GOOD.replace("conversation: tea", "conversation: ale").replace("role:", "takes: {goal: text}\nrole:")
SELF = GOOD.replace("conversation: tea", "conversation: ale").replace(SAY, "    call: tea")
READ = "start: {keyword: {en: [read]}}"


class Slip(NamedTuple):
    """`before` → `after` in the good file; the finding's line must hold `told_at`."""

    code: str
    before: str
    after: str
    told_at: str
    others: Mapping[str, str] = {}
    languages: tuple[str, ...] = ("en",)


SLIPS = (
    # what can be read at all
    Slip("yaml", "role: supporter", "role: [supporter", "steps:"),
    Slip("format", "role: supporter", "rolle: supporter", "rolle: supporter"),
    Slip("duplicate-key", "role: supporter", "role: supporter\nrole: monitor", "role: monitor"),
    Slip("file-name", "conversation: tea", "conversation: coffee", "conversation: coffee"),
    Slip("duplicate-conversation", "", "", "conversation: tea", {"aaa": GOOD}),
    # steps
    Slip("duplicate-step", "id: bye", "id: ask", "id: ask\n    say:"),
    Slip("unknown-step", "next: person}", "next: nobody}", "next: nobody"),
    Slip("unreachable-step", "next: person}", "next: bye}", "id: person"),
    Slip("loop-without-wait", SAY, SAY + "\n    next: person", "id: person"),
    Slip("recursion", SAY, "    call: ale", "call: ale", {"ale": SELF}),
    Slip("unknown-conversation", SAY, "    call: nowhere", "call: nowhere"),
    Slip("not-given", SAY, "    call: ale", "call: ale", {"ale": CALLED}),
    # questions
    Slip("no-unclear", UNCLEAR, "", "ask: {en:"),
    Slip("no-silent", "    silent: {after: 44h, next: bye}\n", "", "ask: {en:"),
    Slip("bounds", "    answers:\n", "    number: {min: 7, max: 1}\n    answers:\n", "number: {min"),
    Slip("overlap", "means: not_yet", "means: 'yes'", "later: {means"),
    Slip("overlap", "later: {means: not_yet", "later: {match: {es: [claro], fr: [sûr]}", "match: {es"),
    Slip("empty-answer", "later: {means: not_yet", "later: {match: ['!!']", "'!!'"),
    Slip("unknown-meaning", "means: not_yet", "means: perhaps", "means: perhaps"),
    Slip("reserved-word", "later: {means: not_yet", "later: {match: [stop]", "later: {match: [stop]"),
    Slip("reserved-word", "later: {means: not_yet", "later: {match: [help]", "[help]"),
    Slip("reserved-word", "later: {means: not_yet", "later: {match: [start]", "[start]"),
    Slip("reserved-word", "role: supporter", "role: supporter\nstart: {keyword: {en: [stop]}}", "start: {keyword"),
    Slip("overlap", "role: supporter", f"role: supporter\n{READ}", READ,
         {"ale": GOOD.replace("conversation: tea", f"conversation: ale\n{READ}")}),
    # what is named must exist
    Slip("unknown-field", "save: family.answer", "save: family.anser", "save: family.anser"),
    Slip("unknown-field", SAY, "    remember: {field: family.answer, from: family.nothing}", "remember:"),
    Slip("unknown-goal", "goal: reading.daily", "goal: reading.weekly", "goal: reading.weekly"),
    Slip("no-goal", "goal: reading.daily\n", "", "conversation: tea"),
    Slip("no-role", "role: supporter\n", "", "conversation: tea"),
    # texts
    Slip("missing-text", SAY, '    say: {es: "Gracias."}', "say: {es"),
    Slip("unknown-placeholder", "{guardian}.\"}", "{gardian}.\"}", "{gardian}"),
    Slip("choice-placeholder", "{guardian}.\"}", "{family.answer}.\"}", "{family.answer}.\""),
    Slip("placeholders", SAY, '    say: {en: "Hi {guardian}.", es: "Hola."}', "Hola."),
    Slip("too-long", "Thank you, {guardian}.", "word " * 70, "word word"),
    Slip("too-long", SAY, '    say: {en: "Hi.", es: "' + "voz " * 90 + '"}', "voz voz"),
    Slip("reading-level", "Thank you, {guardian}.", HARD, "Institutional"),
    Slip("two-requests", "Thank you, {guardian}.", "Please sign the form. Bring it tomorrow.", "Please sign"),
    Slip("deficit-wording", "Thank you, {guardian}.", "Your child is at-risk.", "at-risk"),
    Slip("missing-translation", "", "", "ask: {en:", {}, ("es",)),
    Slip("unreviewed", SAY, '    say: {en: "Thanks, {guardian}.", es: "Gracias, {guardian}."}', "title:", {}, ("es",)),
    Slip("stale-translation", "", "", 'say: {en: "Thank you, {guardian}."}', {}, ("es",)),
    # tests
    Slip("untested", SILENT_TEST, "", "silent: {after"),
)  # fmt: skip

OLD = {"es": {("tea.bye.say", "Thank you so much."): ("Muchas gracias.", True)}}


def found(slip: Slip) -> tuple[str, list[Finding]]:
    assert slip.before in GOOD
    text = GOOD.replace(slip.before, slip.after, 1) if slip.before else GOOD
    findings = check(library(tea=text, **slip.others), lambda text: -(-len(text) // 153), slip.languages, OLD)
    return text, [finding for finding in findings if finding.code == slip.code]


@pytest.mark.parametrize("slip", SLIPS, ids=[f"{number}-{slip.code}" for number, slip in enumerate(SLIPS)])
def test_a_slip_is_told_on_its_line_with_a_way_out(slip: Slip) -> None:
    text, findings = found(slip)

    assert findings, f"nothing said about {slip.code}"
    places = {text[: at.start()].count("\n") + 1 for at in re.finditer(re.escape(slip.told_at), text)}
    assert places & {finding.line for finding in findings}, (places, list(map(str, findings)))
    for finding in findings:
        assert finding.says
        assert finding.do, "a way out"


def test_there_is_a_slip_for_everything_the_linter_can_say() -> None:
    assert _codes() == {slip.code for slip in SLIPS}


def _codes() -> set[str]:
    """The codes that the sources give to findings."""
    places = {"Finding": 2, "finding": 1, "fault": 1}
    told: set[str] = set()
    for path in Path(bot.flow.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            at = places.get(name)
            if at is not None and len(node.args) > at and isinstance(node.args[at], ast.Constant):
                told.add(str(node.args[at].value))  # type: ignore[attr-defined]  # asked in the line above
    return told
