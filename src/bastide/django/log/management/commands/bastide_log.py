"""``manage.py bastide_log``: check, export and trim the security log."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bastide.core.foundation import InvalidInput
from bastide.django.commands import SHELL
from bastide.django.wiring import bastide
from bastide.housekeeping import export_log, purge_log, verify_log


class Command(BaseCommand):
    """Checks, exports and trims the security log; a broken one ends with status 1."""

    help = "Check, export and trim the security log."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the actions."""
        actions = parser.add_subparsers(dest="action", required=True)
        verify = actions.add_parser("verify", help="Check the chain; print its head or every fault.")
        verify.add_argument("--expect", help="SEQUENCE:HEX that an earlier check printed.")
        export = actions.add_parser("export", help="Print one line of JSON per event.")
        export.add_argument(
            "--since", help="Only events from then on (ISO 8601, UTC where no zone is given)."
        )
        export.add_argument("--until", help="Only events before then.")
        purge = actions.add_parser("purge", help="Drop the oldest events; the log is checked first.")
        purge.add_argument("--older-than", type=int, help="Days; without it the retention of the settings.")
        purge.add_argument("--even-if-broken", action="store_true", help="Drop events of a broken log too.")

    def handle(self, *args: Any, action: str, **options: Any) -> None:  # noqa: ARG002 -- Django's signature
        """Do it."""
        services, write = bastide().services, self.stdout.write
        is_whole = True
        try:
            if action == "verify":
                is_whole = verify_log(services, SHELL, expected=options["expect"], write=write)
            elif action == "export":
                export_log(services, since=options["since"], until=options["until"], write=write)
            else:
                is_whole = purge_log(
                    services, SHELL, older_than_days=options["older_than"],
                    even_if_broken=options["even_if_broken"], write=write,
                )  # fmt: skip
        except InvalidInput as error:
            raise CommandError(str(error)) from error
        if not is_whole:
            msg = "the log is broken"
            raise CommandError(msg)
