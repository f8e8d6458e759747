"""Mail to staff, through the school's own mail server. Off unless SMTP_HOST is set; families never get mail.

Only pages go this way: a mail names no family and quotes nobody, because mail is read on lock screens.
"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import localtime, make_msgid
from typing import Literal


class MailFailed(Exception):
    """The server did not take the mail. The message holds the kind of error, never an address."""


@dataclass(frozen=True, slots=True)
class Mailer:
    """How the school's mail server is reached."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""
    security: Literal["starttls", "tls", "none"] = "starttls"
    timeout_seconds: float = 10.0

    def send(self, to: str, subject: str, body: str) -> None:
        """Hand one mail over. Raises `MailFailed`; then it may be tried again."""
        message = EmailMessage()
        try:
            message["From"], message["To"], message["Subject"] = self.sender, to, subject
            message["Date"], message["Message-ID"] = localtime(), make_msgid(domain="puente.invalid")
            message.set_content(body)
            with self._connected() as server:
                if self.security == "starttls":
                    server.starttls(context=ssl.create_default_context())
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(message)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise MailFailed(type(error).__name__) from None

    def _connected(self) -> smtplib.SMTP:
        if self.security == "tls":
            return smtplib.SMTP_SSL(
                self.host, self.port, timeout=self.timeout_seconds, context=ssl.create_default_context()
            )
        return smtplib.SMTP(self.host, self.port, timeout=self.timeout_seconds)
