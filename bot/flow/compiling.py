"""One written conversation becomes steps the engine can walk; what it refers to must exist."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.flow.findings import Finding
from bot.flow.lines import KNOWN, Kind, Line, Review, placeholders_in
from bot.flow.script import (
    END,
    Alarm,
    Answer,
    Ask,
    Branch,
    Call,
    Case,
    ChoiceWanted,
    Conversation,
    DateWanted,
    End,
    HandOver,
    Note,
    NumberWanted,
    PhotoWanted,
    Progress,
    Remember,
    Reminder,
    Say,
    Silent,
    Step,
    Unclear,
    Wait,
    Wanted,
    WordsWanted,
)
from bot.flow.words import lexicon
from bot.flow.written import Texts, Words, WrittenConversation, WrittenStep, WrittenVocabulary, seconds
from bot.flow.yaml_places import Path, Placed

Catalogs = Mapping[str, Mapping[tuple[str, str], tuple[str, bool]]]
"""Language → {(key, English text): (text, reviewed)}."""

GIVEN_GOAL = "given"
"""`goal: given`: the world outside tells the goal when the conversation begins."""


@dataclass(slots=True)
class Compiled:
    """The conversation, or None when it has faults that make it unusable."""

    conversation: Conversation | None
    findings: list[Finding] = field(default_factory=list)


def line_of(
    texts: Texts, key: str, written: WrittenConversation, vocabulary: WrittenVocabulary, catalogs: Catalogs
) -> Line:
    """The line at `key`: its inline texts, and what the catalogs have for the other languages.

    A reviewed text beats a draft; of two equals the one in the file wins."""
    inline = {written.language: texts} if isinstance(texts, str) else dict(texts)
    if written.language not in inline:
        inline[written.language] = next(iter(inline.values()))
    english = inline.get("en", inline[written.language])
    found: dict[str, str] = dict(inline)
    review: dict[str, Review] = {language: "reviewed" for language in written.reviewed if language in inline}
    for language, catalog in sorted(catalogs.items()):
        entry = catalog.get((key, english))
        if entry is None or language == written.language:
            continue
        text, reviewed = entry
        if language not in found or (reviewed and review.get(language) != "reviewed"):
            found[language] = text
            if reviewed:
                review[language] = "reviewed"
    kinds = kinds_for(written, vocabulary)
    names = dict.fromkeys(name for text in found.values() for name in placeholders_in(text))
    return Line(
        key=key,
        texts=dict(sorted(found.items())),
        written_in=written.language,
        review=dict(sorted(review.items())),
        placeholders={name: kinds.get(name, "text") for name in sorted(names)},
    )


def kinds_for(written: WrittenConversation, vocabulary: WrittenVocabulary) -> dict[str, Kind]:
    """Everything texts and branches of `written` may name, with its type."""
    return {
        **KNOWN,
        **{name: entry.type for name, entry in vocabulary.fields.items()},
        **written.takes,
    }


def compile_conversation(
    written: WrittenConversation,
    placed: Placed,
    vocabulary: WrittenVocabulary,
    others: Mapping[str, WrittenConversation],
    catalogs: Catalogs,
) -> Compiled:
    """Compile `written`. References that lead nowhere are findings, and then there is no conversation."""
    work = _Work(written, placed, vocabulary, others, catalogs)
    steps: dict[str, Step] = {}
    for number, step in enumerate(written.steps):
        path: Path = ("steps", number)
        if step.id in steps or step.id == END:
            other = "a word with its own meaning" if step.id == END else "already the name of another step"
            work.fault(
                (*path, "id"), "duplicate-step", f"“{step.id}” is {other}", "give this step its own name"
            )
            continue
        following = written.steps[number + 1].id if number + 1 < len(written.steps) else END
        steps[step.id] = work.step(step, path, step.next or following)
    work.references()
    if work.findings:
        return Compiled(None, work.findings)
    return Compiled(
        Conversation(
            name=written.conversation,
            first=written.steps[0].id,
            steps=steps,
            goal=None if written.goal == GIVEN_GOAL else written.goal,
            role=written.role,
            give_up_after=seconds(written.give_up_after) if written.give_up_after else None,
        )
    )


@dataclass(slots=True)
class _Work:
    """What compiling one file needs at hand."""

    written: WrittenConversation
    placed: Placed
    vocabulary: WrittenVocabulary
    others: Mapping[str, WrittenConversation]
    catalogs: Catalogs
    findings: list[Finding] = field(default_factory=list)

    def fault(self, path: Path, code: str, says: str, do: str) -> None:
        self.findings.append(Finding(self.placed.file, self.placed.line(path), code, says, do))

    def line(self, texts: Texts, step: str, slot: str, path: Path) -> Line:
        if not isinstance(texts, str) and self.written.language not in texts:
            self.fault(
                path,
                "missing-text",
                f"there is no text in “{self.written.language}”, the language of this file",
                f"add {self.written.language}:",
            )
        key = f"{self.written.conversation}.{step}.{slot}"
        return line_of(texts, key, self.written, self.vocabulary, self.catalogs)

    def step(self, step: WrittenStep, path: Path, following: str) -> Step:
        if step.ask is not None:
            return self.question(step, path, following)
        if step.say is not None:
            return Say(step.id, self.line(step.say, step.id, "say", (*path, "say")), following)
        if step.branch is not None:
            cases = tuple(Case(when, way) for when, way in step.branch.cases.items())
            return Branch(step.id, step.branch.on, cases, step.branch.otherwise or following)
        if step.remember is not None:
            part = step.remember
            return Remember(step.id, part.field, following, part.value, part.source)
        if step.call is not None:
            return Call(step.id, step.call, following, dict(step.given))
        if step.goal_progress is not None:
            return Progress(step.id, step.goal_progress.did, following, step.goal_progress.amount)
        if step.record is not None:
            return Note(step.id, step.record.kind, step.record.source, following)
        if step.hand_off is not None:
            note = self.line(step.hand_off.note, step.id, "note", (*path, "hand_off", "note"))
            return HandOver(step.id, step.hand_off.to, note, following)
        if step.alert is not None:
            note = self.line(step.alert.note, step.id, "note", (*path, "alert", "note"))
            return Alarm(step.id, step.alert.kind, note, following)
        if step.wait is not None:
            until = step.wait.until
            return Wait(
                step.id,
                following,
                seconds(step.wait.time) if step.wait.time else None,
                until.day if until else None,
                until.at if until else None,
            )
        return End(step.id, step.end or "done")

    def question(self, step: WrittenStep, path: Path, following: str) -> Ask:
        assert step.ask is not None
        unclear = step.unclear
        return Ask(
            id=step.id,
            line=self.line(step.ask, step.id, "ask", (*path, "ask")),
            wants=self.wants(step, path, following),
            unclear=Unclear(
                tries=unclear.tries if unclear else 2,
                next=(unclear.next if unclear else None) or following,
                line=self.line(unclear.say, step.id, "unclear", (*path, "unclear", "say"))
                if unclear and unclear.say is not None
                else None,
            ),
            save=step.save,
            reminders=tuple(
                Reminder(
                    seconds(reminder.after),
                    self.line(
                        reminder.say, step.id, f"reminder{number}", (*path, "reminders", number - 1, "say")
                    ),
                )
                for number, reminder in enumerate(step.reminders, start=1)
            ),
            silent=Silent(seconds(step.silent.after), step.silent.next or following) if step.silent else None,
        )

    def wants(self, step: WrittenStep, path: Path, following: str) -> Wanted:
        answers = tuple(
            Answer(
                name,
                answer.next or following,
                (answer.means,) if isinstance(answer.means, str) else tuple(answer.means),
                _by_language(answer.match, self.written.language),
            )
            for name, answer in (step.answers or {}).items()
        )
        for answer in answers:
            for meaning in answer.means:
                if meaning not in lexicon().concepts:
                    self.fault(
                        (*path, "answers", answer.name, "means"),
                        "unknown-meaning",
                        f"“{meaning}” is not a built-in meaning",
                        "choose one of docs/flows.md, or write the words under match",
                    )
        if step.number is not None:
            part = step.number
            if part.min > part.max:
                self.fault((*path, "number"), "bounds", "min is larger than max", "exchange them")
            return NumberWanted(part.min, part.max, part.next or following, part.unit, answers)
        if step.date is not None:
            return DateWanted(step.date.next or following, answers)
        if step.free_text is not None:
            return WordsWanted(step.free_text.next or following, answers)
        if step.photo is not None:
            return PhotoWanted(step.photo.next or following, answers)
        return ChoiceWanted(answers)

    # --- what is referred to must exist ---

    def references(self) -> None:
        ids = {step.id for step in self.written.steps} | {END}
        for number, step in enumerate(self.written.steps):
            path: Path = ("steps", number)
            for where, way in _ways(step):
                if way not in ids:
                    self.fault(
                        (*path, *where),
                        "unknown-step",
                        f"there is no step “{way}” here",
                        f"use one of: {', '.join(sorted(ids))}",
                    )
            self.fields_of(step, path)
            if step.call is not None and step.call not in self.others:
                self.fault(
                    (*path, "call"),
                    "unknown-conversation",
                    f"there is no conversation “{step.call}”",
                    "correct the name, or write that conversation",
                )
            elif step.call is not None:
                missing = set(self.others[step.call].takes) - set(step.given)
                if missing:
                    self.fault(
                        (*path, "call"),
                        "not-given",
                        f"“{step.call}” needs {', '.join(sorted(missing))}",
                        "give it under with:",
                    )
        goal = self.written.goal
        if goal not in (None, GIVEN_GOAL) and goal not in self.vocabulary.goals:
            self.fault(
                ("goal",),
                "unknown-goal",
                f"vocabulary.yaml has no goal “{goal}”",
                "correct it, or add the goal there with its title and subject",
            )

    def fields_of(self, step: WrittenStep, path: Path) -> None:
        readable = kinds_for(self.written, self.vocabulary)
        writes: list[tuple[Path, str | None]] = [((*path, "save"), step.save)]
        reads: list[tuple[Path, str | None]] = []
        if step.remember is not None:
            writes.append(((*path, "remember", "field"), step.remember.field))
            reads.append(((*path, "remember", "from"), step.remember.source))
        if step.branch is not None:
            reads.append(((*path, "branch", "on"), step.branch.on))
        if step.goal_progress is not None:
            reads.append(((*path, "goal_progress", "amount"), step.goal_progress.amount))
        if step.record is not None:
            reads.append(((*path, "record", "from"), step.record.source))
        for where, name in writes:
            if name is not None and name not in self.vocabulary.fields:
                self.fault(
                    where,
                    "unknown-field",
                    f"vocabulary.yaml has no field “{name}”",
                    "correct it, or add the field there with its type and what it is about",
                )
        for where, name in reads:
            if name is not None and name not in readable:
                self.fault(
                    where,
                    "unknown-field",
                    f"nothing is known under “{name}”",
                    "use a field of vocabulary.yaml, a known value, or something under takes:",
                )


def _by_language(words: Words, language: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    by_language = {language: words} if isinstance(words, list) else words
    return tuple((code, tuple(found)) for code, found in sorted(by_language.items()) if found)


def _ways(step: WrittenStep) -> Iterable[tuple[Path, str]]:
    """Every step that `step` names, and where it names it."""
    named: list[tuple[Path, str | None]] = [(("next",), step.next)]
    for name, answer in (step.answers or {}).items():
        named.append((("answers", name, "next"), answer.next))
    for kind in ("number", "date", "free_text", "photo", "unclear", "silent"):
        part = getattr(step, kind)
        if part is not None:
            named.append(((kind, "next"), part.next))
    if step.branch is not None:
        named.append((("branch", "otherwise"), step.branch.otherwise))
        named.extend((("branch", "cases", when), way) for when, way in step.branch.cases.items())
    return [(where, way) for where, way in named if way is not None]
