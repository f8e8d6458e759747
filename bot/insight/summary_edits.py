"""People correct summaries: staff hide, show and reword claims, families say what we understood wrongly.

Edits are only ever added; the newest of each kind counts. A family's correction stands beside the claim and hides
nothing by itself. What a summary was made of stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import insert, select

from bot.insight.summary import Summary
from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.insight import SummaryEdit


@dataclass(frozen=True, slots=True)
class Edit:
    """What was done to one claim. `words`: the new wording, or the family's correction."""

    claim: str
    kind: str
    words: str | None
    staff_id: int | None
    conversation_id: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Edited:
    """A summary after its edits: without what is hidden; new wordings and corrections by claim."""

    summary: Summary
    wordings: dict[str, str]
    corrections: dict[str, tuple[Edit, ...]]
    hidden: frozenset[str]


def edit(
    db: Database,
    school_id: int,
    claim: str,
    kind: str,
    now: datetime,
    *,
    words: str | None = None,
    staff_id: int | None = None,
    conversation_id: int | None = None,
) -> None:
    """Add an edit: "hide", "show", "edit" (with words) or "correction" (with a family's words).

    Raises `ValueError` for an edit without the words it needs.
    """
    if kind in ("edit", "correction") and not (words or "").strip():
        raise ValueError("Write the new words first.")
    row_id = new_id()
    with db.connection() as tx:
        tx.execute(
            insert(SummaryEdit),
            {
                "id": row_id, "school_id": school_id, "conversation_id": conversation_id, "claim": claim, "kind": kind,
                "words": db.vault.seal(SummaryEdit.words, row_id, words.strip()) if words else None,
                "staff_id": staff_id, "at": now,
            },
        )  # fmt: skip


def edits_of(db: Database, school_id: int, claims: Iterable[str]) -> list[Edit]:
    """The edits of these claims, oldest first."""
    with db.reading() as session:
        rows = session.scalars(
            select(SummaryEdit)
            .where(SummaryEdit.school_id == school_id, SummaryEdit.claim.in_(list(claims)))
            .order_by(SummaryEdit.at, SummaryEdit.id)
        ).all()
    return [
        Edit(
            row.claim, row.kind, db.vault.show(SummaryEdit.words, row.id, row.words) if row.words is not None else None,
            row.staff_id, row.conversation_id, row.at,
        )
        for row in rows
    ]  # fmt: skip


def claims_of(summary: Summary) -> list[str]:
    """The keys of every claim of a summary."""
    parts = (summary.tallies, summary.asked, summary.deeds, summary.gifts, summary.goals)
    keys = [claim.key for part in parts for claim in part]
    return [*keys, *(f"theme:{theme.key}" for theme in summary.themes)]


def apply_edits(summary: Summary, edits: Iterable[Edit]) -> Edited:
    """A summary as people have left it. Pure."""
    hidden: set[str] = set()
    wordings: dict[str, str] = {}
    corrections: dict[str, list[Edit]] = {}
    for one in edits:
        if one.kind == "hide":
            hidden.add(one.claim)
        elif one.kind == "show":
            hidden.discard(one.claim)
        elif one.kind == "edit" and one.words:
            wordings[one.claim] = one.words
        elif one.kind == "correction":
            corrections.setdefault(one.claim, []).append(one)
    left = replace(
        summary,
        tallies=tuple(claim for claim in summary.tallies if claim.key not in hidden),
        asked=tuple(claim for claim in summary.asked if claim.key not in hidden),
        deeds=tuple(claim for claim in summary.deeds if claim.key not in hidden),
        gifts=tuple(claim for claim in summary.gifts if claim.key not in hidden),
        goals=tuple(claim for claim in summary.goals if claim.key not in hidden),
        themes=tuple(theme for theme in summary.themes if f"theme:{theme.key}" not in hidden),
    )
    return Edited(
        left, wordings, {claim: tuple(some) for claim, some in corrections.items()}, frozenset(hidden)
    )
