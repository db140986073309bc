"""Caught mail, shown in development."""

import re
from datetime import UTC
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

from bastide import FolderMailer
from blog_shared.present import Address, minute
from blog_shared.views.frame import Moment
from blog_shared.views.mail import MailPage, MailRow

_LINK = re.compile(r"https?://localhost[^\s<>\"']+")


def mail_rows(address: Address, mailer: FolderMailer) -> tuple[MailRow, ...]:
    found = [(name, mailer.read_message(name)) for name in mailer.list_messages()]
    return tuple(
        MailRow(
            subject=message["Subject"], to=message["To"], at=_sent_at(message),
            url=address("development.message", name=name),
        )
        for name, message in found
        if message is not None
    )  # fmt: skip


def mail_page(address: Address, message: EmailMessage) -> MailPage:
    body = message.get_content()
    return MailPage(
        subject=message["Subject"],
        to=message["To"],
        sender=message["From"],
        at=_sent_at(message),
        body=body,
        links=tuple(_LINK.findall(body)),
        back_url=address("development.mail"),
    )


def _sent_at(message: EmailMessage) -> Moment:
    return minute(parsedate_to_datetime(message["Date"]).astimezone(UTC))
