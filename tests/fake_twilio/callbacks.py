"""Signed webhooks, as Twilio sends them: receipts to the StatusCallback address, and families' texts.

The signature is computed here from Twilio's public description (HMAC-SHA1 over the address and each parameter, sorted,
repeats and empty values included), not with the library our own validator uses: two readings of one rule.
"""

from __future__ import annotations

import base64
import hashlib
import heapq
import hmac
import itertools
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit, urlunsplit

import requests

from tests.fake_twilio.ledger import Ledger, Message, ref_of
from tests.fake_twilio.plan import Plan

Pairs = Iterable[tuple[str, str]]


def sign(token: str, url: str, pairs: Pairs) -> str:
    """The X-Twilio-Signature of a form request; the address's fragment is never part of it."""
    told = urlunsplit(urlsplit(url)._replace(fragment="")) if "#" in url else url
    values: dict[str, set[str]] = {}
    for name, value in pairs:
        values.setdefault(name, set()).add(value)
    told += "".join(name + value for name in sorted(values) for value in sorted(values[name]))
    return base64.b64encode(hmac.new(token.encode(), told.encode(), hashlib.sha1).digest()).decode()


def post_signed(
    token: str, url: str, pairs: list[tuple[str, str]], timeout: float = 15.0
) -> requests.Response:
    """Post a webhook the way Twilio does; one more try when the connection fails, and none for a bad answer."""
    headers = {
        "X-Twilio-Signature": sign(token, url, pairs),
        "I-Twilio-Idempotency-Token": sign(token, url, pairs),
    }
    for attempt in (1, 2):
        try:
            return requests.post(url, data=pairs, headers=headers, timeout=timeout, allow_redirects=False)
        except requests.ConnectionError:
            if attempt == 2:
                raise
    raise AssertionError("unreachable")


class Callbacks:
    """Sends each message's receipts when they are due, from threads of its own."""

    def __init__(self, ledger: Ledger, token: str) -> None:
        self._ledger, self._token = ledger, token
        self._due: list[tuple[float, int, Message, str, int | None]] = []
        self._order = itertools.count()
        self._wake = threading.Condition()
        self._closed = False
        self._in_hand = 0
        # One message's receipts go through one thread, so that they arrive in the order the plan says.
        self._lanes = [ThreadPoolExecutor(1, thread_name_prefix="fake-twilio-callback") for _ in range(8)]
        self._ticker = threading.Thread(target=self._run, name="fake-twilio-callbacks", daemon=True)
        self._ticker.start()

    def expect(self) -> None:
        """A message was accepted and `follow` will come for it: `settle` waits for that too."""
        with self._wake:
            self._in_hand += 1

    def follow(self, message: Message, plan: Plan) -> None:
        """Live through an expected message's states, calling back (or not) as planned."""
        states = plan.states()
        if plan.callbacks == "shuffled":
            states = states[::-1]
        start = time.monotonic() + (plan.callback_seconds if plan.callbacks == "late" else 0.0)
        final = plan.states()[-1]
        for number, state in enumerate(states):
            code = plan.error_code if state in ("undelivered", "failed") else None
            # The message itself always ends in its fate, whatever order the receipts are told in.
            self._ledger.move(message.sid, final, plan.error_code if final != "delivered" else None)
            if plan.callbacks == "absent" or not message.status_callback:
                continue
            if plan.callbacks == "early" and number == 0:
                continue  # that one was told before the answer
            for copy in range(2 if plan.callbacks == "doubled" else 1):
                self._at(start + 0.02 * number + 0.005 * copy, message, state, code)
        self._done()

    def tell_now(self, message: Message, state: str, code: int | None = None) -> None:
        """Send one receipt before returning: how a receipt comes to be earlier than the answer."""
        pairs = [
            ("AccountSid", message.account_sid),
            ("ApiVersion", "2010-04-01"),
            ("From", message.sender or ""),
            ("MessageSid", message.sid),
            ("MessageStatus", state),
            ("SmsSid", message.sid),
            ("SmsStatus", state),
            ("To", message.to),
        ]
        if code is not None:
            pairs.append(("ErrorCode", str(code)))
        url = message.status_callback or ""
        try:
            status: int | str = post_signed(self._token, url, pairs).status_code
        except requests.RequestException as error:
            status = type(error).__name__
        self._ledger.note("callback", ref=ref_of(url), sid=message.sid, state=state, answered=status)

    def settle(self, seconds: float) -> None:
        """Wait until every receipt that is due has been told."""
        with self._wake:
            self._wake.wait_for(lambda: not self._due and not self._in_hand, timeout=seconds)

    def close(self) -> None:
        with self._wake:
            self._closed = True
            self._due.clear()
            self._wake.notify_all()
        self._ticker.join(timeout=5)
        for lane in self._lanes:
            lane.shutdown(wait=False, cancel_futures=True)

    def _at(self, due: float, message: Message, state: str, code: int | None) -> None:
        with self._wake:
            heapq.heappush(self._due, (due, next(self._order), message, state, code))
            self._wake.notify_all()

    def _run(self) -> None:
        while True:
            with self._wake:
                if self._closed:
                    return
                if not self._due:
                    self._wake.wait()
                    continue
                wait = self._due[0][0] - time.monotonic()
                if wait > 0:
                    self._wake.wait(wait)
                    continue
                _, _, message, state, code = heapq.heappop(self._due)
                self._in_hand += 1
            self._lanes[int(message.sid[2:], 16) % len(self._lanes)].submit(self._tell, message, state, code)

    def _tell(self, message: Message, state: str, code: int | None) -> None:
        try:
            self.tell_now(message, state, code)
        finally:
            self._done()

    def _done(self) -> None:
        with self._wake:
            self._in_hand -= 1
            self._wake.notify_all()
