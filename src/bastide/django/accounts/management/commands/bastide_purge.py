"""``manage.py bastide_purge``: old sessions."""

from typing import Any

from django.core.management.base import BaseCommand

from bastide.django.conf import bastide


class Command(BaseCommand):
    """Deletes sessions past their limits."""

    help = "Delete sessions past their limits."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 -- Django's signature
        """Delete them."""
        self.stdout.write(f"{bastide().services.sessions.purge()} sessions deleted")
