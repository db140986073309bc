"""The contact form: what is mailed of a message, and to whom."""

from collections.abc import Iterable
from typing import Any, Final

from bastide import Message

RECIPIENTS: Final = ("editors@example.org",)


def mails_of(message: Any, recipients: Iterable[str]) -> list[Message]:
    """Return what the recipients read of a message that was kept; answers go to who wrote it."""
    sender = f"{message.name} <{message.email}>" + (f", {message.phone}," if message.phone else "")
    return [
        Message(
            to=recipient, subject=f"Contact form: {message.subject}", reply_to=message.email,
            body=f"{sender} wrote through the contact form:\n\n{message.body}\n",
        )
        for recipient in recipients
    ]  # fmt: skip
