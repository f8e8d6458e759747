"""Takes the README's picture from the running product: `python -m tests.web.picture docs/img/phone-and-thread.png`.

A mother's phone and her teacher's thread, side by side; every word in it went through the product on the way.
"""

from __future__ import annotations

import base64
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from werkzeug.serving import make_server

from bot.app import create_app
from bot.store.database import make_engine
from bot.store.migrate import upgrade
from tests.conftest import Clock
from tests.people import Town, town

HEIGHT = 900


@contextmanager
def a_school() -> Iterator[tuple[Town, str]]:
    """The sample school on a fresh database, served on this machine."""
    with tempfile.TemporaryDirectory() as name:
        url = f"sqlite:///{name}/puente.db"
        engine = make_engine(url)
        upgrade(engine)
        engine.dispose()
        with town(url, Path(name), Clock(datetime(2026, 3, 4, 21, 40, tzinfo=UTC))) as found:
            server = make_server("127.0.0.1", 0, create_app(found.world), threaded=True)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield found, f"http://127.0.0.1:{server.server_port}"
            server.shutdown()


def play(here: Town) -> None:
    """What the two say to each other."""
    mother = here.guardian("Juliana")
    mother.texts("Boa tarde! Sou a mãe do Lucas")
    here.later(minutes=3)
    mother.texts("Queria que ele tivesse mais confiança para ler em voz alta")
    here.later(minutes=6)
    here.teacher_writes(
        mother, "Thank you! I will let him read to a small group first. Which books does he love?"
    )
    here.later(minutes=4)
    mother.texts("Ele adora livros de dinossauros! Posso ler com ele em português?")
    here.later(minutes=12)


def take(target: Path) -> None:
    """Take the picture."""
    with a_school() as (here, url), sync_playwright() as playwright:
        play(here)
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": 1180, "height": HEIGHT})
        page.goto(f"{url}/phone")
        page.get_by_role("link", name="Juliana Ferreira").click()
        page.evaluate("document.activeElement.blur()")
        phone = page.locator(".phone").screenshot()
        page.goto(f"{url}/sign-in")
        page.get_by_role("button", name="Enter as Ms. Rachel Bennett").click()
        page.get_by_role("link", name="Juliana Ferreira").click()
        page.locator("#text").fill("Wonderful idea! Reading together in any language helps him.")
        page.get_by_role("button", name="See what the family will read").click()
        page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
        desk = page.screenshot()
        beside(chromium.new_page(), desk, phone, target)
        chromium.close()


def beside(page: Page, desk: bytes, phone: bytes, target: Path) -> None:
    """Both in one picture."""
    pictures = [f"data:image/png;base64,{base64.b64encode(one).decode()}" for one in (desk, phone)]
    page.set_viewport_size({"width": 1560, "height": HEIGHT + 80})
    page.set_content(
        "<body style='margin:0;background:#e6f0ed;display:flex;gap:40px;align-items:center;padding:40px;box-sizing:border-box'>"
        f"<img src='{pictures[0]}' style='width:1050px;border-radius:14px;box-shadow:0 20px 40px -16px #1c2b3355'>"
        f"<img src='{pictures[1]}' style='width:390px;border-radius:43px'></body>"
    )
    page.wait_for_timeout(200)
    target.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(target))


if __name__ == "__main__":
    take(Path(sys.argv[1]))
