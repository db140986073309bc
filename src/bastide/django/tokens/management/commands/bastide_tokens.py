"""``manage.py bastide_tokens``: issue, list and revoke API tokens."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bastide.core.api_tokens import session_of
from bastide.core.foundation import InvalidInput
from bastide.core.records import Account
from bastide.core.request import TOKEN_NAME
from bastide.django.commands import SHELL, find_account
from bastide.django.requests.beside import load_owner
from bastide.django.wiring import bastide
from bastide.housekeeping import list_tokens


class Command(BaseCommand):
    """Administers API tokens; each that is issued or revoked is an event."""

    help = "Issue, list and revoke the API tokens of an account."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the actions; where accounts are Bastide's, their owners issue tokens themselves."""
        actions = parser.add_subparsers(dest="action", required=True)
        for action, help_text in (("list", "List them."), ("revoke", "Revoke them all, at once.")):
            actions.add_parser(action, help=help_text).add_argument("name")
        if not bastide().services.owns_accounts:
            issue = actions.add_parser("issue", help="Print a new one, once.")
            issue.add_argument("name")
            issue.add_argument("--token-name", required=True, help="What it is for.")
            issue.add_argument(
                "--scope",
                action="append",
                required=True,
                help="What it may do; repeat it for more.",
            )
            issue.add_argument("--days", type=int, help="How long it is good.")

    def handle(self, *args: Any, action: str, name: str, **options: Any) -> None:  # noqa: ARG002 -- Django's signature
        """Do it."""
        account, services = find_account(name), bastide().services
        if action == "issue":
            self._issue(account, **options)
            return
        if action == "revoke":
            services.administration.revoke_tokens(account, SHELL, by=None)
        list_tokens(services, account, write=self.stdout.write)

    def _issue(
        self, account: Account, *, token_name: str, scope: list[str], days: int | None, **_: Any
    ) -> None:
        try:
            lifetime = None if days is None else timedelta(days=days)
            issued = bastide().services.api_tokens.issue(
                session_of(load_owner(account.id)), account, SHELL, name=TOKEN_NAME.parse(token_name) or "",
                scopes=frozenset(scope), lifetime=lifetime,
            )  # fmt: skip
        except (InvalidInput, OverflowError) as error:
            raise CommandError(str(error)) from error
        if issued is None:
            msg = f"{account.username} has as many as an account may"
            raise CommandError(msg)
        self.stdout.write(issued.text.reveal())
