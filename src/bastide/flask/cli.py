"""``flask bastide``: invitations, accounts, locks, roles, the security log and the list of routes."""

from collections.abc import Iterable
from importlib import import_module

import click
from flask import current_app, url_for
from flask.cli import AppGroup, ScriptInfo

from bastide.adopting import adopt_users
from bastide.core.access import Route, access_matrix
from bastide.core.encryption import INDEX, NO_KEYS, ColumnKeys, Rotation, new_key_line, next_key_line
from bastide.core.foundation import Client, InvalidInput, Secret
from bastide.core.records import Account, account_key
from bastide.core.request import Layer
from bastide.flask.installed import Installed, installed_in
from bastide.housekeeping import (
    export_log,
    list_keys,
    list_tokens,
    purge_all,
    purge_log,
    rewrap_hashes,
    rotate_keys,
    scan_uploads,
    verify_log,
    write_csp,
)
from bastide.stores.sql.sealed import sealed_columns

MAIL_BATCH = 1000
SHELL = Client(address="shell", route="flask bastide")


def make_group(installed: Installed) -> AppGroup:
    """Return the command group over the application's services."""
    group = AppGroup("bastide", help="Administer accounts and security.")
    _add_account_commands(group, installed)
    _add_key_commands(group, installed)
    _add_token_commands(group, installed)
    _add_purge_command(group, installed)
    _add_log_commands(group, installed)
    _add_route_command(group, installed)
    _add_csp_command(group, installed)
    _add_check_command(group)
    return group


def make_layer_group(installed: Installed) -> AppGroup:
    """Return the commands of layers that keep something beside accounts that are not Bastide's."""
    group = AppGroup("bastide", help="Look after security.")
    _add_purge_command(group, installed)
    if Layer.LOG in installed.services.layers:
        _add_log_commands(group, installed)
    if Layer.REPORTS in installed.services.layers:
        _add_csp_command(group, installed)
    _add_check_command(group)
    return group


def _print_table(headings: list[str], rows: Iterable[tuple[str, ...]], *, title: str | None = None) -> None:
    # Only commands wait for the import.
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table(*headings, title=title)
    for row in rows:
        table.add_row(*row)
    Console().print(table)


def invitation_link(*, role: str, email: str | None, base_url: str) -> str:
    """Return a one-time address that makes an account of the application at hand with the role."""
    services = installed_in(current_app).services
    token: Secret = services.registration.invite(role=role, email=email, client=SHELL, by=None)
    with current_app.test_request_context(base_url=base_url):
        return url_for("accounts.invitation", token=token.reveal(), _external=True)


def _find(installed: Installed, name: str) -> Account:
    account = installed.services.stores.accounts.find_account(account_key(name))
    if account is None:
        msg = f"nobody is called {name!r}"
        raise click.ClickException(msg)
    return account


