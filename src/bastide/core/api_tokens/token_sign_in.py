"""The way in with an API token: within the budget, with the rights of now, without a session."""

import hmac
from collections.abc import Callable
from typing import Final, NamedTuple

from bastide.core.api_tokens.token_text import PresentedToken, parse_token
from bastide.core.api_tokens.tokens import ApiTokenSettings
from bastide.core.attempts import Attempts, Exhausted, Reserved
from bastide.core.foundation import Client, Clock, Principal, TokenRefused, TooManyRequests, Units
from bastide.core.mail import MailText, Notices
from bastide.core.records import AccountStore, StoredToken, TokenStore
from bastide.core.security_log import EventKind, Outcome, Recorder, account_target

MAX_PROVEN: Final = 4096


class Admitted(NamedTuple):
    """A token was right.

    Attributes:
        token_id: for the log.
        principal: its owner, with what both the scopes and the owner's roles grant.
    """

    token_id: str
    principal: Principal


class Bearer:
    """Tells whom a presented token speaks for.

    A draw comes before the look at the secret, as on every way in, and is given back where the token was
    right. A token that proved right from the same address before draws nothing: a token in use costs no
    write, and whoever shares its network cannot shut it out. That is remembered by this process only, and
    is no answer: the token is looked up and compared each time. The lane is the network's and for tokens
    alone. An account's lanes take no part in it: nobody guesses 256 bits, and ids may be known to strangers,
    who would shut the owner out with them.

    Threat: floods of made-up tokens; undead tokens of people who left (V6.3.1, V8.3.2, V7.4.2).
    """

    def __init__(
        self,
        *,
        accounts: AccountStore,
        store: TokenStore,
        attempts: Attempts,
        recorder: Recorder,
        notices: Notices,
        units: Units,
        clock: Clock,
        settings: ApiTokenSettings,
        demands_factor: Callable[[frozenset[str]], bool],
    ) -> None:
        self._accounts = accounts
        self._store = store
        self._attempts = attempts
        self._recorder = recorder
        self._notices = notices
        self._units = units
        self._clock = clock
        self._settings = settings
        self._demands_factor = demands_factor
        self._proven: dict[tuple[str, str], None] = {}

    def match(self, presented: str, client: Client) -> Admitted:
        """Return whom the token speaks for.

        1. It must look like one of ours; otherwise no store is asked.
        2. One attempt is drawn, unless the token proved right from there before.
        3. Its id must be stored, and the digests be equal in constant time.
        4. It must not have expired, and its owner must be active.
        5. The draw is given back; ``last_used_at`` moves at most once per touch interval.

        Raises:
            TokenRefused: any of these fails; the caller is not told which.
            TooManyRequests: the network's lane is shut; nothing was looked up.
        """
        token = parse_token(presented) if self._settings.is_offered else None
        if token is None:
            raise self._refuse("malformed", client)
        place = token.id, client.address
        drawn = None if place in self._proven else self._draw(client)
        stored = self._find(token)
        if stored is None:
            self._proven.pop(place, None)
            self._note_lock(drawn or self._draw(client), client)
            raise self._refuse("unknown", client, token)
        if drawn is not None:
            self._attempts.refund(drawn)
            self._remember(place)
        now = self._clock.now()
        if stored.expires_at <= now:
            raise self._refuse("expired", client, token, stored)
        if not stored.account_is_active:
            raise self._refuse("account_disabled", client, token, stored)
        touched_before = now - self._settings.touch_interval
        if stored.last_used_at is None or stored.last_used_at <= touched_before:
            self._store.touch_token(token.id, now=now, used_before=touched_before)
        return Admitted(token.id, self._principal_of(stored))

    def expose(self, presented: str, client: Client, *, where: str) -> None:
        """Revoke a token that travelled where others could read it, and tell its owner.

        Only who has the token can have it revoked by this.

        Args:
            presented: untrusted.
            client: the caller.
            where: for the log: ``query`` or ``plain_http``.

        Threat: addresses end up in histories and logs, and clear text with whoever listens (V14.2.1, V4.1.2).
        """
        token = parse_token(presented)
        if token is None:
            return
        try:
            drawn = self._draw(client)
        except TooManyRequests:
            return
        stored = self._find(token)
        if stored is None:
            self._note_lock(drawn, client)
            self._recorder.record(
                EventKind.TOKEN_EXPOSED, Outcome.REFUSED, client, where=where, token=token.id
            )
            return
        self._attempts.refund(drawn)
        with self._units():
            account = self._accounts.lock_account(stored.account_id)
            if account is None or not self._store.revoke_token(account.id, token.id):
                return
            self._notices.tell(
                EventKind.TOKEN_EXPOSED, MailText.TOKEN_EXPOSED, account, client, by=None,
                outcome=Outcome.REFUSED, where=where, token=token.id,
            )  # fmt: skip

    def _find(self, token: PresentedToken) -> StoredToken | None:
        stored = self._store.find_token(token.id)
        is_right = stored is not None and hmac.compare_digest(stored.digest, token.digest)
        return stored if is_right else None

    def _draw(self, client: Client) -> Reserved:
        reservation = self._attempts.reserve_token(client.address)
        if isinstance(reservation, Exhausted):
            self._recorder.record(
                EventKind.TOKEN_REFUSED, Outcome.REFUSED, client,
                reason="locked", lane=reservation.lane.kind,
            )  # fmt: skip
            raise TooManyRequests(reservation.retry_after)
        return reservation

    def _note_lock(self, drawn: Reserved, client: Client) -> None:
        for lane in drawn.filled:
            self._recorder.record(EventKind.LOCKED, Outcome.NOTED, client, lane=lane.kind)

    def _remember(self, place: tuple[str, str]) -> None:
        while len(self._proven) >= MAX_PROVEN:
            self._proven.pop(next(iter(self._proven)), None)
        self._proven[place] = None

    def _refuse(
        self,
        reason: str,
        client: Client,
        token: PresentedToken | None = None,
        stored: StoredToken | None = None,
    ) -> TokenRefused:
        """Return the refusal, recorded; whose token it is goes with it only where the secret was right."""
        target = "" if stored is None else account_target(stored.account_id)
        token_id = "" if token is None else token.id
        self._recorder.record(
            EventKind.TOKEN_REFUSED, Outcome.REFUSED, client, target=target, reason=reason, token=token_id
        )
        return TokenRefused(reason)

    def _principal_of(self, stored: StoredToken) -> Principal:
        """Return the owner; roles stay out of it, since they would say more than the scopes."""
        lacks_factor = not stored.has_factor and self._demands_factor(stored.roles)
        return Principal(
            account_id=stored.account_id,
            name=stored.username,
            permissions=frozenset() if lacks_factor else stored.scopes & stored.permissions,
            lacks_factor=lacks_factor,
        )
