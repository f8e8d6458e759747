"""Who may do what: every route of the application, for everybody."""

from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.routing import Rule as Route

from bot.store.people import ROLES
from bot.web.access import RULES, Door, inside, is_loopback
from tests.web.conftest import Site, Visitor

ODD = {"line": "no-such-line", "filename": "puente.css", "token": "no-such-token", "way": "in", "form": "json",
       "kind": "text", "domain": "bot", "language": "pt"}  # fmt: skip


def path_of(route: Route) -> str:
    """An address of this route, with ids that belong to nothing."""
    filled = {name: ODD.get(name, 7) for name in route.arguments}
    return str(route.build(filled)[1])  # type: ignore[index]


def routes(app: Flask) -> list[Route]:
    return sorted(app.url_map.iter_rules(), key=lambda route: route.rule)


def knock(visitor: Visitor, route: Route, **more: object) -> int:
    method = "GET" if "GET" in (route.methods or ()) else "POST"
    if method == "GET":
        return visitor.get(path_of(route), **more).status_code
    return visitor.post(path_of(route), **more).status_code


def test_every_route_is_in_the_table_and_nothing_else_is(site: Site) -> None:
    assert {route.endpoint for route in routes(site.app)} == set(RULES)


def test_a_route_that_nobody_put_in_the_table_is_closed(site: Site) -> None:
    site.app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    assert site.visitor().get("/forgotten").status_code == 404


@pytest.mark.parametrize("role", ROLES)
def test_each_role_passes_exactly_its_own_doors(site: Site, role: str) -> None:
    visitor = site.enter(role)
    for route in routes(site.app):
        rule = RULES[route.endpoint]
        if rule.door is not Door.STAFF or route.endpoint == "signin.leave":
            continue
        status = knock(visitor, route)
        if role in rule.roles:
            assert status in (200, 303, 404, 422), route.rule  # the ids belong to nothing, the form is empty
        else:
            assert status == 403, route.rule


def test_somebody_who_is_not_signed_in_is_led_to_the_sign_in_page_and_back(site: Site) -> None:
    for route in routes(site.app):
        if RULES[route.endpoint].door is not Door.STAFF:
            continue
        visitor = site.visitor()
        if "GET" in (route.methods or ()):
            answer = visitor.get(path_of(route))
            assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (303, "/sign-in"), (
                route.rule
            )
        else:
            assert visitor.post(path_of(route)).status_code == 401, route.rule


SAMPLE = sorted(name for name, rule in RULES.items() if rule.door is Door.SAMPLE)


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"environ_overrides": {"REMOTE_ADDR": "192.0.2.7"}},
        {"environ_overrides": {"REMOTE_ADDR": "127.0.0.1"}, "headers": {"X-Forwarded-For": "192.0.2.7"}},
        {"environ_overrides": {"REMOTE_ADDR": "127.0.0.1"}, "headers": {"Host": "rebound.example"}},
    ],
    ids=["another machine", "through a proxy nobody declared", "a page that points its name here"],
)
def test_the_sample_doors_do_not_exist_for_others(site: Site, elsewhere: dict[str, object]) -> None:
    for route in routes(site.app):
        if route.endpoint in SAMPLE and "GET" in (route.methods or ()):
            assert site.visitor().get(path_of(route), **elsewhere).status_code == 404, route.rule
    assert "sample/" not in site.visitor().get("/sign-in", **elsewhere).text


def test_without_the_sample_school_there_is_no_phone_and_no_door(site: Site) -> None:
    settings = site.town.world.settings
    object.__setattr__(site.town.world, "settings", settings.model_copy(update={"sample_school": False}))
    visitor = site.visitor()
    assert visitor.get("/phone").status_code == 404
    assert "sample/" not in visitor.get("/sign-in").text
    assert visitor.post(f"/sign-in/sample/{site.staff('teacher').id}").status_code == 404


@pytest.mark.parametrize("target", ["/staff", "/staff/families/7?before=3.4", "/?lang=ar"])
def test_paths_of_this_site_are_inside(target: str) -> None:
    assert inside(target) == target


@pytest.mark.parametrize(
    "target",
    ["", "staff", "//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "/\n/evil.example",
     "javascript:alert(1)", "/a\\b", None, "/\x00"],
)  # fmt: skip
def test_everything_else_is_outside(target: str | None) -> None:
    assert inside(target) is None


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1", "localhost"])
def test_this_machine_has_many_names(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["192.0.2.7", "10.0.0.1", "::", "::ffff:10.0.0.1", "localhost.example", "", None, "0.0.0.0"]
)
def test_others_are_not_this_machine(host: str | None) -> None:
    assert not is_loopback(host)