def _add_account_commands(group: AppGroup, installed: Installed) -> None:  # noqa: C901 -- a list of commands
    accounts, administration = installed.services.stores.accounts, installed.services.administration

    @group.command("invite")
    @click.option(
        "--role", default="administrator", show_default=True, type=click.Choice(sorted(installed.roles))
    )
    @click.option("--email", help="The only address that may use the invitation.")
    @click.option("--base-url", default="https://localhost", show_default=True)
    def invite(role: str, email: str | None, base_url: str) -> None:
        """Print a one-time invitation."""
        click.echo(invitation_link(role=role, email=email, base_url=base_url))

    @group.group("users")
    def users() -> None:
        """List, enable, disable and unlock accounts, grant and revoke roles."""

    @users.command("list")
    def list_users() -> None:
        """List the accounts."""
        found, total = accounts.list_accounts(search="", offset=0, limit=500)
        rows = (
            (a.username, a.email, "yes" if a.is_active else "no", ", ".join(sorted(a.roles))) for a in found
        )
        _print_table(["name", "e-mail", "active", "roles"], rows, title=f"{total} accounts")

    @users.command("disable")
    @click.argument("name")
    def disable(name: str) -> None:
        """Disable an account; its sessions end at once."""
        administration.disable(_find(installed, name), SHELL, by=None)

    @users.command("enable")
    @click.argument("name")
    def enable(name: str) -> None:
        """Enable an account."""
        administration.enable(_find(installed, name), SHELL, by=None)

    @users.command("unlock")
    @click.argument("name")
    def unlock(name: str) -> None:
        """Give an account its attempt budget back."""
        administration.unlock(_find(installed, name), SHELL, by=None)

    @users.command("grant")
    @click.argument("name")
    @click.argument("role", type=click.Choice(sorted(installed.roles)))
    def grant(name: str, role: str) -> None:
        """Grant a role."""
        administration.grant_role(_find(installed, name), role, SHELL, by=None)

    @users.command("revoke")
    @click.argument("name")
    @click.argument("role")
    def revoke(name: str, role: str) -> None:
        """Revoke a role."""
        administration.revoke_role(_find(installed, name), role, SHELL, by=None)

    @group.command("roles")
    @click.option("--extend", is_flag=True, help="Give existing roles what their declaration has since.")
    def roles(extend: bool) -> None:  # noqa: FBT001 -- click's way
        """List the declared roles and their rights; make missing ones."""
        installed.create_roles()
        for role, permission in administration.extend_roles(installed.roles, SHELL) if extend else ():
            click.echo(f"{role} now has {permission}")
        rows = ((name, ", ".join(sorted(permissions))) for name, permissions in installed.roles.items())
        _print_table(["role", "permissions"], rows)

    @group.command("adopt")
    @click.option("--write", "writes", is_flag=True, help="Do it; without this it only looks.")
    @click.option("--rename", "renames", is_flag=True, help="Give those whose names collide other ones.")
    @click.option("--report", help="File for every problem: CSV, or lines of JSON where it ends with .json.")
    def adopt(writes: bool, renames: bool, report: str | None) -> None:  # noqa: FBT001 -- click's way
        """Take up users who were there before; repeat it if stopped. Status 1 where any cannot sign in."""
        services = installed.services
        _exit_unless(
            adopt_users(services, SHELL, writes=writes, renames=renames, report=report, write=click.echo)
        )

    @group.command("rewrap")
    @click.option(
        "--workers", default=1, show_default=True, help="Hashes at once.",
        type=click.IntRange(1, installed.services.settings.hashing.slots),
    )  # fmt: skip
    def rewrap(workers: int) -> None:
        """Lay Argon2id over weak password hashes; repeat it if stopped. Status 1 where any is not read."""
        _exit_unless(rewrap_hashes(installed.services, SHELL, workers=workers, write=click.echo))

    @group.command("scan")
    def scan() -> None:
        """Ask the virus scanner about files that wait; for a timer."""
        scan_uploads(installed.services, SHELL, write=click.echo)

    @group.command("mail")
    def mail() -> None:
        """Hand over mail that waits for the server; for a timer."""
        sent = installed.services.outbox.deliver(limit=MAIL_BATCH)
        click.echo(f"{sent} handed over, {installed.services.stores.mail.count_mail()} waiting")


def _add_key_commands(group: AppGroup, installed: Installed) -> None:
    @group.group("keys")
    def keys() -> None:
        """Make and change the keys of what is encrypted at rest."""

    def rotation() -> tuple[ColumnKeys, Rotation]:
        known = installed.services.column_keys
        if known is None:
            raise click.ClickException(NO_KEYS)
        return known, Rotation(known, sealed_columns(installed.database, installed.metadata))

    @keys.command("list")
    def show_keys() -> None:
        """List the keys by id, and what each has sealed; status 1 where a key is gone."""
        known, found = rotation()
        _exit_unless(list_keys(known.ring, found, write=click.echo))

    @keys.command("rotate")
    def rotate() -> None:
        """Seal anew what older keys have sealed, while the application serves; repeat it if stopped."""
        _, found = rotation()
        _exit_unless(rotate_keys(found, write=click.echo))

    @keys.command("new")
    @click.option("--index", is_flag=True, help="A key for blind indexes, of which there is one for good.")
    def new_key(index: bool) -> None:  # noqa: FBT001 -- click's way
        """Print a line for ``BASTIDE_KEYS`` with a fresh key; kept lines still open what they sealed."""
        keys, entropy = installed.services.column_keys, installed.services.entropy
        ring = None if keys is None else keys.ring
        click.echo(new_key_line(INDEX, entropy) if index else next_key_line(ring, entropy))


