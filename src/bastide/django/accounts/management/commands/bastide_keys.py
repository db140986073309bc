"""``manage.py bastide_keys new``: a key for the key ring."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from bastide.core.keys import next_key_line
from bastide.django.conf import bastide


class Command(BaseCommand):
    """Prints a line for ``BASTIDE_KEYS`` with a fresh key; kept lines still open what they sealed."""

    help = "Make a key for the key ring."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the action."""
        parser.add_argument("action", choices=("new",))

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 -- Django's signature
        """Print it."""
        ring = getattr(settings, "BASTIDE_KEYS", "")
        self.stdout.write(next_key_line(ring, bastide().services.entropy))
