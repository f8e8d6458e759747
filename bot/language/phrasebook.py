"""Texts we have in every language because people wrote them: found again when somebody writes exactly that.

English on one side is looked up in the catalogs directly, a family's language through the reverse index, and two
families' languages meet in English. Short everyday phrases ("Thank you!", "um pouco") live in the domain `phrases`;
capitals, closing marks and emoji do not matter there.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.language.catalog import Catalogs, placeholders
from bot.language.codes import ENGLISH
from bot.language.spans import EMOJI

DOMAINS = ("phrases", "bot", "flows")
_EDGES = re.compile(r"^[\s¡¿]+|[\s.!?…。！？؟।]+$")
_CLOSING = re.compile(r"[.!?…。！？؟।]*$")
_MARKS = {"zh": {".": "。", "!": "！", "?": "？"}, "ar": {"?": "؟"}}


@dataclass(frozen=True, slots=True)
class Phrase:
    """One wording, and whether a speaker approved it."""

    text: str
    reviewed: bool


class CatalogPhrasebook:
    """The `Phrasebook` of the translator, over the catalogs in `folder`. Indexes a language when first asked."""

    def __init__(self, folder: Path, domains: Sequence[str] = DOMAINS) -> None:
        self._catalogs = [Catalogs(folder, domain) for domain in domains]
        self._from_english: dict[str, dict[str, Phrase]] = {}
        self._to_english: dict[str, dict[str, Phrase]] = {}
        self._lock = threading.Lock()

    def look_up(self, text: str, source: str, target: str) -> Phrase | None:
        """The wording of `text` in `target`, with the text's own closing mark and emoji; None when nobody wrote it."""
        if len(text) > 480:
            return None
        core = EMOJI.sub("", text)
        english: Phrase | None
        english = Phrase(_key(core), True) if source == ENGLISH else self._index(source)[1].get(_key(core))
        if english is None or target == ENGLISH:
            found = english
        else:
            found = self._index(target)[0].get(_key(english.text))
        if found is None:
            return None
        reviewed = found.reviewed and english is not None and english.reviewed
        return Phrase(_dressed(found.text, text, core), reviewed)

    def _index(self, language: str) -> tuple[dict[str, Phrase], dict[str, Phrase]]:
        with self._lock:
            if language not in self._from_english:
                forward: dict[str, Phrase] = {}
                back: dict[str, Phrase] = {}
                for catalogs in self._catalogs:
                    for entry in catalogs.entries(language):
                        if entry.plural is None and not placeholders(entry.msgid):
                            forward.setdefault(_key(entry.msgid), Phrase(entry.forms[0], entry.reviewed))
                            back.setdefault(_key(entry.forms[0]), Phrase(entry.msgid, entry.reviewed))
                self._from_english[language], self._to_english[language] = forward, back
            return self._from_english[language], self._to_english[language]


def _key(text: str) -> str:
    return _EDGES.sub("", " ".join(text.casefold().split()))


def _dressed(phrase: str, asked: str, core: str) -> str:
    """The phrase with the closing mark of what was asked ("Thank you!" shouts), and its closing emoji."""
    own = _CLOSING.search(phrase)
    wanted = _CLOSING.search(core.rstrip())
    if own and wanted and own.group() and not wanted.group():
        phrase = phrase[: own.start()]
    elif own and wanted and wanted.group() == "!" and own.group() in (".", "。"):
        phrase = phrase[: own.start()] + ("！" if own.group() == "。" else "!")
    emoji = "".join(match.group() for match in EMOJI.finditer(asked))
    return f"{phrase} {emoji}" if emoji else phrase
