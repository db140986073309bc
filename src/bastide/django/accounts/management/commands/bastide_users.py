"""``manage.py bastide_users``: list, enable, disable and unlock accounts, grant and revoke roles."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bastide.core.accounts import Account
from bastide.core.events import EventKind
from bastide.django.commands import find_account, record
from bastide.django.conf import bastide


class Command(BaseCommand):
    """Administers accounts; each change is an event."""

    help = "List, enable, disable and unlock accounts, grant and revoke roles."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the actions."""
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("list")
        for action in ("disable", "enable", "unlock"):
            actions.add_parser(action).add_argument("name")
        for action in ("grant", "revoke"):
            with_role = actions.add_parser(action)
            with_role.add_argument("name")
            with_role.add_argument("role", choices=sorted(bastide().roles))

    def handle(self, *args: Any, action: str, **options: Any) -> None:  # noqa: ARG002 -- Django's signature
        """Do it."""
        if action == "list":
            self._list()
            return
        account = find_account(options["name"])
        kind, detail = self._change(action, account, options.get("role") or "")
        if kind is not None:
            record(kind, account, **detail)

    def _list(self) -> None:
        found, total = bastide().services.stores.accounts.list_accounts(search="", offset=0, limit=500)
        self.stdout.write(f"{total} accounts")
        for account in found:
            state = "active" if account.is_active else "disabled"
            self.stdout.write(
                f"{account.username}\t{account.email}\t{state}\t{', '.join(sorted(account.roles))}"
            )

    @staticmethod
    def _change(action: str, account: Account, role: str) -> tuple[EventKind | None, dict[str, str]]:
        services = bastide().services
        accounts = services.stores.accounts
        match action:
            case "disable":
                changed = accounts.set_active(account.id, is_active=False)
                return EventKind.ACCOUNT_DISABLED if changed else None, {}
            case "enable":
                changed = accounts.set_active(account.id, is_active=True)
                return EventKind.ACCOUNT_ENABLED if changed else None, {}
            case "unlock":
                return EventKind.UNLOCKED if services.attempts.unlock_account(account.id) else None, {}
            case "grant":
                changed = accounts.grant_role(account.id, role)
                return EventKind.ROLE_GRANTED if changed else None, {"role": role}
            case "revoke":
                changed = accounts.revoke_role(account.id, role)
                return EventKind.ROLE_REVOKED if changed else None, {"role": role}
            case _:
                raise CommandError(action)
