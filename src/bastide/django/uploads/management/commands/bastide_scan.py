"""``manage.py bastide_scan``: files that wait for the virus scanner."""

from typing import Any

from django.core.management.base import BaseCommand

from bastide.django.commands import SHELL
from bastide.django.wiring import bastide
from bastide.housekeeping import scan_uploads


class Command(BaseCommand):
    """Asks the scanner about files that wait since it was away; for a timer."""

    help = "Ask the virus scanner about files that wait for it."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 -- Django's signature
        """Do it."""
        scan_uploads(bastide().services, SHELL, write=self.stdout.write)
