"""How long what is kept, by kind of data. A little of it is looked at with every sweep.

| kind | erased |
|---|---|
| texts | their words, translations, pictures with their addresses, and number; the row stays, for counts |
| correction, memory | remarks on and approved translations of texts to or from one family |
| words | what families answered and gave in their own words, and ended conversations' memory of them |
| receipts | the provider's delivery receipts |
| strangers | conversations with numbers that belonged to nobody, whole |
| left | guardians (with their conversations) and students who left the roster, whole |
| audit | lines of the audit log |
| undo | what could undo an old import |

Nothing of a family under a legal hold is erased. The consent ledger is not: why a number was texted, and that it must
not be, is asked for years later.

Ids grow with time, so "older than" is a range of the primary key, and a mark says how far it has come: a sweep with
nothing to do reads a few rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.records.family_tables import erase_rows, forget_students
from bot.records.pictures import erase as erase_pictures
from bot.store.base import Base
from bot.store.columns import Vault, first_id_at
from bot.store.database import Database
from bot.store.keeping import LegalHold, RetentionMark, RosterChange
from bot.store.learning import Answer, Contribution
from bot.store.people import AuditEvent, Guardian, Guardianship, Student
from bot.store.safety import SafetyAlert
from bot.store.talk import Conversation, DeliveryEvent, FlowSession, Inbox, Outbox, TranslationRow
from bot.store.terms import WordingCorrection

AT_ONCE = 500
FAMILIES_AT_ONCE = 20
_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_PAUSE = "pause"
REST = timedelta(hours=1)
"""When everything is done, nobody looks again for this long."""


@dataclass(frozen=True, slots=True)
class Keep:
    """Days after which each kind is erased."""

    texts: int
    receipts: int
    strangers: int
    left: int
    audit: int
    undo: int = 30


@dataclass(slots=True)
class Erased:
    """How many rows of each kind one call has erased."""

    counts: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Of all kinds."""
        return sum(self.counts.values())


def retain(db: Database, now: datetime, keep: Keep, at_once: int = AT_ONCE) -> Erased:
    """Erase what is older than it may be, a batch of each kind, each in a transaction of its own. Safe to repeat."""
    erased = Erased()
    with db.reading() as session:
        rests_until = session.scalar(select(RetentionMark.up_to).where(RetentionMark.kind == _PAUSE)) or 0
    if now.timestamp() < rests_until:
        return erased
    more = False

    def ago(days: int) -> datetime:
        return now - timedelta(days=days)

    for kind, model, before in (
        ("inbox", Inbox, ago(keep.texts)),
        ("outbox", Outbox, ago(keep.texts)),
        ("answer", Answer, ago(keep.texts)),
        ("contribution", Contribution, ago(keep.texts)),
        ("session", FlowSession, ago(keep.texts)),
        ("correction", WordingCorrection, ago(keep.texts)),
        ("memory", TranslationRow, ago(keep.texts)),
        ("receipt", DeliveryEvent, ago(keep.receipts)),
        ("audit", AuditEvent, ago(keep.audit)),
    ):
        with db.connection() as tx:
            seen, done = _batch(tx, db.vault, kind, model, first_id_at(before), at_once)
        more |= seen == at_once
        if done:
            erased.counts[kind] = done
    with db.connection() as tx:
        gone = tx.execute(delete(RosterChange).where(RosterChange.id < first_id_at(ago(keep.undo)))).rowcount
        if gone:
            erased.counts["undo"] = gone
    for kind, work in (("strangers", _strangers), ("left", _left_guardians), ("students", _left_students)):
        with db.connection() as tx:
            days = keep.strangers if kind == "strangers" else keep.left
            families = work(tx, ago(days))
        more |= families == FAMILIES_AT_ONCE
        if families:
            erased.counts[kind] = families
    if not more:
        with db.connection() as tx:
            _set_mark(tx, _PAUSE, int((now + REST).timestamp()))
    return erased


def look_again(tx: Connection) -> None:
    """Begin at the oldest row again: something that was held is not any more."""
    tx.execute(delete(RetentionMark))


# --- rows by age ----------------------------------------------------------------------------------------------------


def _batch(
    tx: Connection, vault: Vault, kind: str, model: type[Base], before: int, at_once: int
) -> tuple[int, int]:
    """Look at the next rows of a kind below the id `before`. Returns how many were seen and how many erased."""
    table: Any = model
    mark = tx.scalar(select(RetentionMark.up_to).where(RetentionMark.kind == kind)) or 0
    ids = list(
        tx.scalars(
            select(table.id).where(table.id > mark, table.id < before).order_by(table.id).limit(at_once)
        )
    )
    if not ids:
        return 0, 0
    done = _erase(tx, vault, kind, ids)
    _set_mark(tx, kind, ids[-1])
    return len(ids), done


