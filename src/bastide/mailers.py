"""Ways to hand mail over: SMTP, and a folder for development."""

import os
import re
import secrets
import smtplib
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP
from email.utils import formatdate, make_msgid
from enum import StrEnum
from pathlib import Path
from typing import Final

from bastide.core.foundation import ConfigurationError, Secret, StoreUnavailable
from bastide.core.mail import Message

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_NAME: Final = re.compile(r"[0-9]{14}-[0-9a-f]{16}")


def to_email(message: Message, *, sender: str) -> EmailMessage:
    """Return the message as the standard library sends it."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = message.to
    mail["Subject"] = message.subject
    mail["Date"] = formatdate()
    mail["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    if message.reply_header:
        mail["Reply-To"] = message.reply_header
    mail.set_content(message.body)
    return mail


class SmtpSecurity(StrEnum):
    """How the connection to the mail server is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpMailer:
    """Sends through a mail server, with a verified certificate unless it is on this machine.

    Attributes:
        host: the server's name.
        port: the server's port.
        sender: address that messages come from.
        security: ``none`` is accepted for loopback only (V12.3.1).
        user: name to sign in with, or empty.
        password: password to sign in with, or None.
        timeout_seconds: longest wait for any one step.
    """

    host: str
    port: int = 587
    sender: str
    security: SmtpSecurity = SmtpSecurity.STARTTLS
    user: str = ""
    password: Secret | None = None
    timeout_seconds: float = 10.0

    def __post_init__(self) -> None:
        if self.security is SmtpSecurity.NONE and self.host not in _LOOPBACK:
            msg = "mail without TLS is for a server on this machine only"
            raise ConfigurationError(msg)

    def send(self, message: Message) -> None:
        """Hand the message to the server; see ``Mailer``."""
        mail = to_email(message, sender=self.sender)
        try:
            with self._connect() as server:
                if self.security is SmtpSecurity.STARTTLS:
                    server.starttls(context=ssl.create_default_context())
                if self.password is not None:
                    server.login(self.user, self.password.reveal())
                server.send_message(mail)
        except OSError as error:  # smtplib's own among them
            msg = "the mail server did not take the message"
            raise StoreUnavailable(msg) from error

    def _connect(self) -> smtplib.SMTP:
        if self.security is SmtpSecurity.TLS:
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout_seconds, context=context)
        return smtplib.SMTP(self.host, self.port, timeout=self.timeout_seconds)


@dataclass(frozen=True, slots=True)
class FolderMailer:
    """Writes each message to a file of its own: for development, never for production."""

    folder: Path
    sender: str = "bastide@localhost"

    def send(self, message: Message) -> None:
        """Write the message; see ``Mailer``. A reader never sees half a file."""
        mail = to_email(message, sender=self.sender)
        name = f"{datetime.now(UTC):%Y%m%d%H%M%S}-{secrets.token_hex(8)}"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            partial = self.folder / f".{name}"
            with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(mail.as_bytes())
            partial.rename(self.folder / f"{name}.eml")
        except OSError as error:
            msg = "the mail folder cannot be written"
            raise StoreUnavailable(msg) from error

    def list_messages(self, *, limit: int = 100) -> list[str]:
        """Return names of messages, the newest first."""
        names = sorted((path.stem for path in self.folder.glob("*.eml")), reverse=True)
        return names[:limit]

    def read_message(self, name: str) -> EmailMessage | None:
        """Return the message of that name, or None; a name that is no such name opens no file."""
        if not _NAME.fullmatch(name):
            return None
        try:
            content = (self.folder / f"{name}.eml").read_bytes()
        except FileNotFoundError:
            return None
        return BytesParser(EmailMessage, policy=SMTP).parsebytes(content)
