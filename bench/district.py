"""A district in the middle of its year: one large school and sixteen ordinary ones, their families and what was said.

Everything is invented and made from a seeded source of chance, so that two runs meet the same district. Row ids carry
the instant they were made at, as the product's own do.
"""

from __future__ import annotations

import hashlib
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from itertools import count
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute

from bot.records.staff import hash_password
from bot.store.bulk import insert_rows
from bot.store.columns import first_id_at
from bot.store.database import Database
from bot.store.insight import SaidAndDone, StaffPulse
from bot.store.learning import Answer, Contribution, Framework, GoalProgress, LearningGoal, Standard
from bot.store.outreach import Prompt, PromptRecipient
from bot.store.people import (
    ROLES,
    AuditEvent,
    Enrollment,
    Guardian,
    Guardianship,
    School,
    Section,
    Staff,
    Student,
    Teaching,
)
from bot.store.safety import SafetyAlert
from bot.store.talk import (
    ConsentEvent,
    Conversation,
    DeliveryEvent,
    FlowRevision,
    FlowSession,
    Inbox,
    Outbox,
    TranslationRow,
)

SCHOOLS = (4_000, *(1_000,) * 16)
"""Guardians of each school: 20,000."""
MESSAGES = int(os.environ.get("BENCH_PAGES_MESSAGES", "1000000"))
BEGAN = datetime(2025, 8, 25, 13, 0, tzinfo=UTC)
NOW = datetime(2026, 3, 4, 20, 30, tzinfo=UTC)
OUR_NUMBER = "+15555550199"
PASSWORD = "a long pass phrase for the bench"
ZONE = "America/New_York"

_LANGUAGES = (
    ("es", 38), ("en", 30), ("pt", 8), ("ht", 5), ("ar", 4), ("vi", 3), ("zh-Hans", 3), ("so", 3), ("fr", 2),
    ("ru", 2), ("tl", 1), (None, 1),
)  # fmt: skip
_SAID = {
    "es": (
        "Leímos veinte minutos anoche",
        "Las fracciones le cuestan",
        "¿Cuándo es la junta?",
        "Gracias maestra",
    ),
    "pt": ("Lemos um livro sobre o mar", "Ela ainda acha difícil", "Que horas começa?", "Obrigada"),
    "ht": ("Nou li ansanm yè swa", "Li renmen liv sou bèt", "Kilè reyinyon an ye?", "Mèsi"),
    "ar": ("قرأنا قصة معًا", "الرياضيات صعبة عليه", "متى الاجتماع؟", "شكرا"),
    "vi": ("Tối qua đọc sách cùng con", "Phân số khó quá", "Mấy giờ họp ạ?", "Cảm ơn cô"),
    "zh-Hans": ("昨晚一起读了书", "分数对他有点难", "家长会是几点？", "谢谢老师"),
    "so": ("Xalay waan wada akhrinay", "Xisaabtu way ku adag tahay", "Shirku waa goorma?", "Mahadsanid"),
    "fr": ("On a lu ensemble hier soir", "Les fractions sont difficiles", "La réunion est quand ?", "Merci"),
    "ru": ("Вчера читали вместе", "Дроби пока трудные", "Когда собрание?", "Спасибо"),
    "tl": ("Nagbasa kami kagabi", "Mahirap ang fractions", "Kailan po ang miting?", "Salamat po"),
}
_SAID_EN = (
    "We read for twenty minutes last night",
    "Fractions are hard",
    "When is the meeting?",
    "Thank you",
)
_STRENGTHS = (
    "She cooks with her grandmother",
    "He repairs bicycles with his uncle",
    "They sing in two languages",
)
_NAMES = ("Ana", "José", "Minh", "Fatima", "Olga", "Pierre", "Hodan", "Wei", "Grace", "Tomás", "Liza", "Omar")
_FAMILY_NAMES = (
    "Morales",
    "Ferreira",
    "Tran",
    "Haddad",
    "Pierre",
    "Warsame",
    "Lindqvist",
    "Carter",
    "Xol",
    "Chen",
)
_FLOWS = (
    "reading_checkin",
    "goal_checkin",
    "math_programme",
    "funds_of_knowledge",
    "satisfaction",
    "pulse_family",
)
_ANSWERS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "reading_checkin": (
        ("family.last_reading", ("easy", "a_bit", "hard")),
        ("family.reading_try", ("yes", "no")),
    ),
    "goal_checkin": (("family.goal_progress", ("going_well", "a_bit", "not_yet")),),
    "math_programme": (("family.math_did_it", ("yes", "no", "a_bit")),),
}
_CHUNK = 20_000


