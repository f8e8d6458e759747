"""What a prompt would say to whom, before it is made: the same rules and the same words as when it is sent."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from bot.conversation.desk import Desk
from bot.language import codes
from bot.language.codes import ENGLISH
from bot.language.critical import CriticalContent
from bot.outreach.opener import NoSuchScript, Opener
from bot.outreach.plan import WHY, Decision, decide, opener_of
from bot.outreach.reach import Reach, reach_of
from bot.outreach.scheduling import CannotPrompt, NewPrompt, add, is_learning
from bot.outreach.texts import Texts
from bot.outreach.told import sealed_telling
from bot.store.columns import new_id
from bot.store.outreach import Prompt

_NAMED = 200
"""Most families who are named as left out; the others are counted."""


@dataclass(frozen=True, slots=True)
class InLanguage:
    """What the families of one language read. `example` is what one of them would get, its child's name filled in."""

    language: str
    families: int
    example: str
    origin: str
    doubts: tuple[str, ...]
    segments: int
    back: str | None
    """The example in English again, by machine; None where it is in English or nothing can read it."""
    waits: bool
    """It must not go before a person has looked at the translation."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A family that would not get it, and why."""

    guardian: str
    why: str


@dataclass(frozen=True, slots=True)
class Preview:
    """A prompt as it would be. `trouble`: why it cannot be made as it is; nothing else is worked out then."""

    trouble: str | None
    learning: bool = False
    included: int = 0
    languages: tuple[InLanguage, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    left_out_by_why: tuple[tuple[str, int], ...] = ()

    @property
    def left_out_count(self) -> int:
        """How many would not get it."""
        return sum(count for _why, count in self.left_out_by_why)


class _OnlyTrying(Exception):
    """Ends the transaction that tried, so that nothing of it stays."""


def preview(desk: Desk, school_id: int, new: NewPrompt, staff_id: int | None) -> Preview:
    """Work out what `new` would be. Nothing is kept, but machine translations of its words in the memory."""
    try:
        with desk.db.writing() as session:
            add(session, desk, school_id, new, staff_id)
            raise _OnlyTrying
    except _OnlyTrying:
        pass
    except CannotPrompt as error:
        return Preview(str(error))
    now = desk.clock()
    prompt = _as_row(desk, school_id, new, now)
    with desk.db.reading() as session:
        try:
            decisions = list(decide(session, desk, prompt, now))
            return _gather(session, desk, prompt, decisions, is_learning(desk, new), now)
        except NoSuchScript:
            return Preview("This conversation is not in the library any more.")


def _as_row(desk: Desk, school_id: int, new: NewPrompt, now: datetime) -> Prompt:
    """The row `add` would write, in no session."""
    row_id = new_id()
    words = new.words.strip() if new.words else None
    return Prompt(
        id=row_id,
        school_id=school_id,
        kind="prompt" if is_learning(desk, new) else "announcement",
        title=new.title,
        script=new.script,
        words=None if words is None else desk.db.vault.seal(Prompt.words, row_id, words),
        words_language=None if words is None else codes.normalise(new.words_language),
        told=sealed_telling(desk.db.vault, row_id, desk.library.get(new.script or ""), new.told),
        goal_id=new.goal_id,
        topic=new.topic
        or CriticalContent(desk.db).topic_of(" ".join(filter(None, (new.title, words))), school_id),
        audience=new.audience.to_json(),
        day=new.day,
        at=new.at,
        best_time=new.best_time,
        opens_at=datetime.combine(new.day, new.at, UTC),
        closes_at=datetime.combine(new.day, new.at, UTC),
        created_at=now,
        state="scheduled",
    )


def _gather(
    session: Session, desk: Desk, prompt: Prompt, decisions: list[Decision], learning: bool, now: datetime
) -> Preview:
    reaches = reach_of(session, [one.guardian_id for one in decisions])
    first: dict[str, Decision] = {}
    families: Counter[str] = Counter()
    whys: Counter[str] = Counter()
    left_out: list[LeftOut] = []
    for one in decisions:
        if one.stands and one.language is not None:
            families[one.language] += 1
            first.setdefault(one.language, one)
        else:
            why = WHY.get(one.why or "", one.why or "")
            whys[why] += 1
            if len(left_out) < _NAMED:
                left_out.append(LeftOut(reaches[one.guardian_id].name, why))
    opener = opener_of(session, desk, prompt, Texts(desk.wording))
    languages = [
        _in_language(desk, opener, reaches[one.guardian_id], one, families[language])
        for language, one in first.items()
    ]
    languages.sort(key=lambda view: (-view.families, view.language))
    return Preview(
        None,
        learning,
        sum(families.values()),
        tuple(languages),
        tuple(sorted(left_out, key=lambda one: (one.why, one.guardian))),
        tuple(whys.most_common()),
    )


def _in_language(desk: Desk, opener: Opener, reach: Reach, one: Decision, families: int) -> InLanguage:
    language = one.language or ENGLISH
    lesson = reach.lesson(one.lead.student_id, one.lead.section_id)
    opened = opener.open(reach, lesson, {}, language, one.moment.due_at)
    if opened.blocked:
        return InLanguage(language, families, "", "none", (), 0, None, waits=True)
    body = "\n".join(text.body for text in opened.texts)
    own = all(text.original is None for text in opened.texts)
    back = None
    if not codes.same_for_readers(language, ENGLISH) and body:
        names = reach.family().names()
        again = desk.translator.translate([body], language, ENGLISH, names=names)[0]
        back = None if again.missing else again.text
    return InLanguage(
        language,
        families,
        body,
        "original" if own else opened.texts[-1].origin,
        tuple(dict.fromkeys(doubt for text in opened.texts for doubt in text.doubts)),
        opened.segments,
        back,
        waits=False,
    )
