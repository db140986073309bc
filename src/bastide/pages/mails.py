"""The words of mails, from the same catalogue as the pages'."""

from collections.abc import Mapping
from datetime import timedelta

from bastide.core.mail import Fact, MailText
from bastide.pages.durations import duration_text
from bastide.pages.messages import MESSAGES, Messages
from bastide.pages.sentences import MAIL_SENTENCES, NOTICE_BODY, NOTICE_SENTENCES


class CatalogueMails:
    """Writes mails in the language at hand; see ``MailTexts``.

    Args:
        t: the texts of that language.
    """

    def __init__(self, t: Messages = MESSAGES) -> None:
        self._t = t

    def write(self, text: MailText, facts: Mapping[str, Fact]) -> tuple[str, str]:
        """Return subject and body; what people typed is put in once and never read as a placeholder."""
        said = {name: self._say(fact) for name, fact in facts.items()}
        if text in NOTICE_SENTENCES:
            subject, what = NOTICE_SENTENCES[text]
            said["what"] = self._t.filled(what, said)
            return self._t.filled(subject, said), self._t.filled(NOTICE_BODY, said)
        subject, body = MAIL_SENTENCES[text]
        return self._t.filled(subject, said), self._t.filled(body, said)

    def _say(self, fact: Fact) -> str:
        return duration_text(fact, self._t) if isinstance(fact, timedelta) else fact
