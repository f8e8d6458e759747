"""The translation memory: what a person approved once is never asked again, and wins over every machine.

A text is found by the blind index of (school, pair, pattern). The pattern is the text with its links, addresses,
phones, times and dates replaced by slots, so that an approved "The bus leaves at 3:15 pm" also serves "at 2:40 pm";
names and plain numbers stay, because the words around them bend to them. Texts with `{child}` are kept as they are and
filled for each family afterwards: ten thousand families in twelve languages make twelve rows.

A machine's translations are kept only when the caller says `remember` (outgoing texts that many will get). A
text that was written to or by one family, and that a reviewer approved, names its conversation: it is exported and
erased with the family, and never leaves in an exchange file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher

from sqlalchemy import delete, or_, select

from bot.language.catalog import Origin, placeholders
from bot.language.checks import Doubt
from bot.language.spans import Kind, find_spans
from bot.language.translation import Translation
from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.talk import TranslationRow

SLOTTED = frozenset({Kind.LINK, Kind.EMAIL, Kind.PHONE, Kind.TIME, Kind.DATE})
LIKE_ENOUGH = 0.75
"""Share of characters in common from which an approved translation is offered for another text."""
_LOOKED_THROUGH = 2_000
_SLOT = re.compile(r"⟨(\d+)⟩")


class NotKept(ValueError):
    """An approved wording that does not fit its original (a placeholder is missing or unknown). Says which."""


@dataclass(frozen=True, slots=True)
class Near:
    """An approved translation of a text that is nearly this one."""

    text: str
    wording: str
    likeness: float


@dataclass(frozen=True, slots=True)
class Remembered:
    """One row of the memory, opened."""

    text: str
    wording: str
    source: str
    target: str
    origin: Origin
    school: int | None
    at: datetime
    of_one_family: bool = False
    """Written to or by one family: for its school's reviewers only."""


@dataclass(frozen=True, slots=True)
class _Pattern:
    text: str
    slots: tuple[str, ...]
    """What stands in each slot, as the target's readers write it."""

    def wording(self, text: str) -> str | None:
        """`text`, a translation, with the slots' contents taken out; None when one is not in it exactly once."""
        for number, kept in enumerate(self.slots):
            if len(re.findall(rf"(?<!\w){re.escape(kept)}(?!\w)", text)) != 1:
                return None
            text = re.sub(rf"(?<!\w){re.escape(kept)}(?!\w)", f"⟨{number}⟩", text)
        return text

    def filled(self, wording: str) -> str:
        """A kept wording with this text's own contents in its slots."""
        return _SLOT.sub(lambda m: self.slots[int(m[1])] if int(m[1]) < len(self.slots) else m[0], wording)


def _pattern(text: str, source: str, target: str) -> _Pattern:
    parts: list[str] = []
    slots: list[str] = []
    at = 0
    for span in find_spans(text, source, target):
        if span.kind in SLOTTED:
            parts += [text[at : span.start], f"⟨{len(slots)}⟩"]
            slots.append(span.kept)
            at = span.end
    return _Pattern(" ".join("".join([*parts, text[at:]]).split()), tuple(slots))


def fits(text: str, wording: str) -> None:
    """Raises `NotKept` when `wording` cannot stand for `text`: it is empty, or its placeholders or slots differ."""
    if placeholders(text) != placeholders(wording):
        differ = placeholders(text) ^ placeholders(wording)
        raise NotKept(
            f"The translation must have the same placeholders: look at {', '.join(sorted(differ))}."
        )
    if not wording.strip():
        raise NotKept("An empty translation cannot be approved.")
    if sorted(_SLOT.findall(text)) != sorted(_SLOT.findall(wording)):
        raise NotKept("The signs like ⟨0⟩ must stay: times, dates and links are put in their place.")


