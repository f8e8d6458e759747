"""Signing in through an OpenID Connect provider: Google, Microsoft, or any issuer the settings name (Authlib).

Authorization code with PKCE, state and nonce; the ID token's signature, issuer, audience and times are checked against
the provider's own keys. The provider says who somebody is; whether they may come in is decided here, from the people
an administrator invited (`bot.records.identities`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import requests
import structlog
from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Blueprint, Flask, abort, current_app, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from joserfc.errors import JoseError

from bot.records import identities
from bot.records.colleagues import NotPossible
from bot.settings import Settings
from bot.web.access import inside, is_loopback
from bot.web.here import now, world
from bot.web.security import slow_down
from bot.web.signin import let_in
from bot.web.words import translate as _

log = structlog.get_logger(__name__)
room = Blueprint("oidc", __name__, url_prefix="/sign-in/with")

GOOGLE: Final = "https://accounts.google.com"
MICROSOFT: Final = "https://login.microsoftonline.com/{tenant}/v2.0"
SIGNATURES: Final = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
"""With the provider's public keys only: never `none`, never a shared secret."""
TIMEOUT: Final = 8.0
"""Seconds for one answer of a provider."""
LEEWAY: Final = 60
"""Seconds by which a provider's clock may differ from ours."""
_WHERE_TO: Final = "after_sign_in"
_ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True, slots=True)
class Provider:
    """Where people may come from. `name` is part of the address; `title` stands on the button."""

    name: str
    title: str
    issuer: str
    client_id: str
    client_secret: str


class Unusable(Exception):
    """The provider's own description of itself is not one to rely on. Says which part."""


def providers_of(settings: Settings) -> tuple[Provider, ...]:
    """The providers that the settings name."""
    found = []
    if settings.google_client_id:
        found.append(
            Provider("google", "Google", GOOGLE, settings.google_client_id, settings.google_client_secret)
        )
    if settings.microsoft_client_id:
        issuer = MICROSOFT.format(tenant=settings.microsoft_tenant)
        found.append(
            Provider(
                "microsoft",
                "Microsoft",
                issuer,
                settings.microsoft_client_id,
                settings.microsoft_client_secret,
            )
        )
    if settings.oidc_issuer:
        title = settings.oidc_name or urlsplit(settings.oidc_issuer).hostname or "OpenID"
        found.append(
            Provider(
                "oidc", title, settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret
            )
        )
    return tuple(found)


def init_app(app: Flask, settings: Settings) -> None:
    """Make the providers known; nothing is asked of them before somebody presses a button."""
    app.extensions["puente_providers"] = {one.name: one for one in providers_of(settings)}
    clients = OAuth(app)
    for one in providers_of(settings):
        clients.register(
            one.name,
            client_id=one.client_id,
            client_secret=one.client_secret,
            server_metadata_url=f"{one.issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={
                "scope": "openid email",
                "code_challenge_method": "S256",
                "default_timeout": TIMEOUT,
            },
        )
    app.jinja_env.globals["sign_in_providers"] = providers_of(settings)


@room.get("/<name>")
def go(name: str) -> ResponseReturnValue:
    """Off to the provider."""
    provider = _provider(name)
    slow_down()
    try:
        client = _client(provider)
        session[_WHERE_TO] = inside(request.args.get("next")) or ""
        answer: ResponseReturnValue = client.authorize_redirect(_back(provider), prompt="select_account")
        return answer
    except (requests.RequestException, OAuthError, Unusable, ValueError) as error:
        return _not_today(provider, error)


@room.get("/<name>/back")
def back(name: str) -> ResponseReturnValue:
    """Back from the provider, with a code that is worth an ID token."""
    provider = _provider(name)
    slow_down()
    if request.args.get("error") == "access_denied":
        flash(
            _(
                "You did not come in: {provider} was not allowed to tell us who you are.",
                provider=provider.title,
            ),
            "danger",
        )
        return redirect(url_for("signin.page"), code=303)
    try:
        claims = _claims(provider)
    except (requests.RequestException, OAuthError, JoseError, Unusable, ValueError, KeyError) as error:
        return _not_today(provider, error)
    target = inside(session.pop(_WHERE_TO, "")) or ""
    try:
        who = identities.who_is(
            world().db,
            provider.issuer,
            str(claims["sub"]),
            claims.get("email") if isinstance(claims.get("email"), str) else None,
            _verified(claims),
            now(),
        )
    except NotPossible as error:
        flash(_(str(error)), "danger")
        return redirect(url_for("signin.page"), code=303)
    return let_in(who, target)


def _claims(provider: Provider) -> Any:
    """What the ID token says, checked."""
    token = _client(provider).authorize_access_token(
        claims_options={
            "iss": {"essential": True, "values": [provider.issuer]},
            "aud": {"essential": True, "values": [provider.client_id]},
        },
        leeway=LEEWAY,
    )
    claims = token.get("userinfo")
    if not claims or not claims.get("sub"):
        raise Unusable("id_token")
    return claims


def _verified(claims: Any) -> bool:
    """Whether the provider vouches for the address: `email_verified`, or Microsoft's `xms_edov` (the address's domain
    belongs to the directory)."""
    return any(claims.get(name) in (True, "true", 1, "1") for name in ("email_verified", "xms_edov"))


def _client(provider: Provider) -> Any:
    """Authlib's client, once the provider's description of itself has been looked at."""
    client = current_app.extensions["authlib.integrations.flask_client"].create_client(provider.name)
    found = client.load_server_metadata()
    wrong = [] if found.get("issuer") == provider.issuer else ["issuer"]
    for name in _ENDPOINTS:
        where = urlsplit(str(found.get(name, "")))
        if where.scheme != "https" and not (where.scheme == "http" and is_loopback(where.hostname)):
            wrong.append(name)
    if wrong:
        found.pop("_loaded_at", None)  # ask again next time: it may have been mended
        raise Unusable(wrong[0])
    offered = found.get("id_token_signing_alg_values_supported") or ["RS256"]
    found["id_token_signing_alg_values_supported"] = [one for one in SIGNATURES if one in offered] or [
        "RS256"
    ]
    return client


def _provider(name: str) -> Provider:
    found: Provider | None = current_app.extensions["puente_providers"].get(name)
    if found is None:
        abort(404)
    return found


def _back(provider: Provider) -> str:
    """The address the provider sends people back to: from the settings, never from the request's own headers."""
    return world().settings.base_url + url_for(".back", name=provider.name)


def _not_today(provider: Provider, error: Exception) -> ResponseReturnValue:
    """Said in one sentence; the log gets the kind of error, never what somebody's token held."""
    log.warning("sign_in_failed", provider=provider.name, error=type(error).__name__, code=_code(error))
    flash(
        _(
            "Signing in with {provider} did not work. Please try again; if it stays, use your password and tell the "
            "person who looks after Puente.",
            provider=provider.title,
        ),
        "danger",
    )
    return redirect(url_for("signin.page"), code=303)


def _code(error: Exception) -> str:
    found = getattr(error, "error", None) if isinstance(error, OAuthError | JoseError) else None
    return str(found)[:60] if found else (str(error)[:60] if isinstance(error, Unusable) else "")
