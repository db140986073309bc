"""``manage.py bastide_roles``: the declared roles."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from bastide.django.commands import SHELL
from bastide.django.wiring import bastide, create_roles


class Command(BaseCommand):
    """Makes the declared roles that are missing, and extends those that are there."""

    help = "List the declared roles and what they grant; make those that are missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take ``--extend``."""
        text = "Give existing roles what their declaration has since."
        parser.add_argument("--extend", action="store_true", help=text)

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 -- Django's signature
        """Make, extend and list them."""
        create_roles()
        administration, roles = bastide().services.administration, bastide().roles
        for role, permission in administration.extend_roles(roles, SHELL) if options["extend"] else ():
            self.stdout.write(f"{role} now has {permission}")
        for name, permissions in roles.items():
            self.stdout.write(f"{name}\t{', '.join(sorted(permissions))}")
