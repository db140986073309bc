"""API tokens of an account: issued and revoked by their owner (T1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bastide.core.api_tokens.token_text import issue_token_text
from bastide.core.foundation import (
    AccountId,
    Client,
    Clock,
    ConfigurationError,
    Entropy,
    InvalidInput,
    Secret,
)
from bastide.core.mail import MailText, Notices
from bastide.core.records import Account, NewToken, TokenStore, TokenSummary
from bastide.core.security_log import EventKind
from bastide.core.sessions import Acting, ActiveSession

MAX_TOKEN_NAME_LENGTH: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiTokenSettings:
    """API tokens.

    Attributes:
        is_offered: people may issue tokens.
        lifetime: how long one is good unless its owner asks for another time.
        max_lifetime: the longest that anybody gets.
        touch_interval: ``last_used_at`` is written at most this often.
        max_per_account: tokens an account may have that have not expired.
    """

    is_offered: bool = True
    lifetime: timedelta = timedelta(days=30)
    max_lifetime: timedelta = timedelta(days=365)
    touch_interval: timedelta = timedelta(minutes=1)
    max_per_account: int = 20

    def __post_init__(self) -> None:
        if not timedelta() < self.lifetime <= self.max_lifetime <= timedelta(days=366):
            msg = "API tokens need 0 < lifetime <= max_lifetime <= 366 days"
            raise ConfigurationError(msg)
        if self.touch_interval <= timedelta():
            msg = "the touch interval of API tokens must be positive"
            raise ConfigurationError(msg)
        if self.max_per_account < 1:
            msg = "an account needs at least one API token; is_offered=False turns them off"
            raise ConfigurationError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedToken:
    """A token that its owner sees now and never again."""

    text: Secret
    summary: TokenSummary


class ApiTokens:
    """Lets an account's owner issue, list and revoke tokens.

    A changed password ends sessions and leaves tokens: they were not made from it, their owner was told of
    each and sees them all. A reset and disabling end them too: the one is the way back into an account that
    may have been taken, the other is meant to end everything.

    Threat: a token issued behind the owner's back, or one that says more than its owner may (V6.3.7, V8.2.1).
    """

    def __init__(
        self,
        *,
        acting: Acting,
        store: TokenStore,
        notices: Notices,
        clock: Clock,
        entropy: Entropy,
        settings: ApiTokenSettings,
    ) -> None:
        self._acting = acting
        self._store = store
        self._notices = notices
        self._clock = clock
        self._entropy = entropy
        self._settings = settings

    def list_own(self, account_id: AccountId) -> Sequence[TokenSummary]:
        """Return the account's tokens that have not expired, the newest first."""
        now = self._clock.now()
        return [token for token in self._store.list_tokens(account_id) if token.expires_at > now]

    def issue(
        self,
        session: ActiveSession,
        account: Account,
        client: Client,
        *,
        name: str,
        scopes: frozenset[str],
        lifetime: timedelta | None = None,
    ) -> IssuedToken | None:
        """Return a new token; None where the account has as many as it may.

        Args:
            session: fresh, of the account.
            account: whose token it becomes.
            client: the caller.
            name: as the owner calls it, 1 to 60 characters on one line.
            scopes: permissions that the owner holds, at least one.
            lifetime: how long it is good; None for the settings' own.

        Raises:
            InvalidInput: no scope, one that the owner does not hold, or a lifetime past the longest.
        """
        if not scopes:
            raise InvalidInput("scopes", "required")
        # What divides scopes cannot be part of one.
        held = session.principal.permissions
        if any(scope not in held or " " in scope for scope in scopes):
            raise InvalidInput("scopes", "undeclared")
        wanted = self._settings.lifetime if lifetime is None else lifetime
        if not timedelta() < wanted <= self._settings.max_lifetime:
            raise InvalidInput("lifetime", "undeclared")
        made, now = issue_token_text(self._entropy), self._clock.now()
        new = NewToken(
            id=made.id, digest=made.digest, account_id=account.id, name=name, scopes=scopes, created_at=now,
            expires_at=now + wanted,
        )  # fmt: skip
        with self._acting(account.id, session):
            if not self._store.add_token(new, limit=self._settings.max_per_account):
                return None
            self._notices.tell(
                EventKind.TOKEN_ISSUED, MailText.TOKEN_ISSUED, account, client, by=session,
                facts={"name": name}, token=new.id,
            )  # fmt: skip
        summary = TokenSummary(id=new.id, name=name, scopes=scopes, created_at=now, expires_at=new.expires_at)
        return IssuedToken(text=made.text, summary=summary)

    def revoke(self, session: ActiveSession, account: Account, token_id: str, client: Client) -> bool:
        """Revoke one of the account's own tokens, dead with the next request; tell whether it had it."""
        own = {token.id: token.name for token in self._store.list_tokens(account.id)}
        with self._acting(account.id, session):
            if token_id not in own or not self._store.revoke_token(account.id, token_id):
                return False
            self._notices.tell(
                EventKind.TOKEN_REVOKED, MailText.TOKEN_REVOKED, account, client, by=session,
                facts={"name": own[token_id]}, token=token_id,
            )  # fmt: skip
        return True

    def revoke_all(self, session: ActiveSession, account: Account, client: Client) -> bool:
        """Revoke every token of the account; tell whether there was one."""
        with self._acting(account.id, session):
            count = self._store.revoke_tokens(account.id)
            if not count:
                return False
            self._notices.tell(
                EventKind.TOKEN_REVOKED, MailText.TOKENS_REVOKED, account, client, by=session,
                count=str(count),
            )  # fmt: skip
        return True
