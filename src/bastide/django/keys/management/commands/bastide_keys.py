"""``manage.py bastide_keys``: keys for the key ring."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bastide.core.encryption import INDEX, NO_KEYS, Rotation, new_key_line, next_key_line
from bastide.core.foundation import ConfigurationError, SystemEntropy
from bastide.django.conf import column_keys
from bastide.django.orm.sealed import sealed_columns
from bastide.django.wiring import bastide
from bastide.housekeeping import list_keys, rotate_keys


class Command(BaseCommand):
    """Makes keys, and brings what is sealed under the newest; older lines of ``BASTIDE_KEYS`` still open."""

    help = "Make and change the keys of what is encrypted at rest."
    # A check that asks for a key must not keep anybody from making one.
    requires_system_checks: list[str] | tuple[str, ...] = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the actions."""
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("list", help="List the keys by id, and what each has sealed.")
        sealing = "Seal anew what older keys have sealed, while the site serves; repeat it if stopped."
        actions.add_parser("rotate", help=sealing)
        new = actions.add_parser("new", help="Print a line for BASTIDE_KEYS with a fresh key.")
        new.add_argument(
            "--index", action="store_true", help="A key for blind indexes, of which there is one for good."
        )

    def handle(self, *args: Any, action: str, **options: Any) -> None:  # noqa: ARG002 -- Django's signature
        """Do it.

        Raises:
            CommandError: there is no key ring, or not everything is as it should be.
        """
        if action != "new":
            self._tend(action)
            return
        entropy = SystemEntropy()
        try:
            keys = column_keys()
        except ConfigurationError as error:
            raise CommandError(str(error)) from None
        ring = None if keys is None else keys.ring
        line = new_key_line(INDEX, entropy) if options["index"] else next_key_line(ring, entropy)
        self.stdout.write(line)

    def _tend(self, action: str) -> None:
        keys = bastide().services.column_keys
        if keys is None:
            raise CommandError(NO_KEYS)
        rotation = Rotation(keys, sealed_columns())
        if action == "list" and not list_keys(keys.ring, rotation, write=self.stdout.write):
            msg = "a key is gone, and what it sealed with it"
            raise CommandError(msg)
        if action == "rotate" and not rotate_keys(rotation, write=self.stdout.write):
            msg = "not every value is under the newest key"
            raise CommandError(msg)
