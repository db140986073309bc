"""What keeps accounts, sessions, tokens and factors: every verb atomic and named for its outcome."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from bastide.core.foundation import AccountId
from bastide.core.records.accounts import Account, NewAccount
from bastide.core.records.factors import Added, StoredPasskey, StoredTotp
from bastide.core.records.sessions import NewSession, SessionSummary, StoredSession
from bastide.core.records.tokens import NewToken, StoredToken, TokenSummary


class AccountStore(Protocol):
    """Keeps accounts and roles; every verb is atomic."""

    def find_account(self, key: str) -> Account | None:
        """Return the account whose user name key or address key is ``key``."""

    def get_account(self, account_id: AccountId) -> Account | None:
        """Return the account, or None."""

    def lock_account(self, account_id: AccountId) -> Account | None:
        """Return the account as it is now; inside a unit nobody else changes it until the unit ends.

        A unit that acts on what an account is or may do begins with this: a sign-in and the change of
        the password it was made with never pass each other.
        """

    def add_account(self, new: NewAccount, *, ticket_digest: bytes | None, now: datetime) -> AccountId:
        """Make the account and burn the ticket: both or neither.

        Args:
            new: the account; its roles must be defined.
            ticket_digest: the unexpired ticket to burn, or None from a shell command.
            now: aware UTC.

        Raises:
            AccountExists: a key is taken; the ticket stays good.
            TicketSpent: the ticket is used, expired or unknown; no account is made.
        """

    def replace_password_hash(self, account_id: AccountId, *, old_hash: str, new_hash: str) -> bool:
        """Swap the hash if it still is ``old_hash``; tell whether it did."""

    def list_password_hashes(self, *, after: AccountId | None, limit: int) -> Sequence[tuple[AccountId, str]]:
        """Return accounts that have a password and its hash, by id.

        Args:
            after: the id to go on after, or None to begin.
            limit: most to return.
        """

    def sample_password_hashes(self, limit: int) -> Sequence[str]:
        """Return the hashes of some of the first accounts and of the last ones, ``limit`` at most.

        It reads those and no more, however many there are.
        """

    def reset_password(
        self,
        account_id: AccountId,
        *,
        ticket_digest: bytes,
        old_hash: str | None,
        new_hash: str,
        now: datetime,
    ) -> None:
        """Burn the ticket, replace the hash, end every session and revoke every API token: all or nothing.

        Args:
            account_id: the account.
            ticket_digest: the unexpired ticket to burn.
            old_hash: the hash when the ticket was looked at.
            new_hash: the next one.
            now: aware UTC.

        Raises:
            TicketSpent: the ticket is used or expired, or the hash is another one by now.
        """

    def change_email(
        self, account_id: AccountId, *, ticket_digest: bytes, email: str, email_key: str, now: datetime
    ) -> None:
        """Burn the ticket and replace the address: both or neither.

        Args:
            account_id: the account.
            ticket_digest: the unexpired ticket to burn.
            email: the next address, as the person spells it.
            email_key: the same after folding; unique.
            now: aware UTC.

        Raises:
            AccountExists: another account has the address; the ticket stays good.
            TicketSpent: the ticket is used, expired or unknown; nothing is changed.
        """

    def set_active(
        self, account_id: AccountId, *, is_active: bool, keep_holders: Collection[str] = ()
    ) -> bool:
        """Enable or disable; tell whether anything changed. Disabling ends every session and API token.

        Args:
            account_id: the account.
            is_active: the status from now on.
            keep_holders: roles that must not lose their last active holder by this.

        Raises:
            LastHolder: one of them would; two callers at once cannot both go through.
        """

    def grant_role(self, account_id: AccountId, role: str) -> bool:
        """Add the role and mark the account's sessions for a new id; tell whether it was new.

        Raises:
            ConfigurationError: the role is not defined.
        """

    def revoke_role(self, account_id: AccountId, role: str, *, keep_holders: Collection[str] = ()) -> bool:
        """Take the role and mark the account's sessions for a new id; tell whether it was held.

        Args:
            account_id: the account.
            role: the role to take.
            keep_holders: see ``set_active``.

        Raises:
            LastHolder: see ``set_active``.
        """

    def define_roles(self, roles: dict[str, frozenset[str]]) -> None:
        """Make each role that is missing, with its permissions; leave existing roles alone."""

    def add_permission(self, role: str, permission: str) -> bool:
        """Add the permission to a role that is defined; tell whether the role lacked it."""

    def list_accounts(self, *, search: str, offset: int, limit: int) -> tuple[Sequence[Account], int]:
        """Return a page of accounts by name, and how many match.

        Args:
            search: literal part of a user name or address (wildcards mean themselves); may be empty.
            offset: rows to skip.
            limit: most rows to return.
        """

    def count_role_holders(self, role: str) -> int:
        """Return how many active accounts hold ``role``."""


class SessionStore(Protocol):
    """Keeps sessions; every verb is atomic."""

    def create_session(self, new: NewSession, *, now: datetime) -> None:
        """Store the session with ``created_at`` and ``last_seen_at`` at ``now``."""

    def load_session(self, session_digest: bytes) -> StoredSession | None:
        """Return the session joined with its account's present status and rights."""

    def touch_session(self, session_digest: bytes, *, now: datetime, seen_before: datetime) -> bool:
        """Set ``last_seen_at`` unless it is later than ``seen_before``; tell whether it was set."""

    def save_session_state(self, session_digest: bytes, state: str, *, previous: str) -> bool:
        """Replace the state where the session still exists and its state is ``previous``; tell whether."""

    def rotate_session(
        self,
        session_digest: bytes,
        *,
        new_digest: bytes,
        confirmed_at: datetime | None,
        agent_family: str | None,
    ) -> bool:
        """Give the session a new key and clear ``must_rotate``; the old key is dead at once.

        Args:
            session_digest: the present key.
            new_digest: the next key.
            confirmed_at: the new time of the last factor, which also ends the waiting for one, or
                None to keep both.
            agent_family: the browser family from now on, or None to keep it.

        Returns:
            False when the present key is gone (somebody else was first): nothing is changed.
        """

    def end_session(self, session_digest: bytes) -> bool:
        """Delete the session; tell whether it existed."""

    def end_account_sessions(self, account_id: AccountId, *, keep: bytes | None) -> int:
        """Delete every session of the account but ``keep``; return how many went."""

    def list_sessions(self, account_id: AccountId, *, is_pending: bool = False) -> Sequence[SessionSummary]:
        """Return the account's sessions that wait for a factor or do not, the one used last first."""

    def purge_sessions(self, *, created_before: datetime, seen_before: datetime) -> int:
        """Delete sessions past either limit; return how many went."""


