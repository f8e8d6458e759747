"""The HTTP side of the fake provider: create, list and fetch messages, media, and a door for tests to give orders."""

from __future__ import annotations

import base64
import json
import socket
import struct
import threading
import time
from collections import defaultdict, deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, parse_qsl, quote, urlsplit

import requests

from tests.fake_twilio import exchanges
from tests.fake_twilio.callbacks import Callbacks, post_signed
from tests.fake_twilio.ledger import API, Ledger, Message, new_sid, ref_of
from tests.fake_twilio.plan import Mischief, Plan

DEFAULT_SID = "AC" + "0123456789abcdef" * 2
DEFAULT_TOKEN = "fake-token-for-tests"


class FakeTwilio:
    """A fake provider in threads of this process. `url` is what TWILIO_API_BASE should be."""

    def __init__(
        self,
        account_sid: str = DEFAULT_SID,
        auth_token: str = DEFAULT_TOKEN,
        port: int = 0,
        journal: Path | None = None,
        list_lag_seconds: float = 0.0,
        mischief: Mischief | None = None,
        page_limit: int = 1000,
    ) -> None:
        self.account_sid, self.auth_token = account_sid, auth_token
        self.ledger = Ledger(journal, list_lag_seconds)
        self.callbacks = Callbacks(self.ledger, auth_token)
        self.mischief = mischief
        self.page_limit = page_limit
        self.media: dict[str, tuple[str, bytes]] = {}
        self.moved: dict[str, str] = {}
        """Addresses that answer with a redirect, and where to."""
        self.templates: dict[str, str] = {}
        """WhatsApp's approved wordings by ContentSid, with {{1}} where the variable stands."""
        self._plans: dict[str, deque[Plan]] = defaultdict(deque)
        self._standing: dict[str, Plan] = {}
        self._plan_lock = threading.Lock()
        self.closing = threading.Event()
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.twilio = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> FakeTwilio:
        self._thread.start()
        return self

    def stop(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self.callbacks.close()
        self.ledger.close()

    def __enter__(self) -> FakeTwilio:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def plan(self, to: str, *plans: Plan) -> None:
        """What the next create requests to this number meet, one plan each; afterwards all is well again."""
        with self._plan_lock:
            self._plans[to].extend(plans)

    def always(self, to: str, plan: Plan) -> None:
        """What every create request to this number meets from now on. `*` stands for every number."""
        with self._plan_lock:
            self._standing[to] = plan

    def next_plan(self, to: str) -> Plan:
        with self._plan_lock:
            if self._plans[to]:
                return self._plans[to].popleft()
            if standing := self._standing.get(to) or self._standing.get("*"):
                return standing
            return self.mischief.next_plan() if self.mischief else Plan()

    def times_accepted(self, ref: str) -> int:
        """How many times a message of ours was accepted. More than once: a family got it twice."""
        return sum(1 for e in self.ledger.entries("accepted") if e["ref"] == ref)

    def attempts(self, ref: str) -> int:
        """How many create requests came for this ref, whatever became of them."""
        return sum(1 for e in self.ledger.entries("attempt") if e["ref"] == ref)

    def text_from_family(
        self,
        url: str,
        *,
        sender: str,
        to: str,
        body: str,
        sid: str | None = None,
        media: list[tuple[str, str]] | None = None,
        opt_out_type: str | None = None,
        extra: list[tuple[str, str]] | None = None,
    ) -> requests.Response:
        """Post a family's text, signed, to our inbound webhook. `media` is (address, content type)."""
        sid = sid or new_sid()
        pairs = [
            ("AccountSid", self.account_sid),
            ("ApiVersion", "2010-04-01"),
            ("Body", body),
            ("From", sender),
            ("FromCity", ""),
            ("MessageSid", sid),
            ("NumMedia", str(len(media or []))),
            ("SmsMessageSid", sid),
            ("SmsSid", sid),
            ("SmsStatus", "received"),
            ("To", to),
        ]
        for number, (address, kind) in enumerate(media or []):
            pairs += [(f"MediaUrl{number}", address), (f"MediaContentType{number}", kind)]
        if opt_out_type:
            pairs.append(("OptOutType", opt_out_type))
        return post_signed(self.auth_token, url, pairs + (extra or []))

    def keep_media(self, content: bytes, content_type: str) -> str:
        """Keep a picture a family sent; gives the address that goes into the webhook."""
        message, media = new_sid("MM"), new_sid("ME")
        path = f"{API}/Accounts/{self.account_sid}/Messages/{message}/Media/{media}"
        self.media[path] = (content_type, content)
        return self.url + path


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    twilio: FakeTwilio

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away in the middle is part of the game."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    @property
    def twilio(self) -> FakeTwilio:
        return self.server.twilio

    def log_message(self, format: str, *args: Any) -> None:
        """The journal is the log."""

    def _keep(self, body: bytes, status: int | None = None, content: bytes | None = None) -> None:
        exchanges.keep(self.command, self.path, dict(self.headers.items()), body, status, content)

    def do_POST(self) -> None:
        raw = self._raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urlsplit(self.path).path
        if path.startswith("/_control/"):
            return self._control(path, json.loads(raw or b"{}"))
        if not self._let_in():
            return None
        if path != f"{API}/Accounts/{self.twilio.account_sid}/Messages.json":
            return self._problem(404, 20404)
        self._keep(raw)
        return self._create(dict(parse_qsl(raw.decode(), keep_blank_values=True)))

    def do_GET(self) -> None:
        target = urlsplit(self.path)
        if target.path == "/_control/journal":
            return self._json(200, {"entries": self.twilio.ledger.entries()})
        if not self._let_in():
            return None
        if target.path in self.twilio.moved:
            return self._answer(307, b"", headers={"Location": self.twilio.moved[target.path]})
        if target.path in self.twilio.media:
            kind, content = self.twilio.media[target.path]
            return self._answer(200, content, kind)
        base = f"{API}/Accounts/{self.twilio.account_sid}/Messages"
        if target.path == f"{base}.json":
            return self._list(base, {k: v[0] for k, v in parse_qs(target.query).items()})
        if target.path.startswith(f"{base}/SM") or target.path.startswith(f"{base}/MM"):
            return self._fetch(target.path.removeprefix(f"{base}/").removesuffix(".json"))
        return self._problem(404, 20404)

    # --- the API -----------------------------------------------------------------------------------------------

    def _let_in(self) -> bool:
        wanted = base64.b64encode(f"{self.twilio.account_sid}:{self.twilio.auth_token}".encode()).decode()
        if self.headers.get("Authorization") == f"Basic {wanted}":
            return True
        self._problem(401, 20003)
        return False

    def _create(self, form: dict[str, str]) -> None:
        ledger, to = self.twilio.ledger, form.get("To", "")
        callback = form.get("StatusCallback")
        plan = self.twilio.next_plan(to)
        ledger.note("attempt", ref=ref_of(callback), to=to, body=form.get("Body", ""), answer=plan.answer)
        if plan.answer == "reset_before":
            return self._reset()
        if not plan.accepts:
            return self._turn_away(plan)
        if missing := self._missing(form):
            return self._problem(400, missing)
        if self._client_has_gone():
            # Nobody waits for the answer any more, and nothing was begun: dropped, as by a load balancer. Else a starved
            # test machine accepts texts long after a list of them was asked for, which no deadline can allow for.
            ledger.note("abandoned", ref=ref_of(callback), to=to)
            self.close_connection = True
            return None
        service = form.get("MessagingServiceSid")
        message = ledger.accept(
            Message(
                sid=new_sid("MM" if form.get("MediaUrl") or to.startswith("whatsapp:") else "SM"),
                account_sid=self.twilio.account_sid,
                to=to,
                sender=form.get("From") or None,
                service=service,
                body=form.get("Body") or self._rendered(form),
                status="accepted" if service else "queued",
                status_callback=callback,
                media=1 if form.get("MediaUrl") else 0,
            )
        )
        self.twilio.callbacks.expect()
        shown = message.as_json()
        if plan.callbacks == "early" and callback:
            self.twilio.callbacks.tell_now(message, "sent")
        if plan.answer == "slow":
            self._wait(plan.seconds)
        if plan.answer == "accept_then_timeout":
            # Twilio goes on with the message whether or not anybody still listens for the answer.
            self.twilio.callbacks.follow(message, plan)
            self._wait(plan.seconds)
            self.close_connection = True
            return None
        try:
            self._accepted(plan, shown)
        finally:
            self.twilio.callbacks.follow(message, plan)
        return None

    def _client_has_gone(self) -> bool:
        try:
            return self.connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except BlockingIOError:
            return False  # still there, and silent: it waits
        except OSError:
            return True

    def _accepted(self, plan: Plan, shown: dict[str, Any]) -> None:
        whole = json.dumps(shown).encode()
        match plan.answer:
            case "accept_then_close":
                self.close_connection = True
            case "accept_then_reset":
                self.wfile.write(b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Le")
                self._reset()
            case "accept_then_500":
                self._problem(500, 20500)
            case "accept_then_502":
                self._answer(502, b"<html><h1>Bad gateway</h1></html>", "text/html")
            case "broken_201":
                self._answer(201, whole[: len(whole) // 2])
            case "empty_201":
                self._answer(201, b"")
            case _:
                self._keep(self._raw, 201, whole)
                self._answer(201, whole)

    def _turn_away(self, plan: Plan) -> None:
        match plan.answer:
            case "500_before":
                self._problem(500, 20500)
            case "429":
                self._problem(429, 20429)
            case "429_retry_after":
                self._problem(429, 20429, {"Retry-After": str(max(1, round(plan.seconds)))})
            case "503":
                self._answer(503, b"<html><h1>Service unavailable</h1></html>", "text/html")
            case "401":
                self._problem(401, 20003)
            case "refuse_rfc9457":
                code = plan.error_code or 0
                about = {
                    "type": f"https://www.twilio.com/docs/errors/{code}",
                    "title": "Refused",
                    "code": code,
                }
                self._answer(400, json.dumps({**about, "status": 400}).encode(), "application/problem+json")
            case _:
                self._problem(400, plan.error_code or 21211)

    def _missing(self, form: dict[str, str]) -> int | None:
        if not form.get("To"):
            return 21604
        if not form.get("From") and not form.get("MessagingServiceSid"):
            return 21603
        if not form.get("Body") and not form.get("MediaUrl") and not form.get("ContentSid"):
            return 21602
        return 21617 if len(form.get("Body", "")) > 1600 else None

    def _rendered(self, form: dict[str, str]) -> str:
        variables = json.loads(form.get("ContentVariables") or "{}")
        wording = self.twilio.templates.get(form.get("ContentSid", ""))
        if wording is None:
            return " ".join(variables.values())
        for name, value in variables.items():
            wording = wording.replace(f"{{{{{name}}}}}", value)
        return wording

    def _list(self, base: str, query: dict[str, str]) -> None:
        size = min(int(query.get("PageSize", 50)), self.twilio.page_limit, 1000)
        page = int(query.get("Page", 0))
        found = self.twilio.ledger.listed(query.get("To"), query.get("From"))
        self.twilio.ledger.note("listed", to=query.get("To"), page=page, found=len(found))
        shown = found[page * size : (page + 1) * size]
        kept = "&".join(
            f"{k}={quote(v, safe='')}" for k, v in query.items() if k not in ("Page", "PageToken", "PageSize")
        )

        def uri(number: int) -> str:
            return f"{base}.json?{kept}&PageSize={size}&Page={number}" + (
                f"&PageToken=PA{number}" if number else ""
            )

        more = (page + 1) * size < len(found)
        self._json(
            200,
            {
                "start": page * size,
                "end": page * size + max(0, len(shown) - 1),
                "page": page,
                "page_size": size,
                "uri": uri(page),
                "first_page_uri": uri(0),
                "previous_page_uri": uri(page - 1) if page else None,
                "next_page_uri": uri(page + 1) if more else None,
                "messages": [m.as_json() for m in shown],
            },
        )

    def _fetch(self, sid: str) -> None:
        message = self.twilio.ledger.get(sid)
        self.twilio.ledger.note("fetched", sid=sid, found=message is not None)
        if message is None:
            return self._problem(404, 20404)
        return self._json(200, message.as_json())

    # --- orders from a test in another process -------------------------------------------------------------------

    def _control(self, path: str, order: dict[str, Any]) -> None:
        match path:
            case "/_control/plan":
                self.twilio.plan(order["to"], *(Plan.from_json(p) for p in order["plans"]))
            case "/_control/always":
                self.twilio.always(order["to"], Plan.from_json(order["plan"]))
            case "/_control/mischief":
                share = float(order["share"])
                self.twilio.mischief = Mischief(share, int(order.get("seed", 0))) if share else None
            case "/_control/list_lag":
                self.twilio.ledger.list_lag_seconds = float(order["seconds"])
            case _:
                return self._json(404, {"error": "no such order"})
        return self._json(200, {"done": True})

    # --- the wire ----------------------------------------------------------------------------------------------

    def _wait(self, seconds: float) -> None:
        self.twilio.closing.wait(seconds)

    def _reset(self) -> None:
        """Close with RST instead of FIN: the client sees "connection reset by peer"."""
        self.wfile.flush()
        time.sleep(0.01)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def _problem(self, status: int, code: int, headers: dict[str, str] | None = None) -> None:
        about = {
            "code": code,
            "message": "Words that may change, and may hold a number",
            "more_info": f"https://www.twilio.com/docs/errors/{code}",
            "status": status,
        }
        self._answer(status, json.dumps(about).encode(), headers=headers)

    def _json(self, status: int, data: dict[str, Any]) -> None:
        content = json.dumps(data).encode()
        if self.command == "GET":
            self._keep(b"", status, content)
        self._answer(status, content)

    def _answer(
        self,
        status: int,
        content: bytes,
        content_type: str = "application/json",
        headers: dict[str, str] | None = None,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
