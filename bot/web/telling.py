"""How far a translation is to be trusted, and how far a text has come: in words for staff, never as codes."""

from __future__ import annotations

from markupsafe import Markup

from bot.language.catalog import DRAFT
from bot.language.checks import SAYS, Doubt
from bot.records.threads import Message
from bot.web.here import world
from bot.web.log_words import action as action
from bot.web.telling_safety import model_tier as model_tier
from bot.web.telling_safety import page_state as page_state
from bot.web.telling_safety import page_way as page_way
from bot.web.telling_safety import safety_kind as safety_kind
from bot.web.telling_safety import safety_outcome as safety_outcome
from bot.web.telling_safety import safety_rule as safety_rule
from bot.web.telling_safety import safety_step as safety_step
from bot.web.telling_safety import tier_name as tier_name
from bot.web.words import translate as _
from bot.web.words import ui_language, weekday_name


def trust(message: Message) -> Markup:
    """Where the other side of a text came from, and what is doubtful about it."""
    return trust_in(message.origin, message.doubts, message.author)


def doubtful(doubts: tuple[str, ...]) -> bool:
    """Whether a person should look before this is trusted. A catalog's draft is not doubtful, only not yet approved."""
    return any(code != DRAFT for code in doubts)


def trust_in(origin: str | None, doubts: tuple[str, ...] = (), author: str | None = None) -> Markup:
    """A text's origin and doubts in words."""
    if doubtful(doubts):
        return _("doubtful: {reasons}", reasons=reasons(doubts))
    if DRAFT in doubts:
        return _("from the catalog, not yet approved by a speaker")
    match origin:
        case "catalog":
            return _("from the catalog")
        case "reviewed":
            return _("reviewed by a person")
        case "machine":
            return _("machine, unreviewed")
        case "staff":
            return _("written by a person")
        case _other:
            return _("written by a person") if author else _("original")


def reasons(doubts: tuple[str, ...]) -> str:
    """The doubts in words."""
    known = {doubt.value: SAYS[doubt] for doubt in Doubt}
    return "; ".join(str(_(known.get(code, code.replace("_", " ")))) for code in doubts if code != DRAFT)


def delivery(message: Message) -> Markup:
    """How far a text to a family has come."""
    match message.state:
        case "ready":
            return _("waiting to be sent")
        case "sending":
            return _("being sent")
        case "sent":
            return _("sent; no receipt yet")
        case "delivered":
            return _("delivered")
        case "undelivered":
            return _("did not arrive")
        case "failed":
            return _("could not be sent")
        case "unknown":
            return _("sent, but the carrier has not confirmed it; we are asking")
        case "expired":
            return _("not sent: its time had passed")
        case "withheld":
            return _("held back")
        case other:
            return Markup("{}").format(other)


def noticed(message: Message) -> list[Markup]:
    """What the automatic conversation noticed about a text, as far as it helps whoever answers."""
    return [said for code in message.notes if (said := _note(code)) is not None]


def _note(code: str) -> Markup | None:
    match code:
        case "question":
            return _("a question for you")
        case "left_over":
            return _("did not answer what we had asked")
        case "handed_off":
            return _("the automatic conversation asks you to go on")
        case "wish_unclear":
            return _("said how to reach the family in a way we could not apply: please read it")
        case "which_child":
            return _("we asked which child this is about")
        case "begun_by_family":
            return _("the family began a conversation by its word")
        case "stopped" | "keyword_stop":
            return _("asked for no more texts")
        case "started" | "keyword_start":
            return _("wants our texts again")
        case "written_after_stop":
            return _("wrote although texts are stopped: call rather than text")
        case "keyword_teacher":
            return _("asked for a person")
        case "keyword_pause":
            return _("asked for a pause")
        case "keyword_less":
            return _("asked for fewer texts")
        case "keyword_more":
            return _("asked for more texts")
        case "keyword_language":
            return _("asked to change the language")
        case "keyword_my_data":
            return _("asked what we hold about the family")
        case "keyword_forget_me":
            return _("asked to be forgotten")
        case "keyword_unclear_to_me":
            return _("did not understand our last text")
        case "word_is_wrong":
            return _("said that our word is not the right one: a reviewer has it")
        case "held_for_reviewer":
            return _("what we wanted to answer waits for a reviewer")
        case "not_said":
            return _("what we wanted to answer could not be translated")
        case _other:
            return None


def reading(message: Message) -> Markup | None:
    """How far we have come with a text from a family, where that needs saying."""
    match message.state:
        case "new":
            return _("just arrived; being read")
        case "stuck":
            return _("the automatic conversation could not read this; a person should")
        case _other:
            return None


def role_name(role: str) -> Markup:
    """A role, as people say it."""
    match role:
        case "teacher":
            return _("teacher")
        case "reviewer":
            return _("translation reviewer")
        case "coordinator":
            return _("family coordinator")
        case "leader":
            return _("school leader")
        case "administrator":
            return _("administrator")
        case "district":
            return _("district office")
        case other:
            return Markup("{}").format(other)


