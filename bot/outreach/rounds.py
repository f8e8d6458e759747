"""A round of input: families give ideas, vote on three of them, and are told what the school did.

Each step is a prompt with a conversation of the library (`voice_idea`, `voice_vote`, `voice_we_did`), so caps, quiet hours,
languages and opt-outs hold as for any other. The round itself only remembers which prompts carry it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from bot.conversation.desk import Desk
from bot.outreach.audience import Audience
from bot.outreach.scheduling import CannotPrompt, NewPrompt, add
from bot.store.columns import new_id
from bot.store.database import Database
from bot.store.insight import InputRound, SaidAndDone
from bot.store.learning import Answer
from bot.store.outreach import PromptRecipient
from bot.store.people import Section
from bot.store.talk import Conversation, FlowSession

IDEAS, VOTE, TOLD = "voice_idea", "voice_vote", "voice_we_did"
OPTIONS = 3
LONGEST_OPTION = 120
LONGEST_WORDS = 300
PAGE = 20
REASON = "a round of input: families shape what the school does next"


@dataclass(frozen=True, slots=True)
class Round:
    """One round. `votes`: how many families chose each option, in their order."""

    id: int
    title: str
    section_id: int | None
    section: str | None
    opened_at: datetime
    options: tuple[str, ...]
    votes: tuple[int, ...]
    said: str | None
    did: str | None
    closed_at: datetime | None
    prompts: tuple[int, ...]

    @property
    def step(self) -> str:
        """What it waits for: "ideas" (to be put to the vote), "vote" (to be acted on), "closed"."""
        return "closed" if self.closed_at else "vote" if self.options else "ideas"


@dataclass(frozen=True, slots=True)
class When:
    """On which day, and at what time on each family's own clock, a step goes out."""

    day: date
    at: time


def open_round(
    desk: Desk, school_id: int, title: str, section_id: int | None, when: When, staff_id: int | None
) -> int:
    """Ask families for their ideas. Raises `CannotPrompt`."""
    with desk.db.writing() as session:
        prompt = _prompt(session, desk, school_id, section_id, title, IDEAS, when, staff_id, {})
        row = InputRound(
            id=new_id(), school_id=school_id, section_id=section_id, title=title.strip(), opened_by=staff_id,
            opened_at=desk.clock(), ideas_prompt_id=prompt,
        )  # fmt: skip
        session.add(row)
        return row.id


def put_to_vote(
    desk: Desk, school_id: int, round_id: int, options: Sequence[str], when: When, staff_id: int | None
) -> None:
    """Put three ideas to the vote, in words that every family may read. Raises `CannotPrompt`."""
    chosen = [one.strip()[:LONGEST_OPTION] for one in options if one.strip()]
    if len(chosen) != OPTIONS or len({one.casefold() for one in chosen}) != OPTIONS:
        raise CannotPrompt("Write three different ideas.")
    with desk.db.writing() as session:
        row = _row(session, school_id, round_id)
        if row.vote_prompt_id is not None:
            raise CannotPrompt("This round is being voted on already.")
        told = {f"option_{number}": words for number, words in enumerate(chosen, start=1)}
        row.vote_prompt_id = _prompt(
            session, desk, school_id, row.section_id, row.title, VOTE, when, staff_id, told
        )
        row.options = desk.db.vault.seal(InputRound.options, row.id, json.dumps(chosen))


def close(
    desk: Desk, school_id: int, round_id: int, said: str, did: str, when: When | None, staff_id: int | None
) -> None:
    """Say what families said and what the school did, in the ledger, and (with `when`) to the families. Raises
    `CannotPrompt`."""
    said, did = said.strip()[:LONGEST_WORDS], did.strip()[:LONGEST_WORDS]
    if not said or not did:
        raise CannotPrompt("Write what families said, and what the school did.")
    with desk.db.writing() as session:
        row, now = _row(session, school_id, round_id), desk.clock()
        if when is not None:
            told = {"idea": said, "decision": did}
            row.told_prompt_id = _prompt(
                session, desk, school_id, row.section_id, row.title, TOLD, when, staff_id, told
            )
        line = SaidAndDone(
            id=new_id(), school_id=school_id, section_id=row.section_id, said=said, did=did, owner_id=staff_id,
            opened_at=row.opened_at, closed_at=now,
        )  # fmt: skip
        session.add(line)
        session.flush()
        row.ledger_id, row.closed_at = line.id, now


