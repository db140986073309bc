"""``manage.py bastide_keys``: keys for the key ring."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from bastide.core.entropy import SystemEntropy
from bastide.core.keys import INDEX, new_key_line, next_key_line
from bastide.key_file import read_ring


class Command(BaseCommand):
    """Makes keys; kept lines of ``BASTIDE_KEYS`` still open what they sealed."""

    help = "Make keys for the key ring."
    # A check that asks for a key must not keep anybody from making one.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the actions."""
        actions = parser.add_subparsers(dest="action", required=True)
        new = actions.add_parser("new", help="Print a line for BASTIDE_KEYS with a fresh key.")
        new.add_argument(
            "--index", action="store_true", help="A key for blind indexes, of which there is one for good."
        )

    def handle(self, *args: Any, action: str, **options: Any) -> None:  # noqa: ARG002 -- Django's signature
        """Do it."""
        ring, entropy = read_ring(getattr(settings, "BASTIDE_KEYS", "")), SystemEntropy()
        line = new_key_line(INDEX, entropy) if options["index"] else next_key_line(ring, entropy)
        self.stdout.write(line)
