"""`bot run`: everything on this machine as one command."""

from __future__ import annotations

import errno
import json
import os
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime

import click

from bot.cli.errors import Missing
from bot.cli.start import settings_of_this_process
from bot.observe import logs
from bot.settings import Settings

COLOURS = {"run": "bright_white", "web": "cyan", "worker": "green", "scheduler": "magenta"}
STARTS = {"web": 0.0, "worker": 0.0, "scheduler": 1.5}
"""What runs, and when it begins, in seconds: on two cores somebody waits for the page, nobody for the first tick."""
SLOW_SECONDS = 20.0
"""After this long without readiness somebody wants to know what it waits for."""


@click.command()
def run() -> None:
    """Everything on this machine, as one command: prepares the database, then runs web, worker and scheduler.

    A process that crashes is started again. Ctrl-C ends all of them.
    """
    began = time.monotonic()
    settings = settings_of_this_process("run")
    speak = Speaker(settings)
    _want_free_port(settings)

    from bot.cli.prepare import prepare
    from bot.cli.supervisor import Child, Supervisor

    for step in prepare(settings, datetime.now(UTC)):
        speak.step(step.what, step.says, warning=step.warning)
    supervisor = Supervisor(
        [
            Child(
                name, [sys.executable, "-m", "bot", name, "--supervised"], start_at=time.monotonic() + after
            )
            for name, after in STARTS.items()
        ],
        speak.environment(),
        speak.line,
        speak.status,
    )
    announce = threading.Thread(
        target=lambda: _announce(settings, supervisor.say, lambda: time.monotonic() - began), daemon=True
    )
    announce.start()
    supervisor.run()
    speak.status("run", "everything has stopped; the data is kept")


class Speaker:
    """Says what happens: lines with a coloured name for people, JSON lines for machines."""

    def __init__(self, settings: Settings) -> None:
        self._tty = sys.stdout.isatty()
        self._json = settings.log_format == "json" or (settings.log_format == "auto" and not self._tty)
        self._log = logs.get("bot.run")

    def environment(self) -> dict[str, str]:
        """The environment of the children: they write into a pipe, and should write as if it were our terminal."""
        found = dict(os.environ, LOG_FORMAT="json" if self._json else "console", PYTHONUNBUFFERED="1")
        if self._tty and not os.environ.get("NO_COLOR"):
            found["FORCE_COLOR"] = "1"
        return found

    def step(self, what: str, says: str, *, warning: bool = False) -> None:
        """One step of the preparation."""
        if self._json:
            (self._log.warning if warning else self._log.info)("prepared", what=what, says=says)
            return
        click.echo(
            f"  {click.style(f'{what:<10}', bold=True)} {click.style(says, fg='yellow' if warning else None)}"
        )

    def line(self, name: str, text: str) -> None:
        """A line that a child printed."""
        if self._json:
            click.echo(text)
        else:
            click.echo(f"{self._name(name)} {text}")

    def status(self, name: str, text: str) -> None:
        """Something that happened to a child."""
        if self._json:
            self._log.info("status", of=name, says=text)
        else:
            click.echo(f"{self._name(name)} {click.style(text, bold=True)}")

    @staticmethod
    def _name(name: str) -> str:
        return click.style(f"{name:>9} │", fg=COLOURS[name])


def _want_free_port(settings: Settings) -> None:
    """Better one sentence now than a child that crashes and crashes. Raises `Missing`."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except PermissionError:
            raise Missing(
                f"Port {settings.port} needs root; choose one above 1023, such as PORT=8000."
            ) from None
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise Missing(
                    f"Port {settings.port} is taken, perhaps by a Puente that runs already: stop that one, "
                    f"or choose another port, such as PORT={settings.port + 1}."
                ) from None
            raise Missing(
                f"HOST={settings.host} is no address of this machine; 127.0.0.1 always is."
            ) from None


def local_address(settings: Settings) -> str:
    """Where this machine reaches its own web server, whatever it listens on."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)  # noqa: S104
    return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{settings.port}"


def _announce(settings: Settings, say: Callable[[str, str], None], seconds: Callable[[], float]) -> None:
    """Wait until /readyz says yes; then tell the address. When that takes long, tell what is missing, once."""
    complained = False
    while True:
        try:
            with urllib.request.urlopen(f"{local_address(settings)}/readyz", timeout=5):  # noqa: S310
                say("run", f"ready in {seconds():.1f} s: {settings.base_url}/  (Ctrl-C stops it)")
                return
        except urllib.error.HTTPError as refused:
            if not complained and seconds() > SLOW_SECONDS:
                complained = True
                say("run", f"not ready yet: {_missing(refused.read())}")
        except OSError:
            pass  # not listening yet
        time.sleep(0.1)


def _missing(answer: bytes) -> str:
    try:
        checks = json.loads(answer)["checks"]
        return "; ".join(f"{name}: {check['says']}" for name, check in checks.items() if not check["ok"])
    except (ValueError, KeyError, TypeError):
        return "the web server answers, but not in a way this command knows"
