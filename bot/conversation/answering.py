"""What a family's text causes: the keywords of the house first, then the question it answers, then a person.

Nothing a family writes is lost: whatever no rule claims is kept, answered kindly, and waits for staff.
"""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from bot.conversation.danger import danger_in, say_crisis_line
from bot.conversation.effects import Effects, Read
from bot.conversation.its_language import language_answered, notice_language, set_language
from bot.conversation.keywords import NOTHING, Action, Keyword, decide
from bot.conversation.other_words import say_in_other_words
from bot.conversation.remarks import remark_on_last
from bot.conversation.safety import Tier
from bot.conversation.snapshot import Running, Unhandled
from bot.conversation.step import Step
from bot.conversation.wishes import LANGUAGE_FIELDS, language_in
from bot.delivery.consent import CONFIRMATION
from bot.flow import happenings as flow
from bot.flow.engine import claims, open_question
from bot.flow.meaning import with_proposal
from bot.flow.text import bare, fold
from bot.language import codes
from bot.language.detect import Detection, detect
from bot.language.script import has_letters

PAUSE = timedelta(days=14)
LESS, MORE = 1, 3
"""Learning texts a week after LESS and MORE (opt-outs rose 3 → 5 → 8 % at 1, 3 and 5 a week: never above 3)."""

SURE = 0.5
"""A claim below this is a guess: with two questions open the family is asked which child it means."""

EXAMPLES = ("es", "pt", "ar", "zh-Hans", "ht", "so")
"""Languages named, each by itself, when a family asks for another one."""

UNKNOWN_ANSWERS = 2
"""Automatic answers to a number we do not know: more would let two machines talk to each other for ever."""


def answer(step: Step, read: Read, detection: Detection) -> Effects:
    """Everything the conversation's oldest text causes."""
    text = cast(Unhandled, step.seen.inbound)
    keyword = decide(text.body, step.language or read.language)
    asked = _questions(step)
    if keyword.ambiguous and (asked or step.seen.pending):
        keyword = Keyword(Action.NONE, None, None, False)
    if keyword.action is Action.LANGUAGE and any(_asks_for_language(run) for run in asked):
        keyword = NOTHING
    if keyword.wanted_language is None or step.seen.language is None:  # who chooses need not be asked
        notice_language(step, read, detection)
    _notes(step, read, text)
    danger = danger_in(step, text, read)
    stopped = text.opt_out_type == "STOP" or keyword.action is Action.STOP
    if stopped:
        _stop(step)
    elif danger is Tier.URGENT:
        say_crisis_line(step)
    elif step.seen.opted_out:
        _opted_out(step, keyword, text)
    elif step.seen.family.guardian_id is None:
        _unknown(step, keyword)
    elif _being_asked(step, text) or (keyword.action is not Action.NONE and _keyword(step, keyword)):
        pass
    elif step.seen.staff_took_over:
        step.needs_staff("written_to_staff")
    elif asked:
        _to_question(step, asked, text, read)
    elif not step.seen.ever_ran and step.desk.welcome in step.desk.library:
        _welcome(step, text)
    elif (script := step.desk.starts.get(bare(text.body))) is not None:
        _begun_by_family(step, text, script)
    else:
        _to_staff(step, text, read)
    return step.effects


# --- what was heard ---------------------------------------------------------------------------------------------


def _notes(step: Step, read: Read, text: Unhandled) -> None:
    if text.media:
        step.note("has_media")
    if not text.body.strip() and not text.media:
        step.note("empty")
    if read.english is None and has_letters(text.body):
        step.needs_staff("not_translated")


def _being_asked(step: Step, text: Unhandled) -> bool:
    """Was the bot waiting for a language, a yes to one, or a child's name? Then this may be the answer."""
    if language_answered(step, text):
        return True
    pending = dict(step.effects.pending or step.seen.pending)
    which = pending.pop("which", None)
    if isinstance(which, dict):
        step.effects.pending = pending
        return _child_named(step, text, which)
    return False


# --- the keywords of the house ----------------------------------------------------------------------------------


def _stop(step: Step) -> None:
    already = step.seen.opted_out
    step.effects.opt_out = "the family texted that it wants no more texts"
    step.note("stopped")
    if not already:  # one confirmation, and only one
        step.phrase_with_english("stopped", kind=CONFIRMATION)


