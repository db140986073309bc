"""``manage.py bastide_users``: list, enable, disable and unlock accounts, grant and revoke roles."""

from typing import Any, Final

from django.core.management.base import BaseCommand, CommandParser

from bastide.django.commands import SHELL, find_account
from bastide.django.wiring import bastide

ON_ACCOUNTS: Final = {
    "disable": "Disable an account; its sessions end at once.",
    "enable": "Enable an account.",
    "unlock": "Give an account its attempt budget back.",
}
ON_ROLES: Final = {"grant": "Grant a role.", "revoke": "Revoke a role."}


class Command(BaseCommand):
    """Administers accounts; each change is an event."""

    help = "List, enable, disable and unlock accounts, grant and revoke roles."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the actions."""
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("list", help="List the accounts.")
        for action, help_text in ON_ACCOUNTS.items():
            actions.add_parser(action, help=help_text).add_argument("name")
        for action, help_text in ON_ROLES.items():
            with_role = actions.add_parser(action, help=help_text)
            with_role.add_argument("name")
            with_role.add_argument("role", choices=sorted(bastide().roles))

    def handle(self, *args: Any, action: str, **options: Any) -> None:  # noqa: ARG002 -- Django's signature
        """Do it."""
        if action == "list":
            self._list()
            return
        account, administration = find_account(options["name"]), bastide().services.administration
        match action:
            case "disable":
                administration.disable(account, SHELL, by=None)
            case "enable":
                administration.enable(account, SHELL, by=None)
            case "unlock":
                administration.unlock(account, SHELL, by=None)
            case "grant":
                administration.grant_role(account, options["role"], SHELL, by=None)
            case _:
                administration.revoke_role(account, options["role"], SHELL, by=None)

    def _list(self) -> None:
        found, total = bastide().services.stores.accounts.list_accounts(search="", offset=0, limit=500)
        self.stdout.write(f"{total} accounts")
        for account in found:
            state = "active" if account.is_active else "disabled"
            self.stdout.write(
                f"{account.username}\t{account.email}\t{state}\t{', '.join(sorted(account.roles))}"
            )
