"""Mail: messages that cannot smuggle a header, kept with what they tell of until they are delivered.

It is sealed while it waits and tried again while the server is away. Notices tell owners what happened to
their account. What is said goes by a name; the words are the application's.
"""

from bastide.core.mail.letters import Letters
from bastide.core.mail.message import Message
from bastide.core.mail.notices import Notices
from bastide.core.mail.outbox import MAIL_COLUMN, Outbox, OutboxSettings
from bastide.core.mail.ports import Mailer, MailStore, MailTexts, QueuedMail
from bastide.core.mail.texts import Fact, MailText

__all__ = [
    "MAIL_COLUMN",
    "Fact",
    "Letters",
    "MailStore",
    "MailText",
    "MailTexts",
    "Mailer",
    "Message",
    "Notices",
    "Outbox",
    "OutboxSettings",
    "QueuedMail",
]
