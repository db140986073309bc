"""Mail on its way in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bastide.core.mail import QueuedMail
from bastide.stores.memory.data import Data


class MemoryMail:
    """See ``MailStore``."""

    def __init__(self, data: Data) -> None:
        self._data = data

    def put_mail(self, mail: QueuedMail) -> None:
        """See ``MailStore``."""
        with self._data.lock:
            self._data.mail[mail.id] = mail

    def claim_mail(
        self, *, now: datetime, until: datetime, limit: int, only: bytes | None = None
    ) -> Sequence[QueuedMail]:
        """See ``MailStore``."""
        with self._data.lock:
            due = sorted(
                (mail for mail in self._data.mail.values() if mail.due_at <= now and only in {None, mail.id}),
                key=lambda mail: (mail.due_at, mail.id),
            )
            claimed = [replace(mail, due_at=until, tries=mail.tries + 1) for mail in due[:limit]]
            self._data.mail |= {mail.id: mail for mail in claimed}
            return claimed

    def postpone_mail(self, mail_id: bytes, *, due_at: datetime) -> None:
        """See ``MailStore``."""
        with self._data.lock:
            known = self._data.mail.get(mail_id)
            if known is not None:
                self._data.mail[mail_id] = replace(known, due_at=due_at)

    def drop_mail(self, mail_id: bytes) -> bool:
        """See ``MailStore``."""
        with self._data.lock:
            return self._data.mail.pop(mail_id, None) is not None

    def count_mail(self) -> int:
        """See ``MailStore``."""
        with self._data.lock:
            return len(self._data.mail)
