"""One click that mends a whole text: capitals, a sentence too long, a second request, nothing to answer.

A fix is only offered where it changes the text; the writer sees the result in the form and may write it anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from bot.outreach.wording import REQUEST, Finding

FIXES: Final[dict[str, str]] = {
    "shouting": "Write it in small letters",
    "hard_to_read": "Make shorter sentences of it",
    "two_requests": "Keep the first request only",
    "no_answer": "Add a sentence that invites an answer",
}
"""What the button says, by the finding's code."""

ANSWERABLE: Final = "Any questions? Just write back."
_CAPITALS: Final = re.compile(r"\b[A-Z]{4,}(?:\s+[A-Z]{2,})+\b")
_SENTENCES: Final = re.compile(r"(?<=[.!?])\s+")
_JOINTS: Final = re.compile(r"(?:,\s+(?:and|but|so)\s+|;\s+|,?\s+because\s+)", re.IGNORECASE)
_LONG: Final = 16
"""Words from which a sentence is worth taking apart; each half keeps at least `_HALF`."""
_HALF: Final = 4


def offered(text: str, findings: Iterable[Finding]) -> dict[str, str]:
    """The buttons to show: code → what the button says."""
    codes = dict.fromkeys(finding.code for finding in findings)
    return {code: FIXES[code] for code in codes if code in FIXES and fix(text, code) != text}


def fix(text: str, code: str) -> str:
    """`text` with what `code` names put right; unchanged when that cannot be done by rule."""
    found = _BY_CODE.get(code)
    return found(text) if found else text


def _small_letters(text: str) -> str:
    def lowered(match: re.Match[str]) -> str:
        small = match.group().lower()
        begins = not text[: match.start()].strip() or text[: match.start()].rstrip()[-1] in ".!?"
        return small[0].upper() + small[1:] if begins else small

    return _CAPITALS.sub(lowered, text)


def _shorter(text: str) -> str:
    return "\n".join(
        " ".join(_halved(sentence) for sentence in _SENTENCES.split(line)) for line in text.split("\n")
    )


def _halved(sentence: str) -> str:
    """A long sentence as two, taken apart at the joint nearest to its middle."""
    if len(sentence.split()) < _LONG:
        return sentence
    joints = [
        joint
        for joint in _JOINTS.finditer(sentence)
        if len(sentence[: joint.start()].split()) >= _HALF and len(sentence[joint.end() :].split()) >= _HALF
    ]
    if not joints:
        return sentence
    joint = min(joints, key=lambda one: abs(one.start() - len(sentence) // 2))
    before, after = sentence[: joint.start()], sentence[joint.end() :]
    word = joint.group().strip(" ,;").lower()
    link = {"but": "But ", "so": "So ", "because": "The reason: "}.get(word, "")
    rest = after if word == "because" else after if link else after[0].upper() + after[1:]
    return f"{_halved(before)}. {link}{_halved(rest)}"


def _first_request(text: str) -> str:
    kept, asked = [], False
    for sentence in _SENTENCES.split(text):
        asks = bool(REQUEST.search(sentence)) or "?" in sentence
        if asks and asked:
            continue
        asked = asked or asks
        kept.append(sentence)
    return " ".join(kept)


def _with_a_question(text: str) -> str:
    body = text.rstrip()
    return text if not body else f"{body}{'' if body[-1] in '.!?' else '.'} {ANSWERABLE}"


_BY_CODE: Final[dict[str, Callable[[str], str]]] = {
    "shouting": _small_letters,
    "hard_to_read": _shorter,
    "two_requests": _first_request,
    "no_answer": _with_a_question,
}
