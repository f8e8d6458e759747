"""Twilio's error codes that matter to a school, by number: what happened, in words for staff, and what to do.

Codes are stable, their English texts are not (and often contain the family's number), so nothing in here or above
ever reads Twilio's message. Source: Twilio's public error dictionary; 30008's meaning varies by carrier.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Verdict(StrEnum):
    """What a code means for the message that got it."""

    REFUSED = "refused"
    """Final for this number or this text."""
    OPTED_OUT = "opted_out"
    """The family said STOP to the carrier: nothing may be sent to this number."""
    LATER = "later"
    """Not accepted or not carried for a passing reason: another try may succeed."""
    SETUP = "setup"
    """Our account or sender is set up wrongly: trying again helps once a person has mended it."""


@dataclass(frozen=True, slots=True)
class ProviderError:
    """One code: what it means and what staff can do, in plain words."""

    code: int
    verdict: Verdict
    means: str
    do: str


_TABLE: Final = (
    # Answers to "create message"
    (20003, Verdict.SETUP, "Twilio did not accept our account details.", "An administrator checks TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN."),
    (20005, Verdict.SETUP, "Our Twilio account is not active.", "An administrator looks at the account in Twilio's console."),
    (20404, Verdict.SETUP, "Twilio does not know the account or the message.", "An administrator checks TWILIO_ACCOUNT_SID and TWILIO_API_BASE."),
    (20429, Verdict.LATER, "Twilio asked us to slow down.", "Nothing: it is tried again."),
    (20500, Verdict.LATER, "Twilio had a fault.", "Nothing: it is checked and tried again."),
    (20503, Verdict.LATER, "Twilio is out of service for the moment.", "Nothing: it is tried again."),
    (21211, Verdict.REFUSED, "This is not a phone number that can be written to.", "Correct the family's number."),
    (21212, Verdict.SETUP, "The number we send from is not valid.", "An administrator checks the sender."),
    (21217, Verdict.REFUSED, "This does not look like a phone number.", "Correct the family's number."),
    (21265, Verdict.REFUSED, "The family's number is a short code.", "Correct the family's number."),
    (21408, Verdict.SETUP, "Our account may not write to that country.", "An administrator allows the country in Twilio's console."),
    (21602, Verdict.REFUSED, "The message was empty.", "Write a text."),
    (21603, Verdict.SETUP, "The message had no sender.", "An administrator sets a sender number or a messaging service."),
    (21604, Verdict.REFUSED, "The message had no number to go to.", "Add the family's number."),
    (21606, Verdict.SETUP, "The number we send from cannot send texts.", "An administrator checks the sender."),
    (21608, Verdict.SETUP, "A trial account may only write to numbers it has verified.", "An administrator upgrades the Twilio account."),
    (21609, Verdict.SETUP, "Twilio did not accept the address for receipts.", "An administrator checks PUBLIC_URL."),
    (21610, Verdict.OPTED_OUT, "The family said STOP; nothing may be sent to this number.", "Reach the family another way; only the family can undo it, by texting START."),
    (21611, Verdict.LATER, "The sender's queue at Twilio is full.", "Nothing: it is tried again, more slowly."),
    (21612, Verdict.REFUSED, "There is no way from our sender to this number.", "Correct the number or use another sender."),
    (21614, Verdict.REFUSED, "This number is not a mobile phone.", "Ask the family for a mobile number."),
    (21617, Verdict.REFUSED, "The text is longer than 1,600 characters.", "Shorten it or send two."),
    (21620, Verdict.REFUSED, "The picture's address is not valid.", "Send it without the picture."),
    (21659, Verdict.SETUP, "The number we send from does not belong to our account.", "An administrator checks the sender."),
    (21660, Verdict.SETUP, "The number we send from belongs to another account.", "An administrator checks the sender."),
    (21703, Verdict.SETUP, "The messaging service has no sender.", "An administrator adds a number to the messaging service."),
    (21704, Verdict.SETUP, "The messaging service has no sender.", "An administrator adds a number to the messaging service."),
    (21705, Verdict.SETUP, "Twilio does not know the messaging service.", "An administrator checks TWILIO_MESSAGING_SERVICE_SID."),
    (21712, Verdict.SETUP, "The sender is not part of the messaging service.", "An administrator adds the number to the messaging service."),
    # What a receipt can say
    (30001, Verdict.LATER, "Twilio's queue overflowed before the text went out.", "Send it again."),
    (30002, Verdict.SETUP, "Our Twilio account was suspended.", "An administrator looks at the account in Twilio's console."),
    (30003, Verdict.LATER, "The phone could not be reached; it may be off or out of range.", "Send it again later, or call."),
    (30004, Verdict.REFUSED, "The carrier or the phone blocks our texts.", "Call; the family may have blocked the number."),
    (30005, Verdict.REFUSED, "The carrier does not know this number; it may have been given up.", "Ask the family for its new number."),
    (30006, Verdict.REFUSED, "This number is a landline or cannot receive texts.", "Ask the family for a mobile number."),
    (30007, Verdict.REFUSED, "A carrier filtered the text as unwanted.", "Change the wording (links above all) before sending again; an administrator checks the registration."),
    (30008, Verdict.LATER, "The carrier gave no reason.", "Send it again later."),
    (30010, Verdict.SETUP, "The text costs more than the limit that is set.", "An administrator checks the price limit in Twilio's console."),
    (30022, Verdict.LATER, "The carrier's limit for our campaign was reached.", "Nothing for now; an administrator checks the registration's limits."),
    (30023, Verdict.LATER, "The carrier's daily limit for our campaign was reached.", "Send it again tomorrow; an administrator checks the registration's limits."),
    (30032, Verdict.SETUP, "Our toll-free number is not verified.", "An administrator completes the toll-free verification."),
    (30034, Verdict.SETUP, "Our number is not registered with the carriers (10DLC).", "An administrator completes the registration; then send it again."),
    (30036, Verdict.LATER, "The text waited longer than it was meant to.", "Send it again if it still matters."),
    (30410, Verdict.LATER, "The carrier did not answer in time.", "Send it again later."),
    # WhatsApp
    (63003, Verdict.REFUSED, "This number is not on WhatsApp.", "Send it as an SMS."),
    (63007, Verdict.SETUP, "Our WhatsApp sender is not known.", "An administrator checks the WhatsApp sender."),
    (63016, Verdict.REFUSED, "WhatsApp allows free text only within 24 hours of the family's last message.", "Use the approved template in the family's language, or send it as an SMS."),
    (63018, Verdict.LATER, "WhatsApp asked us to slow down.", "Nothing: it is tried again."),
    (63024, Verdict.REFUSED, "This number cannot receive WhatsApp messages.", "Send it as an SMS."),
    (63032, Verdict.REFUSED, "WhatsApp does not deliver this message to the family.", "Send it as an SMS."),
    (63038, Verdict.LATER, "The account's daily limit of messages was reached.", "Send it again tomorrow."),
)  # fmt: skip

ERRORS: Final[dict[int, ProviderError]] = {row[0]: ProviderError(*row) for row in _TABLE}

_UNLISTED_DO: Final = "An administrator looks the code up in Twilio's error dictionary."


def explain(code: int | None) -> ProviderError:
    """What `code` means, for staff. A code not in the table is refused and said to be unknown, with its number."""
    if code is None:
        return ProviderError(0, Verdict.REFUSED, "Twilio gave no reason.", "Send it again, or call.")
    known = ERRORS.get(code)
    return known or ProviderError(code, Verdict.REFUSED, f"Twilio's error {code}.", _UNLISTED_DO)
