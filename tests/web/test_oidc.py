"""A teacher whose district has a sign-in of its own comes in through it; nobody else does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jinja2 import BytecodeCache
from joserfc.jwk import RSAKey

from bot.settings import SettingsError, load
from tests.conftest import Clock
from tests.people import settings_for, town
from tests.web.conftest import Site, site_of, text_of
from tests.web.provider import Provider, running, walks_through

TEACHER = "rachel.bennett@sample.invalid"


@pytest.fixture(scope="module")
def running_provider() -> Iterator[Provider]:
    with running() as found:
        yield found


@pytest.fixture
def provider(running_provider: Provider) -> Provider:
    """Well behaved, until a test makes it otherwise."""
    running_provider.claims, running_provider.discovery = {}, {}
    running_provider.signing_key, running_provider.without_id_token = None, False
    return running_provider


@pytest.fixture
def district(
    database_url: str, tmp_path: Path, clock: Clock, templates: BytecodeCache, provider: Provider
) -> Iterator[Site]:
    """The sample school, with a provider in its settings."""
    yield from _district(database_url, tmp_path, clock, templates, provider)


@pytest.fixture
def small_district(
    sqlite_url: str, tmp_path: Path, clock: Clock, templates: BytecodeCache, provider: Provider
) -> Iterator[Site]:
    yield from _district(sqlite_url, tmp_path, clock, templates, provider)


def _district(
    url: str, folder: Path, clock: Clock, templates: BytecodeCache, provider: Provider
) -> Iterator[Site]:
    with town(
        url, folder, clock, OIDC_ISSUER=provider.issuer, OIDC_CLIENT_ID=provider.client_id,
        OIDC_CLIENT_SECRET=provider.client_secret, OIDC_NAME="Riverside District",
    ) as found:  # fmt: skip
        yield site_of(found, templates)


def come_in(site: Site, start: str = "/sign-in/with/oidc") -> tuple[Any, Any]:
    """A browser that presses the button, goes to the provider and comes back; the visitor and the last answer."""
    visitor = site.visitor()
    there = visitor.get(start)
    assert there.status_code == 302, text_of(visitor.get("/sign-in"))
    return visitor, visitor.get(walks_through(there.headers["Location"]))


def test_she_comes_in_and_her_account_is_bound(district: Site, provider: Provider) -> None:
    page = district.visitor().get("/sign-in")
    assert "Sign in with Riverside District" in text_of(page)
    visitor, answer = come_in(district, "/sign-in/with/oidc?next=/staff/prompts")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/staff/prompts")
    assert visitor.get("/staff").status_code == 200
    asked = provider.asked[-1]
    assert asked["redirect_uri"] == "http://127.0.0.1:8000/sign-in/with/oidc/back"
    assert asked["response_type"] == "code"
    assert len(asked["state"]) >= 20
    assert len(asked["nonce"]) >= 20
    assert provider.verified  # the provider has seen the PKCE verifier that fits
    assert [event.staff_id for event in district.audit("identity_bound")] == [district.staff("teacher").id]
    # Her address changes at the provider, or it takes its word back: she is who she is by its identifier.
    provider.claims = {"email": "rachel.osei@sample.invalid", "email_verified": False}
    assert come_in(district)[1].headers["Location"] == "/staff"
    assert len(district.audit("identity_bound")) == 1


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"aud": "somebody-else"},
        {"aud": ["puente-at-school", "somebody-else"], "azp": "somebody-else"},
        {"iss": "http://127.0.0.1:9/"},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"sub": None},
    ],
    ids=["wrong nonce", "no nonce", "wrong audience", "meant for another", "wrong issuer", "expired", "no end", "nobody"],
)  # fmt: skip
def test_a_token_that_is_not_for_this_sign_in_lets_nobody_in(
    small_district: Site, provider: Provider, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    visitor, answer = come_in(small_district)
    assert answer.headers["Location"] == "/sign-in"
    assert "did not work" in text_of(visitor.get("/sign-in"))
    assert visitor.get("/staff").status_code == 303
    assert small_district.audit("signed_in") == []


def test_a_token_somebody_else_signed_lets_nobody_in(small_district: Site, provider: Provider) -> None:
    provider.signing_key = RSAKey.generate_key(2048, {"kid": "one"}, private=True)
    visitor, _answer = come_in(small_district)
    assert "did not work" in text_of(visitor.get("/sign-in"))
    assert visitor.get("/staff").status_code == 303


def test_an_answer_without_an_id_token_lets_nobody_in(small_district: Site, provider: Provider) -> None:
    provider.without_id_token = True
    visitor, _answer = come_in(small_district)
    assert visitor.get("/staff").status_code == 303


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"email": "stranger@elsewhere.example"}, "Nobody here signs in with this account"),
        ({"email": None}, "Nobody here signs in with this account"),
        ({"email_verified": False}, "has not verified"),
        ({"email_verified": None}, "has not verified"),
    ],
)
def test_only_people_who_were_invited_get_in_by_a_verified_address(
    small_district: Site, provider: Provider, claims: dict[str, Any], said: str
) -> None:
    provider.claims = claims
    visitor, answer = come_in(small_district)
    assert answer.headers["Location"] == "/sign-in"
    assert said in text_of(visitor.get("/sign-in"))
    assert visitor.get("/staff").status_code == 303


def test_a_second_account_with_her_address_is_not_hers(small_district: Site, provider: Provider) -> None:
    come_in(small_district)
    provider.claims = {"sub": "another person, who was given her old address"}
    visitor, _answer = come_in(small_district)
    assert "another account of this provider" in text_of(visitor.get("/sign-in"))
    # Her administrator loosens the old account; then the new one is bound.
    admin, teacher = small_district.enter("administrator"), small_district.staff("teacher")
    page = f"/staff/people/{teacher.id}"
    assert f"Signs in through {provider.issuer}" in text_of(admin.get(page))
    assert admin.post(f"{page}/loosen", page=page).status_code == 303
    assert come_in(small_district)[1].headers["Location"] == "/staff"


def test_an_account_that_is_closed_here_stays_closed(small_district: Site) -> None:
    come_in(small_district)
    admin, teacher = small_district.enter("administrator"), small_district.staff("teacher")
    page = f"/staff/people/{teacher.id}"
    admin.post(page, {"name": teacher.name, "role": "teacher"}, page=page)
    visitor, _answer = come_in(small_district)
    assert "is closed" in text_of(visitor.get("/sign-in"))


def test_the_way_back_belongs_to_the_browser_that_began(small_district: Site) -> None:
    there = small_district.visitor().get("/sign-in/with/oidc").headers["Location"]
    back = walks_through(there)
    other = small_district.visitor()
    assert other.get(back).headers["Location"] == "/sign-in"
    assert other.get("/staff").status_code == 303
    begun = small_district.visitor()
    back = walks_through(begun.get("/sign-in/with/oidc").headers["Location"])
    assert begun.get(back).headers["Location"] == "/staff"
    begun.post("/sign-out", page="/staff")
    assert begun.get(back).headers["Location"] == "/sign-in"  # a code and a state count once


@pytest.mark.parametrize(
    "discovery",
    [{"issuer": "https://evil.example"}, {"token_endpoint": "http://evil.example/token"}, {"jwks_uri": None}],
)
def test_a_provider_that_is_not_who_it_should_be_is_left_alone(
    small_district: Site, provider: Provider, discovery: dict[str, Any]
) -> None:
    provider.discovery = discovery
    visitor = small_district.visitor()
    assert visitor.get("/sign-in/with/oidc").headers["Location"] == "/sign-in"
    assert "did not work" in text_of(visitor.get("/sign-in"))


def test_it_leads_nowhere_else(small_district: Site) -> None:
    _visitor, answer = come_in(small_district, "/sign-in/with/oidc?next=//evil.example/")
    assert answer.headers["Location"] == "/staff"
    assert small_district.visitor().get("/sign-in/with/google").status_code == 404


def test_somebody_who_says_no_at_the_provider_is_back_at_the_page(small_district: Site) -> None:
    visitor = small_district.visitor()
    visitor.get("/sign-in/with/oidc/back?error=access_denied&state=x")
    assert "was not allowed" in text_of(visitor.get("/sign-in"))


def test_half_a_provider_and_everybody_s_directory_are_no_settings(tmp_path: Path) -> None:
    base = settings_for("sqlite:///x.db", tmp_path)
    with pytest.raises(SettingsError, match="belong together"):
        load(base | {"GOOGLE_CLIENT_ID": "x"}, None)
    with pytest.raises(SettingsError, match="MICROSOFT_TENANT"):
        load(
            base | {"MICROSOFT_TENANT": "common", "MICROSOFT_CLIENT_ID": "x", "MICROSOFT_CLIENT_SECRET": "y"},
            None,
        )
    with pytest.raises(SettingsError, match="OIDC_ISSUER"):
        load(base | {"OIDC_ISSUER": "http://login.example"}, None)
