"""The words of an emergency, language by language: nobody reviews them first, so the original stands beneath."""

from __future__ import annotations

from bot.conversation.desk import Desk
from bot.conversation.reply import LONGEST
from bot.conversation.snapshot import Family
from bot.conversation.wording import DRAFT, Worded
from bot.delivery.outbox import EMERGENCY, URGENT, Draft
from bot.language.codes import ENGLISH, same_for_readers
from bot.store.people import School


class Words:
    """What an emergency says in each language: found once, for all families."""

    def __init__(self, desk: Desk, words: str, school_id: int) -> None:
        self._desk = desk
        self._words = words
        with desk.db.reading() as session:
            name = session.get_one(School, school_id).name
        self._family = Family(school_id=school_id, school=name)
        self._found: dict[str | None, Draft] = {}

    def into(self, language: str | None) -> Draft:
        """The text in `language` (None: not known, so English, and somebody calls). Its `language` is the one that
        families can read in it."""
        if language not in self._found:
            self._found[language] = self._say(language)
        return self._found[language]

    def _say(self, language: str | None) -> Draft:
        head = self._phrase("emergency_head", language)
        if language is None or same_for_readers(language, ENGLISH):
            return self._draft(f"{head.body}\n{self._words}", ENGLISH, "original", head)
        said = self._desk.wording.text(self._words, ENGLISH, language, self._family, remember=True)
        sure = not said.missing and not any(doubt != DRAFT for doubt in said.doubts)
        if not sure:
            # Better in English, openly, than not at all: the family is told so in its own language, and called.
            sorry = self._phrase("emergency_in_english", language)
            lines = [head.body, sorry.body, self._words] if not sorry.missing else [head.body, self._words]
            return self._draft("\n".join(lines), ENGLISH, "original", head)
        lines = [head.body, said.body] if said.origin == "reviewed" else [head.body, said.body, self._words]
        body = "\n".join(lines)
        return self._draft(
            body if len(body) <= LONGEST else said.body, language, said.origin, said, original=self._words
        )

    def _phrase(self, key: str, language: str | None) -> Worded:
        """One of the bot's own sentences; in English where nobody has written it in that language."""
        worded = self._desk.wording.phrase(key, language, self._family, {"school": self._family.school})
        if worded.missing:
            return self._desk.wording.phrase(key, ENGLISH, self._family, {"school": self._family.school})
        return worded

    def _draft(
        self, body: str, language: str, origin: str, worded: Worded, original: str | None = None
    ) -> Draft:
        return Draft(
            ref="",
            kind=EMERGENCY,
            body=body,
            language=language,
            origin=origin,
            not_before=self._desk.clock(),
            priority=URGENT,
            original=original,
            original_language=None if original is None else ENGLISH,
            engine=worded.engine if original else None,
            model=worded.model if original else None,
            doubts=worded.doubts,
        )