def _erase(tx: Connection, vault: Vault, kind: str, ids: list[int]) -> int:
    match kind:
        case "inbox":
            tx.execute(
                update(SafetyAlert)
                .where(SafetyAlert.inbox_id.in_(ids), _free(SafetyAlert.conversation_id))
                .values(rules=None)
            )
            free = list(tx.scalars(select(Inbox.id).where(Inbox.id.in_(ids), _free(Inbox.conversation_id))))
            erase_pictures(tx, free)
            return tx.execute(
                update(Inbox)
                .where(
                    Inbox.id.in_(ids),
                    _free(Inbox.conversation_id),
                    or_(Inbox.body.is_not(None), Inbox.media.is_not(None)),
                )
                .values(body=None, body_en=None, read_as=None, media=None)
            ).rowcount
        case "outbox":
            free = list(
                tx.scalars(select(Outbox.id).where(Outbox.id.in_(ids), _free(Outbox.conversation_id)))
            )
            for row_id in free:
                tx.execute(
                    update(Outbox)
                    .where(Outbox.id == row_id)
                    .values(body=None, original=None, to=vault.seal(Outbox.to, row_id, ""))
                )
            return len(free)
        case "answer":
            return tx.execute(
                update(Answer)
                .where(Answer.id.in_(ids), _free(Answer.conversation_id), Answer.words.is_not(None))
                .values(words=None)
            ).rowcount
        case "contribution":
            return tx.execute(
                delete(Contribution).where(Contribution.id.in_(ids), _free(Contribution.conversation_id))
            ).rowcount
        case "correction":
            return _of_one_family(tx, WordingCorrection, ids)
        case "memory":
            return _of_one_family(tx, TranslationRow, ids)
        case "session":
            free = list(
                tx.scalars(
                    select(FlowSession.id).where(
                        FlowSession.id.in_(ids), ~FlowSession.open, _free(FlowSession.conversation_id)
                    )
                )
            )
            for row_id in free:
                tx.execute(
                    update(FlowSession)
                    .where(FlowSession.id == row_id)
                    .values(state=vault.seal(FlowSession.state, row_id, "{}"))
                )
            return len(free)
        case "receipt":
            of_held = select(Outbox.id).where(Outbox.conversation_id.in_(_held()))
            return tx.execute(
                delete(DeliveryEvent).where(
                    DeliveryEvent.id.in_(ids), DeliveryEvent.outbox_id.not_in(of_held)
                )
            ).rowcount
        case _:
            return tx.execute(delete(AuditEvent).where(AuditEvent.id.in_(ids), _unheld_event())).rowcount


def _of_one_family(tx: Connection, model: type[WordingCorrection | TranslationRow], ids: list[int]) -> int:
    """What was written to or by one family goes with its texts; what serves everybody stays."""
    return tx.execute(
        delete(model).where(
            model.id.in_(ids), model.conversation_id.is_not(None), _free(model.conversation_id)
        )
    ).rowcount


def _held() -> Select[Any]:
    """The conversations of families under a hold."""
    return (
        select(Conversation.id)
        .join(LegalHold, LegalHold.guardian_id == Conversation.guardian_id)
        .where(LegalHold.lifted_at.is_(None))
    )


def _free(conversation_id: Any) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = conversation_id.not_in(_held())
    return condition


def _unheld_event() -> ColumnElement[bool]:
    guardians = select(LegalHold.guardian_id).where(LegalHold.lifted_at.is_(None))
    return ~or_(
        (AuditEvent.subject == "guardian") & AuditEvent.subject_id.in_(guardians),
        (AuditEvent.subject == "conversation") & AuditEvent.subject_id.in_(_held()),
    )


def _set_mark(tx: Connection, kind: str, up_to: int) -> None:
    statement = _INSERT[tx.dialect.name](RetentionMark).values(kind=kind, up_to=up_to)
    tx.execute(statement.on_conflict_do_update(index_elements=["kind"], set_={"up_to": up_to}))


# --- families -------------------------------------------------------------------------------------------------------


def _strangers(tx: Connection, before: datetime) -> int:
    """Conversations with numbers that belong to nobody and have been silent. That a number said STOP stays known."""
    ids = list(
        tx.scalars(
            select(Conversation.id)
            .where(
                Conversation.guardian_id.is_(None),
                func.coalesce(Conversation.last_in_at, Conversation.created_at) < before,
            )
            .limit(FAMILIES_AT_ONCE)
        )
    )
    if ids:
        erase_rows(tx, [], ids)
    return len(ids)


def _left_guardians(tx: Connection, before: datetime) -> int:
    held = exists().where(LegalHold.guardian_id == Guardian.id, LegalHold.lifted_at.is_(None))
    ids = list(
        tx.scalars(
            select(Guardian.id)
            .where(Guardian.active.is_(False), Guardian.left_at < before, ~held)
            .limit(FAMILIES_AT_ONCE)
        )
    )
    if ids:
        conversations = list(tx.scalars(select(Conversation.id).where(Conversation.guardian_id.in_(ids))))
        erase_rows(tx, ids, conversations)
    return len(ids)


def _left_students(tx: Connection, before: datetime) -> int:
    """Students whose guardians are gone too."""
    somebodys = exists().where(Guardianship.student_id == Student.id)
    ids = list(
        tx.scalars(
            select(Student.id)
            .where(Student.active.is_(False), Student.left_at < before, ~somebodys)
            .limit(FAMILIES_AT_ONCE)
        )
    )
    forget_students(tx, ids)
    return len(ids)
