"""One person, several rows: guardians are merged by phone, with care.

Systems that keep a guardian for each child list one mother twice. The same number under names that can be one
person's is one guardian. The same number under clearly different names is a couple's phone, a typing mistake or a
number that has changed hands: a person decides, we do not merge.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.records.roster_cells import fold
from bot.records.roster_model import Roster

_TITLES = frozenset(
    {"mr", "mrs", "ms", "miss", "dr", "prof", "sr", "sra", "srta", "senor", "senora", "don", "dona", "seu", "mme"}
)  # fmt: skip


def alike(one: str, other: str) -> bool:
    """Whether two names can be one person's: the same words in any order, one a shorter form of the other, or the
    same first name (or its initial) and a family name in common."""
    a, b = _words(one), _words(other)
    if not a or not b:
        return False
    if set(a) == set(b):
        return True
    shorter, longer = sorted((a, b), key=len)
    if set(shorter) <= set(longer) and (len(shorter) > 1 or shorter[0] == longer[0]):
        return True
    same_first = a[0] == b[0] or (1 in (len(a[0]), len(b[0])) and a[0][0] == b[0][0])
    return same_first and bool(set(a[1:]) & set(b[1:]))


def _words(name: str) -> list[str]:
    words = fold(name).split()
    return [word for word in words if word not in _TITLES] or words


def merge_guardians(roster: Roster, holders: Mapping[str, frozenset[str]]) -> None:
    """Make one record of the rows of one person, and report numbers shared by people of different names.

    `holders`: for a number, the identifiers of the guardian who has it in the database today; of several people who
    share it in the files, that one keeps it.
    """
    by_phone: dict[str, list[str]] = {}
    for source_id, guardian in roster.guardians.items():
        if guardian.phone is not None:
            by_phone.setdefault(guardian.phone, []).append(source_id)
    children: dict[str, list[str]] = {}
    for adult, student in roster.related:
        children.setdefault(adult, []).append(student)
    for phone, sharing in by_phone.items():
        if len(sharing) < 2:
            continue
        holder = holders.get(phone, frozenset())
        ranked = sorted(sharing, key=lambda source_id: source_id not in holder)
        first = ranked[0]
        for source_id in ranked[1:]:
            if alike(roster.guardians[first].name, roster.guardians[source_id].name):
                _merge(roster, first, source_id, children.get(source_id, []))
            else:
                _report(roster, first, source_id)


def _merge(roster: Roster, into: str, source_id: str, children: list[str]) -> None:
    kept, doubled = roster.guardians[into], roster.guardians.pop(source_id)
    language = kept.home_language or doubled.home_language
    if doubled.home_language is not None and doubled.home_language != language:
        roster.notices.append(
            doubled.place.fault(
                "", "has children with different home languages: it stays unknown, and we ask."
            )
        )
        language = None
    roster.guardians[into] = replace(
        kept, source_ids=(*kept.source_ids, *doubled.source_ids), home_language=language
    )
    for student in children:
        relationship = roster.related.pop((source_id, student))
        roster.related.setdefault((into, student), relationship)


def _report(roster: Roster, first: str, source_id: str) -> None:
    kept, other = roster.guardians[first], roster.guardians[source_id]
    later = max((kept, other), key=lambda guardian: guardian.place.row)
    where = "" if kept.place.file == other.place.file else f" of {kept.place.file}"
    row = (kept if later is other else other).place.row
    roster.faults.append(
        later.place.fault(
            later.phone_title,
            f"is the same number as in row {row}{where}, under another name: not merged. "
            "Correct the wrong one; if they share one phone, list it for one of them.",
        )
    )
    roster.guardians[source_id] = replace(other, phone=None)
