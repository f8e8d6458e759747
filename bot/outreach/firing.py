"""What is due becomes texts: hundreds of guardians at a time, each exactly once.

Everything is worked out and sealed before the transaction; inside it a few set-based statements write sessions,
timers, outbox rows and `fired` together. Whoever has moved on meanwhile (the family wrote, said STOP, another
scheduler was faster) is left out of the batch and looked at again at the next tick.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from threading import Condition

import structlog
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.conversation.desk import Desk
from bot.conversation.effects import revision_of
from bot.delivery.caps import Taken, taken_by
from bot.flow.lines import Value
from bot.outreach.conversations import open_with
from bot.outreach.due import Due, Verdict, due_rows, expire, settle, verdict_on
from bot.outreach.one_by_one import begin_by_the_engine
from bot.outreach.opener import NoSuchScript, Opener
from bot.outreach.outgoing import Going, Opening, going, write
from bot.outreach.plan import opener_of
from bot.outreach.reach import OurNumbers, Reach, answers_of, reach_of
from bot.outreach.texts import Texts
from bot.store.outreach import Prompt

log = structlog.get_logger()

AT_ONCE = 500
"""Guardians that are read and worked out together."""

HANDS = 2
"""Batches in work at the same time on PostgreSQL: while it reads and writes for one, the next is worked out here."""

MOST, LEAST = 500, 25
"""Guardians in one transaction. It shrinks when a transaction takes long, so that nobody waits for it."""

LONG, SHORT = 0.12, 0.05
"""Seconds a transaction may take before batches shrink, and below which they grow again."""


@dataclass(slots=True)
class _Round:
    """What one call keeps between its batches: texts by language, beginnings by kind of family, revisions."""

    desk: Desk
    ours: OurNumbers
    texts: Texts
    at_once: int = AT_ONCE
    openers: dict[int, Opener] = field(default_factory=dict)
    prompts: dict[int, Prompt] = field(default_factory=dict)
    revisions: dict[str | None, int] = field(default_factory=dict)
    opened_for: set[int] = field(default_factory=set)
    """Guardians for whom a conversation was opened in this call."""
    passed_over: set[int] = field(default_factory=set)
    """Rows that could not be touched (the family is writing): for the next call."""
    away: set[int] = field(default_factory=set)
    """Guardians whose rows a hand is working on."""
    table: Condition = field(default_factory=Condition)
    """Held while a batch is taken or given back, so that no two hands take a guardian's rows."""
    size: int = MOST


@dataclass(frozen=True, slots=True)
class _Facts:
    """Today's facts about the guardians of one batch."""

    reaches: dict[int, Reach]
    taken: dict[int, Taken]
    answers: dict[int, dict[str, Value]]


@dataclass(slots=True)
class _Work:
    """What a batch comes to, sorted by what is to be done."""

    now: datetime
    rows: list[Due]
    verdicts: list[Verdict] = field(default_factory=list)
    ready: list[Going] = field(default_factory=list)
    by_engine: list[tuple[Due, int]] = field(default_factory=list)
    without_talk: set[int] = field(default_factory=set)
    used: set[tuple[int, int]] = field(default_factory=set)
    """(prompt, conversation) of this batch: a phone gets a prompt once, however many guardians share it."""


def fire_due(desk: Desk, ours: OurNumbers, seconds: float = 20.0, at_once: int = AT_ONCE) -> int:
    """Fire what is due, the oldest first and `at_once` guardians in a batch, for at most about `seconds`. Returns how
    many rows were settled or put off.

    Quiet hours, caps, pauses, opt-outs and days to leave alone are looked at again here, whatever the plan says.
    """
    until = time.monotonic() + seconds
    done = expire(desk, desk.clock())
    round_ = _Round(desk, ours, Texts(desk.wording), at_once)
    if desk.db.is_sqlite:  # which writes in this very process, one at a time: a second hand would only wait
        return done + _work_through(round_, until)
    with ThreadPoolExecutor(HANDS, thread_name_prefix="firing") as hands:
        working = [hands.submit(_work_through, round_, until) for _ in range(HANDS)]
        return done + sum(hand.result() for hand in working)


def _work_through(round_: _Round, until: float) -> int:
    """One hand: batch after batch, until nothing is due or the time is over."""
    done = 0
    while time.monotonic() < until:
        now = round_.desk.clock()
        rows = _take(round_, now)
        if not rows:
            break
        try:
            done += _finish(round_, _prepare(round_, rows, now))
        finally:
            _give_back(round_, rows)
    return done


def _take(round_: _Round, now: datetime) -> list[Due]:
    """The oldest rows that are due and that no hand is working on. None are left when the answer is empty."""
    desk = round_.desk
    with round_.table:
        while True:
            with desk.db.reading() as session:
                rows = due_rows(session, now, round_.at_once, round_.passed_over, round_.away)
                _meet(session, round_, rows)
            if rows or not round_.away:
                round_.away |= {row.guardian_id for row in rows}
                return rows
            round_.table.wait()  # what another hand is working on may be all there is, or leave something over


def _give_back(round_: _Round, rows: Sequence[Due]) -> None:
    with round_.table:
        round_.away -= {row.guardian_id for row in rows}
        round_.table.notify_all()


def _prepare(round_: _Round, rows: list[Due], now: datetime) -> _Work:
    """One batch, worked out."""
    with round_.desk.db.reading() as session:
        facts = _look(session, round_, rows)
    work = _Work(now, rows)
    for _, group in groupby(sorted(rows, key=_order), key=lambda row: row.guardian_id):
        _sort_out(round_, facts, list(group), work, now)
    return work