def relation(relationship: str | None) -> Markup:
    """What a guardian is to the child whose name follows."""
    match (relationship or "").strip().lower():
        case "mother":
            return _("Mother of")
        case "father":
            return _("Father of")
        case "parent":
            return _("Parent of")
        case "grandmother":
            return _("Grandmother of")
        case "grandfather":
            return _("Grandfather of")
        case "grandparent":
            return _("Grandparent of")
        case "aunt":
            return _("Aunt of")
        case "uncle":
            return _("Uncle of")
        case "sister":
            return _("Sister of")
        case "brother":
            return _("Brother of")
        case "stepmother":
            return _("Stepmother of")
        case "stepfather":
            return _("Stepfather of")
        case _other:
            return _("Guardian of")


def script_title(name: str) -> str:
    """A conversation's title in the page's language; its name when it has left the library."""
    script = world().desk.library.get(name)
    if script is None:
        return name.replace("_", " ")
    return script.title.texts.get(ui_language(), script.title.original)


def time_of_day(best: str) -> Markup:
    """The time of day at which a family likes texts best."""
    match best:
        case "morning":
            return _("in the morning")
        case "afternoon":
            return _("in the afternoon")
        case "evening":
            return _("in the evening")
        case other:
            return Markup("{}").format(other)


def told_name(name: str) -> Markup:
    """What a conversation wants to be told, as a form's label."""
    match name:
        case "date":
            return _("On which day")
        case "time":
            return _("At what time")
        case "place":
            return _("Where")
        case "event":
            return _("What takes place")
        case "idea":
            return _("The idea, in the families’ words")
        case "decision":
            return _("What the school decided or did")
        case "practice":
            return _("What the family does, in its words")
        case "option_1" | "option_2" | "option_3":
            return _("Idea {number}", number=name[-1])
        case "days_missed":
            return _("Days missed")
        case other:
            return Markup("{}").format(other)


def quiet_day(text: str) -> str:
    """A day (or days) to leave a family alone: a weekday's name, a date, or two dates."""
    weekdays = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    if text in weekdays:
        return weekday_name(weekdays.index(text))
    return text.replace("..", " – ")


def prompt_state(state: str) -> Markup:
    """How far a prompt has come."""
    match state:
        case "scheduled" | "planned":
            return _("planned")
        case "done":
            return _("went out")
        case "skipped":
            return _("did not go out")
        case "cancelled":
            return _("called off")
        case other:
            return Markup("{}").format(other)


def gift_kind(kind: str) -> Markup:
    """What a family gave, by kind."""
    match kind:
        case "strength":
            return _("a strength")
        case "idea":
            return _("an idea")
        case "practice":
            return _("something they do")
        case "hope":
            return _("a hope")
        case other:
            return Markup("{}").format(other)


def topic_name(topic: str) -> Markup:
    """A critical topic, as staff call it."""
    match topic:
        case "special_education":
            return _("special education")
        case "discipline":
            return _("discipline")
        case "enrollment":
            return _("enrollment")
        case "report_cards":
            return _("report cards")
        case "grievances":
            return _("complaints and grievances")
        case "permissions":
            return _("permissions")
        case "health":
            return _("health")
        case "own_words":
            return _("words this school named")
        case other:
            return Markup("{}").format(other)


def review_kind(kind: str) -> Markup:
    """What waits for a reviewer, by kind."""
    match kind:
        case "reply":
            return _("A text to a family that nobody could translate")
        case "text":
            return _("A family’s text that nobody could read")
        case "correction":
            return _("A translation somebody calls wrong")
        case _machine:
            return _("A machine’s wording that many families get")


def domain_name(domain: str) -> Markup:
    """Which of our own sentences a catalog holds."""
    match domain:
        case "bot":
            return _("What the bot itself says")
        case "flows":
            return _("Conversations of the library")
        case _web:
            return _("These pages")


def roster_kind(kind: str) -> Markup:
    """A kind of record of a roster."""
    match kind:
        case "school":
            return _("Schools")
        case "staff":
            return _("Staff")
        case "section":
            return _("Classes")
        case "student":
            return _("Students")
        case "guardian":
            return _("Guardians")
        case other:
            return Markup("{}").format(other)


def roster_change(what: str) -> Markup:
    """What an import does to a record."""
    match what:
        case "add":
            return _("new")
        case "change":
            return _("changed")
        case "deactivate":
            return _("no longer active")
        case _other:
            return _("tidied")


def emergency_state(state: str) -> Markup:
    """Where an emergency stands."""
    match state:
        case "waits":
            return _("waits for a second person")
        case "stale":
            return _("too old: write it anew")
        case "called_off":
            return _("called off")
        case "going":
            return _("goes out now")
        case _gone:
            return _("has gone out")
