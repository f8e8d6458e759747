"""For whoever runs it: alive, able, and how it is doing."""

from __future__ import annotations

from bot.store.database import Database
from bot.store.migrate import downgrade
from tests.web.conftest import Site


def test_a_healthy_installation(any_site: Site) -> None:
    visitor = any_site.visitor()
    assert visitor.get("/healthz").json == {"ok": True}
    answer = visitor.get("/readyz")
    assert answer.status_code == 200
    assert answer.json
    assert answer.json["ready"] is True
    assert set(answer.json["checks"]) == {"database", "migrations", "inbox", "outbox", "model"}


def test_without_a_worker_it_is_not_ready_and_says_why(site: Site) -> None:
    site.town.guardian("Juliana").texts("Oi", turn=False)
    site.town.clock.forward(minutes=10)
    answer = site.visitor().get("/readyz")
    assert answer.status_code == 503
    assert answer.json
    assert "start `bot worker`" in answer.json["checks"]["inbox"]["says"]


def test_a_database_that_is_away_is_said_and_the_process_still_lives(site: Site) -> None:
    world = site.town.world
    object.__setattr__(
        world, "db", Database("postgresql+psycopg://nobody:secret@127.0.0.1:1/none", world.db.vault)
    )
    visitor = site.visitor()
    assert visitor.get("/healthz").status_code == 200
    answer = visitor.get("/readyz")
    assert answer.status_code == 503
    assert "secret" not in answer.text
    assert visitor.get("/phone").status_code == 503


def test_an_old_database_is_said(any_site: Site) -> None:
    downgrade(any_site.town.world.db.engine, "base")
    answer = any_site.visitor().get("/readyz")
    assert answer.status_code == 503
    assert answer.json
    assert "bot migrate" in answer.json["checks"]["migrations"]["says"]


def test_numbers_for_prometheus_for_this_machine(site: Site) -> None:
    site.town.guardian("Juliana").texts("Oi", turn=False)
    answer = site.visitor().get("/metrics")
    assert answer.status_code == 200
    assert "puente_inbox_new 1.0" in answer.text
    assert site.visitor().get("/metrics", environ_overrides={"REMOTE_ADDR": "192.0.2.1"}).status_code == 404


def test_with_a_token_the_numbers_want_it(site: Site) -> None:
    world = site.town.world
    object.__setattr__(world, "settings", world.settings.model_copy(update={"metrics_token": "scrape"}))
    assert site.visitor().get("/metrics").status_code == 401
    wrong, right = ({"Authorization": f"Bearer {token}"} for token in ("other", "scrape"))
    assert site.visitor().get("/metrics", headers=wrong).status_code == 401
    assert site.visitor().get("/metrics", headers=right).status_code == 200
