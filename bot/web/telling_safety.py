"""The safety queue in words: tiers, kinds, the wording that was found, what people did, how they were called."""

from __future__ import annotations

from markupsafe import Markup

from bot.records.safety_queue import RuleFound
from bot.web.words import language_name
from bot.web.words import translate as _


def tier_name(tier: str) -> Markup:
    """How soon a person must look."""
    match tier:
        case "urgent":
            return _("Urgent: now")
        case "concern":
            return _("Concern: today")
        case _need:
            return _("Need: this week")


def safety_kind(kind: str) -> Markup:
    """What a text may be about."""
    match kind:
        case "self_harm":
            return _("harming oneself")
        case "abuse":
            return _("abuse")
        case "violence":
            return _("violence")
        case "weapon":
            return _("a weapon")
        case "health":
            return _("a health emergency")
        case "missing":
            return _("a missing child")
        case "food":
            return _("food")
        case "housing":
            return _("housing")
        case "immigration":
            return _("fear about immigration")
        case "bullying":
            return _("bullying")
        case "money":
            return _("money")
        case other:
            return Markup("{}").format(other.replace("_", " "))


def safety_rule(rule: RuleFound) -> Markup:
    """A rule as a sentence."""
    if rule.seen_in == "translation":
        return _(
            "In the English translation, “{words}” is one of our wordings for: {kind}.",
            words=rule.matched,
            kind=safety_kind(rule.kind),
        )
    return _(
        "In the text itself, “{words}” is one of our wordings ({tongue}) for: {kind}.",
        words=rule.matched,
        tongue=language_name(rule.language),
        kind=safety_kind(rule.kind),
    )


def safety_outcome(outcome: str | None) -> Markup:
    """How an alert was closed."""
    return _("false alarm") if outcome == "false_alarm" else _("handled")


def safety_step(what: str) -> Markup:
    """What somebody did about an alert."""
    match what:
        case "raised":
            return _("raised")
        case "acknowledged":
            return _("seen")
        case "assigned":
            return _("given to")
        case "escalated":
            return _("everybody called")
        case "noted":
            return _("noted")
        case "nobody_to_page":
            return _("nobody could be called: no number, no mail server")
        case outcome:
            return safety_outcome(outcome)


def model_tier(tier: str | None) -> Markup:
    """How good a translation model is, as measured."""
    match tier:
        case "good":
            return _("good")
        case "usable":
            return _("fair: look before you rely on it")
        case "review":
            return _("poor: a person must look")
        case _other:
            return _("not measured")


def page_way(way: str) -> Markup:
    """How somebody was called."""
    return _("mail") if way == "email" else _("text")


def page_state(state: str) -> Markup:
    """How far a call has come."""
    match state:
        case "ready" | "sending" | "unknown":
            return _("on its way")
        case "sent":
            return _("sent")
        case "delivered":
            return _("delivered")
        case _other:
            return _("did not arrive")