def _add_token_commands(group: AppGroup, installed: Installed) -> None:
    @group.group("tokens")
    def tokens() -> None:
        """List and revoke the API tokens of an account."""

    @tokens.command("list")
    @click.argument("name")
    def show_tokens(name: str) -> None:
        """List them."""
        list_tokens(installed.services, _find(installed, name), write=click.echo)

    @tokens.command("revoke")
    @click.argument("name")
    def revoke_tokens(name: str) -> None:
        """Revoke them all, at once."""
        account = _find(installed, name)
        installed.services.administration.revoke_tokens(account, SHELL, by=None)
        list_tokens(installed.services, account, write=click.echo)


def _add_purge_command(group: AppGroup, installed: Installed) -> None:
    @group.command("purge")
    def purge() -> None:
        """Delete what is past its time; for a timer."""
        _exit_unless(purge_all(installed.services, SHELL, write=click.echo))


def _add_log_commands(group: AppGroup, installed: Installed) -> None:
    services = installed.services

    @group.group("log")
    def log() -> None:
        """Check, export and trim the security log."""

    @log.command("verify")
    @click.option("--expect", help="SEQUENCE:HEX that an earlier check printed.")
    def verify(expect: str | None) -> None:
        """Check the chain; print its head or every fault."""
        try:
            is_whole = verify_log(services, SHELL, expected=expect, write=click.echo)
        except InvalidInput as error:
            raise click.ClickException(str(error)) from error
        _exit_unless(is_whole)

    @log.command("export")
    @click.option("--since", help="Only events from then on (ISO 8601, UTC where no zone is given).")
    @click.option("--until", help="Only events before then.")
    def export(since: str | None, until: str | None) -> None:
        """Print one line of JSON per event."""
        try:
            export_log(services, since=since, until=until, write=click.echo)
        except InvalidInput as error:
            raise click.ClickException(str(error)) from error

    @log.command("purge")
    @click.option("--older-than", type=int, help="Days; without it the retention of the settings.")
    @click.option("--even-if-broken", is_flag=True, help="Drop events of a broken log too.")
    def purge_events(older_than: int | None, even_if_broken: bool) -> None:  # noqa: FBT001 -- click's way
        """Drop the oldest events; the log is checked first."""
        try:
            is_whole = purge_log(
                services, SHELL, older_than_days=older_than, even_if_broken=even_if_broken, write=click.echo
            )
        except InvalidInput as error:
            raise click.ClickException(str(error)) from error
        _exit_unless(is_whole)


def _exit_unless(is_whole: bool) -> None:  # noqa: FBT001 -- the only argument
    if not is_whole:
        raise click.exceptions.Exit(1)


def _add_route_command(group: AppGroup, installed: Installed) -> None:
    @group.command("routes")
    def routes() -> None:
        """Print the access matrix: who may do what, route by route."""
        installed.ensure_sealed()
        routes = (
            Route(
                route.rule,
                tuple(sorted((route.methods or set()) - {"HEAD", "OPTIONS"})),
                installed.rules[route.endpoint],
            )
            for route in installed.app.url_map.iter_rules()
            if route.endpoint in installed.rules
        )
        click.echo("\n".join(access_matrix(routes, installed.roles)))


def _add_csp_command(group: AppGroup, installed: Installed) -> None:
    @group.command("csp")
    def csp() -> None:
        """Print the directives that browsers' reports ask for, to be looked at and pasted."""
        write_csp(installed.services, write=click.echo)


def _add_check_command(group: AppGroup) -> None:
    @group.command("check", with_appcontext=False, context_settings={"ignore_unknown_options": True})
    @click.argument("options", nargs=-1, type=click.UNPROCESSED)
    @click.pass_context
    def check(context: click.Context, options: tuple[str, ...]) -> None:
        """Say what this application leaves open; takes the options of ``bastide check``."""
        # By name: the check stands on the adapters, and they do not stand on it.
        command: click.Command = import_module("bastide.check.command").check
        found = context.find_object(ScriptInfo)
        target = found.app_import_path if found is not None else None
        # A file is meant as the application in it, not as a text to be read.
        named = [target if ":" in target else f"{target}:"] if target else []
        context.exit(command.main([*named, *options], "bastide check", standalone_mode=False) or 0)
