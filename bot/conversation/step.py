"""One step in the making: engine events and the bot's own sentences become effects.

No database and no clock in here; translation is asked for through `Wording`, before any transaction begins.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.conversation.desk import Desk
from bot.conversation.effects import Effects, Kept, Opening, Ring
from bot.conversation.snapshot import Child, Running, Seen
from bot.conversation.wishes import wish_of
from bot.conversation.wording import Worded
from bot.delivery import best_time
from bot.delivery.best_time import best_hour
from bot.delivery.outbox import REPLY, Draft
from bot.delivery.pacing import at_local
from bot.flow import happenings as flow
from bot.flow.engine import advance, new_session
from bot.flow.lines import Value
from bot.flow.script import Script
from bot.language import codes
from bot.language.codes import ENGLISH
from bot.store.columns import new_id
from bot.store.learning import Answer, Contribution, GoalProgress

NOT_SAID = "not translated"
"""Why a text is withheld when nobody could say it in the family's language."""

CRITICAL = "about something that a person must translate"
"""Why a text is withheld that touches what the school lets no machine say alone."""

REPLY_LIVES = timedelta(days=2)
"""An answer that could not be sent for this long would only puzzle the family."""


def held_back(worded: Worded) -> str | None:
    """Why a text must wait for a reviewer's words, or None."""
    return NOT_SAID if worded.missing else CRITICAL if worded.critical else None


