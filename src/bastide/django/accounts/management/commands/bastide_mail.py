"""``manage.py bastide_mail``: hand over mail that waits since the mail server was away."""

from typing import Any

from django.core.management.base import BaseCommand

from bastide.django.wiring import bastide

BATCH = 1000


class Command(BaseCommand):
    """Tries what is due; for a timer."""

    help = "Hand over mail that waits since the mail server was away."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 -- Django's signature
        """Do it."""
        services = bastide().services
        sent = services.outbox.deliver(limit=BATCH)
        self.stdout.write(f"{sent} handed over, {services.stores.mail.count_mail()} waiting")
