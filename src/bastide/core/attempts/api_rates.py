"""How often programs may call: by token and account, or by network where no token opens anything (T3)."""

from dataclasses import dataclass
from datetime import timedelta

from bastide.core.attempts.rates import Rate, Share
from bastide.core.foundation import AccountId, ConfigurationError, network_of
from bastide.core.security_log import account_target


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRateSettings:
    """How often views that take API tokens may be called.

    Attributes:
        token_limit: calls with one token.
        account_limit: calls with all tokens of an account together, and by its own browser. Above the
            token's, so that one program that floods leaves room for the others; far below all tokens'
            together, so that many tokens are not many rates.
        network_limit: calls from one address, or IPv6 /64, without a token that opens something.
        period: counting starts again this long after the first call, and who used it up waits this long.
    """

    token_limit: int = 600
    account_limit: int = 1800
    network_limit: int = 600
    period: timedelta = timedelta(hours=1)

    def __post_init__(self) -> None:
        if not 0 < self.token_limit <= self.account_limit or self.network_limit < 1:
            msg = "API rates need 0 < token_limit <= account_limit and a network_limit of at least 1"
            raise ConfigurationError(msg)
        if self.period <= timedelta():
            msg = "the period of API rates must be positive"
            raise ConfigurationError(msg)

    def shares_of(self, token_id: str, account_id: AccountId | None, address: str) -> list[Share]:
        """Return what one call draws from, all of it or nothing.

        Args:
            token_id: of the token that let the caller in; empty for none.
            account_id: the caller, or None for a stranger.
            address: the caller's.

        Threat: a program that floods, and one that does so with many tokens (V2.4.1).
        """
        if account_id is None:
            return [self._share("api-network", self.network_limit, network_of(address))]
        of_account = self._share("api-account", self.account_limit, account_target(account_id))
        return (
            [self._share("api-token", self.token_limit, token_id), of_account] if token_id else [of_account]
        )

    def _share(self, name: str, limit: int, subject: str) -> Share:
        return Share(Rate(name=name, limit=limit, period=self.period), subject)
