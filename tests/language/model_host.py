"""A host of models on this machine: serves files, honours Range, and can break off in the middle."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class ModelHost(ThreadingHTTPServer):
    """`files` by path; `break_after` closes each connection after so many bytes of a body."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files: dict[str, bytes] = {}
        self.break_after: int | None = None
        self.asked: list[tuple[str, str | None]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: ModelHost

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers.get("Range")))
        body = self.server.files.get(self.path)
        if body is None:
            self.send_error(404)
            return
        start = int((self.headers.get("Range") or "bytes=0-").removeprefix("bytes=").rstrip("-"))
        if start >= len(body) and start:
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        part = body[start:]
        if self.server.break_after is not None and len(part) > self.server.break_after:
            self.wfile.write(part[: self.server.break_after])
            self.wfile.flush()
            self.connection.close()
            return
        self.wfile.write(part)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@contextmanager
def model_host() -> Iterator[ModelHost]:
    """A running host, gone afterwards."""
    host = ModelHost()
    thread = threading.Thread(target=host.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield host
    finally:
        host.shutdown()
        thread.join()
        host.server_close()
