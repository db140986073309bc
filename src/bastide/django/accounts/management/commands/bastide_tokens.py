"""``manage.py bastide_tokens``: list and revoke the API tokens of an account."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from bastide.django.commands import SHELL, find_account
from bastide.django.wiring import bastide
from bastide.housekeeping import list_tokens


class Command(BaseCommand):
    """Administers API tokens; each revocation is an event."""

    help = "List and revoke the API tokens of an account."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the actions."""
        actions = parser.add_subparsers(dest="action", required=True)
        for action, help_text in (("list", "List them."), ("revoke", "Revoke them all, at once.")):
            actions.add_parser(action, help=help_text).add_argument("name")

    def handle(self, *args: Any, action: str, name: str, **options: Any) -> None:  # noqa: ARG002 -- Django's signature
        """Do it."""
        account, services = find_account(name), bastide().services
        if action == "revoke":
            services.administration.revoke_tokens(account, SHELL, by=None)
        list_tokens(services, account, write=self.stdout.write)
