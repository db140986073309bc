"""``manage.py bastide_purge``: what is past its time."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bastide.django.commands import SHELL
from bastide.django.wiring import bastide
from bastide.housekeeping import purge_all


class Command(BaseCommand):
    """Deletes what the layers that are on keep past its limits: sessions, attempt lanes, tickets, events."""

    help = "Delete sessions, attempt lanes, tickets and events past their limits."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 -- Django's signature
        """Delete them."""
        if not purge_all(bastide().services, SHELL, write=self.stdout.write):
            msg = "the log is broken"
            raise CommandError(msg)
