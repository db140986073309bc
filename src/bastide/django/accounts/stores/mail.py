"""Mail on its way, on the Django ORM."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import connections
from django.db.models import F

from bastide.core.foundation import to_micros
from bastide.core.mail import QueuedMail
from bastide.django.accounts.models import Mail
from bastide.django.connection import ALIAS, atomic, store_verb, writing_verb
from bastide.stores.rows import MAIL, mail_row, queued_mail


class DjangoMail:
    """See ``MailStore``."""

    @writing_verb
    def put_mail(self, mail: QueuedMail) -> None:
        """See ``MailStore``."""
        Mail.objects.using(ALIAS).create(**mail_row(mail))

    @store_verb
    def claim_mail(
        self, *, now: datetime, until: datetime, limit: int, only: bytes | None = None
    ) -> Sequence[QueuedMail]:
        """See ``MailStore``."""
        with atomic():
            due = Mail.objects.using(ALIAS).filter(due_at__lte=to_micros(now))
            if only is not None:
                due = due.filter(id=only)
            free = due.select_for_update(
                skip_locked=connections[ALIAS].features.has_select_for_update_skip_locked
            ).order_by("due_at", "id")
            found = [queued_mail(row) for row in free.values_list(*MAIL)[:limit]]
            claimed = Mail.objects.using(ALIAS).filter(id__in=[mail.id for mail in found])
            claimed.update(due_at=to_micros(until), tries=F("tries") + 1)
        return [replace(mail, due_at=until, tries=mail.tries + 1) for mail in found]

    @writing_verb
    def postpone_mail(self, mail_id: bytes, *, due_at: datetime) -> None:
        """See ``MailStore``."""
        Mail.objects.using(ALIAS).filter(id=mail_id).update(due_at=to_micros(due_at))

    @writing_verb
    def drop_mail(self, mail_id: bytes) -> bool:
        """See ``MailStore``."""
        return bool(Mail.objects.using(ALIAS).filter(id=mail_id).delete()[0])

    @store_verb
    def count_mail(self) -> int:
        """See ``MailStore``."""
        return Mail.objects.using(ALIAS).count()
