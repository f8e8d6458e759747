"""Twilio: SMS, MMS and WhatsApp through the official client, behind the small channel protocol.

Create-message has no idempotency key, so everything here turns on one question: *may Twilio have the message?* Only
a refusal (4xx), a 429, a 503 or a connection that never came about is a certain no. A read time-out, a reset, any other
5xx and a 2xx that cannot be read may each hide an accepted message: they raise `Unclear`, and `find` asks.
"""

from __future__ import annotations

import json
import logging
import ssl
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import Any, Final, TypeVar
from urllib.parse import quote

import requests
from twilio.base.exceptions import TwilioException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.exceptions import NewConnectionError

from bot.channels.base import Accepted, Asked, Medium, Outgoing, Receipt, Refused, TryLater, Unclear
from bot.channels.twilio_errors import ERRORS, Verdict, explain
from bot.channels.twilio_inbound import WHATSAPP_PREFIX, error_number, our_state

STATUS_PATH: Final = "/webhooks/twilio/status"
INBOUND_PATH: Final = "/webhooks/twilio/inbound"

# How far Twilio's clock and ours may disagree when a message of ours is looked for by its time of creation.
CLOCK_SKEW: Final = timedelta(minutes=5)
PAGE_SIZE: Final = 200
MOST_LISTED: Final = 4000
"""A phone with more messages than this after `since` cannot be answered for; it is asked again later."""

_TRIAL_PREFIX: Final = "Sent from your Twilio trial account - "

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class TwilioConfig:
    """What the channel needs to know. Tokens are tried in order: two of them while one is being rotated.

    `timeout_seconds` bounds connecting and every single read of an answer (the client has no limit of its own).
    `public_url` is where Twilio reaches us; without it no receipts are asked for and `look_up` must do.
    """

    account_sid: str
    auth_tokens: tuple[str, ...] = field(repr=False)
    public_url: str | None = None
    messaging_service_sid: str | None = None
    api_base: str = "https://api.twilio.com"
    timeout_seconds: float = 15.0

    def __post_init__(self) -> None:
        if not self.account_sid or not all(self.auth_tokens) or not self.auth_tokens:
            raise ValueError("Twilio needs an account SID and at least one auth token.")
        if not self.api_base.startswith(("http://", "https://")):
            raise ValueError("Twilio's API base must begin with https:// (or http:// for a test).")
        if self.timeout_seconds <= 0:
            raise ValueError("Twilio's time-out must be more than 0 seconds.")


