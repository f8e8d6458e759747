"""Is the process alive, can it work, and how is it doing: for whoever runs it."""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, abort, jsonify, request
from flask.typing import ResponseReturnValue

from bot.insight import readiness
from bot.insight.lag import gauges
from bot.observe import metrics as numbers
from bot.web.access import is_loopback
from bot.web.here import now, world

room = Blueprint("health", __name__)


@room.get("/healthz")
def healthz() -> Response:
    """The process answers."""
    return jsonify(ok=True)


@room.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Whether families can be served: each check with its verdict in words; 503 when one fails."""
    here = world()
    checks = readiness.checks(here.db, now())
    checks.append(readiness.model_check(here.translator.can("en", "pt") and here.translator.can("pt", "en")))
    ready = all(check.ok for check in checks)
    body = {check.name: {"ok": check.ok, "says": check.says} for check in checks}
    return jsonify(ready=ready, checks=body), 200 if ready else 503


@room.get("/metrics")
def metrics() -> Response:
    """Numbers for Prometheus: with the token when one is set, else for this machine only."""
    token = world().settings.metrics_token
    if token:
        given = request.headers.get("Authorization", "").encode("utf-8", "surrogatepass")
        if not hmac.compare_digest(given, f"Bearer {token}".encode()):
            abort(401)
    elif not is_loopback(request.remote_addr) or "X-Forwarded-For" in request.headers:
        abort(404)
    return Response(numbers.exposition(gauges(world().db, now())), content_type=numbers.CONTENT_TYPE)
