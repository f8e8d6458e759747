"""An OpenID Connect provider on this machine: real HTTP, a real RS256 key, and every misbehaviour one can ask of it."""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from flask import Flask, Response, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server


@dataclass
class Provider:
    """What it says about whoever comes; a test changes `claims`, `header` or `key` to make it misbehave."""

    issuer: str = ""
    client_id: str = "puente-at-school"
    client_secret: str = "only the two of us know"
    key: RSAKey = field(
        default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}, private=True)
    )
    signing_key: RSAKey | None = None
    claims: dict[str, Any] = field(default_factory=dict)
    discovery: dict[str, Any] = field(default_factory=dict)
    without_id_token: bool = False
    asked: list[dict[str, str]] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    verified: list[str] = field(default_factory=list)

    def id_token(self, nonce: str) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": self.client_id, "sub": "248289761001", "iat": now, "exp": now + 300,
            "nonce": nonce, "email": "rachel.bennett@sample.invalid", "email_verified": True,
        } | self.claims  # fmt: skip
        key = self.signing_key or self.key
        return jwt.encode(
            {"alg": "RS256", "kid": "one"}, {k: v for k, v in claims.items() if v is not None}, key
        )

    def app(self) -> Flask:
        app = Flask("provider")

        @app.get("/.well-known/openid-configuration")
        def configuration() -> Response:
            return jsonify(
                {
                    "issuer": self.issuer,
                    "authorization_endpoint": f"{self.issuer}/authorize",
                    "token_endpoint": f"{self.issuer}/token",
                    "jwks_uri": f"{self.issuer}/keys",
                    "response_types_supported": ["code"],
                    "id_token_signing_alg_values_supported": ["RS256", "none", "HS256"],
                    "token_endpoint_auth_methods_supported": ["client_secret_basic"],
                }
                | self.discovery
            )

        @app.get("/keys")
        def keys() -> Response:
            return jsonify({"keys": [self.key.as_dict(private=False)]})

        @app.get("/authorize")
        def authorize() -> Any:
            wish = request.args.to_dict()
            self.asked.append(wish)
            code = f"code-{len(self.codes)}"
            self.codes[code] = wish
            return redirect(f"{wish['redirect_uri']}?{urlencode({'code': code, 'state': wish['state']})}")

        @app.post("/token")
        def token() -> Any:
            wish = self.codes.pop(request.form["code"], None)
            given = base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode()
            proof = hashlib.sha256(request.form.get("code_verifier", "").encode()).digest()
            challenge = base64.urlsafe_b64encode(proof).decode().rstrip("=")
            if (
                wish is None
                or wish["code_challenge_method"] != "S256"
                or challenge != wish["code_challenge"]
                or given.partition(":")[0] != self.client_id
                or request.form["redirect_uri"] != wish["redirect_uri"]
            ):
                return jsonify({"error": "invalid_grant"}), 400
            self.verified.append(challenge)
            answer = {"access_token": "not used", "token_type": "Bearer", "expires_in": 60}
            if not self.without_id_token:
                answer["id_token"] = self.id_token(wish["nonce"])
            return jsonify(answer)

        return app


@contextmanager
def running() -> Iterator[Provider]:
    """A provider behind a real socket."""
    provider = Provider()
    server = make_server("127.0.0.1", 0, provider.app(), threaded=True)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()


def walks_through(answer_location: str) -> str:
    """What a browser does at the provider: follow the address there, and come back with the one it is sent to."""
    back = requests.get(answer_location, allow_redirects=False, timeout=10).headers["Location"]
    parts = urlsplit(back)
    assert parse_qs(parts.query)["code"]
    return f"{parts.path}?{parts.query}"