class TwilioChannel:
    """Twilio behind the channel protocol. Each call has a client to itself while it lasts (their HTTP sessions are not made
    for sharing), and leaves it, with its open connection, to the next one, whichever thread that runs in."""

    name = "twilio"

    def __init__(self, config: TwilioConfig) -> None:
        self._config = config
        self._idle: deque[list[tuple[Client, _Http]]] = deque()

    def get_ready(self) -> None:
        """Load what the first call would load: the library fetches its parts on first use, which takes half a second,
        and a burst that was claimed must not wait for it."""
        clients = self._clients()
        _ = clients[0][0].messages
        self._idle.append(clients)

    def send(self, message: Outgoing) -> Accepted:
        """Hand one message over. Raises `Refused`, `TryLater` or `Unclear`; at most two attempts, the second only
        when the first was turned away for its token (401), which is certain not to have been accepted."""
        created = self._ask(lambda client: client.messages.create(**self._parameters(message)), _send_failed)
        if not isinstance(created.sid, str) or not created.sid:
            raise Unclear("Twilio's answer named no message.")
        return Accepted(created.sid, our_state(created.status) or "sent")

    def find(self, message: Outgoing, since: datetime, known: frozenset[str]) -> Asked:
        """Look for `message` among what we sent to its number since `since` (less five minutes for the clocks).

        Listed by To alone: DateSent is empty for queued messages, From for those a messaging service has not
        placed yet. The oldest match that is in nobody's `known` is ours. Twilio's list lags behind: an empty answer
        is only worth something some time after the attempt, and how long is the caller's deadline to keep.
        Raises `TryLater` when the provider cannot say, which includes an account that keeps no texts (redaction).
        """
        earliest = since.astimezone(UTC) - CLOCK_SKEW
        matches: list[Any] = []
        withheld = False
        for listed in self._ask(lambda client: self._listed(client, message, earliest), _ask_failed):
            if listed.sid in known or not self._ours(listed, message) or _created(listed) < earliest:
                continue
            if message.body and not listed.body:
                withheld = True
            elif _same_text(message.body, listed.body or ""):
                matches.append(listed)
        if matches:
            first = min(matches, key=_created)
            state = our_state(first.status) or "sent"
            said = Receipt(state, first.sid, message.ref, error_number(first.error_code))
            return Asked(Accepted(first.sid, state), said)
        if withheld:
            raise TryLater(
                None, "Twilio keeps no texts for this account, so it cannot say whether it has this one."
            )
        return Asked(None)

    def look_up(self, provider_id: str) -> Receipt:
        """How an accepted message fares. Raises `TryLater` when Twilio cannot say or uses a word we do not know."""
        message = self._ask(lambda client: client.messages(provider_id).fetch(), _ask_failed)
        state = our_state(message.status)
        if state is None:
            raise TryLater(None, "Twilio reports a state this version does not know.")
        return Receipt(state, provider_id=provider_id, error_code=error_number(message.error_code))

    def _parameters(self, message: Outgoing) -> dict[str, Any]:
        # smart_encoded off: what was measured, stored and shown is what goes out, and `find` can recognise it.
        parameters: dict[str, Any] = {"to": _address(message.medium, message.to), "smart_encoded": False}
        service = self._service(message)
        if service:
            parameters["messaging_service_sid"] = service
        if message.sender and not message.sender.startswith("MG"):
            parameters["from_"] = _address(message.medium, message.sender)
        if message.template:
            parameters["content_sid"] = message.template.content_sid
            if message.template.variables:
                parameters["content_variables"] = json.dumps(
                    dict(message.template.variables), ensure_ascii=False
                )
        else:
            parameters["body"] = message.body
        if message.media_urls:
            parameters["media_url"] = list(message.media_urls)
        if message.valid_seconds is not None:
            parameters["validity_period"] = min(max(message.valid_seconds, 1), 36_000)
        if self._config.public_url:
            callback = self._config.public_url.rstrip("/") + STATUS_PATH
            parameters["status_callback"] = f"{callback}?ref={quote(message.ref, safe='')}"
        return parameters

    def _service(self, message: Outgoing) -> str | None:
        """The messaging service to send through: the sender itself when it is one, else the configured one.
        WhatsApp senders stand for themselves."""
        if message.sender.startswith("MG"):
            return message.sender
        return self._config.messaging_service_sid if message.medium is Medium.SMS else None

    def _ours(self, listed: Any, message: Outgoing) -> bool:
        if not str(listed.direction or "").startswith("outbound"):
            return False
        service = self._service(message)
        by_service = service is not None and listed.messaging_service_sid == service
        return bool(by_service or listed.from_ == _address(message.medium, message.sender))

    @staticmethod
    def _listed(client: Client, message: Outgoing, earliest: datetime) -> list[Any]:
        to = _address(message.medium, message.to)
        stream: Iterator[Any] = client.messages.stream(to=to, page_size=PAGE_SIZE)
        listed: list[Any] = []
        # Newest first in practice. A whole page older than the window ends the reading; order within a page is free.
        while page := list(islice(stream, PAGE_SIZE)):
            listed += page
            if max(map(_created, page)) < earliest:
                return listed
            if len(listed) >= MOST_LISTED:
                raise TryLater(None, "Twilio's list for this number is too long to be sure.")
        return listed

    def _ask(
        self, call: Callable[[Client], Answer], failed: Callable[[Exception, _Http], Exception]
    ) -> Answer:
        """Make one call, with the next token when one is turned away; `failed` says what a failure means."""
        clients = self._clients()
        try:
            for position, (client, http) in enumerate(clients):
                try:
                    return call(client)
                except (TwilioException, requests.RequestException, _UnreadableAnswer) as error:
                    if http.status == 401 and position + 1 < len(clients):
                        continue
                    raise failed(error, http) from None  # the original may quote the number or the text
            raise AssertionError("TwilioConfig guarantees at least one token")
        finally:
            self._idle.append(clients)

    def _clients(self) -> list[tuple[Client, _Http]]:
        """One client a token, for one call: those of a call that is over, or new ones."""
        try:
            return self._idle.pop()
        except IndexError:
            return [self._client(token) for token in self._config.auth_tokens]

    def _client(self, token: str) -> tuple[Client, _Http]:
        http = _Http(self._config.timeout_seconds)
        client = Client(self._config.account_sid, token, http_client=http)
        # Settings live in one place: TWILIO_EDGE and TWILIO_REGION in the environment must not bend the address.
        client.edge = client.region = None
        client.api.base_url = self._config.api_base.rstrip("/")
        return client, http


