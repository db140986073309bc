"""What administrators do to accounts: each act with its event and the owner's notice, or not at all."""

from collections.abc import Collection, Mapping, Sequence

from bastide.core.attempts import Attempts
from bastide.core.foundation import Client, Units
from bastide.core.mail import MailText, Notices
from bastide.core.records import Account, AccountStore, TokenStore
from bastide.core.security_log import EventKind, Outcome, Recorder, account_target
from bastide.core.sessions import Acting, ActiveSession, Sessions


class Administration:
    """Disables, enables, unlocks, signs out, grants and revokes.

    Each begins by looking at the administrator's session once more, since the body of a request may arrive
    long after its session was looked at. Every act tells whether it changed anything; one that did not is
    no event.

    Threat: a right gained or an account shut without a trace (V16.3.1, V7.4.5).
    """

    def __init__(
        self,
        *,
        acting: Acting,
        accounts: AccountStore,
        attempts: Attempts,
        sessions: Sessions,
        tokens: TokenStore,
        recorder: Recorder,
        notices: Notices,
        units: Units,
    ) -> None:
        self._acting = acting
        self._accounts = accounts
        self._attempts = attempts
        self._sessions = sessions
        self._tokens = tokens
        self._recorder = recorder
        self._notices = notices
        self._units = units

    def disable(
        self,
        account: Account,
        client: Client,
        *,
        by: ActiveSession | None,
        keep_holders: Collection[str] = (),
    ) -> bool:
        """Shut the account; its sessions and API tokens end at once.

        Args:
            account: the account.
            client: the caller.
            by: the administrator's session, or None for a shell command.
            keep_holders: roles that must not lose their last active holder by this.

        Raises:
            LastHolder: one of them would.
        """
        with self._acting(account.id, by):
            changed = self._accounts.set_active(account.id, is_active=False, keep_holders=keep_holders)
            if changed:
                self._notices.tell(
                    EventKind.ACCOUNT_DISABLED, MailText.ACCOUNT_DISABLED, account, client, by=by
                )
        return changed

    def enable(self, account: Account, client: Client, *, by: ActiveSession | None) -> bool:
        """Open the account again."""
        with self._acting(account.id, by):
            changed = self._accounts.set_active(account.id, is_active=True)
            if changed:
                self._notices.tell(
                    EventKind.ACCOUNT_ENABLED, MailText.ACCOUNT_ENABLED, account, client, by=by
                )
        return changed

    def grant_role(self, account: Account, role: str, client: Client, *, by: ActiveSession | None) -> bool:
        """Grant the role.

        Raises:
            ConfigurationError: the role is not defined.
        """
        with self._acting(account.id, by):
            changed = self._accounts.grant_role(account.id, role)
            if changed:
                self._notices.tell(
                    EventKind.ROLE_GRANTED, MailText.ROLE_GRANTED, account, client, by=by,
                    facts={"role": role}, role=role,
                )  # fmt: skip
        return changed

    def revoke_role(
        self,
        account: Account,
        role: str,
        client: Client,
        *,
        by: ActiveSession | None,
        keep_holders: Collection[str] = (),
    ) -> bool:
        """Take the role.

        Raises:
            LastHolder: see ``disable``.
        """
        with self._acting(account.id, by):
            changed = self._accounts.revoke_role(account.id, role, keep_holders=keep_holders)
            if changed:
                self._notices.tell(
                    EventKind.ROLE_REVOKED, MailText.ROLE_REVOKED, account, client, by=by,
                    facts={"role": role}, role=role,
                )  # fmt: skip
        return changed

    def extend_roles(self, roles: Mapping[str, Collection[str]], client: Client) -> Sequence[tuple[str, str]]:
        """Give roles that were kept under an older declaration what it has since; return role and permission.

        Nothing is taken: what administrators added stays. What they took from a role comes back, so this is
        for a command that somebody means, never for the start.

        Args:
            roles: the declared ones, all defined.
            client: the shell.
        """
        added = []
        for role, permissions in roles.items():
            for permission in sorted(permissions):
                with self._units():
                    if not self._accounts.add_permission(role, permission):
                        continue
                    self._recorder.record(
                        EventKind.ROLE_EXTENDED, Outcome.SUCCESS, client, role=role, permission=permission
                    )
                added.append((role, permission))
        return added

    def end_sessions(self, account: Account, client: Client, *, by: ActiveSession | None) -> bool:
        """Sign the account out everywhere (V7.4.5)."""
        with self._acting(account.id, by):
            changed = self._sessions.end_others(account.id, keep=None) > 0
            if changed:
                self._notices.tell(
                    EventKind.SESSIONS_ENDED, MailText.SIGNED_OUT_BY_ADMINISTRATOR, account, client, by=by,
                    which="all",
                )  # fmt: skip
        return changed

    def revoke_tokens(self, account: Account, client: Client, *, by: ActiveSession | None) -> bool:
        """Revoke every API token of the account (V7.4.5)."""
        with self._acting(account.id, by):
            count = self._tokens.revoke_tokens(account.id)
            if count:
                self._notices.tell(
                    EventKind.TOKEN_REVOKED, MailText.TOKENS_REVOKED_BY_ADMINISTRATOR, account, client, by=by,
                    count=str(count),
                )  # fmt: skip
        return count > 0

    def unlock(self, account: Account, client: Client, *, by: ActiveSession | None) -> bool:
        """Give the account its attempt budget back; nobody gives it to themselves."""
        if by is not None and by.principal.account_id == account.id:
            return False
        changed = self._attempts.unlock_account(account.id)
        if changed:
            self._recorder.record(
                EventKind.UNLOCKED, Outcome.SUCCESS, client,
                actor=None if by is None else by.principal.account_id, target=account_target(account.id),
                session_digest=b"" if by is None else by.digest,
            )  # fmt: skip
        return changed