@dataclass
class Seeded:
    """Somebody of each role, by e-mail address; and rows that pages can be asked for."""

    staff: dict[str, str] = field(default_factory=dict)
    conversations: list[int] = field(default_factory=list)
    """Conversations of the first teacher's own families."""
    busy: list[int] = field(default_factory=list)
    """Of those, the ones with the longest threads."""
    guardians: list[int] = field(default_factory=list)
    sections: list[int] = field(default_factory=list)
    prompts: list[int] = field(default_factory=list)
    flagged: list[int] = field(default_factory=list)
    schools: list[int] = field(default_factory=list)
    people: list[int] = field(default_factory=list)
    alerts: list[int] = field(default_factory=list)
    """Of the first school's safety queue."""


class _Rows:
    """Rows on their way into the database, a table at a time, `_CHUNK` at once."""

    def __init__(self, db: Database) -> None:
        self.db, self.waiting = db, dict[type[DeclarativeBase], list[dict[str, Any]]]()
        self._ids = count()

    def id(self, at: datetime) -> int:
        """An id as a row made at `at` has it."""
        return first_id_at(at) | (next(self._ids) & (1 << 22) - 1)

    def seal(self, column: InstrumentedAttribute[Any], row_id: int, words: str) -> Any:
        return self.db.vault.seal(column, row_id, words)

    def add(self, table: type[DeclarativeBase], **row: Any) -> None:
        self.waiting.setdefault(table, []).append(row)

    def flush(self) -> None:
        """Write what waits, the tables in the order in which they were first used (so: parents first)."""
        with self.db.connection() as tx:
            for table, rows in self.waiting.items():
                for start in range(0, len(rows), _CHUNK):
                    insert_rows(tx, table, rows[start : start + _CHUNK])
                rows.clear()


def seed(db: Database, tell: Any = lambda _line: None) -> Seeded:
    """Fill an empty, migrated database."""
    chance = random.Random(20260304)
    rows, found = _Rows(db), Seeded()
    revisions = _revisions(rows)
    _standards(rows)
    per_guardian = MESSAGES / sum(SCHOOLS)
    hashed = hash_password(PASSWORD)
    for number, families in enumerate(SCHOOLS):
        _School(rows, chance, found, number, families, hashed, revisions, per_guardian).fill()
        rows.flush()
        tell(f"{sum(SCHOOLS[: number + 1]):,} of {sum(SCHOOLS):,} guardians")
    with db.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))
    return found


def _revisions(rows: _Rows) -> dict[str, int]:
    made = {}
    for name in _FLOWS:
        made[name] = rows.id(BEGAN)
        rows.add(
            FlowRevision, id=made[name], name=name, sha256=hashlib.sha256(name.encode()).hexdigest(),
            yaml=f"name: {name}\n", created_at=BEGAN,
        )  # fmt: skip
    return made


def _standards(rows: _Rows) -> None:
    framework = rows.id(BEGAN)
    rows.add(
        Framework, id=framework, identifier="bench", title="Standards of the bench", publisher=None, language="en",
        uri=None, imported_at=BEGAN,
    )  # fmt: skip
    for place in range(3_000):
        code = f"{place % 12}.NF.{place}"
        rows.add(
            Standard, id=rows.id(BEGAN), framework_id=framework, identifier=f"s{place}", parent_id=None, place=place,
            depth=1, code=code, folded_code=code.lower(), statement=f"Understands fractions as numbers, part {place}",
            kind="Standard", grades=[str(place % 12)], words=f"understands fractions as numbers part {place}",
        )  # fmt: skip


