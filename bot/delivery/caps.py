"""How often a family may be written to without having asked: the law of the cap, and what counts against it.

About three learning texts a week per family keep families (opt-outs rose 3 → 5 → 8 % at 1, 3 and 5 a week), so the
cap holds in *every* span of seven local days and for the family as a whole: guardians who share a student, or a
phone, are one family, across classes and schools. A phone counts its texts; a family counts occasions: what two
parents get on the same day about the same matter is one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from bot.store.outreach import Prompt, PromptRecipient
from bot.store.people import Guardian, Guardianship, Student
from bot.store.talk import Conversation, Outbox

WEEK = 7
OPENING = "prompt"
"""The occasion of everything that begins on one day: prompts that collide are one digest, so they count once."""

UNSENT = ("withheld", "expired", "failed", "undelivered")
"""States of texts that reached nobody: they count for nothing."""

IN_ONE_QUERY = 500
_T = TypeVar("_T")


def occasion(day: date, what: str) -> str:
    """What a text counts as, for `Outbox.occasion`: the family's local day, and the matter."""
    return f"{day.isoformat()} {what}"


def has_room(taken: Iterable[date], day: date, cap: int) -> bool:
    """May one more text go on `day`, so that no seven days in a row hold more than `cap`? `taken` are the days of
    the others, before and after."""
    if cap <= 0:
        return False
    near = sorted((one - day).days for one in taken if abs((one - day).days) < WEEK)
    if len(near) < cap:
        return True
    # Every span of seven days that holds `day` begins 0 to 6 days before it.
    return all(sum(start <= one < start + WEEK for one in near) < cap for start in range(1 - WEEK, 1))


@dataclass(slots=True)
class Taken:
    """What counts already. `texts` are days, one for each text to this phone; `occasions` (day, what) of the whole
    family."""

    texts: list[date] = field(default_factory=list)
    occasions: set[tuple[date, str]] = field(default_factory=set)

    def admits(self, day: date, what: str, family_cap: int, own_cap: int | None = None) -> bool:
        """May this phone get one more text on `day`? `own_cap` is what the guardian asked for (LESS, MORE)."""
        if not has_room(self.texts, day, family_cap if own_cap is None else own_cap):
            return False
        if (day, what) in self.occasions:
            return True
        limit = max(family_cap, own_cap or 0)
        return has_room((one for one, _ in self.occasions), day, limit)


def families_of(session: Session, guardian_ids: Collection[int]) -> dict[int, int]:
    """Guardian → the smallest guardian id of its family, for these guardians and everybody in their families.

    Follows shared students and shared phones as far as they lead.
    """
    parent: dict[int, int] = {one: one for one in guardian_ids}

    def root(one: int) -> int:
        while parent[one] != one:
            parent[one] = one = parent[parent[one]]
        return one

    todo = set(guardian_ids)
    while todo:
        found: set[int] = set()
        for first, second in _neighbours(session, todo):
            if second not in parent:
                parent[second] = second
                found.add(second)
            low, high = sorted((root(first), root(second)))
            parent[high] = low
        todo = found
    return {one: root(one) for one in parent}


def _neighbours(session: Session, guardian_ids: Collection[int]) -> Iterable[tuple[int, int]]:
    here, there = aliased(Guardianship), aliased(Guardianship)
    mine, same = aliased(Guardian), aliased(Guardian)
    for some in chunks(guardian_ids):
        yield from session.execute(
            select(here.guardian_id, there.guardian_id)
            .join(there, (there.student_id == here.student_id) & (there.guardian_id != here.guardian_id))
            .join(Student, Student.id == here.student_id)
            .where(here.guardian_id.in_(some), here.active, there.active, Student.active)
        ).tuples()
        yield from session.execute(
            select(mine.id, same.id)
            .join(same, (same.phone_index == mine.phone_index) & (same.id != mine.id))
            .where(mine.id.in_(some), same.active)
        ).tuples()


def taken_by(
    session: Session,
    guardian_ids: Collection[int],
    days: tuple[date, date],
    *,
    without: Collection[int] = (),
) -> dict[int, Taken]:
    """What each of these guardians and their families got, or will get by a plan, within six days of `days`.

    `without` are rows of `prompt_recipient` that are being decided, and so do not count.
    """
    families = families_of(session, guardian_ids)
    phones = _phones(session, families)
    first, last = days[0] - timedelta(days=WEEK), days[1] + timedelta(days=WEEK)
    texts: dict[bytes | int, list[date]] = defaultdict(list)
    occasions: dict[int, set[tuple[date, str]]] = defaultdict(set)
    for guardian, day, what in _sent(session, phones, first):
        texts[phones[guardian] or guardian].append(day)
        occasions[families[guardian]].add((day, what))
    digests: set[tuple[int, date]] = set()
    for guardian, day in _planned(session, families, first, last, without):
        occasions[families[guardian]].add((day, OPENING))
        if (guardian, day) not in digests:  # prompts that collide on a day are one text
            digests.add((guardian, day))
            texts[phones[guardian] or guardian].append(day)
    return {
        one: Taken(texts[phones[one] or one], occasions[families[one]])
        for one in guardian_ids
        if one in families
    }


def _phones(session: Session, guardian_ids: Collection[int]) -> dict[int, bytes | None]:
    found: dict[int, bytes | None] = dict.fromkeys(guardian_ids)
    for some in chunks(guardian_ids):
        found.update(
            session.execute(select(Guardian.id, Guardian.phone_index).where(Guardian.id.in_(some)))
            .tuples()
            .all()
        )
    return found


def _sent(
    session: Session, phones: Mapping[int, bytes | None], first: date
) -> Iterable[tuple[int, date, str]]:
    owner = {phone: guardian for guardian, phone in sorted(phones.items(), reverse=True) if phone}
    since = datetime.combine(first, time(0), UTC) - timedelta(days=1)
    for some in chunks(owner):
        for phone, counted in session.execute(
            select(Conversation.address_index, Outbox.occasion)
            .join(Outbox, Outbox.conversation_id == Conversation.id)
            .where(
                Conversation.address_index.in_(some),
                Outbox.occasion.is_not(None),
                Outbox.not_before >= since,
                Outbox.state.not_in(UNSENT),
            )
        ):
            day, _, what = str(counted).partition(" ")
            yield owner[phone], date.fromisoformat(day), what


def _planned(
    session: Session, guardian_ids: Collection[int], first: date, last: date, without: Collection[int]
) -> Iterable[tuple[int, date]]:
    leave_out = set(without)
    for some in chunks(guardian_ids):
        for row_id, guardian, day in session.execute(
            select(PromptRecipient.id, PromptRecipient.guardian_id, PromptRecipient.day)
            .join(Prompt, Prompt.id == PromptRecipient.prompt_id)
            .where(
                PromptRecipient.guardian_id.in_(some),
                PromptRecipient.day.between(first, last),
                PromptRecipient.state == "planned",
                Prompt.kind == "prompt",
            )
        ):
            if row_id not in leave_out:
                yield guardian, day


def chunks(values: Iterable[_T]) -> Iterable[list[_T]]:
    """`values` in lists that fit into one query."""
    some = list(values)
    for start in range(0, len(some), IN_ONE_QUERY):
        yield some[start : start + IN_ONE_QUERY]
