"""``manage.py bastide_adopt``: take up users who were there before."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bastide.adopting import adopt_users
from bastide.django.commands import SHELL
from bastide.django.wiring import bastide


class Command(BaseCommand):
    """Gives users the keys that they sign in under; what was stopped is repeated."""

    help = "Take up users who were there before."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--write", action="store_true", dest="writes", help="Do it; without this it only looks."
        )
        parser.add_argument(
            "--rename", action="store_true", dest="renames", help="Give those whose names collide other ones."
        )
        report = "File for every problem: CSV, or lines of JSON where it ends with .json."
        parser.add_argument("--report", help=report)

    def handle(self, *args: Any, writes: bool, renames: bool, report: str | None, **options: Any) -> None:  # noqa: ARG002 -- Django's signature
        """Do it.

        Raises:
            CommandError: somebody cannot sign in, or something is left to do.
        """
        services = bastide().services
        if not adopt_users(
            services, SHELL, writes=writes, renames=renames, report=report, write=self.stdout.write
        ):
            msg = "not every user can sign in"
            raise CommandError(msg)