class Step:
    """Collects what one cause (a text, a timer, a prompt) does. `cause` begins the ref of every text it queues."""

    def __init__(self, desk: Desk, seen: Seen, cause: str, now: datetime, priority: int = REPLY) -> None:
        self.desk = desk
        self.seen = seen
        self.now = now
        self.effects = Effects()
        self.language = seen.language
        self._cause = cause
        self._priority = priority
        self._message = seen.inbound.id if seen.inbound else None

    @property
    def local(self) -> datetime:
        """Now, by the family's own clock: weekdays and reminders are reckoned in it."""
        return self.now.astimezone(self._zone)

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.seen.time_zone or self.desk.default_zone)

    # --- the bot's own sentences -----------------------------------------------------------------------------

    def phrase(self, key: str, *, kind: str = "reply", into: str | None = None, **values: Value) -> None:
        """Say one of the bot's own sentences, in the family's language or `into` another."""
        worded = self.desk.wording.phrase(
            key, into or self.language, self.seen.family, self._common() | values
        )
        self.draft(worded, kind=kind, line=f"phrase.{key}")

    def phrase_with_english(self, key: str, *, kind: str = "reply", **values: Value) -> None:
        """Say it in the family's language and in English beneath (HELP and STOP: both are read by whoever holds the
        phone)."""
        values = self._common() | values
        worded = self.desk.wording.phrase(key, self.language, self.seen.family, values)
        english = self.desk.wording.phrase(key, ENGLISH, self.seen.family, values)
        if worded.missing:
            worded = english
        elif worded.language != ENGLISH:
            both = f"{worded.body}\n{english.body}"
            worded = Worded(
                both, worded.language, worded.origin, english.body, worded.engine, worded.model, worded.doubts
            )
        self.draft(worded, kind=kind, line=f"phrase.{key}")

    def draft(
        self, worded: Worded, *, kind: str = "reply", line: str | None = None, session_id: int | None = None
    ) -> None:
        """Queue a text, or withhold it for staff when nobody could say it in the family's language."""
        held = held_back(worded)
        worded = worded.unsaid() if held == CRITICAL else worded
        if held is not None:
            self.note("not_said" if held == NOT_SAID else "held_for_reviewer")
            self.effects.awaits_staff = True
        self.effects.drafts.append(
            Draft(
                ref=f"{self._cause}.{len(self.effects.drafts)}",
                kind=kind,
                body=worded.body,
                language=worded.language,
                origin=worded.origin,
                not_before=self.now,
                priority=self._priority,
                original=None if worded.original == worded.body else worded.original,
                original_language=None if worded.original == worded.body else ENGLISH,
                engine=worded.engine,
                model=worded.model,
                doubts=worded.doubts,
                session_id=session_id,
                line=line,
                expires_at=self.now + REPLY_LIVES,
                withheld=held,
            )
        )

    def note(self, what: str) -> None:
        """Tell staff something about this text, once."""
        if what not in self.effects.notes:
            self.effects.notes.append(what)

    def needs_staff(self, what: str) -> None:
        """A person must look: say why, and start the clock."""
        self.note(what)
        self.effects.awaits_staff = True

    def _common(self) -> dict[str, Value]:
        family = self.seen.family
        child = family.children[0] if len(family.children) == 1 else None
        return {
            "school": family.school or None,
            "guardian": family.address_as or family.name,
            "child": child.given_name if child else None,
            "teacher": self._teacher(child),
        }

    def _teacher(self, child: Child | None) -> str | None:
        if child is not None:
            return child.teacher
        teachers = {one.teacher for one in self.seen.family.children if one.teacher}
        return teachers.pop() if len(teachers) == 1 else None

    # --- conversation scripts --------------------------------------------------------------------------------

    def begin(
        self,
        script: Script,
        cause: str,
        child: Child | None,
        *,
        goal: str | None = None,
        goal_id: int | None = None,
        told: Mapping[str, Value] | None = None,
    ) -> None:
        """Begin a script with this family, about `child`. `told` is what the script wants to know besides."""
        opening = Opening(
            new_id(),
            script,
            cause,
            child.student_id if child else None,
            child.section_id if child else None,
            goal_id,
        )
        self.effects.openings.append(opening)
        known: dict[str, Value] = {**self.seen.known, **self._common(), **(told or {})}
        if child is not None:
            known |= {"child": child.given_name, "teacher": child.teacher, "section": child.section}
        if goal is not None:
            known["goal"] = goal
        languages = tuple(one for one in (self.language, self.seen.family.spoken_language) if one)
        running = Running(opening.id, script, new_session(script), opening.student_id, goal, None)
        self.advance(running, flow.Began(known, languages, self._awake()))

    def advance(self, running: Running, heard: flow.Heard) -> tuple[flow.Event, ...]:
        """Let a session hear something; apply what it causes."""
        session, events = advance(running.script, running.session, heard, self.local)
        self.effects.sessions[running.id] = session
        for event in events:
            self._apply(running, event)
        return events

    def _awake(self) -> tuple[str, str]:
        return (self.desk.quiet.end.strftime("%H:%M"), self.desk.quiet.start.strftime("%H:%M"))

    def _apply(self, running: Running, event: flow.Event) -> None:
        effects = self.effects
        match event:
            case flow.Say() | flow.Ask() | flow.Remind():
                worded = self.desk.wording.line(event.line, event.values, self.language, self.seen.family)
                self.draft(worded, kind="flow", line=event.line.key, session_id=running.id)
                if isinstance(event, flow.Ask):
                    effects.asked.add(running.id)
            case flow.Save():
                self._keep_answer(running, event)
                self._apply_wish(event)
            case flow.SetTimer():
                effects.rings.append(Ring(running.id, event.kind, event.visit, self._suits(event)))
            case flow.CancelTimers():
                effects.cancelled.add(running.id)
                effects.rings = [ring for ring in effects.rings if ring.session_id != running.id]
            case flow.HandOff():
                self.needs_staff("handed_off")
            case flow.RaiseAlert():
                self.needs_staff(f"alert_{event.kind}")
            case flow.GoalProgress():
                goal = event.goal or running.goal
                if goal:
                    values = {"goal": goal, "did": event.did, "amount": event.amount}
                    effects.kept.append(Kept(GoalProgress, running.id, running.student_id, values))
            case flow.Record():
                self._contribution(running, event.kind, event.text)
            case flow.QuestionAsked():
                self._contribution(running, "question", event.text)
                self.needs_staff("question")
            case flow.LeftOver():
                self.needs_staff("left_over")
            case flow.Finished() | flow.Entered():
                pass

    def _keep_answer(self, running: Running, event: flow.Save) -> None:
        value = event.value
        number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
        free = isinstance(value, str) and value == event.raw
        choice = None if number is not None or free or value is None else str(value)
        self.effects.kept.append(
            Kept(
                Answer,
                running.id,
                running.student_id,
                {"field": event.field, "choice": choice, "number": number},
                words=event.raw if event.raw is not None else None,
            )
        )

    def _apply_wish(self, event: flow.Save) -> None:
        """What a guardian said about how it likes to be reached counts from this very text on."""
        wish = wish_of(event.field, event.value, event.raw, self.seen.family, self.language, self.sayable)
        self.effects.guardian |= wish.columns
        if wish.unclear:
            self.needs_staff("wish_unclear")
        tag = wish.columns.get("language")
        if isinstance(tag, str):
            self.reads(tag)

    def reads(self, tag: str) -> None:
        """The family reads `tag` from now on; the guardian's record and the conversation say the same."""
        self.language = self.effects.language = tag
        self.effects.guardian["language"] = tag

    def sayable(self, tag: str) -> bool:
        """Can the product write to somebody in this language at all?"""
        return tag == ENGLISH or codes.LANGUAGES[tag].catalog or self.desk.translator.can(ENGLISH, tag)

    def _suits(self, event: flow.SetTimer) -> datetime:
        """When a wait ends: on another day than today at the family's best time of day, if it named one."""
        local = event.at.astimezone(self._zone)
        if event.kind != "wait" or local.date() <= self.local.date():
            return event.at
        best = best_hour(local.time(), self.seen.known.get(best_time.FIELD), self.desk.quiet)
        return event.at if best == local.time() else at_local(local.date(), best, self._zone)

    def _contribution(self, running: Running, kind: str, words: str) -> None:
        self.effects.kept.append(
            Kept(Contribution, running.id, running.student_id, {"kind": kind}, words=words)
        )
