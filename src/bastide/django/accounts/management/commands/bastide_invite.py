"""``manage.py bastide_invite``: a one-time invitation."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from bastide.django.commands import invitation_link
from bastide.django.wiring import bastide


class Command(BaseCommand):
    """Prints a one-time invitation."""

    help = "Print a one-time invitation."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--role", default="administrator", choices=sorted(bastide().roles))
        parser.add_argument("--email", help="The only address that may use the invitation.")
        parser.add_argument("--base-url", default="https://localhost")

    def handle(self, *args: Any, role: str, email: str | None, base_url: str, **options: Any) -> None:  # noqa: ARG002
        """Print the address."""
        self.stdout.write(invitation_link(role=role, email=email, base_url=base_url))