class _School:
    """One school while it is being filled."""

    def __init__(
        self, rows: _Rows, chance: random.Random, found: Seeded, number: int, families: int, hashed: str,
        revisions: dict[str, int], per_guardian: float,
    ) -> None:  # fmt: skip
        self.rows, self.chance, self.found, self.number, self.families = rows, chance, found, number, families
        self.hashed, self.revisions, self.per_guardian = hashed, revisions, per_guardian
        self.id = rows.id(BEGAN)
        self.teachers: list[int] = []
        self.sections: list[int] = []
        self.goals: list[int] = []

    def fill(self) -> None:
        """Everything of this school."""
        rows = self.rows
        self.found.schools.append(self.id)
        rows.add(School, id=self.id, name=f"School {self.number}", time_zone=ZONE)
        self._staff()
        for one in range(12):
            goal = rows.id(BEGAN)
            rows.add(
                LearningGoal, id=goal, school_id=self.id, code=f"goal.{one}", title=f"Goal {one}", standard=None,
                improvement_goal=None,
            )  # fmt: skip
            self.goals.append(goal)
        prompts = list(self._prompts())
        for family in range(self.families):
            self._family(family, prompts)
        self._what_the_school_did()

    def _staff(self) -> None:
        rows = self.rows
        people = [*ROLES, *("teacher",) * max(1, self.families // 25)]
        for number, role in enumerate(people):
            person = rows.id(BEGAN)
            email = f"{role}.{self.number}.{number}@bench.invalid"
            rows.add(
                Staff, id=person, school_id=self.id, name=f"{role.title()} {number}", email=email, role=role,
                reviews=["es", "pt"] if role == "reviewer" else [], password_hash=self.hashed,
            )  # fmt: skip
            if self.number == 0:
                self.found.staff.setdefault(role, email)
                self.found.people.append(person)
            if role == "teacher":
                section = rows.id(BEGAN)
                grade = str(1 + number % 8)
                rows.add(
                    Section,
                    id=section,
                    school_id=self.id,
                    name=f"Grade {grade}, {number}",
                    grade=grade,
                    source_id=f"{number}",
                )
                rows.add(Teaching, staff_id=person, section_id=section)
                self.teachers.append(person)
                self.sections.append(section)
        if self.number == 0:
            self.found.sections = list(self.sections)

    def _prompts(self) -> Iterator[tuple[int, datetime]]:
        for week in range(26):
            at = BEGAN + timedelta(days=7 * week + 1, hours=9)
            prompt = self.rows.id(at)
            self.rows.add(
                Prompt, id=prompt, school_id=self.id, kind="prompt", title=f"Week {week}", script="reading_checkin",
                words=None, goal_id=self.chance.choice(self.goals), audience={"everyone": True}, day=at.date(), at=time(18, 0),
                state="done" if at < NOW else "scheduled", opens_at=at, closes_at=at + timedelta(days=1),
                created_by=self.teachers[0], created_at=at - timedelta(days=2), planned_at=at,
            )  # fmt: skip
            if self.number == 0:
                self.found.prompts.append(prompt)
            yield prompt, at

    def _family(self, number: int, prompts: list[tuple[int, datetime]]) -> None:
        rows, chance, db = self.rows, self.chance, self.rows.db
        language = chance.choices([one for one, _w in _LANGUAGES], [weight for _l, weight in _LANGUAGES])[0]
        guardian, conversation = rows.id(BEGAN), rows.id(BEGAN)
        phone = f"+1555{self.number:03d}{number:05d}"
        surname = chance.choice(_FAMILY_NAMES)
        rows.add(
            Guardian, id=guardian, school_id=self.id, name=f"{chance.choice(_NAMES)} {surname}",
            phone=rows.seal(Guardian.phone, guardian, phone), phone_index=db.vault.index(phone), language=language,
            spoken_language=language,
        )  # fmt: skip
        student = None
        for child in range(2 if chance.random() < 0.3 else 1):
            place = (number + 7 * child) % len(self.sections)
            student = rows.id(BEGAN)
            rows.add(
                Student, id=student, school_id=self.id, given_name=chance.choice(_NAMES), family_name=surname,
                grade=str(1 + place % 8), source_id=f"{number}.{child}",
            )  # fmt: skip
            rows.add(Enrollment, student_id=student, section_id=self.sections[place])
            rows.add(Guardianship, guardian_id=guardian, student_id=student, relationship="mother")
        section = self.sections[number % len(self.sections)]
        silent = chance.random() < 0.1
        texts = 0 if silent else max(2, int(chance.expovariate(1 / (self.per_guardian / 0.9))))
        waits = None if silent or chance.random() > 0.03 else NOW - timedelta(hours=chance.uniform(0.2, 90))
        rows.add(
            Conversation, id=conversation, guardian_id=guardian, medium="sms", sender=OUR_NUMBER,
            address=rows.seal(Conversation.address, conversation, phone), address_index=db.vault.index(phone),
            language=language, opted_out_at=NOW if chance.random() < 0.01 else None, version=texts, in_seq=texts // 2,
            out_seq=texts - texts // 2, last_in_at=None if silent else waits or NOW - timedelta(days=chance.uniform(0, 60)),
            awaits_staff_since=waits, created_at=BEGAN,
        )  # fmt: skip
        rows.add(
            ConsentEvent, id=rows.id(BEGAN), address_index=db.vault.index(phone), guardian_id=guardian, at=BEGAN,
            kind="opt_in", basis="enrollment form", inbox_id=None,
        )  # fmt: skip
        mine = self.number == 0 and number % len(self.sections) == 0
        if mine:
            self.found.guardians.append(guardian)
            self.found.conversations.append(conversation)
            if texts > 60:
                self.found.busy.append(conversation)
        for prompt, at in prompts[:: 4 if silent else 3]:
            rows.add(
                PromptRecipient, id=rows.id(at), prompt_id=prompt, guardian_id=guardian, student_id=student,
                section_id=section, conversation_id=conversation, day=at.date(), time_zone=ZONE, due_at=at,
                expires_at=at + timedelta(hours=3), language=language, segments=1,
                state="fired" if at < NOW else "planned",
            )  # fmt: skip
        self._talk(conversation, student, section, language or "en", phone, texts, waits)

    def _talk(
        self, conversation: int, student: int | None, section: int, language: str, phone: str, texts: int,
        waits: datetime | None,
    ) -> None:  # fmt: skip
        rows, chance = self.rows, self.chance
        moments = sorted(BEGAN + (NOW - BEGAN) * chance.random() for _ in range(texts))
        run, flow = 0, ""
        said = _SAID.get(language, _SAID_EN)
        seq = [0, 0]
        for place, at in enumerate(moments):
            ours = place % 2 == 0
            seq[ours] += 1
            if place % 8 == 0:
                flow, run = chance.choice(_FLOWS), rows.id(at)
                rows.add(
                    FlowSession, id=run, conversation_id=conversation, revision_id=self.revisions[flow],
                    student_id=student, section_id=section, goal_id=chance.choice(self.goals), cause=f"bench:{run}",
                    state=rows.seal(FlowSession.state, run, "{}"), open=False, outcome="done", began_at=at, asked_at=at,
                    ended_at=at,
                )  # fmt: skip
            row = rows.id(at)
            if ours:
                english = f"How did reading go this week? ({place})"
                rows.add(
                    Outbox, id=row, conversation_id=conversation, seq=seq[1], ref=f"bench:{row}",
                    kind="staff" if place % 40 == 2 else "flow", priority=1, sender=OUR_NUMBER, medium="sms",
                    to=rows.seal(Outbox.to, row, phone),
                    body=rows.seal(Outbox.body, row, f"{said[0]}? ({place})"), language=language,
                    original=rows.seal(Outbox.original, row, english), original_language="en", origin="machine",
                    engine="bench", segments=1, session_id=run, occasion=f"o{run}" if place % 8 == 0 else None,
                    not_before=at, state="delivered", provider_id=f"SM{row}", created_at=at, sent_at=at, settled_at=at,
                    doubts=["number_changed"] if chance.random() < 0.02 else [],
                )  # fmt: skip
                rows.add(
                    DeliveryEvent,
                    id=rows.id(at),
                    outbox_id=row,
                    at=at,
                    state="delivered",
                    applied=True,
                    error_code=None,
                )
                continue
            which = chance.randrange(len(said))
            rows.add(
                Inbox, id=row, provider_id=f"IN{row}", conversation_id=conversation, seq=seq[0],
                body=rows.seal(Inbox.body, row, f"{said[which]} {place}"), language=language,
                body_en=rows.seal(Inbox.body_en, row, f"{_SAID_EN[which]} {place}"), origin="machine", engine="bench",
                state="done", received_at=at, handled_at=at,
            )  # fmt: skip
            if place % 50 == 3:
                alert = rows.id(at)
                rows.add(
                    SafetyAlert, id=alert, school_id=self.id, conversation_id=conversation, inbox_id=row,
                    tier=("urgent", "concern", "need")[row % 3], kinds=["food"], rules=None, raised_at=at,
                    due_at=at + timedelta(days=1), settled_at=at if row % 5 else None,
                    acknowledged_at=at if row % 5 else None, outcome="handled" if row % 5 else None,
                )  # fmt: skip
                if self.number == 0:
                    self.found.alerts.append(alert)
            if flow in _ANSWERS and place % 4 == 1:
                for name, choices in _ANSWERS[flow]:
                    rows.add(
                        Answer, id=rows.id(at), conversation_id=conversation, session_id=run, student_id=student,
                        inbox_id=row, field=name, choice=chance.choice(choices), number=None, words=None, at=at,
                    )  # fmt: skip
                rows.add(
                    GoalProgress, id=rows.id(at), session_id=run, student_id=student, inbox_id=row,
                    goal=f"goal.{chance.randrange(12)}", did=chance.choice(("practised", "tried")), amount=None, at=at,
                )  # fmt: skip
            elif flow == "pulse_family" and place % 8 == 1:
                for one in ("capability", "connection", "cognition", "confidence"):
                    rows.add(
                        Answer, id=rows.id(at), conversation_id=conversation, session_id=run, student_id=student,
                        inbox_id=row, field=f"family.pulse_{one}", choice=None, number=float(chance.randint(1, 5)),
                        words=None, at=at,
                    )  # fmt: skip
            elif chance.random() < 0.06:
                made = rows.id(at)
                rows.add(
                    Contribution, id=made, conversation_id=conversation, session_id=run, student_id=student, inbox_id=row,
                    kind=chance.choice(("strength", "idea", "question")),
                    words=rows.seal(Contribution.words, made, chance.choice(_STRENGTHS)), at=at,
                )  # fmt: skip

    def _what_the_school_did(self) -> None:
        rows, chance = self.rows, self.chance
        for _ in range(5_000 if self.number == 0 else 1_000):
            at = BEGAN + (NOW - BEGAN) * chance.random()
            rows.add(
                AuditEvent, id=rows.id(at), at=at, staff_id=chance.choice(self.teachers), action="saw_thread",
                subject="conversation", subject_id=chance.randrange(1, 1 << 40),
            )  # fmt: skip
        for _ in range(300):
            at = BEGAN + (NOW - BEGAN) * chance.random()
            made = rows.id(at)
            source = f"A sentence that somebody wrote {made}"
            rows.add(
                TranslationRow, id=made, school_id=self.id, source_language="en", target_language=chance.choice(("es", "pt")),
                source_hash=rows.db.vault.index(source), source=rows.seal(TranslationRow.source, made, source),
                target=rows.seal(TranslationRow.target, made, "Una frase que alguien escribió"),
                origin=chance.choice(("machine", "machine", "reviewed")), engine="bench", created_at=at,
            )  # fmt: skip
        for week in range(20):
            at = BEGAN + timedelta(days=7 * week)
            rows.add(
                SaidAndDone, id=rows.id(at), school_id=self.id, said=f"Families asked for longer hours ({week})",
                did="The library stays open until six", opened_at=at, closed_at=at + timedelta(days=5),
            )  # fmt: skip
        for person in self.teachers:
            at = NOW - timedelta(days=chance.uniform(1, 150))
            for one in ("capability", "connection", "cognition", "confidence"):
                rows.add(
                    StaffPulse, id=rows.id(at), school_id=self.id, staff_id=person, question=one,
                    value=float(chance.randint(1, 5)), at=at,
                )  # fmt: skip
