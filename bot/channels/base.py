"""What a channel is: a way to carry a text to a phone and back.

A channel knows no database and no rule of the domain. It takes an `Outgoing`, talks to its provider, and says
exactly one of four things: accepted, refused for good, try again later, or *unclear* (the provider may or may not
have it). "Unclear" is its own answer because resending on any exception duplicated 4 of 10 messages when tried
against Twilio's failure modes, while asking first duplicated and lost none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Medium(StrEnum):
    """How a text travels. One phone number can be reached by several."""

    SMS = "sms"
    WHATSAPP = "whatsapp"
    SIMULATOR = "simulator"


@dataclass(frozen=True, slots=True)
class Media:
    """A picture or file that came with a text. `url` is the provider's; nothing is fetched here."""

    url: str
    content_type: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """One text from a phone, as the provider handed it over. Nothing is cleaned: the original is evidence."""

    provider_id: str
    medium: Medium
    sender: str
    """Our number (or simulator line) that the family wrote to, E.164 without a `whatsapp:` prefix."""
    address: str
    """The family's number, E.164, without a prefix; or what the provider gave when it is no number."""
    body: str
    media: tuple[Media, ...] = ()
    opt_out_type: str | None = None
    """Twilio's Advanced Opt-Out verdict (STOP, START, HELP) when the provider gave one."""


@dataclass(frozen=True, slots=True)
class Template:
    """A wording the provider approved beforehand, in one language (WhatsApp outside its 24-hour window)."""

    content_sid: str
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One text to a phone. `ref` is ours, unique per message, and comes back in every receipt.

    With a `template`, `body` is still the text the family reads (the template filled in): it is what staff see and
    what `find` compares. `media_urls` are public addresses the provider fetches.
    """

    ref: str
    medium: Medium
    sender: str
    to: str
    body: str
    valid_seconds: int | None = None
    template: Template | None = None
    media_urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has the message under `provider_id`. `state` is its first word on it."""

    provider_id: str
    state: str = "sent"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a provider says later about a message: our words (`sent`, `delivered`, `undelivered`, `failed`)."""

    state: str
    provider_id: str | None = None
    ref: str | None = None
    error_code: int | None = None


class ChannelError(Exception):
    """Base of what a send can answer instead of `Accepted`. `reason` is in our own words: never a number or a text."""

    reason: str

    def __str__(self) -> str:
        return self.reason


@dataclass(eq=False)
class Refused(ChannelError):
    """Final: sending again would be refused again. `opted_out` means the number must not be written to at all."""

    code: int | None
    reason: str
    opted_out: bool = False


@dataclass(eq=False)
class TryLater(ChannelError):
    """Certainly not accepted; worth another try after `after_seconds` (None: our own backoff decides)."""

    code: int | None
    reason: str
    after_seconds: float | None = None


@dataclass(eq=False)
class Unclear(ChannelError):
    """The provider may have it. Never resend on this; ask with `find` or wait for a receipt."""

    reason: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The answer to `find`: the provider's copy of our message, or none."""

    found: Accepted | None
    receipt: Receipt | None = None


class Channel(Protocol):
    """A provider. Implementations must be safe to call from several threads at once."""

    name: str

    def send(self, message: Outgoing) -> Accepted:
        """Hand one message over. Raises `Refused`, `TryLater` or `Unclear`; every call has a time-out."""
        ...

    def find(self, message: Outgoing, since: datetime, known: frozenset[str]) -> Asked:
        """Ask whether the provider has `message`, tried first at `since`. `known` are provider ids that belong
        to other messages of ours and must not be taken for this one. Raises `TryLater` when it cannot say."""
        ...

    def look_up(self, provider_id: str) -> Receipt:
        """Ask how a message that was accepted fares. Raises `TryLater` when the provider cannot say."""
        ...


@dataclass(frozen=True, slots=True)
class SenderLine:
    """A number we send from: rate and burst in segments (per second; at once)."""

    number: str
    medium: Medium
    rate: float
    burst: int
    extra: dict[str, str] = field(default_factory=dict)
