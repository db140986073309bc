"""Messages made of what the controls hand out: a name of a text, facts, and nothing else."""

from collections.abc import Mapping

from bastide.core.mail.message import Message
from bastide.core.mail.ports import MailTexts
from bastide.core.mail.texts import Fact, MailText


class Letters:
    """Makes every message of the controls.

    The words are chosen when a control has something to say, and the outbox keeps them: a message waits
    in the language of the request that caused it.

    Args:
        texts: the application's words.
        site_name: what the site is called.
    """

    def __init__(self, *, texts: MailTexts, site_name: str) -> None:
        self._texts = texts
        self._site_name = site_name

    def write(self, text: MailText, *, to: str, facts: Mapping[str, Fact]) -> Message:
        """Return the message.

        Args:
            text: what it says.
            to: the recipient's address.
            facts: what the text names.

        Raises:
            InvalidInput: see ``Message``.
        """
        subject, body = self._texts.write(text, {"site": self._site_name, **facts})
        return Message(to=to, subject=subject, body=body)
