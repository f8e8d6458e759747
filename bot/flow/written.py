"""The file format: what an educator writes in flows/*.yaml. flows/schema.json is generated from these models, so
that an editor can complete and explain every word of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
StepId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$", max_length=80)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$")]
Duration = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,4}(m|h|d|w)$")]
Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Wording = Annotated[str, StringConstraints(min_length=1, max_length=1600)]
Texts = Wording | dict[Language, Wording]
"""One text in the file's own language, or one per language."""
Words = list[str] | dict[Language, list[str]]

ROLES = ("co_creator", "supporter", "encourager", "monitor", "advocate", "model")
Role = Literal["co_creator", "supporter", "encourager", "monitor", "advocate", "model"]
FieldKind = Literal["name", "text", "number", "date", "time", "link", "phone", "choice"]


class Part(BaseModel):
    """Every part refuses words it does not know: a typing mistake in a key is a finding, not a silence."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class WrittenAnswer(Part):
    """One answer a question knows."""

    means: str | list[str] = Field(
        default_factory=list,
        description="A meaning whose words are built in for every language: yes, no, a_little, not_yet, sometimes, later, good, so_so, bad …",
    )
    match: Words = Field(default_factory=list, description="More words for this answer, by language.")
    next: StepId | None = Field(None, description="The step to go to. Without it: the step's own next.")


class WrittenNumber(Part):
    """A whole number is wanted."""

    min: int = Field(description="The smallest number that makes sense.")
    max: int = Field(description="The largest number that makes sense.")
    unit: Literal["days", "times", "minutes", "hours", "books", "points"] | None = Field(
        None, description="What is counted: helps to read “every day” and “half an hour”."
    )
    next: StepId | None = Field(None, description="The step to go to with a number.")


class WrittenOpen(Part):
    """A day, free words or a photo is wanted."""

    next: StepId | None = Field(None, description="The step to go to with the answer.")


class WrittenUnclear(Part):
    """What happens to a reply we do not understand."""

    say: Texts | None = Field(None, description="How to ask again. Without it the question is repeated.")
    tries: int = Field(2, ge=1, le=4, description="How many replies to read in all before going on.")
    next: StepId | None = Field(
        None, description="Where to go then: best to a step that hands off to a person."
    )


class WrittenReminder(Part):
    """A nudge while a question is open."""

    after: Duration = Field(description="How long after the question: 20h, 2d.")
    say: Texts = Field(description="What to say.")


class WrittenSilent(Part):
    """Where to go when nobody answers."""

    after: Duration = Field(description="How long to wait for an answer: 44h.")
    next: StepId | None = Field(None, description="The step to go to.")


class WrittenBranch(Part):
    """Go on by what is known."""

    on: FieldName = Field(description="A field, a known value (child, goal …) or what the caller gave.")
    cases: dict[str, StepId] = Field(
        description="Value → step. Also “known”, “unknown”, and numbers “1..3”, “4..”, “..0”."
    )
    otherwise: StepId | None = Field(None, description="The step for everything else.")


class WrittenRemember(Part):
    """Write something down."""

    field: FieldName
    value: str | int | None = Field(None, description="What to write.")
    source: FieldName | None = Field(
        None, alias="from", description="Or where to take it from: another field or a known value."
    )


class WrittenProgress(Part):
    """Tell the goal that something happened."""

    did: Literal["tried", "practised", "reached"]
    amount: FieldName | None = Field(None, description="The field that holds how often or how long.")


class WrittenRecord(Part):
    """Keep what the family told us, in its own words."""

    kind: Literal["strength", "idea", "vote", "practice"]
    source: FieldName = Field(alias="from", description="The field that holds the words.")


class WrittenHandOff(Part):
    """Ask a person to take care of it; the conversation goes on."""

    to: Literal["teacher", "coordinator", "office", "liaison", "leader", "nurse", "transport", "interpreter"]
    note: Texts = Field(description="What the person should know, written for staff.")


class WrittenAlert(Part):
    """Page a person."""

    kind: Literal["urgent", "concern", "need"]
    note: Texts = Field(description="What the person should know, written for staff.")


class WrittenUntil(Part):
    """A moment of the family's own week."""

    day: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"] | None = None
    at: Clock = "08:00"


class WrittenWait(Part):
    """Rest for a while, or until a moment."""

    time: Duration | None = Field(None, alias="for", description="How long: 2d.")
    until: WrittenUntil | None = Field(None, description="Or until when, by the family's own clock.")

    @model_validator(mode="after")
    def _one_of_them(self) -> WrittenWait:
        if (self.time is None) == (self.until is None):
            raise ValueError("a wait needs either “for” or “until”")
        return self


DOINGS = (
    "say",
    "ask",
    "branch",
    "remember",
    "call",
    "goal_progress",
    "record",
    "hand_off",
    "alert",
    "wait",
    "end",
)
WANTS = ("number", "date", "free_text", "photo")
ONLY_ASK = ("answers", *WANTS, "save", "unclear", "reminders", "silent")


