"""What Twilio posts to us: whether it is really from Twilio, and what it says. Pure: no framework, no network.

The traps (each has a test): a web framework's "current URL" re-encodes the query and breaks valid signatures, or drops
it and lets forged ones in; a form flattened to a dict hides repeated parameters and lets forged ones in; JSON bodies
are not signed themselves but by a `bodySHA256` in the signed query. So the caller hands over the raw path and raw
query (`raw_target`), and the form with its repeats and its empty values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Protocol
from urllib.parse import parse_qs, quote

from twilio.request_validator import RequestValidator

from bot.channels.base import Incoming, Media, Medium, Receipt

WHATSAPP_PREFIX: Final = "whatsapp:"

# Base64 of an HMAC: 20 bytes (SHA-1).
_SIGNATURE: Final = re.compile(r"[A-Za-z0-9+/]{27}=")

_STATES: Final[dict[str, str]] = {
    "accepted": "sent",
    "scheduled": "sent",
    "queued": "sent",
    "sending": "sent",
    "sent": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "undelivered",
    # Only some parts or some devices: the family may have half a text, so a person should look.
    "partially_delivered": "undelivered",
    "failed": "failed",
    "canceled": "failed",
}


class Form(Protocol):
    """A form that keeps repeated parameters: werkzeug's `MultiDict`, or anything with these three."""

    def __iter__(self) -> Iterator[str]: ...
    def getlist(self, key: str, /) -> list[str]: ...
    def get(self, key: str, /) -> str | None: ...


class UnreadableWebhook(ValueError):
    """A signed request that is no message or receipt. Names the parameter that is missing, never a value."""


def looks_signed(header: str | None) -> bool:
    """Whether the signature header can be one at all. Costs nothing: ask before reading or parsing a body."""
    return header is not None and _SIGNATURE.fullmatch(header) is not None


def verify(
    public_base: str,
    raw_path: str,
    raw_query: str,
    params: Form | bytes,
    header: str | None,
    tokens: Iterable[str],
) -> bool:
    """Whether Twilio signed this request with one of `tokens` (two while a token is being rotated).

    `public_base` is the address Twilio knows us by (`https://texts.example.org`, a path prefix allowed); `raw_path` and
    `raw_query` are the request's own, undecoded. `params` is the form, or the raw body of a JSON request, which must
    then carry `bodySHA256` in its query. Never raises: whatever is odd is simply not signed.
    """
    if not looks_signed(header):
        return False
    url = public_base.rstrip("/") + raw_path + (f"?{raw_query}" if raw_query else "")
    body: object = params
    if isinstance(params, bytes):
        if "bodySHA256" not in parse_qs(raw_query):
            return False
        try:
            body = params.decode()
        except UnicodeDecodeError:
            return False
    # Every token is tried, even after a match, so that the time taken says nothing about which one fits.
    verdicts = [_validates(token, url, body, header) for token in tokens if token]
    return any(verdicts)


def _validates(token: str, url: str, body: object, header: str | None) -> bool:
    try:
        return bool(RequestValidator(token).validate(url, body, header))
    except ValueError:  # a port that is no number, or text that cannot be encoded (lone surrogates)
        return False


def raw_target(environ: Mapping[str, Any]) -> tuple[str, str]:
    """The path and query exactly as they stood in the request line, from a WSGI environment.

    gunicorn calls it RAW_URI, werkzeug and others REQUEST_URI. Where neither exists the path is encoded again, which
    is right for our own webhook paths (plain ASCII); the query is always the raw one.
    """
    query = str(environ.get("QUERY_STRING", ""))
    target = str(environ.get("RAW_URI") or environ.get("REQUEST_URI") or "")
    if target.startswith(("http://", "https://")):
        _, _, rest = target.partition("://")
        target = "/" + rest.partition("/")[2]
    if not target:
        path = str(environ.get("SCRIPT_NAME", "")) + str(environ.get("PATH_INFO", ""))
        return quote(path.encode("latin-1", "replace"), safe="/:@!$&'()*+,;=~"), query
    return target.partition("?")[0], query


def incoming(form: Form) -> Incoming:
    """The text a family sent. Raises `UnreadableWebhook` when it has no id or no sender.

    Unknown parameters are ignored: Twilio adds new ones without notice. Nothing of the text is cleaned.
    """
    sid = form.get("MessageSid") or form.get("SmsMessageSid") or form.get("SmsSid")
    if not sid:
        raise UnreadableWebhook("The request has no MessageSid.")
    origin = form.get("From")
    if not origin:
        raise UnreadableWebhook("The request has no From.")
    return Incoming(
        provider_id=sid,
        medium=Medium.WHATSAPP if origin.startswith(WHATSAPP_PREFIX) else Medium.SMS,
        sender=without_prefix(form.get("To") or ""),
        address=without_prefix(origin),
        body=form.get("Body") or "",
        media=tuple(_media(form)),
        opt_out_type=(form.get("OptOutType") or "").strip().upper() or None,
    )


def receipt(form: Form, ref: str | None) -> Receipt | None:
    """What Twilio says about a message of ours; `ref` is the one from our StatusCallback's query.

    None for a state we do not know: Twilio may add states, and an unknown word must not move a message. Raises
    `UnreadableWebhook` when it names neither a message nor a ref, or no state.
    """
    sid = form.get("MessageSid") or form.get("SmsSid") or None
    if not sid and not ref:
        raise UnreadableWebhook("The receipt has neither a MessageSid nor a ref.")
    status = form.get("MessageStatus") or form.get("SmsStatus")
    if not status:
        raise UnreadableWebhook("The receipt has no MessageStatus.")
    state = our_state(status)
    if state is None:
        return None
    return Receipt(state, provider_id=sid, ref=ref or None, error_code=error_number(form.get("ErrorCode")))


def our_state(status: str | None) -> str | None:
    """Twilio's word for a message's state in our words; None for one we do not know."""
    return _STATES.get(status.strip().lower()) if status else None


def error_number(raw: object) -> int | None:
    """Twilio's error code as a number; None when there is none, or 0, or something that is no number."""
    text = str(raw).strip() if raw is not None else ""
    return int(text) or None if text.isascii() and text.isdigit() and len(text) < 10 else None


def without_prefix(address: str) -> str:
    """An address without `whatsapp:`."""
    return address.removeprefix(WHATSAPP_PREFIX)


def _media(form: Form) -> Iterator[Media]:
    """MediaUrl0, MediaUrl1 … as long as they go on; NumMedia is only a promise and is not needed."""
    number = 0
    while url := form.get(f"MediaUrl{number}"):
        yield Media(
            url, (form.get(f"MediaContentType{number}") or "application/octet-stream").strip().lower()
        )
        number += 1
