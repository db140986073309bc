"""``flask bastide``: invitations, accounts, locks, roles and the list of routes."""

from typing import TYPE_CHECKING

import click
from flask import current_app, url_for
from flask.cli import AppGroup
from rich.console import Console
from rich.table import Table

from bastide.core.accounts import Account, account_key
from bastide.core.client import Client
from bastide.core.events import EventKind, Outcome
from bastide.core.matrix import Route, access_matrix
from bastide.core.secret import Secret

if TYPE_CHECKING:
    from bastide.flask.extension import Bastide

SHELL = Client(address="shell", route="flask bastide")


def make_group(bastide: "Bastide") -> AppGroup:
    """Return the command group over the extension's services."""
    group = AppGroup("bastide", help="Administer accounts and security.")
    _add_account_commands(group, bastide)
    _add_route_command(group, bastide)
    return group


def invitation_link(bastide: "Bastide", *, role: str, email: str | None, base_url: str) -> str:
    """Return a one-time address that makes an account with the role."""
    token: Secret = bastide.services.registration.invite(role=role, email=email, client=SHELL, by=None)
    with current_app.test_request_context(base_url=base_url):
        return url_for("accounts.invitation", token=token.reveal(), _external=True)


def _find(bastide: "Bastide", name: str) -> Account:
    account = bastide.services.stores.accounts.find_account(account_key(name))
    if account is None:
        msg = f"nobody is called {name!r}"
        raise click.ClickException(msg)
    return account


def _record(bastide: "Bastide", kind: EventKind, account: Account, **detail: str) -> None:
    target = f"account:{account.id}"
    bastide.services.recorder.record(
        kind, Outcome.SUCCESS, SHELL, target=target, session_digest=b"", **detail
    )


def _add_account_commands(group: AppGroup, bastide: "Bastide") -> None:  # noqa: C901 -- a list of commands
    accounts = bastide.services.stores.accounts

    @group.command("invite")
    @click.option("--role", default="administrator", show_default=True)
    @click.option("--email", help="The only address that may use the invitation.")
    @click.option("--base-url", default="https://localhost", show_default=True)
    def invite(role: str, email: str | None, base_url: str) -> None:
        """Print a one-time invitation."""
        click.echo(invitation_link(bastide, role=role, email=email, base_url=base_url))

    @group.group("users")
    def users() -> None:
        """List, enable, disable and unlock accounts, grant and revoke roles."""

    @users.command("list")
    def list_users() -> None:
        """List the accounts."""
        found, total = accounts.list_accounts(search="", offset=0, limit=500)
        table = Table("name", "e-mail", "active", "roles", title=f"{total} accounts")
        for account in found:
            roles = ", ".join(sorted(account.roles))
            table.add_row(account.username, account.email, "yes" if account.is_active else "no", roles)
        Console().print(table)

    @users.command("disable")
    @click.argument("name")
    def disable(name: str) -> None:
        """Disable an account; its sessions end at once."""
        account = _find(bastide, name)
        if accounts.set_active(account.id, is_active=False):
            _record(bastide, EventKind.ACCOUNT_DISABLED, account)

    @users.command("enable")
    @click.argument("name")
    def enable(name: str) -> None:
        """Enable an account."""
        account = _find(bastide, name)
        if accounts.set_active(account.id, is_active=True):
            _record(bastide, EventKind.ACCOUNT_ENABLED, account)

    @users.command("unlock")
    @click.argument("name")
    def unlock(name: str) -> None:
        """Give an account its attempt budget back."""
        account = _find(bastide, name)
        if bastide.services.attempts.unlock_account(account.id):
            _record(bastide, EventKind.UNLOCKED, account)

    @users.command("grant")
    @click.argument("name")
    @click.argument("role", type=click.Choice(sorted(bastide.roles)))
    def grant(name: str, role: str) -> None:
        """Grant a role."""
        account = _find(bastide, name)
        if accounts.grant_role(account.id, role):
            _record(bastide, EventKind.ROLE_GRANTED, account, role=role)

    @users.command("revoke")
    @click.argument("name")
    @click.argument("role")
    def revoke(name: str, role: str) -> None:
        """Revoke a role."""
        account = _find(bastide, name)
        if accounts.revoke_role(account.id, role):
            _record(bastide, EventKind.ROLE_REVOKED, account, role=role)

    @group.command("roles")
    def roles() -> None:
        """List the declared roles and what they grant; make those that are missing."""
        bastide.create_roles()
        table = Table("role", "permissions")
        for name, permissions in bastide.roles.items():
            table.add_row(name, ", ".join(sorted(permissions)))
        Console().print(table)

    @group.command("purge")
    def purge() -> None:
        """Delete sessions past their limits, and expired tickets."""
        services = bastide.services
        sessions, tickets = services.sessions.purge(), services.tickets.purge()
        click.echo(f"{sessions} sessions and {tickets} tickets deleted")


def _add_route_command(group: AppGroup, bastide: "Bastide") -> None:
    @group.command("routes")
    def routes() -> None:
        """Print the access matrix: every route, its rule, and what each role gets (A7)."""
        bastide.ensure_sealed(current_app._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001 -- Flask's proxy
        routes = (
            Route(
                route.rule,
                tuple(sorted((route.methods or set()) - {"HEAD", "OPTIONS"})),
                bastide.rules[route.endpoint],
            )
            for route in current_app.url_map.iter_rules()
        )
        click.echo("\n".join(access_matrix(routes, bastide.roles)))
