"""The community glossary: what this school's families call things, with who said so; and their corrections.

Terms are versions that are only added to; the newest counts. A school's own terms win over the district's (school
None). `GlossaryBook.terms` is what `Translator.translate(glossary=...)` takes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, or_, select

from bot.store.columns import Vault, new_id
from bot.store.database import Database
from bot.store.terms import GlossaryTerm, WordingCorrection

LONGEST_TERM = 120
"""Characters of a word or its name: what is longer is a text."""

STAFF, GUARDIAN = "staff", "guardian"
"""Who may say that a word is wrong."""


@dataclass(frozen=True, slots=True)
class Term:
    """One version of a term."""

    term: str
    wording: str
    said_by: str
    at: datetime
    school: int | None


@dataclass(frozen=True, slots=True)
class Correction:
    """A reader's word against a translation, with its context, opened for a reviewer."""

    id: int
    original: str
    translation: str
    remark: str
    source: str
    target: str
    at: datetime
    said_by: str = STAFF
    conversation: int | None = None


class GlossaryBook:
    """All schools' glossaries and corrections."""

    def __init__(self, db: Database, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._clock = clock

    def say(
        self,
        term: str,
        wording: str,
        source: str,
        target: str,
        *,
        school: int | None,
        said_by: str,
        staff: int | None = None,
    ) -> None:
        """From now on `term` is called `wording` (empty: the term is taken out). Raises ValueError for an empty term."""
        if not term.strip():
            raise ValueError("A glossary term needs the word it is about.")
        with self._db.writing() as session:
            session.add(
                GlossaryTerm(
                    id=new_id(),
                    school_id=school,
                    source_language=source,
                    target_language=target,
                    term=" ".join(term.split()),
                    wording=" ".join(wording.split()),
                    said_by=said_by,
                    staff_id=staff,
                    at=self._clock(),
                )
            )

    def versions(self, source: str, target: str, school: int | None) -> list[Term]:
        """Every version for a school and the district, the oldest first."""
        with self._db.reading() as session:
            rows = session.scalars(
                select(GlossaryTerm)
                .where(GlossaryTerm.source_language == source, GlossaryTerm.target_language == target)
                .where(or_(GlossaryTerm.school_id == school, GlossaryTerm.school_id.is_(None)))
                .order_by(GlossaryTerm.at, GlossaryTerm.id)
            ).all()
        return [Term(row.term, row.wording, row.said_by, row.at, row.school_id) for row in rows]

    def pairs(self, school: int | None) -> list[tuple[str, str]]:
        """The pairs of languages a school's (and the district's) terms are in."""
        with self._db.reading() as session:
            rows = session.execute(
                select(GlossaryTerm.source_language, GlossaryTerm.target_language)
                .where(or_(GlossaryTerm.school_id == school, GlossaryTerm.school_id.is_(None)))
                .distinct()
            ).all()
        return sorted((row[0], row[1]) for row in rows)

    def newest(self, source: str, target: str, school: int | None) -> list[Term]:
        """The version of each term that counts now, with who said so."""
        found: dict[str, Term] = {}
        versions = self.versions(source, target, school)
        for version in sorted(versions, key=lambda v: v.school is not None):  # a school's own win
            found[version.term.casefold()] = version
        return [version for version in found.values() if version.wording]

    def terms(self, source: str, target: str, school: int | None) -> dict[str, str]:
        """What counts now: term → wording."""
        return {term.term: term.wording for term in self.newest(source, target, school)}

    def correct(
        self,
        original: str,
        translation: str,
        remark: str,
        source: str,
        target: str,
        school: int | None,
        conversation: int | None = None,
    ) -> int:
        """Somebody of the school said "that is not the word": kept, sealed, for the reviewers. Returns its id.
        `conversation`: the thread it is about."""
        row = new_id()
        remarked = Remarked(original, translation, remark, source, target, school)
        with self._db.connection() as tx:
            keep_remark(tx, self._db.vault, row, remarked, self._clock(), conversation, STAFF)
        return row

    def open_corrections(self, school: int | None) -> list[Correction]:
        """What waits for a reviewer, the oldest first."""
        with self._db.reading() as session:
            rows = session.scalars(
                select(WordingCorrection)
                .where(WordingCorrection.school_id == school, WordingCorrection.state == "open")
                .order_by(WordingCorrection.at, WordingCorrection.id)
            ).all()
        vault = self._db.vault
        return [
            Correction(
                row.id,
                vault.open(WordingCorrection.original, row.id, row.original),
                vault.open(WordingCorrection.translation, row.id, row.translation),
                vault.open(WordingCorrection.remark, row.id, row.remark),
                row.source_language,
                row.target_language,
                row.at,
                row.said_by,
                row.conversation_id,
            )
            for row in rows
        ]

    def settle(self, correction: int, *, staff: int, accepted: bool) -> bool:
        """Close a correction; False when it was closed already."""
        with self._db.writing() as session:
            row = session.get(WordingCorrection, correction)
            if row is None or row.state != "open":
                return False
            row.state, row.settled_by = ("settled" if accepted else "declined"), staff
            return True


@dataclass(frozen=True, slots=True)
class Remarked:
    """A translation, and what a reader says against it. `line`: the catalog's line it came from, if it did."""

    original: str
    translation: str
    remark: str
    source: str
    target: str
    school: int | None
    line: str | None = None


def keep_remark(
    tx: Connection,
    vault: Vault,
    row: int,
    said: Remarked,
    at: datetime,
    conversation: int | None,
    said_by: str,
) -> None:
    """Write a correction inside the caller's transaction (a family's own comes with the turn that heard it)."""
    tx.execute(
        insert(WordingCorrection),
        {
            "id": row,
            "school_id": said.school,
            "source_language": said.source,
            "target_language": said.target,
            "original": vault.seal(WordingCorrection.original, row, said.original),
            "translation": vault.seal(WordingCorrection.translation, row, said.translation),
            "remark": vault.seal(WordingCorrection.remark, row, said.remark),
            "conversation_id": conversation,
            "said_by": said_by,
            "line": said.line,
            "at": at,
        },
    )