def _finish(round_: _Round, work: _Work) -> int:
    """Write a batch down. Returns how many rows changed."""
    desk, now = round_.desk, work.now
    done = _write(round_, work.ready, now) | settle(desk.db, work.verdicts, now)
    if work.without_talk:
        with desk.db.connection() as tx:
            open_with(tx, desk.db.vault, round_.ours, work.without_talk, now)
    done |= {
        row.id
        for row, talk_id in work.by_engine
        if begin_by_the_engine(desk, talk_id, row, round_.prompts[row.prompt_id], now)
    }
    left = {row.id for row in work.rows if row.id not in done and row.guardian_id not in work.without_talk}
    with round_.table:
        round_.opened_for |= work.without_talk
        round_.passed_over |= left
    return len(done)


def _order(row: Due) -> tuple[int, datetime, int]:
    return row.guardian_id, row.due_at, row.id


def _meet(session: Session, round_: _Round, rows: Sequence[Due]) -> None:
    """Openers and revisions of prompts that this call has not met yet."""
    desk = round_.desk
    fresh = {row.prompt_id for row in rows} - set(round_.prompts)
    for prompt in session.scalars(select(Prompt).where(Prompt.id.in_(fresh))).all():
        round_.prompts[prompt.id] = prompt
        try:
            round_.openers[prompt.id] = opener_of(session, desk, prompt, round_.texts)
        except NoSuchScript:
            log.error("prompt_without_script", prompt=prompt.id, script=prompt.script)
            continue
        if prompt.script is not None and prompt.script not in round_.revisions:
            with desk.db.connection() as tx:
                revision = revision_of(tx, desk.library[prompt.script], desk.clock())
            round_.revisions[prompt.script] = revision


def _look(session: Session, round_: _Round, rows: Sequence[Due]) -> _Facts:
    guardians = {row.guardian_id for row in rows}
    reaches = reach_of(session, guardians)
    days = [row.day for row in rows]
    talks = [talk.id for reach in reaches.values() for talk in reach.talks]
    return _Facts(
        reaches,
        taken_by(session, guardians, (min(days), max(days)), planned=False),
        answers_of(session, round_.desk.db.vault, talks),
    )


def _sort_out(round_: _Round, facts: _Facts, group: list[Due], work: _Work, now: datetime) -> None:
    """Decide about one guardian's due rows."""
    desk, guardian_id = round_.desk, group[0].guardian_id
    reach = facts.reaches[guardian_id]
    talk = reach.talk_at(now)
    heard = facts.answers.get(talk.id) if talk is not None else None
    openings: list[Opening] = []
    for row in group:
        prompt = round_.prompts[row.prompt_id]
        opener = round_.openers.get(row.prompt_id)
        if opener is None:
            work.verdicts.append(Verdict(row.id, "left_out", "no_script"))
            continue
        verdict = verdict_on(row, prompt, reach, facts.taken[guardian_id], desk.quiet, now, heard)
        if verdict is not None:
            work.verdicts.append(verdict)
        elif talk is None and guardian_id in round_.opened_for:
            work.verdicts.append(Verdict(row.id, "left_out", "no_channel"))
        elif talk is None:
            work.without_talk.add(guardian_id)
        elif talk.unread:
            pass  # the family has just written: its text comes first
        elif (row.prompt_id, talk.id) in work.used:
            work.verdicts.append(Verdict(row.id, "left_out", "duplicate"))
        else:
            work.used.add((row.prompt_id, talk.id))
            lesson = reach.lesson(row.student_id, row.section_id)
            answers = facts.answers.get(talk.id, {})
            opened = opener.open(reach, lesson, answers, reach.language or "", now)
            if opened.blocked:
                work.verdicts.append(Verdict(row.id, "left_out", "no_approved_translation"))
            elif opened.beginning is not None and not opened.beginning.plain:
                work.by_engine.append((row, talk.id))
            else:
                openings.append(Opening(row, prompt, round_.revisions.get(prompt.script), opened))
    if openings and talk is not None:
        work.ready += going(desk.db.vault, talk, openings, now)


def _write(round_: _Round, ready: Sequence[Going], now: datetime) -> set[int]:
    """Write what is ready, in transactions of the size that keeps them short; returns the rows that are settled."""
    done: set[int] = set()
    at = 0
    while at < len(ready):
        some = ready[at : at + round_.size]
        at += len(some)
        began = time.monotonic()
        done |= _write_some(round_, some, now)
        took = time.monotonic() - began
        if took > LONG:
            round_.size = max(LEAST, round_.size // 2)
        elif took < SHORT:
            round_.size = min(MOST, round_.size * 2)
    return done


def _write_some(round_: _Round, ready: Sequence[Going], now: datetime) -> set[int]:
    """One transaction. What the database refuses is tried in halves, down to the row that is to blame."""
    try:
        with round_.desk.db.connection() as tx:
            return write(tx, round_.desk, ready, now)
    except IntegrityError:
        if len(ready) > 1:
            middle = len(ready) // 2
            return _write_some(round_, ready[:middle], now) | _write_some(round_, ready[middle:], now)
    log.warning("prompt_refused", recipient=ready[0].row_ids[0])
    refused = [Verdict(row_id, "left_out", "duplicate") for row_id in ready[0].row_ids]
    return settle(round_.desk.db, refused, now)