def _opted_out(step: Step, keyword: Keyword, text: Unhandled) -> None:
    if keyword.action is Action.START or text.opt_out_type == "START":
        step.effects.opt_in = "the family texted that it wants texts again"
        step.note("started")
        step.phrase("started")
    elif keyword.action is Action.HELP:
        step.phrase_with_english("help", kind=CONFIRMATION)
    else:
        step.needs_staff("written_after_stop")


def _keyword(step: Step, keyword: Keyword) -> bool:
    step.note(f"keyword_{keyword.action.value}")
    match keyword.action:
        case Action.HELP:
            step.phrase_with_english("help")
        case Action.START:
            step.phrase("already_started")
        case Action.PAUSE:
            step.effects.paused_until = step.now + PAUSE
            step.phrase("paused")
        case Action.LESS:
            step.effects.weekly_cap = LESS
            step.phrase("less")
        case Action.MORE:
            step.effects.weekly_cap = MORE
            step.phrase("more")
        case Action.LANGUAGE if (tag := _wanted(step, keyword)) is not None:
            set_language(step, tag)
        case Action.LANGUAGE:
            step.effects.pending = dict(step.effects.pending or step.seen.pending) | {
                "choosing_language": True
            }
            step.phrase("which_language", examples=", ".join(codes.autonym(tag) for tag in EXAMPLES))
        case Action.WHY:
            goal = next((run.goal for run in reversed(step.seen.running) if run.goal), None)
            single = len(step.seen.family.children) == 1
            if goal and single:
                step.phrase("why", goal=goal)
            else:
                step.phrase("why_plain")
        case Action.WHO:
            step.phrase("who")
        case Action.MY_DATA:
            step.effects.awaits_staff = True
            step.phrase("my_data")
        case Action.FORGET_ME:
            step.effects.awaits_staff = True
            step.effects.opt_out = "the family asked to be forgotten"
            step.phrase("forget_me", kind=CONFIRMATION)
        case Action.TEACHER:
            step.effects.awaits_staff = True
            step.phrase("teacher_told")
        case Action.WRONG_WORD:
            _wrong_word(step)
        case Action.UNCLEAR_TO_ME:
            say_in_other_words(step)
        case _:
            return False
    return True


def _wanted(step: Step, keyword: Keyword) -> str | None:
    """The language a family asked for by name ("en español, por favor"). Plain "Chinese" means the characters it reads
    already, else those it wrote."""
    tag = language_in(keyword.wanted_language or "", step.language)
    if keyword.wanted_language == "zh" and codes.primary(step.language or "") == "zh":
        return step.language
    if keyword.wanted_language == "zh" and detect(cast(Unhandled, step.seen.inbound).body).script == "Hant":
        return "zh-Hant"
    return tag


def _wrong_word(step: Step) -> None:
    """A correction of our words is a gift to every family of that language: a reviewer gets it with what it is about.
    It answers no question: what is open stays open. Without a translated text that it could mean, a person reads it."""
    remark = remark_on_last(step.desk, step.seen, cast(Unhandled, step.seen.inbound).body)
    if remark is None:
        step.needs_staff("written_to_staff")
        step.phrase("message_kept")
        return
    step.effects.remark = remark
    step.note("word_is_wrong")
    step.phrase("word_noted")


def _unknown(step: Step, keyword: Keyword) -> None:
    step.needs_staff("unknown_number")
    if keyword.action is Action.HELP:
        step.phrase_with_english("help")
    elif step.seen.out_seq == 0:
        step.phrase("unknown_number")
    elif step.seen.out_seq < UNKNOWN_ANSWERS:
        step.phrase("unknown_again")


# --- questions --------------------------------------------------------------------------------------------------


def _questions(step: Step) -> list[Running]:
    return [run for run in step.seen.running if open_question(run.script, run.session) is not None]


def _asks_for_language(run: Running) -> bool:
    """Whether this run has just asked for a language: its name is the answer then, and no keyword."""
    question = open_question(run.script, run.session)
    return question is not None and question.save in LANGUAGE_FIELDS


def _heard(text: Unhandled, read: Read) -> flow.Text:
    return flow.Text(
        original=text.body,
        english=read.english,
        language=read.language,
        has_media=bool(text.media),
        message_ref=str(text.id),
    )


