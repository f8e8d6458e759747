"""How often a family may be written to without having asked: the law of the cap, and what counts against it.

About three learning texts a week per family keep families (opt-outs rose 3 → 5 → 8 % at 1, 3 and 5 a week), so the
cap holds in *every* span of seven local days and for the family as a whole: guardians who share a student, or a
phone, are one family, across classes and schools. A phone counts its texts; a family counts occasions: what two
parents get on the same day about the same matter is one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import islice
from typing import TypeVar

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

from bot.store.among import Query, among, dialect_of
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
    dialect = dialect_of(session)
    for some in chunks(guardian_ids):
        for query in (_share_a_student(dialect), _share_a_phone(dialect)):
            yield from session.connection().execute(query, {"ids": some}).all()


def taken_by(
    session: Session,
    guardian_ids: Collection[int],
    days: tuple[date, date],
    *,
    planned: bool = True,
    without: Collection[int] = (),
) -> dict[int, Taken]:
    """What each of these guardians and their families got within six days of `days`; with `planned` also what they
    will get. `without` are rows of `prompt_recipient` that are being decided, and so do not count.
    """
    families = families_of(session, guardian_ids)
    first, last = days[0] - timedelta(days=WEEK), days[1] + timedelta(days=WEEK)
    phones = _phones(session, families) if planned and len(families) > 1 else {}
    texts: dict[int, list[date]] = defaultdict(list)
    occasions: dict[int, set[tuple[date, str]]] = defaultdict(set)
    for guardian, day, what in _sent(session, families, first):
        texts[guardian].append(day)
        occasions[families[guardian]].add((day, what))
    digests: set[tuple[int, date]] = set()
    for guardian, day in _planned(session, families, first, last, without) if planned else ():
        occasions[families[guardian]].add((day, OPENING))
        if (guardian, day) not in digests:  # prompts that collide on a day are one text
            digests.add((guardian, day))
            for same in phones.get(guardian, (guardian,)):
                texts[same].append(day)
    return {one: Taken(texts.get(one, []), occasions.get(families[one], set())) for one in guardian_ids}


def _phones(session: Session, guardian_ids: Collection[int]) -> dict[int, tuple[int, ...]]:
    """Guardian → all guardians with the same phone, for those who share one."""
    shared: dict[int, set[int]] = defaultdict(set)
    for some in chunks(guardian_ids):
        for first, second in session.connection().execute(_share_a_phone(dialect_of(session)), {"ids": some}):
            shared[first] |= {first, second}
    return {one: tuple(sorted(others)) for one, others in shared.items()}


def _sent(session: Session, guardian_ids: Collection[int], first: date) -> Iterable[tuple[int, date, str]]:
    """Texts to these guardians' phones, whoever's name their conversation bears."""
    since = datetime.combine(first, time(0), UTC) - timedelta(days=1)
    for some in chunks(guardian_ids):
        for guardian, counted in session.connection().execute(
            _sent_query(dialect_of(session)), {"ids": some, "since": since}
        ):
            day, _, what = str(counted).partition(" ")
            yield guardian, date.fromisoformat(day), what


def _planned(
    session: Session, guardian_ids: Collection[int], first: date, last: date, without: Collection[int]
) -> Iterable[tuple[int, date]]:
    leave_out = set(without)
    for some in chunks(guardian_ids):
        for row_id, guardian, day in session.connection().execute(
            _planned_query(dialect_of(session)), {"ids": some, "first": first, "last": last}
        ):
            if row_id not in leave_out:
                yield guardian, day


def chunks(values: Iterable[_T]) -> Iterator[list[_T]]:
    """`values` in lists that fit into one query."""
    return in_lists(values, IN_ONE_QUERY)


def in_lists(values: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """`values` in lists of `size`, as they come."""
    rest = iter(values)
    while some := list(islice(rest, size)):
        yield some


@cache
def _share_a_student(dialect: str) -> Query:
    here, there = aliased(Guardianship), aliased(Guardianship)
    return (
        select(here.guardian_id, there.guardian_id)
        .join(there, (there.student_id == here.student_id) & (there.guardian_id != here.guardian_id))
        .join(Student, Student.id == here.student_id)
        .where(among(dialect, here.guardian_id), here.active, there.active, Student.active)
    )


@cache
def _share_a_phone(dialect: str) -> Query:
    mine, same = aliased(Guardian), aliased(Guardian)
    return (
        select(mine.id, same.id)
        .join(same, (same.phone_index == mine.phone_index) & (same.id != mine.id))
        .where(among(dialect, mine.id))
    )


@cache
def _sent_query(dialect: str) -> Query:
    return (
        select(Guardian.id, Outbox.occasion)
        .join(Conversation, Conversation.address_index == Guardian.phone_index)
        .join(Outbox, Outbox.conversation_id == Conversation.id)
        .where(
            among(dialect, Guardian.id),
            Outbox.occasion.is_not(None),
            Outbox.not_before >= bindparam("since"),
            Outbox.state.not_in(UNSENT),
        )
    )


@cache
def _planned_query(dialect: str) -> Query:
    return (
        select(PromptRecipient.id, PromptRecipient.guardian_id, PromptRecipient.day)
        .join(Prompt, Prompt.id == PromptRecipient.prompt_id)
        .where(
            among(dialect, PromptRecipient.guardian_id),
            PromptRecipient.day.between(bindparam("first"), bindparam("last")),
            PromptRecipient.state == "planned",
            Prompt.kind == "prompt",
        )
    )
