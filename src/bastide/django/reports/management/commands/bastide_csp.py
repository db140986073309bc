"""``manage.py bastide_csp``: from reports of browsers to the directives that a site needs."""

from typing import Any

from django.core.management.base import BaseCommand

from bastide.django.wiring import bastide
from bastide.housekeeping import write_csp


class Command(BaseCommand):
    """Prints the directives that reports ask for, to be looked at and pasted."""

    help = "Print the directives that browsers' reports ask for."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 -- Django's signature
        """Do it."""
        write_csp(bastide().services, write=self.stdout.write)