def _to_question(step: Step, asked: list[Running], text: Unhandled, read: Read) -> None:
    heard = _heard(text, read)
    named = [run for run in asked if _names_child(text.body, _child_name(step, run))]
    ranked = sorted(
        named or asked,
        key=lambda run: (claims(run.script, run.session, heard, step.now), run.asked_at or step.now),
        reverse=True,
    )
    best = ranked[0]
    if len(ranked) > 1 and not named and _unclear_whose(step, ranked, heard):
        first, second = ranked[:2]
        step.effects.pending = dict(step.effects.pending or step.seen.pending) | {
            "which": {"inbox": text.id, "words": None, "sessions": [first.id, second.id]}
        }
        step.note("which_child")
        step.phrase("which_child", first=_child_name(step, first), second=_child_name(step, second))
        return
    events = _advance(step, best, heard)
    _answer_the_rest(step, text, events)


def _unclear_whose(step: Step, ranked: list[Running], heard: flow.Text) -> bool:
    first, second = ranked[:2]
    children = {_child_name(step, first), _child_name(step, second)}
    if len(children) < 2 or None in children:
        return False  # the same child, or no child at all: recency decides
    best = claims(first.script, first.session, heard, step.now)
    return best >= SURE and best - claims(second.script, second.session, heard, step.now) < 0.2


def _child_name(step: Step, run: Running) -> str | None:
    return next((c.given_name for c in step.seen.family.children if c.student_id == run.student_id), None)


def _names_child(body: str, name: str | None) -> bool:
    return name is not None and fold(name) in fold(body)


def _child_named(step: Step, text: Unhandled, which: dict[str, object]) -> bool:
    """The answer to "about Ana or about Omar?": the text that was waiting now answers that child's question."""
    sessions = cast(list[int], which["sessions"])
    runs = [run for run in step.seen.running if run.id in sessions]
    named = [run for run in runs if _names_child(text.body, _child_name(step, run))]
    earlier = step.seen.waiting
    if len(named) != 1 or earlier is None:
        return False
    events = _advance(step, named[0], earlier)
    _answer_the_rest(step, text, events)
    return True


def _advance(step: Step, run: Running, heard: flow.Text) -> tuple[flow.Event, ...]:
    """Let the question hear the text; where words fail, with what the model of meaning proposes. Before any
    transaction, because asking the model takes tens of milliseconds."""
    return step.advance(run, with_proposal(run.script, run.session, heard, step.desk.meaning))


def _answer_the_rest(step: Step, text: Unhandled, events: tuple[flow.Event, ...]) -> None:
    """What the script had no words for still gets an answer, when a family is waiting for one."""
    said = any(isinstance(event, flow.Say | flow.Ask) for event in events)
    if any(isinstance(event, flow.QuestionAsked) for event in events):
        step.phrase("question_passed")
    elif not said and any(isinstance(event, flow.LeftOver) for event in events):
        _kind_word(step, text)


# --- a person ---------------------------------------------------------------------------------------------------


def _welcome(step: Step, text: Unhandled) -> None:
    """The first text of a family: its words wait for staff, and the first conversation begins by listening."""
    if has_letters(text.body) or text.media:
        step.needs_staff("first_text")
    child = step.seen.family.children[0] if step.seen.family.children else None
    step.begin(step.desk.library[step.desk.welcome], "welcome", child)


def _begun_by_family(step: Step, text: Unhandled, script: str) -> None:
    """A family that starts a conversation by its word sets the pace and the topic."""
    step.note("begun_by_family")
    child = step.seen.family.children[0] if step.seen.family.children else None
    step.begin(step.desk.library[script], f"in{text.id}", child)


def _to_staff(step: Step, text: Unhandled, read: Read) -> None:
    if not text.body.strip() and not text.media:
        step.phrase("empty_text")
        return
    if text.media or has_letters(text.body):
        step.needs_staff("written_to_staff")
    if read.english is None and has_letters(text.body):
        step.phrase("a_person_reads")
    else:
        _kind_word(step, text)


def _kind_word(step: Step, text: Unhandled) -> None:
    if text.media:
        step.phrase("photo_kept")
    elif not text.body.strip():
        step.phrase("empty_text")
    elif not has_letters(text.body):
        step.phrase("symbols_kept")
    else:
        step.phrase("message_kept")
