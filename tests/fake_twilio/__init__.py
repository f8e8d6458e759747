"""A provider of our own: real HTTP on loopback, speaking Twilio's messaging API and misbehaving as it does.

    with FakeTwilio(account_sid=SID, auth_token=TOKEN) as twilio:
        twilio.plan("+15555550101", Plan(answer="accept_then_timeout"))
        channel = TwilioChannel(TwilioConfig(SID, (TOKEN,), api_base=twilio.url, timeout_seconds=1))
        ...
        assert twilio.times_accepted("ref-1") == 1

`python -m tests.fake_twilio --port N --journal FILE` runs the same as a process of its own, for tests that kill ours.
"""

from tests.fake_twilio.ledger import Ledger, Message, accepted_per_ref, read_journal
from tests.fake_twilio.plan import ANSWERS, CALLBACKS, Mischief, Plan
from tests.fake_twilio.server import FakeTwilio

__all__ = [
    "ANSWERS",
    "CALLBACKS",
    "FakeTwilio",
    "Ledger",
    "Message",
    "Mischief",
    "Plan",
    "accepted_per_ref",
    "read_journal",
]