class TranslationMemory:
    """The memory of one installation; the `Memory` of the translator."""

    def __init__(self, db: Database, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._clock = clock

    def _hash(self, school: int | None, source: str, target: str, pattern: str) -> bytes:
        return self._db.vault.index(f"memory\n{school or ''}\n{source}\n{target}\n{pattern}")

    def recall(self, text: str, source: str, target: str, school: int | None) -> Translation | None:
        """The school's own approved wording, else the district's (school None), else what a machine made of it before."""
        pattern = _pattern(text, source, target)
        exact = _Pattern(" ".join(text.split()), ())
        tries = [(s, p) for p in (exact, pattern) for s in dict.fromkeys((school, None))]
        hashes = {self._hash(s, source, target, p.text): (rank, p) for rank, (s, p) in enumerate(tries)}
        with self._db.reading() as session:
            rows = session.scalars(
                select(TranslationRow).where(TranslationRow.source_hash.in_(list(hashes)))
            ).all()
        if not rows:
            return None
        row = min(rows, key=lambda row: (row.origin != Origin.REVIEWED, hashes[row.source_hash][0]))
        wording = self._db.vault.open(TranslationRow.target, row.id, row.target)
        used = hashes[row.source_hash][1]
        return Translation(
            used.filled(wording),
            source,
            target,
            Origin(row.origin),
            text,
            engine=row.engine,
            model=row.model,
            doubts=tuple(Doubt(code) for code in row.doubts),
            protected=used.slots,
            reviewed=row.origin == Origin.REVIEWED,
        )

    def keep(self, translation: Translation, school: int | None) -> None:
        """Keep a machine's translation, unless one is there. Safe to call twice."""
        self._write(
            translation.original,
            translation.text,
            translation.source,
            translation.target,
            school,
            Origin.MACHINE,
            engine=translation.engine,
            model=translation.model,
            doubts=[doubt.value for doubt in translation.doubts],
        )

    def reject(self, row_id: int) -> None:
        """A reviewer says that a machine's wording must not go out: it is doubtful from now on, so nothing many families
        get is sent in it, until somebody approves a wording."""
        with self._db.writing() as session:
            row = session.get(TranslationRow, row_id)
            if row is not None and row.origin == Origin.MACHINE.value:
                row.doubts = sorted({*map(str, row.doubts), Doubt.REJECTED.value})

    def approve(
        self,
        text: str,
        wording: str,
        source: str,
        target: str,
        school: int | None,
        staff: int | None,
        conversation: int | None = None,
    ) -> None:
        """A person's wording for `text`, from now on. What the machine made of it is dropped. `conversation`: the one
        family these words were written to or by; they are exported and erased with it.

        Raises `NotKept` when the wording lacks one of the text's placeholders, or has one that the text has not.
        """
        fits(text, wording)
        self._write(
            text, wording, source, target, school, Origin.REVIEWED, staff=staff, conversation=conversation
        )

    def _write(
        self,
        text: str,
        wording: str,
        source: str,
        target: str,
        school: int | None,
        origin: Origin,
        engine: str | None = None,
        model: str | None = None,
        doubts: list[str] | None = None,
        staff: int | None = None,
        conversation: int | None = None,
    ) -> None:
        pattern = _pattern(text, source, target)
        slotted = pattern.wording(wording)
        if slotted is None:
            pattern, slotted = _Pattern(" ".join(text.split()), ()), wording
        key = self._hash(school, source, target, pattern.text)
        now = self._clock()
        with self._db.writing() as session:
            there = set(
                session.scalars(select(TranslationRow.origin).where(TranslationRow.source_hash == key)).all()
            )
            if origin is Origin.MACHINE and there:
                return
            session.execute(delete(TranslationRow).where(TranslationRow.source_hash == key))
            row = new_id()
            session.add(
                TranslationRow(
                    id=row,
                    school_id=school,
                    source_language=source,
                    target_language=target,
                    source_hash=key,
                    source=self._db.vault.seal(TranslationRow.source, row, pattern.text),
                    target=self._db.vault.seal(TranslationRow.target, row, slotted),
                    origin=origin.value,
                    engine=engine,
                    model=model,
                    doubts=doubts or [],
                    reviewed_by=staff,
                    reviewed_at=now if origin is Origin.REVIEWED else None,
                    created_at=now,
                    conversation_id=conversation,
                )
            )

    def near(self, text: str, source: str, target: str, school: int | None, most: int = 3) -> list[Near]:
        """Approved translations of texts nearly like this one, the likest first: for a reviewer to start from."""
        wanted = _pattern(text, source, target)
        found = []
        for row in self.approved(source, target, school):
            matcher = SequenceMatcher(None, wanted.text.casefold(), row.text.casefold(), autojunk=False)
            if matcher.real_quick_ratio() < LIKE_ENOUGH or matcher.quick_ratio() < LIKE_ENOUGH:
                continue
            likeness = matcher.ratio()
            if likeness >= LIKE_ENOUGH:
                found.append(Near(wanted.filled(row.text), wanted.filled(row.wording), round(likeness, 3)))
        return sorted(found, key=lambda near: -near.likeness)[:most]

    def approved(
        self,
        source: str | None = None,
        target: str | None = None,
        school: int | None = None,
        most: int | None = _LOOKED_THROUGH,
    ) -> Iterator[Remembered]:
        """Approved translations of a school and of the district, the newest first, slots as ⟨0⟩, ⟨1⟩."""
        wanted = (
            select(TranslationRow)
            .where(TranslationRow.origin == Origin.REVIEWED.value)
            .where(or_(TranslationRow.school_id == school, TranslationRow.school_id.is_(None)))
            .order_by(TranslationRow.reviewed_at.desc(), TranslationRow.id.desc())
            .limit(most)
        )
        if source is not None:
            wanted = wanted.where(TranslationRow.source_language == source)
        if target is not None:
            wanted = wanted.where(TranslationRow.target_language == target)
        with self._db.reading() as session:
            rows = session.scalars(wanted).all()
        vault = self._db.vault
        for row in rows:
            yield Remembered(
                vault.open(TranslationRow.source, row.id, row.source),
                vault.open(TranslationRow.target, row.id, row.target),
                row.source_language,
                row.target_language,
                Origin(row.origin),
                row.school_id,
                row.reviewed_at or row.created_at,
                row.conversation_id is not None,
            )
