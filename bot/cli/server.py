"""gunicorn, set up for this product: threads, no access log (addresses can hold numbers), our own log lines."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from bot.cli.start import metrics_folder
from bot.observe import metrics
from bot.settings import Settings

TIMEOUT_SECONDS = 60
GRACEFUL_SECONDS = 10


def serve(settings: Settings, workers: int) -> None:
    """Serve until SIGTERM or SIGINT. The application is built in each web process, after the fork."""
    _Server(settings, workers).run()


class _Lines(Logger):
    """gunicorn's own logger, without its handlers: its lines go where ours go, masked like ours."""

    def setup(self, cfg: Any) -> None:
        self.cfg = cfg
        self._access_log_enabled = False
        self.loglevel = logging.WARNING if cfg.loglevel != "debug" else logging.DEBUG
        self.error_log.setLevel(self.loglevel)
        self.error_log.propagate = True


class _Server(BaseApplication):
    def __init__(self, settings: Settings, workers: int) -> None:
        self._settings = settings
        self._workers = workers
        super().__init__(prog="bot web")

    def load_config(self) -> None:
        folder = metrics_folder(self._settings)
        host = f"[{self._settings.host}]" if ":" in self._settings.host else self._settings.host
        chosen = {
            "bind": f"{host}:{self._settings.port}",
            "workers": self._workers,
            "worker_class": "gthread",
            "threads": self._settings.web_threads,
            "timeout": TIMEOUT_SECONDS,
            "graceful_timeout": GRACEFUL_SECONDS,
            "preload_app": False,
            "accesslog": None,
            "loglevel": self._settings.log_level,
            "logger_class": _Lines,
            "proc_name": "puente web",
            "control_socket_disable": True,
            # Who is trusted to speak for the visitor is TRUSTED_PROXIES, in one place (bot.web.security).
            "forwarded_allow_ips": "",
            "secure_scheme_headers": {},
            "worker_exit": _close_world,
            "child_exit": lambda _server, _worker: metrics.fold_dead(folder),
        }
        if Path("/dev/shm").is_dir():  # noqa: S108  (gunicorn's heartbeat file, in memory instead of on the disk)
            chosen["worker_tmp_dir"] = "/dev/shm"  # noqa: S108
        for name, value in chosen.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        from bot.app import create_app
        from bot.jobs.wiring import World

        return create_app(World.build(self._settings))


def _close_world(_server: object, worker: Any) -> None:
    application = getattr(worker, "wsgi", None)
    if application is not None:
        application.extensions["puente"].close()
