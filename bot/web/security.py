"""What every answer carries and every request must pass: headers, CSRF, sizes, sessions that end."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from flask import Flask, Response, abort, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from bot.records.attempts import limits, may_try
from bot.settings import Settings
from bot.web.here import now, world

MOST_BYTES: Final = 64 * 1024
"""Largest request, but where a room says otherwise (uploads)."""

SESSION = timedelta(hours=12)
"""A staff session ends after this, used or not; and after IDLE without a click."""
IDLE = timedelta(hours=2)

_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # Bootstrap draws its arrows and ticks as data: images
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

MOST_FILE_BYTES: Final = 64 * 1024 * 1024
UPLOADS: Final = frozenset({"roster.upload", "standards.upload"})
"""Routes that take files."""

csrf = CSRFProtect()

_AN_ADDRESS = limits(20, 100)
"""Tries a minute and an hour from one address on the network; a school's whole staff may share one."""
_AN_ACCOUNT = limits(10, 40)


def init_app(app: Flask, settings: Settings, secret_key: str) -> None:
    """Configure sessions, CSRF, limits and headers."""
    https = settings.base_url.startswith("https:")
    app.config.update(
        SECRET_KEY=secret_key,
        MAX_CONTENT_LENGTH=MOST_BYTES,
        MAX_FORM_MEMORY_SIZE=MOST_BYTES,
        MAX_FORM_PARTS=200,
        SESSION_COOKIE_NAME="__Host-puente" if https else "puente",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=https,
        PERMANENT_SESSION_LIFETIME=IDLE,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session, which ends anyway
        SEND_FILE_MAX_AGE_DEFAULT=3600,
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]
    app.before_request(_room_for_files)  # before CSRF, which reads the form
    csrf.init_app(app)

    def headers(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", _POLICY)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        if https:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response

    app.after_request(headers)


def slow_down(*, account: str | None = None) -> None:
    """Count one try to come in, from this address and at `account`; 429 when it was too often. All web processes count
    together, in the database."""
    subjects = [(f"address:{request.remote_addr}", _AN_ADDRESS)]
    if account is not None:
        subjects.append((f"account:{account.strip().lower()}", _AN_ACCOUNT))
    if not may_try(world().db, now(), subjects):
        abort(429)


def _room_for_files() -> None:
    if request.endpoint in UPLOADS:
        request.max_content_length = MOST_FILE_BYTES
