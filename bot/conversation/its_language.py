"""The language a family is written to: noticed, offered in both, chosen by the family, never changed behind its back."""

from __future__ import annotations

from typing import cast

from bot.conversation.effects import Read
from bot.conversation.snapshot import Unhandled
from bot.conversation.step import Step
from bot.conversation.wishes import language_in
from bot.flow.answers import understand
from bot.flow.script import Answer, ChoiceWanted
from bot.language import codes
from bot.language.change import Heard, propose_change
from bot.language.codes import ENGLISH
from bot.language.detect import Detection

_NAMES_ONLY = 5
"""Words up to which an answer to “which language?” may stand around the language's name ("dari por favor")."""


def notice_language(step: Step, read: Read, detection: Detection) -> None:
    """A family whose language nobody knew is answered in the one it wrote; a known setting is never changed here,
    only asked about, in both languages."""
    seen = step.seen
    known = codes.find(detection.language)
    if known is None or not seen.inbound:
        return
    if seen.language is None:
        if detection.confidence >= 0.6:
            step.language = step.effects.language = read.language or known.tag
        return
    heard = [Heard(*one) for one in cast(list[tuple[str, float, int]], seen.pending.get("heard", []))]
    heard = [*heard, Heard(detection.language, detection.confidence, detection.words)][-4:]
    pending = dict(seen.pending) | {"heard": [[one.language, one.confidence, one.words] for one in heard]}
    proposed = propose_change(seen.language, heard)
    declined = cast(list[str], seen.pending.get("declined", []))
    if proposed is not None and proposed not in declined and "offered" not in seen.pending:
        pending |= {"offered": proposed, "heard": []}
        for language in (seen.language, proposed):
            step.phrase("change_language", into=language, language=codes.autonym(proposed))
    step.effects.pending = pending


def language_answered(step: Step, text: Unhandled) -> bool:
    """Was the bot waiting for a language, or for a yes to one, and is this the answer? Then it is done as it says."""
    pending = dict(step.effects.pending or step.seen.pending)
    if pending.pop("choosing_language", None):
        step.effects.pending = pending
        chosen = language_in(text.body, step.language) if len(text.body.split()) <= _NAMES_ONLY else None
        if chosen is not None:
            set_language(step, chosen)
            return True
    offered = pending.get("offered")
    if (
        isinstance(offered, str)
        and step.effects.pending is not None
        and offered == step.seen.pending.get("offered")
    ):
        said = _yes_or_no(text.body, tuple(tag for tag in (step.seen.language, offered) if tag))
        if said is not None:
            del pending["offered"]
            step.effects.pending = pending
            if said:
                set_language(step, offered)
            else:
                pending["declined"] = [*cast(list[str], pending.get("declined", [])), offered]
                step.phrase("language_kept")
            return True
    return False


def set_language(step: Step, tag: str) -> None:
    """The family's choice, confirmed in the new language, with what no machine here can do for it. Where nobody can
    say even that yet (Hmong, Mam), the confirmation comes in the language read until now: it names the new one."""
    before, spoken = step.language or ENGLISH, tag
    tag = codes.WRITTEN.get(tag, tag)
    step.reads(tag)
    if spoken != tag:
        step.effects.guardian["spoken_language"] = spoken
    into = tag if step.sayable(tag) else before
    step.phrase("language_set", into=into, language=codes.autonym(tag))
    translator = step.desk.translator
    both_ways = translator.can(tag, ENGLISH) and translator.can(ENGLISH, tag)
    if not codes.same_for_readers(tag, ENGLISH) and not both_ways:
        step.phrase("language_by_people", into=into, language=codes.autonym(tag))


_YES_OR_NO = ChoiceWanted((Answer("yes", "end", means=("yes",)), Answer("no", "end", means=("no",))))


def _yes_or_no(text: str, languages: tuple[str, ...]) -> bool | None:
    found = understand(_YES_OR_NO, text, languages=languages)
    return None if found.answer is None else found.answer == "yes"
