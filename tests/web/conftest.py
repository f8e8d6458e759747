"""Visitors to the pages: a test client that reads forms as a browser would, a real server, a real Chromium."""

from __future__ import annotations

import html
import os
import re
import shutil
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache, FileSystemBytecodeCache
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import select
from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.test import TestResponse

from bot.app import create_app
from bot.records import passwords
from bot.records.staff import hash_password
from bot.store.columns import new_id
from bot.store.people import AuditEvent, Staff
from tests.conftest import Clock
from tests.people import Town, town


@dataclass
class Visitor:
    """Somebody with a browser that runs no scripts."""

    client: FlaskClient
    seen: list[int] = field(default_factory=list)

    def get(self, path: str, **more: object) -> TestResponse:
        return self.client.get(path, **more)  # type: ignore[arg-type]

    def post(
        self, path: str, fields: Mapping[str, object] | None = None, *, page: str = "/sign-in", **more: object
    ) -> TestResponse:
        """Send a form; its token comes from `page`, as when a person presses a button there."""
        data = {"csrf_token": self.token(page), **(fields or {})}
        return self.client.post(path, data=data, **more)  # type: ignore[arg-type]

    def token(self, page: str) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get(page).text)
        assert found, f"{page} has no form"
        return found.group(1)

    def enters_as(self, member: Staff) -> Visitor:
        answer = self.post(f"/sign-in/sample/{member.id}")
        assert answer.status_code == 303, answer.text
        return self


@dataclass
class Site:
    """The sample school with its web pages."""

    town: Town
    app: Flask

    def visitor(self) -> Visitor:
        return Visitor(self.app.test_client())

    def staff(self, role: str) -> Staff:
        """A member of staff with this role; made on first use where the sample school has none."""
        with self.town.world.db.writing() as session:
            found = session.scalars(
                select(Staff).where(Staff.role == role).order_by(Staff.id).limit(1)
            ).one_or_none()
            if found is None:
                school = session.scalars(select(Staff.school_id).limit(1)).one()
                found = Staff(
                    id=new_id(),
                    school_id=school,
                    name=f"The {role}",
                    email=f"{role}@sample.invalid",
                    role=role,
                )
                session.add(found)
        return found

    def enter(self, role: str = "teacher") -> Visitor:
        """Somebody of this role, signed in."""
        return self.visitor().enters_as(self.staff(role))

    def set_password(self, member: Staff, password: str) -> None:
        with self.town.world.db.writing() as session:
            session.get_one(Staff, member.id).password_hash = hash_password(password)

    def audit(self, action: str) -> list[AuditEvent]:
        with self.town.world.db.reading() as session:
            return list(
                session.scalars(select(AuditEvent).where(AuditEvent.action == action).order_by(AuditEvent.id))
            )


def text_of(page: TestResponse | str) -> str:
    """The words of a page, without its markup."""
    source = page if isinstance(page, str) else page.text
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", source)))


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> BytecodeCache:
    """Templates as Jinja compiled them: once for the run instead of once for each application."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture(scope="package", autouse=True)
def quick_hashes() -> Iterator[None]:
    """argon2id with its smallest parameters: slowness is what it is for (tests/records/test_passwords.py looks at the
    parameters), and no page behaves differently for it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        passwords._nobodys.cache_clear()
        yield
    passwords._nobodys.cache_clear()


def site_of(found: Town, templates: BytecodeCache) -> Site:
    """The pages of a town."""
    app = create_app(found.world)
    app.jinja_env.bytecode_cache = templates
    return Site(found, app)


@pytest.fixture
def site(sqlite_url: str, tmp_path: Path, clock: Clock, templates: BytecodeCache) -> Iterator[Site]:
    """On SQLite."""
    with town(sqlite_url, tmp_path, clock) as found:
        yield site_of(found, templates)


@pytest.fixture
def any_site(database_url: str, tmp_path: Path, clock: Clock, templates: BytecodeCache) -> Iterator[Site]:
    """On each kind of database."""
    with town(database_url, tmp_path, clock) as found:
        yield site_of(found, templates)


@dataclass
class Served:
    """The site behind a real socket."""

    site: Site
    server: BaseWSGIServer

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def served(site: Site) -> Iterator[Served]:
    server = make_server("127.0.0.1", 0, site.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Served(site, server)
    server.shutdown()
    thread.join()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail("REQUIRE_BROWSER=1, and no Chromium is installed (apt-get install chromium).")
        pytest.skip("No Chromium is installed (apt-get install chromium).")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()
