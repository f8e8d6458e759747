"""What the linter tells an educator before a family is let down."""

from __future__ import annotations

from bot.flow.findings import Finding
from bot.flow.lint import check
from tests.flow.writing import GOOD, library


def segments(text: str) -> int:
    """A plain count for these tests: the real one lives with the channels and is used by the command."""
    return -(-len(text) // 153)


def found(text: str, languages: tuple[str, ...] = ("en",), **others: str) -> list[Finding]:
    return list(check(library(tea=text, **others), segments, languages))


def codes(text: str, languages: tuple[str, ...] = ("en",)) -> list[str]:
    return [finding.code for finding in found(text, languages)]


def test_a_good_file_has_no_findings() -> None:
    assert found(GOOD) == []


def test_a_circle_that_waits_for_nobody_is_found_and_one_that_asks_is_not() -> None:
    circle = GOOD.replace('say: {en: "Thank you, {guardian}."}', 'say: {en: "Thank you."}\n    next: again')
    runs = circle.replace("tests:", "  - {id: again, say: Hello., next: bye}\ntests:")
    asks = circle.replace("tests:", "  - {id: again, say: Hello., next: ask}\ntests:")

    assert "loop-without-wait" in codes(runs)
    assert "loop-without-wait" not in codes(asks)


def test_answers_of_other_languages_may_not_overlap_either() -> None:
    text = GOOD.replace("later: {means: not_yet", "later: {match: {fr: [peut-être], es: [claro]}")

    [finding] = [finding for finding in found(text) if finding.code == "overlap"]
    assert "claro" in finding.says


def test_a_language_without_a_text_and_one_nobody_approved_are_told_apart() -> None:
    text = GOOD.replace(
        'say: {en: "Thank you, {guardian}."}', 'say: {en: "Thanks, {guardian}.", es: "Gracias, {guardian}."}'
    )

    findings = found(text, ("en", "es", "pt"))

    assert [finding.says for finding in findings if finding.code == "unreviewed"] == [
        "texts that no speaker has approved yet: es (1)"
    ]
    missing = [finding for finding in findings if finding.code == "missing-translation"]
    assert {finding.says for finding in missing} == {"there is no text in es, pt", "there is no text in pt"}


def test_a_translation_of_an_older_english_is_stale() -> None:
    catalogs = {"es": {("tea.bye.say", "Thank you so much."): ("Muchas gracias.", True)}}

    findings = check(library(tea=GOOD), segments, ("es",), catalogs)

    assert "stale-translation" in [finding.code for finding in findings]


def test_a_way_no_test_walks_is_pointed_out() -> None:
    text = GOOD.replace('  - {knows: {child: Ana}, says: ["+2d"], expect: {path: [ask, bye]}}\n', "")

    [finding] = found(text)
    assert (finding.code, finding.level) == ("untested", "advice")
    assert "silent" in finding.says


def test_a_keyword_that_means_stop_cannot_begin_a_conversation() -> None:
    text = GOOD.replace("role: supporter", "role: supporter\nstart: {keyword: {es: [alto], en: [help]}}")

    def reserved(words: str, language: str) -> str | None:
        return "STOP" if (words, language) == ("alto", "es") else None

    findings = check(library(tea=text), segments, ("en",), reserved=reserved)
    assert [finding.code for finding in findings].count("reserved-word") == 2


def test_two_conversations_cannot_share_a_keyword() -> None:
    text = GOOD.replace("role: supporter", "role: supporter\nstart: {keyword: {en: [read]}}")
    other = text.replace("conversation: tea", "conversation: ale")

    findings = check(library(tea=text, ale=other), segments, ("en",))
    assert [(finding.file, finding.code) for finding in findings] == [("tea.yaml", "overlap")]
