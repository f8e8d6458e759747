"""A mail server on this machine, small and real: it speaks SMTP over a socket and keeps what it is given."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message


@dataclass
class MailServer:
    """What arrived, and how the server behaves: `refuse` answers every message with a temporary error."""

    port: int = 0
    refuse: bool = False
    arrived: list[tuple[str, Message]] = field(default_factory=list)

    def to(self, address: str) -> list[str]:
        """The bodies of what somebody got."""
        return [mail.get_payload() for one, mail in self.arrived if one == address]  # type: ignore[misc]


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """A server on a free port of the loopback address."""
    box = MailServer()

    class Talk(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def handle(self) -> None:
            self.say("220 here")
            to = ""
            while line := self.rfile.readline():
                verb = line.strip().upper()
                if verb.startswith(b"RCPT TO"):
                    to = line.decode().partition("<")[2].partition(">")[0]
                if verb == b"DATA":
                    self.say("354 go on")
                    lines = []
                    while (part := self.rfile.readline()) not in (b".\r\n", b""):
                        lines.append(part)
                    if box.refuse:
                        self.say("451 later")
                    else:
                        box.arrived.append((to, message_from_bytes(b"".join(lines))))
                        self.say("250 taken")
                elif verb == b"QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 yes")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk) as server:
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield box
        server.shutdown()
        thread.join()
