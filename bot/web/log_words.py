"""What stands in the audit log, in words."""

from __future__ import annotations

from markupsafe import Markup

from bot.web.telling_safety import safety_step
from bot.web.words import translate as _


def action(code: str) -> Markup:
    """What somebody did, in the log's words."""
    match code:
        case "signed_in":
            return _("signed in")
        case "saw_today":
            return _("saw who waits")
        case "read_thread":
            return _("read a thread")
        case "saw_picture":
            return _("looked at a picture")
        case "saw_quiet_days":
            return _("looked at a family’s days to leave alone")
        case "changed_quiet_days":
            return _("changed a family’s days to leave alone")
        case "asked_for_picture":
            return _("had a picture fetched again")
        case "replied":
            return _("answered a family")
        case "sent_again":
            return _("sent a text again")
        case "took_over":
            return _("took a conversation over")
        case "handed_back":
            return _("handed a conversation back")
        case "flagged":
            return _("called a translation wrong")
        case "began":
            return _("began a conversation")
        case "invited":
            return _("invited somebody")
        case "staff_changed":
            return _("changed an account")
        case "sessions_ended":
            return _("signed somebody out")
        case "password_chosen":
            return _("chose a password")
        case "identity_bound":
            return _("signed in through a provider for the first time")
        case "identity_loosened":
            return _("forgot somebody’s account elsewhere")
        case "second_step_on":
            return _("turned the second step on")
        case "second_step_off":
            return _("turned the second step off")
        case "second_step_reset":
            return _("took somebody’s second step away")
        case "recovery_code_used":
            return _("came in with a recovery code")
        case "own_phone_confirmed":
            return _("named a phone of their own")
        case "tried_on_own_phone":
            return _("tried a prompt on their own phone")
        case "own_phone_forgotten":
            return _("took out a phone of their own")
        case "made":
            return _("planned a prompt")
        case "called_off":
            return _("called a prompt off")
        case "read_plan":
            return _("looked at who gets a prompt")
        case "approved" | "approved_entry":
            return _("approved a translation")
        case "declined":
            return _("left a translation as it was")
        case "rejected":
            return _("sent a text back")
        case "asked_author":
            return _("asked what a text means")
        case "answered_reviewer":
            return _("answered a reviewer")
        case "reviewed_look":
            return _("looked at a text to review it")
        case "roster_imported":
            return _("imported a roster")
        case "roster_undone":
            return _("took a roster back")
        case "standards_imported":
            return _("imported standards")
        case "family_exported":
            return _("exported everything of a family")
        case "family_forgotten":
            return _("erased a family")
        case "hold_placed":
            return _("placed a hold")
        case "hold_lifted":
            return _("lifted a hold")
        case "opened_round":
            return _("opened a round of input")
        case "opened_vote":
            return _("put ideas to the vote")
        case "closed_round":
            return _("closed a round of input")
        case "read_ideas":
            return _("read families’ ideas")
        case "saw_quiet":
            return _("saw who has not been heard from")
        case "read_summary":
            return _("read a summary")
        case "downloaded_summary":
            return _("downloaded a summary")
        case "phrased_summary":
            return _("had a model phrase a summary")
        case "changed_summary":
            return _("changed a summary")
        case "settled_alert":
            return _("said what we do about a gap")
        case "saw_safety_queue":
            return _("looked at the safety queue")
        case "saw_safety_alert":
            return _("looked at a safety alert")
        case "on_call_changed":
            return _("changed who is on call")
        case "school_settings_changed":
            return _("changed the school’s settings")
        case "sender_changed":
            return _("changed a number we send from")
        case "saw_ledger":
            return _("looked into the consent ledger")
        case safety if safety.startswith("safety_"):
            return _("safety: {step}", step=safety_step(safety.removeprefix("safety_")))
        case "emergency_written":
            return _("wrote an emergency")
        case "emergency_confirmed":
            return _("confirmed an emergency")
        case "emergency_called_off":
            return _("called an emergency off")
        case "emergency_called":
            return _("called a family")
        case "holidays_changed" | "rhythm_changed":
            return _("changed the school calendar")
        case other:
            return Markup("{}").format(other.replace("_", " "))