class WrittenStep(Part):
    """One step. It does exactly one thing: say, ask, branch, remember, call, goal_progress, record, hand_off, alert,
    wait or end."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        populate_by_name=True,
        json_schema_extra={"oneOf": [{"required": [doing]} for doing in DOINGS]},
    )

    id: StepId = Field(description="The step's name, used in “next”.")
    say: Texts | None = Field(None, description="Say this and go on.")
    ask: Texts | None = Field(None, description="Ask this and wait for an answer.")
    answers: dict[Name, WrittenAnswer] | None = Field(None, description="The answers this question knows.")
    number: WrittenNumber | None = Field(None, description="A number is wanted.")
    date: WrittenOpen | None = Field(None, description="A day is wanted.")
    free_text: WrittenOpen | None = Field(None, description="Free words are wanted.")
    photo: WrittenOpen | None = Field(None, description="A photo is wanted.")
    save: FieldName | None = Field(None, description="The field to keep the answer in.")
    unclear: WrittenUnclear | None = Field(None, description="What to do when the reply is not understood.")
    reminders: list[WrittenReminder] = Field(default_factory=list, max_length=3)
    silent: WrittenSilent | None = Field(None, description="Where to go when nobody answers.")
    branch: WrittenBranch | None = None
    remember: WrittenRemember | None = None
    call: Name | None = Field(None, description="Have another conversation, then come back.")
    given: dict[Name, str] = Field(
        default_factory=dict, alias="with", description="Names the called conversation can read."
    )
    goal_progress: WrittenProgress | None = None
    record: WrittenRecord | None = None
    hand_off: WrittenHandOff | None = None
    alert: WrittenAlert | None = None
    wait: WrittenWait | None = None
    end: Name | None = Field(None, description="End here, with this word as the outcome.")
    next: StepId | None = Field(
        None, description="The step that follows. Without it: the next one in the file."
    )

    @property
    def doings(self) -> tuple[str, ...]:
        """What this step does; the reader insists on exactly one."""
        return tuple(doing for doing in DOINGS if getattr(self, doing) is not None)

    @model_validator(mode="after")
    def _does_one_thing(self) -> WrittenStep:
        if len(self.doings) != 1:
            found = " and ".join(self.doings) or "nothing"
            raise ValueError(f"a step does exactly one thing; this one does {found}")
        if self.ask is None:
            odd = [name for name in ONLY_ASK if getattr(self, name) not in (None, [])]
            if odd:
                raise ValueError(f"only a step that asks can have {odd[0]}")
            if self.given and self.call is None:
                raise ValueError("only a step that calls can have “with”")
            return self
        wants = [name for name in WANTS if getattr(self, name) is not None]
        if len(wants) > 1:
            raise ValueError(f"a question wants one kind of answer; this one wants {' and '.join(wants)}")
        if not wants and not self.answers:
            raise ValueError("a question needs answers, or one of number, date, free_text, photo")
        return self


class WrittenWeekly(Part):
    """Begin every week."""

    day: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    at: Clock
    in_: Literal["family time", "school time"] = Field("family time", alias="in")


class WrittenStart(Part):
    """What begins this conversation. Without it: a person, a programme or another conversation."""

    keyword: dict[Language, list[str]] = Field(default_factory=dict, description="Words that begin it.")
    weekly: WrittenWeekly | None = None


class WrittenTest(Part):
    """A conversation that must go as told."""

    about: str | None = Field(None, description="Whose story this is.")
    language: Language = "en"
    knows: dict[str, str | int] = Field(default_factory=dict, description="Known values and fields.")
    says: list[str] = Field(
        default_factory=list,
        description="What the family texts, in order. “+20h” lets time pass, “[photo]” sends a picture.",
    )
    expect: dict[str, Any] = Field(
        description="Field → value; also path (step ids), outcome, handed_to, asks_us (a question reached the teacher), says (a part of something said)."
    )


class WrittenConversation(Part):
    """One conversation file."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, title="A conversation")

    conversation: Name = Field(description="Its name, the same as the file's.")
    title: Texts
    about: str | None = Field(None, description="For the next person who edits it.")
    audience: Literal["family", "staff"] = "family"
    goal: str | None = Field(
        None, description="A learning goal of vocabulary.yaml, or “given” (told at the start)."
    )
    role: Role | None = Field(None, description="The family role this invites.")
    announcement: bool = Field(
        False, description="True: no learning goal on purpose; counts as an announcement."
    )
    language: Language = Field("en", description="The language it was written in.")
    reviewed: list[Language] = Field(
        default_factory=list, description="Languages whose texts in this file a speaker approved."
    )
    start: WrittenStart | None = None
    takes: dict[Name, FieldKind] = Field(
        default_factory=dict, description="What a caller gives it by “with”."
    )
    give_up_after: Duration | None = Field(
        None, description="Silence after a question without “silent”, before the conversation ends."
    )
    steps: list[WrittenStep] = Field(min_length=1)
    tests: list[WrittenTest] = Field(default_factory=list)


class WrittenField(Part):
    """A field that conversations save to."""

    type: FieldKind
    about: str = Field(description="What it holds, for whoever reads it later.")


class WrittenGoal(Part):
    """A learning goal that conversations serve."""

    title: str
    subject: str
    about: str | None = None


class WrittenVocabulary(Part):
    """flows/vocabulary.yaml: the fields and goals that all conversations share."""

    fields: dict[FieldName, WrittenField] = Field(default_factory=dict)
    goals: dict[str, WrittenGoal] = Field(default_factory=dict)
    terms: dict[str, str] = Field(default_factory=dict, description="Words of ours that people ask about.")


def seconds(duration: str) -> int:
    """“20h” → 72000."""
    return int(duration[:-1]) * {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}[duration[-1]]