class _UnreadableAnswer(Exception):
    """A 2xx whose body is not a JSON object: a broken or cut-off answer."""


class _Http:
    """Twilio's HTTP client, remembering what the library's exceptions lose (status, Retry-After), and silent: left to
    itself it logs every address, and the list's address holds the family's number."""

    is_async = False

    def __init__(self, timeout: float) -> None:
        nowhere = logging.Logger("twilio without a voice", level=logging.CRITICAL + 1)
        self._inner = TwilioHttpClient(timeout=timeout, logger=nowhere)
        self.status: int | None = None
        self.wait_seconds: float | None = None

    def request(self, *args: Any, **kwargs: Any) -> Response:
        """One HTTP request. Raises `_UnreadableAnswer` for a 2xx that is no JSON object."""
        self.status = self.wait_seconds = None
        answer = self._inner.request(*args, **kwargs)
        self.status = answer.status_code
        headers = answer.headers or {}
        self.wait_seconds = _seconds(headers.get("Retry-After"), headers.get("Date"))
        if 200 <= answer.status_code < 300 and not _is_object(answer.text):
            raise _UnreadableAnswer
        return answer


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _send_failed(error: Exception, http: _Http) -> Exception:
    """What a failed send means: `Refused`, `TryLater` or `Unclear`."""
    if http.status is None:
        if _never_left(error):
            return TryLater(None, "Twilio could not be reached.")
        return Unclear("The connection to Twilio broke before its answer came.")
    if 200 <= http.status < 300:
        return Unclear("Twilio's answer could not be read.")
    code = error_number(getattr(error, "code", None))
    if http.status in (429, 503):
        means = ERRORS[code].means if code in ERRORS else "Twilio asked us to wait."
        return TryLater(code, means, http.wait_seconds)
    if http.status >= 500:
        return Unclear("Twilio had a fault and may or may not have the message.")
    if code in ERRORS:
        known = ERRORS[code]
        if known.verdict in (Verdict.LATER, Verdict.SETUP):
            return TryLater(code, known.means, http.wait_seconds)
        return Refused(code, known.means, opted_out=known.verdict is Verdict.OPTED_OUT)
    if http.status in (401, 403, 404, 407, 408) or http.status < 400:
        # Our account, our address or a proxy between us: nothing about this message, so it must not be lost.
        return TryLater(
            code, "Twilio did not let us in: an administrator checks the account and the address."
        )
    return Refused(code, explain(code).means)


def _ask_failed(_error: Exception, http: _Http) -> Exception:
    """A question that got no answer can always be asked again."""
    return TryLater(http.status, "Twilio could not say.", http.wait_seconds)


def _never_left(error: BaseException) -> bool:
    """Whether the connection never came about: then, and only then, a network fault is a certain "not accepted"."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    seen: list[BaseException] = []
    queue: list[object] = [error]
    while queue:
        cause = queue.pop()
        if not isinstance(cause, BaseException) or cause in seen:
            continue
        if isinstance(cause, NewConnectionError | ssl.SSLCertVerificationError):
            return True
        seen.append(cause)
        queue += [getattr(cause, "reason", None), cause.__cause__, cause.__context__, *cause.args]
    return False


def _seconds(retry_after: str | None, answered_at: str | None) -> float | None:
    """Retry-After in seconds. Given as a date it is counted from the answer's own Date, so no clock of ours matters;
    None when there is nothing usable."""
    if not retry_after:
        return None
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        until, now = (_moment(text or "") for text in (retry_after, answered_at))
    except ValueError:
        return None
    return max(0.0, (until - now).total_seconds())


def _moment(http_date: str) -> datetime:
    moment = parsedate_to_datetime(http_date)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _address(medium: Medium, number: str) -> str:
    return WHATSAPP_PREFIX + number if medium is Medium.WHATSAPP else number


def _created(listed: Any) -> datetime:
    """When Twilio took the message. One without a time counts as brand new: it can be a candidate, never skipped."""
    created = listed.date_created
    return created if isinstance(created, datetime) else datetime.max.replace(tzinfo=UTC)


def _same_text(ours: str, theirs: str) -> bool:
    """The same text but for what a carrier may do to it: white space at line ends and edges, a trial's prefix."""
    return _folded(ours) == _folded(theirs.removeprefix(_TRIAL_PREFIX))


def _folded(text: str) -> str:
    return " ".join(text.split())
