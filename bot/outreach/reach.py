"""Who can be reached, and how: everything a prompt needs to know about hundreds of guardians, in a few queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from bot.channels.base import Medium
from bot.channels.twilio_inbound import WHATSAPP_PREFIX
from bot.conversation.snapshot import Child, Family
from bot.delivery.caps import chunks
from bot.flow.lines import Value
from bot.settings import Settings
from bot.store.among import Query, among, dialect_of
from bot.store.columns import Sealed, Vault
from bot.store.learning import Answer
from bot.store.people import Enrollment, Guardian, Guardianship, School, Section, Staff, Student, Teaching
from bot.store.talk import Conversation, Inbox

WHATSAPP = Medium.WHATSAPP.value
WINDOW = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class OurNumber:
    """A number families are texted from, and over what."""

    sender: str
    medium: str


@dataclass(frozen=True, slots=True)
class OurNumbers:
    """The number a family hears from first: the sample school's people have no phones but the simulator's."""

    sample: OurNumber
    real: OurNumber

    def of(self, sample: bool) -> OurNumber:
        """The number of a school."""
        return self.sample if sample else self.real


def our_numbers(settings: Settings) -> OurNumbers:
    """The first number of the settings, or the messaging service that has them; the simulator's where there is none."""
    simulator = OurNumber(settings.simulator_number, Medium.SIMULATOR.value)
    if not settings.twilio_senders:
        service = OurNumber(settings.twilio_messaging_service_sid, Medium.SMS.value)
        return OurNumbers(simulator, service if service.sender else simulator)
    first = settings.twilio_senders[0]
    medium = Medium.WHATSAPP if first.startswith(WHATSAPP_PREFIX) else Medium.SMS
    return OurNumbers(simulator, OurNumber(first.removeprefix(WHATSAPP_PREFIX), medium.value))


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation with a guardian's number. `unread`: the family has written and was not heard yet."""

    id: int
    version: int
    sender: str
    medium: str
    address: Sealed = field(repr=False)
    language: str | None
    time_zone: str | None
    opted_out: bool
    paused_until: datetime | None
    weekly_cap: int | None
    taken_over: bool
    last_in_at: datetime | None
    unread: bool


def _last_used(talk: Talk) -> tuple[datetime, int]:
    return talk.last_in_at or datetime.min.replace(tzinfo=UTC), -talk.id


@dataclass(frozen=True, slots=True)
class Lesson:
    """A child of a guardian in one section, with the teacher who leads it."""

    child: Child
    section_id: int | None


@dataclass(frozen=True, slots=True)
class Reach:
    """One guardian. Language and zone are those of the conversation that knows them, else of the roster."""

    guardian_id: int
    school_id: int
    school: str
    weekly_cap: int
    name: str
    address_as: str | None
    phone_index: bytes | None = field(repr=False)
    language: str | None
    """What the family reads; None: not known, and never assumed."""
    spoken_language: str | None
    zone: ZoneInfo
    """The family's own clock."""
    quiet_days: tuple[str, ...]
    active: bool
    talks: tuple[Talk, ...]
    """The one the family used last comes first."""
    lessons: tuple[Lesson, ...]

    def talk_at(self, at: datetime) -> Talk | None:
        """The conversation to write in at `at`: the one the family used last. Where that is WhatsApp and its 24 hours
        are over, the text travels in a template or as SMS (`bot.delivery.ways`)."""
        return self.talks[0] if self.talks else None

    @property
    def opted_out(self) -> bool:
        """STOP holds for the number, whichever of ours it was sent to."""
        return any(talk.opted_out for talk in self.talks)

    @property
    def paused_until(self) -> datetime | None:
        """Until when the family wants nothing begun."""
        return max((talk.paused_until for talk in self.talks if talk.paused_until), default=None)

    @property
    def own_cap(self) -> int | None:
        """Learning texts a week as the guardian asked (LESS, MORE)."""
        return min((talk.weekly_cap for talk in self.talks if talk.weekly_cap is not None), default=None)

    @property
    def taken_over(self) -> bool:
        """A member of staff is talking with the family."""
        return any(talk.taken_over for talk in self.talks)

    def lesson(self, student_id: int | None, section_id: int | None) -> Lesson | None:
        """The child a prompt is about, in the section it was meant for when the child is still in it."""
        mine = [one for one in self.lessons if one.child.student_id == student_id]
        return next((one for one in mine if one.section_id == section_id), mine[0] if mine else None)

    def known(self, lesson: Lesson | None, answers: Mapping[str, Value]) -> dict[str, Value]:
        """What a script may know about this family when it begins (as `Step.begin` has it)."""
        known: dict[str, Value] = {
            **answers,
            "school": self.school or None,
            "guardian": self.address_as or self.name,
            "child": None,
            "teacher": None,
        }
        if lesson is not None:
            child = lesson.child
            known |= {"child": child.given_name, "teacher": child.teacher, "section": child.section}
        return known

    def family(self) -> Family:
        """The guardian as a turn sees it."""
        children: dict[int, Child] = {}
        for one in self.lessons:
            children.setdefault(one.child.student_id, one.child)
        return Family(
            guardian_id=self.guardian_id,
            name=self.name,
            address_as=self.address_as,
            language=self.language,
            spoken_language=self.spoken_language,
            school_id=self.school_id,
            school=self.school,
            time_zone=self.zone.key,
            children=tuple(children.values()),
        )