def tell(desk: Desk, school_id: int, entry_id: int, when: When, staff_id: int | None) -> int:
    """Tell families what came of a closed line of the ledger; returns the prompt. Raises `CannotPrompt`."""
    with desk.db.writing() as session:
        line = session.get(SaidAndDone, entry_id)
        if line is None or line.school_id != school_id or not line.did:
            raise CannotPrompt("Write what families said, and what the school did.")
        told = {"idea": line.said[:LONGEST_WORDS], "decision": line.did[:LONGEST_WORDS]}
        title = line.said[:80]
        return _prompt(session, desk, school_id, line.section_id, title, TOLD, when, staff_id, told)


def rounds(
    db: Database, school_id: int, after: tuple[datetime, int] | None = None, limit: int = PAGE
) -> tuple[list[Round], tuple[datetime, int] | None]:
    """A school's rounds, newest first, a page at a time by key; and where the next page begins. Two queries."""
    query = (
        _QUERY.where(InputRound.school_id == school_id)
        .order_by(InputRound.opened_at.desc(), InputRound.id.desc())
        .limit(limit + 1)
    )
    if after is not None:
        query = query.where(tuple_(InputRound.opened_at, InputRound.id) < tuple_(*after))
    with db.reading() as session:
        rows = session.execute(query).all()
    found = [_round(db, *row, ()) for row in rows[:limit]]
    return found, (found[-1].opened_at, found[-1].id) if len(rows) > limit else None


def one(db: Database, school_id: int, round_id: int) -> Round | None:
    """One round of a school, with its votes."""
    with db.reading() as session:
        row = session.execute(
            _QUERY.where(InputRound.school_id == school_id, InputRound.id == round_id)
        ).one_or_none()
        votes = () if row is None else _votes(session, row[0].vote_prompt_id)
    return None if row is None else _round(db, *row, votes)


_QUERY = (
    select(InputRound, Section.name, SaidAndDone.said, SaidAndDone.did)
    .outerjoin(Section, Section.id == InputRound.section_id)
    .outerjoin(SaidAndDone, SaidAndDone.id == InputRound.ledger_id)
)


def _round(
    db: Database,
    row: InputRound,
    section: str | None,
    said: str | None,
    did: str | None,
    votes: tuple[int, ...],
) -> Round:
    options = db.vault.show(InputRound.options, row.id, row.options) if row.options is not None else ""
    prompts = (row.ideas_prompt_id, row.vote_prompt_id, row.told_prompt_id)
    return Round(
        row.id, row.title, row.section_id, section, row.opened_at, tuple(json.loads(options)) if options else (), votes,
        said, did, row.closed_at, tuple(prompt for prompt in prompts if prompt is not None),
    )  # fmt: skip


def _votes(session: Session, prompt_id: int | None) -> tuple[int, ...]:
    """How many families chose each option: everybody's last answer, found by the sessions that the prompt began."""
    if prompt_id is None:
        return ()
    cause = f"prompt.{prompt_id}"
    rows = session.execute(
        select(Answer.number, func.count(Answer.conversation_id.distinct()))
        .select_from(PromptRecipient)
        .join(Conversation, Conversation.guardian_id == PromptRecipient.guardian_id)
        .join(FlowSession, (FlowSession.conversation_id == Conversation.id) & (FlowSession.cause == cause))
        .join(Answer, Answer.session_id == FlowSession.id)
        .where(
            PromptRecipient.prompt_id == prompt_id, Answer.field == "family.vote", Answer.number.is_not(None)
        )
        .group_by(Answer.number)
    )
    counted = {round(number): count for number, count in rows if number is not None}
    return tuple(counted.get(number, 0) for number in range(1, OPTIONS + 1))


def _row(session: Session, school_id: int, round_id: int) -> InputRound:
    row = session.get(InputRound, round_id)
    if row is None or row.school_id != school_id or row.closed_at is not None:
        raise CannotPrompt("This round is closed, or not your school’s.")
    return row


def _prompt(
    session: Session,
    desk: Desk,
    school_id: int,
    section_id: int | None,
    title: str,
    script: str,
    when: When,
    staff_id: int | None,
    told: dict[str, str],
) -> int:
    audience = Audience(sections=(section_id,)) if section_id is not None else Audience(everyone=True)
    wanted = NewPrompt(
        title=title, audience=audience, day=when.day, at=when.at, script=script, reason=REASON, told=told
    )
    return add(session, desk, school_id, wanted, staff_id)
