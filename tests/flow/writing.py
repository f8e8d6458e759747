"""Small conversations for tests, written the way an educator would."""

from __future__ import annotations

from textwrap import dedent

from bot.flow.library import Library, compile_library

VOCABULARY = """
fields:
  family.answer: {type: choice, about: an answer}
  family.count: {type: number, about: a count}
  family.words: {type: text, about: free words}
  family.day: {type: date, about: a day}
goals:
  reading.daily: {title: Read daily, subject: reading}
"""

GOOD = """
conversation: tea
title: {en: Tea}
goal: reading.daily
role: supporter
steps:
  - id: ask
    ask: {en: "Did {child} read? Yes or not yet."}
    answers:
      did: {means: 'yes', next: bye}
      later: {means: not_yet, next: bye}
    save: family.answer
    unclear: {say: {en: "Was that yes, or not yet?"}, tries: 2, next: person}
    silent: {after: 44h, next: bye}
  - id: person
    hand_off: {to: teacher, note: "Please call {guardian}."}
    next: bye
  - id: bye
    say: {en: "Thank you, {guardian}."}
tests:
  - {knows: {child: Ana}, says: ["yes"], expect: {family.answer: did, path: [ask, bye]}}
  - {knows: {child: Ana}, says: ["not yet"], expect: {family.answer: later}}
  - {knows: {child: Ana}, says: ["banana", "purple"], expect: {handed_to: teacher}}
  - {knows: {child: Ana}, says: ["+2d"], expect: {path: [ask, bye]}}
"""


def library(**files: str) -> Library:
    """A library of these conversations (name → YAML) beside the vocabulary above."""
    sources = {f"{name}.yaml": dedent(text) for name, text in files.items()}
    return compile_library({"vocabulary.yaml": VOCABULARY, **sources})


def codes(found: Library) -> list[str]:
    """The codes of its findings."""
    return [finding.code for finding in found.findings]