class TokenStore(Protocol):
    """Keeps API tokens; every verb is atomic. They go with a password reset and with disabling, too."""

    def add_token(self, new: NewToken, *, limit: int) -> bool:
        """Keep the token; False where the account has ``limit`` of them that have not expired."""

    def find_token(self, token_id: str) -> StoredToken | None:
        """Return the token joined with its account's present status and rights."""

    def touch_token(self, token_id: str, *, now: datetime, used_before: datetime) -> bool:
        """Set ``last_used_at`` unless it is later than ``used_before``; tell whether it was set."""

    def list_tokens(self, account_id: AccountId) -> Sequence[TokenSummary]:
        """Return the account's tokens, expired ones too, the newest first."""

    def revoke_token(self, account_id: AccountId, token_id: str) -> bool:
        """Forget one of the account's tokens; tell whether it had it."""

    def revoke_tokens(self, account_id: AccountId) -> int:
        """Forget every token of the account; return how many went."""

    def purge_tokens(self, *, now: datetime) -> int:
        """Forget the tokens that have expired; return how many went."""


class FactorStore(Protocol):
    """Keeps second factors; every verb is atomic.

    Backup codes come with the first factor of an account and go with the last one.
    """

    def has_factor(self, account_id: AccountId) -> bool:
        """Tell whether the account has a confirmed authenticator or a passkey."""

    def find_totp(self, account_id: AccountId) -> StoredTotp | None:
        """Return the account's authenticator, confirmed or not."""

    def put_totp(self, account_id: AccountId, sealed: bytes, *, step: int) -> bool:
        """Keep an unconfirmed authenticator in place of another one; False where one is confirmed.

        Args:
            account_id: the account.
            sealed: the secret.
            step: the present one.
        """

    def confirm_totp(
        self, account_id: AccountId, *, sealed: bytes, step: int, codes: Collection[bytes], keep: bytes
    ) -> Added:
        """Confirm the unconfirmed authenticator, end the other sessions.

        Args:
            account_id: the account.
            sealed: what the code was checked against; anything else kept by now is left alone.
            step: the step of the code, used up by this.
            codes: digests of the backup codes, kept where this is the first factor.
            keep: digest of the session that goes on.

        Returns:
            ``NOTHING`` when there is no such unconfirmed authenticator: nothing is changed.
        """

    def use_totp_step(self, account_id: AccountId, step: int) -> bool:
        """Use the step up; False where it, or a later one, was used before (RFC 6238, 5.2)."""

    def remove_totp(self, account_id: AccountId, *, keep: bytes | None) -> bool:
        """Forget the authenticator and end the other sessions; tell whether there was one."""

    def replace_backup_codes(self, account_id: AccountId, codes: Collection[bytes]) -> None:
        """Keep these digests and no others."""

    def burn_backup_code(self, account_id: AccountId, code: bytes) -> bool:
        """Delete the digest; tell whether it was there."""

    def count_backup_codes(self, account_id: AccountId) -> int:
        """Return how many codes are left."""


class PasskeyStore(Protocol):
    """Keeps passkeys; every verb is atomic. Backup codes are ``FactorStore``'s."""

    def add_passkey(self, new: StoredPasskey, *, codes: Collection[bytes], keep: bytes, limit: int) -> Added:
        """Keep the passkey and end the account's other sessions.

        Args:
            new: the passkey.
            codes: digests of the backup codes, kept where this is the first factor.
            keep: digest of the session that goes on.
            limit: most passkeys an account may have.

        Returns:
            ``NOTHING`` when the limit is reached or anybody has the credential: nothing is changed.
        """

    def find_passkey(self, credential_id: bytes) -> StoredPasskey | None:
        """Return the passkey, whoever has it."""

    def list_passkeys(self, account_id: AccountId) -> Sequence[StoredPasskey]:
        """Return the account's passkeys, the oldest first."""

    def use_passkey(self, credential_id: bytes, *, old_count: int, new_count: int, now: datetime) -> bool:
        """Move the counter on and note the use; False where it is not at ``old_count`` any more."""

    def rename_passkey(self, account_id: AccountId, credential_id: bytes, name: str) -> bool:
        """Name one of the account's passkeys; tell whether it has such a one."""

    def remove_passkey(self, account_id: AccountId, credential_id: bytes, *, keep: bytes | None) -> bool:
        """Forget one of the account's passkeys and end the other sessions; tell whether it had it."""
