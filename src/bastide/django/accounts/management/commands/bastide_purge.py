"""``manage.py bastide_purge``: old sessions and tickets."""

from typing import Any

from django.core.management.base import BaseCommand

from bastide.django.conf import bastide


class Command(BaseCommand):
    """Deletes sessions past their limits, and expired tickets."""

    help = "Delete sessions past their limits, and expired tickets."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 -- Django's signature
        """Delete them."""
        services = bastide().services
        sessions, tickets = services.sessions.purge(), services.tickets.purge()
        self.stdout.write(f"{sessions} sessions and {tickets} tickets deleted")