def reach_of(session: Session, guardian_ids: Collection[int]) -> dict[int, Reach]:
    """These guardians, with their conversations and children. Three queries for each 500."""
    found: dict[int, Reach] = {}
    for some in chunks(guardian_ids):
        talks = _talks(session, some)
        lessons = _lessons(session, some)
        for row in session.connection().execute(_guardians_query(dialect_of(session)), {"ids": some}).all():
            mine = talks.get(row.id, ())
            if len(mine) > 1:
                mine = sorted(mine, key=_last_used, reverse=True)
            language = next((talk.language for talk in mine if talk.language), None) or row.language
            zone = next((talk.time_zone for talk in mine if talk.time_zone), None)
            found[row.id] = Reach(
                row.id, row.school_id, row.school, row.weekly_cap, row.name, row.address_as, row.phone_index,
                language, row.spoken_language, ZoneInfo(zone or row.time_zone or row.school_zone),
                tuple(row.quiet_days), row.active, tuple(mine), tuple(lessons.get(row.id, ())),
            )  # fmt: skip
    return found


def _talks(session: Session, guardian_ids: list[int]) -> dict[int, list[Talk]]:
    """Conversations with these guardians' numbers (a number's conversation may bear another guardian's name)."""
    found: dict[int, list[Talk]] = defaultdict(list)
    for row in session.connection().execute(_talks_query(dialect_of(session)), {"ids": guardian_ids}).all():
        (
            guardian_id, talk_id, version, sender, medium, address, language, zone, opted_out_at, paused_until, cap,
            taken_over_at, last_in_at, is_unread,
        ) = row  # fmt: skip
        found[guardian_id].append(
            Talk(
                talk_id, version, sender, medium, address, language, zone, opted_out_at is not None, paused_until,
                cap, taken_over_at is not None, last_in_at, bool(is_unread),
            )
        )  # fmt: skip
    return found


def _lessons(session: Session, guardian_ids: list[int]) -> dict[int, list[Lesson]]:
    rows = session.connection().execute(_lessons_query(dialect_of(session)), {"ids": guardian_ids}).all()
    found: dict[int, list[Lesson]] = defaultdict(list)
    for guardian_id, student_id, given_name, section_id, section, teacher in rows:
        found[guardian_id].append(
            Lesson(Child(student_id, given_name, section_id, section, teacher), section_id)
        )
    return found


def answers_of(session: Session, vault: Vault, talk_ids: Iterable[int]) -> dict[int, dict[str, Value]]:
    """What each conversation's family answered before, by field; the newest answer counts."""
    found: dict[int, dict[str, Value]] = defaultdict(dict)
    for some in chunks(talk_ids):
        for talk_id, name, value in _answers(session, vault, some):
            found[talk_id][name] = value
    return found


def _answers(session: Session, vault: Vault, talk_ids: list[int]) -> Iterator[tuple[int, str, Value]]:
    for row in session.connection().execute(_answers_query(dialect_of(session)), {"ids": talk_ids}).all():
        value: Value = row.choice if row.choice is not None else row.number
        yield (
            row.conversation_id,
            row.field,
            value if value is not None else vault.open_or(Answer.words, row.id, row.words),
        )


@cache
def _guardians_query(dialect: str) -> Query:
    return (
        select(
            Guardian.id, Guardian.school_id, School.name.label("school"), School.time_zone.label("school_zone"),
            School.weekly_cap, Guardian.name, Guardian.address_as, Guardian.phone_index, Guardian.language,
            Guardian.spoken_language, Guardian.time_zone, Guardian.quiet_days, Guardian.active,
        )
        .join(School, School.id == Guardian.school_id)
        .where(among(dialect, Guardian.id))
    )  # fmt: skip


@cache
def _talks_query(dialect: str) -> Query:
    unread = exists().where(Inbox.conversation_id == Conversation.id, Inbox.state == "new")
    return (
        select(
            Guardian.id, Conversation.id, Conversation.version, Conversation.sender,
            Conversation.medium, Conversation.address, Conversation.language, Conversation.time_zone,
            Conversation.opted_out_at, Conversation.paused_until, Conversation.weekly_cap,
            Conversation.staff_took_over_at, Conversation.last_in_at, unread,
        )
        .join(Conversation, Conversation.address_index == Guardian.phone_index)
        .where(among(dialect, Guardian.id))
    )  # fmt: skip


@cache
def _lessons_query(dialect: str) -> Query:
    return (
        select(Guardianship.guardian_id, Student.id, Student.given_name, Section.id, Section.name, Staff.name)
        .join(Student, Student.id == Guardianship.student_id)
        .outerjoin(Enrollment, (Enrollment.student_id == Student.id) & Enrollment.active)
        .outerjoin(Section, (Section.id == Enrollment.section_id) & Section.active)
        .outerjoin(Teaching, (Teaching.section_id == Section.id) & Teaching.lead)
        .outerjoin(Staff, (Staff.id == Teaching.staff_id) & Staff.active)
        .where(among(dialect, Guardianship.guardian_id), Guardianship.active, Student.active)
        .order_by(Student.id, Section.id, Staff.id)
    )


@cache
def _answers_query(dialect: str) -> Query:
    return (
        select(Answer.id, Answer.conversation_id, Answer.field, Answer.choice, Answer.number, Answer.words)
        .where(among(dialect, Answer.conversation_id))
        .order_by(Answer.at, Answer.id)
    )
