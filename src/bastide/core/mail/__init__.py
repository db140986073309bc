"""Mail: messages that cannot smuggle a header, kept with what they tell of until they are delivered.

It is sealed while it waits and tried again while the server is away. Notices tell owners what happened to
their account.
"""

from bastide.core.mail.message import Message
from bastide.core.mail.notices import Notices
from bastide.core.mail.outbox import MAIL_COLUMN, Outbox, OutboxSettings
from bastide.core.mail.ports import Mailer, MailStore, QueuedMail

__all__ = [
    "MAIL_COLUMN",
    "MailStore",
    "Mailer",
    "Message",
    "Notices",
    "Outbox",
    "OutboxSettings",
    "QueuedMail",
]
