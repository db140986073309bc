"""Showing a passkey: alone at sign-in, as second factor, or to confirm (F3, F5)."""

import hmac
from collections.abc import Sequence
from typing import Any

from bastide.core.attempts import Attempts, Devices
from bastide.core.foundation import AccountId, Client, Clock, Principal, Signer, Units
from bastide.core.records import Account, AccountStore, PasskeyStore, StoredPasskey
from bastide.core.security_log import EventKind, Outcome
from bastide.core.sessions import ActiveSession, Sessions
from bastide.core.sign_in import webauthn
from bastide.core.sign_in.challenges import Challenges, PasskeyUse
from bastide.core.sign_in.login import ConfirmOutcome, LoggedIn
from bastide.core.sign_in.second_factor import SecondFactors
from bastide.core.sign_in.secret_checks import (
    SIGN_IN,
    Proofs,
    Proven,
    RefusalReason,
    Refused,
    SecretKind,
)
from bastide.core.sign_in.webauthn import PasskeyResponse, RelyingParty


class PasskeyProofs:
    """Checks assertions, within the one budget of every way in.

    Alone, and to confirm, a passkey must have verified its user (by a PIN or a finger): what is plugged
    in or lies unlocked proves nobody by itself. Beside a password, having it is enough.

    Threat: replayed, swapped and forged assertions, cloned authenticators, guessing (V6.3.1, V6.7.2).
    """

    def __init__(
        self,
        *,
        accounts: AccountStore,
        store: PasskeyStore,
        challenges: Challenges,
        handles: Signer,
        attempts: Attempts,
        proofs: Proofs,
        devices: Devices,
        sessions: Sessions,
        units: Units,
        second_factors: SecondFactors,
        clock: Clock,
    ) -> None:
        self._accounts = accounts
        self._store = store
        self._challenges = challenges
        self._handles = handles
        self._attempts = attempts
        self._proofs = proofs
        self._devices = devices
        self._sessions = sessions
        self._units = units
        self._second_factors = second_factors
        self._clock = clock

    def begin_sign_in(self, party: RelyingParty, *, browser: bytes) -> dict[str, Any]:
        """Return what a stranger's browser asks its passkeys with; it tells nothing of any account.

        Args:
            party: the site.
            browser: digest of the visitor's cookie or of the session.
        """
        return self._begin(party, PasskeyUse.SIGN_IN, browser, None, ())

    def begin_second_factor(self, session: ActiveSession, party: RelyingParty) -> dict[str, Any] | None:
        """Return the same for a session whose password was right; None where its account has no passkey."""
        return self._begin_own(session, session.pending_account, PasskeyUse.SECOND_FACTOR, party)

    def begin_confirm(self, session: ActiveSession, party: RelyingParty) -> dict[str, Any] | None:
        """Return the same for a running session; None where its account has no passkey."""
        return self._begin_own(session, session.principal.account_id, PasskeyUse.CONFIRM, party)

    def sign_in(
        self,
        sent: str,
        client: Client,
        *,
        party: RelyingParty,
        browser: bytes,
        previous: ActiveSession | None,
    ) -> LoggedIn | Refused:
        """Return a new session for the passkey's owner, or a refusal that tells nothing.

        1. The challenge is spent; it was issued to this browser for signing in.
        2. The budget is drawn before anything is checked; an id nobody has draws like a name nobody has.
        3. The passkey must know its account by heart, have verified its user, and have signed for this
           site and origin; its counter must have grown.
        4. A disabled account fails after the check, like a wrong passkey.

        Args:
            sent: the browser's answer as JSON, untrusted.
            client: the caller.
            party: the site.
            browser: as in ``begin_sign_in``.
            previous: the session the browser came with; it ends.
        """
        response = webauthn.read_response(sent)
        is_issued = self._challenges.spend(
            response.challenge, PasskeyUse.SIGN_IN, browser=browser, account_id=None
        )
        passkey = self._store.find_passkey(response.credential_id)
        account = None if passkey is None else self._accounts.get_account(passkey.account_id)

        def prove() -> LoggedIn | Refused | None:
            if account is None or not is_issued or response.user_handle is None:
                return None
            with self._units():
                now = self._accounts.lock_account(account.id)
                if now is None or not self._use(now, response, party, client, needs_verification=True):
                    return None
                return self._open_session(now, client, previous)

        verdict: Proven[LoggedIn | Refused] | Refused = self._proofs.check(
            account, client, name_key=f"passkey:{response.credential_id.hex()}", way=SIGN_IN,
            by=SecretKind.PASSKEY, prove=prove,
            decoy=lambda: self._matches(account, response, party, needs_verification=True),
        )  # fmt: skip
        if isinstance(verdict, Refused):
            return verdict
        if isinstance(verdict.outcome, LoggedIn):
            self._attempts.settle_success(verdict.reserved)
        return verdict.outcome

    def _open_session(
        self, account: Account, client: Client, previous: ActiveSession | None
    ) -> LoggedIn | Refused:
        if not account.is_active:
            reason = RefusalReason.DISABLED
            self._proofs.record(
                SIGN_IN.failure, client, account, Outcome.FAILURE, reason=reason, by=SecretKind.PASSKEY
            )
            return Refused(reason)
        principal = Principal(account_id=account.id, name=account.username)
        state = self._sessions.end_before_sign_in(previous)
        session = self._sessions.start(principal, client, state=state)
        self._proofs.record(
            SIGN_IN.success,
            client,
            account,
            Outcome.SUCCESS,
            session_digest=session.digest,
            by=SecretKind.PASSKEY,
        )
        return LoggedIn(session, self._devices.issue_device(client.device_cookie, account.id))

    def second_factor(
        self, session: ActiveSession, sent: str, client: Client, *, party: RelyingParty
    ) -> LoggedIn | Refused:
        """Finish a sign-in that waits for its second factor."""
        response = webauthn.read_response(sent)
        use, owner = PasskeyUse.SECOND_FACTOR, session.pending_account
        is_issued = self._challenges.spend(response.challenge, use, browser=session.digest, account_id=owner)
        return self._second_factors.sign_in_by(
            session, client, by=SecretKind.PASSKEY,
            use=lambda account: is_issued and self._use(account, response, party, client),
        )  # fmt: skip

    def confirm(
        self, session: ActiveSession, sent: str, client: Client, *, party: RelyingParty
    ) -> ConfirmOutcome:
        """Make a running session fresh, under a new id."""
        response = webauthn.read_response(sent)
        use, owner = PasskeyUse.CONFIRM, session.principal.account_id
        is_issued = self._challenges.spend(response.challenge, use, browser=session.digest, account_id=owner)
        return self._second_factors.confirm_by(
            session, client, by=SecretKind.PASSKEY,
            use=lambda account: is_issued
            and self._use(account, response, party, client, needs_verification=True),
        )  # fmt: skip

    def _begin(
        self,
        party: RelyingParty,
        use: PasskeyUse,
        browser: bytes,
        account_id: AccountId | None,
        known: Sequence[StoredPasskey],
    ) -> dict[str, Any]:
        challenge = self._challenges.issue(use, browser=browser, account_id=account_id)
        needs_verification = use is not PasskeyUse.SECOND_FACTOR
        return webauthn.request_options(
            party, challenge=challenge, known=known, needs_verification=needs_verification
        )

    def _begin_own(
        self, session: ActiveSession, owner: AccountId | None, use: PasskeyUse, party: RelyingParty
    ) -> dict[str, Any] | None:
        own = () if owner is None else self._store.list_passkeys(owner)
        return self._begin(party, use, session.digest, owner, own) if own else None

    def _matches(
        self,
        account: Account | None,
        response: PasskeyResponse,
        party: RelyingParty,
        *,
        needs_verification: bool,
    ) -> tuple[StoredPasskey, int] | None:
        """Return the account's passkey that signed, and its counter, or None."""
        passkey = self._store.find_passkey(response.credential_id)
        if passkey is None or account is None or passkey.account_id != account.id:
            return None
        handle = response.user_handle
        if handle is not None and not self._is_known_by(passkey, handle):
            return None
        count = webauthn.verify_assertion(
            response, party, public_key=passkey.public_key, needs_verification=needs_verification
        )
        return None if count is None else (passkey, count)

    def _is_known_by(self, passkey: StoredPasskey, handle: bytes) -> bool:
        if passkey.user_handle is None:
            return self._handles.matches(str(passkey.account_id).encode(), handle)
        return hmac.compare_digest(passkey.user_handle, handle)

    def _use(
        self,
        account: Account,
        response: PasskeyResponse,
        party: RelyingParty,
        client: Client,
        *,
        needs_verification: bool = False,
    ) -> bool:
        """Check the assertion and move the counter on; of several with one value, one counts (V6.5.1)."""
        found = self._matches(account, response, party, needs_verification=needs_verification)
        if found is None:
            return False
        passkey, count = found
        # Authenticators that count nothing stay at zero; the challenge alone makes theirs good once.
        has_grown = count > passkey.sign_count or count == passkey.sign_count == 0
        if has_grown and self._store.use_passkey(
            passkey.credential_id, old_count=passkey.sign_count, new_count=count, now=self._clock.now()
        ):
            return True
        self._proofs.record(EventKind.PASSKEY_COUNTER_REFUSED, client, account, Outcome.REFUSED)
        return False
