"""Signing in, confirming, signing out and changing the password: every way in, one budget."""

from dataclasses import dataclass, replace
from typing import TypeAlias

from bastide.core.attempts import Attempts, Devices
from bastide.core.foundation import AccountId, Client, Principal, Secret, Units
from bastide.core.mail import MailText, Notices
from bastide.core.records import (
    Account,
    AccountStore,
    FactorSettings,
    FactorStore,
    TokenStore,
    account_key,
)
from bastide.core.security_log import EventKind, Outcome, Recorder, account_target
from bastide.core.sessions import Acting, ActiveSession, Sessions
from bastide.core.sign_in.password_gate import PasswordGate
from bastide.core.sign_in.passwords import PasswordLengths
from bastide.core.sign_in.ports import Hasher
from bastide.core.sign_in.secret_checks import (
    CONFIRM,
    SIGN_IN,
    Proofs,
    Proven,
    RefusalReason,
    Refused,
    SecretKind,
    WayIn,
)


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """The evidence of a sign-in.

    Attributes:
        session: the new session; its id goes into the cookie.
        device_cookie: vouches for this browser from now on.
    """

    session: ActiveSession
    device_cookie: Secret


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A factor was shown in a running session; the session goes on under a new id."""

    session: ActiveSession


@dataclass(frozen=True, slots=True)
class FactorNeeded:
    """The password was right; the session reaches nothing until a second factor is shown (F4)."""

    session: ActiveSession


LoginOutcome: TypeAlias = LoggedIn | FactorNeeded | Refused
ConfirmOutcome: TypeAlias = Confirmed | Refused


class Login:
    """Composes accounts, attempts, passwords, devices, sessions and the security log.

    Threat: guessing in parallel, account enumeration by answer or by time, session fixation
    (V6.3.1, V6.3.8, V7.2.4).
    """

    def __init__(
        self,
        *,
        acting: Acting,
        accounts: AccountStore,
        attempts: Attempts,
        hasher: Hasher,
        gate: PasswordGate,
        devices: Devices,
        factors: FactorStore,
        factor_settings: FactorSettings,
        tokens: TokenStore,
        proofs: Proofs,
        sessions: Sessions,
        recorder: Recorder,
        notices: Notices,
        units: Units,
    ) -> None:
        self._acting = acting
        self._accounts = accounts
        self._attempts = attempts
        self._hasher = hasher
        self._gate = gate
        self._devices = devices
        self._factors = factors
        self._factor_settings = factor_settings
        self._tokens = tokens
        self._proofs = proofs
        self._sessions = sessions
        self._recorder = recorder
        self._notices = notices
        self._units = units

    def sign_in(
        self, name: str, password: Secret, client: Client, *, previous: ActiveSession | None
    ) -> LoginOutcome:
        """Return a new session for the right password, or a refusal that tells nothing.

        The earlier session of the browser ends. Where a second factor is on, the new session waits for it.

        Args:
            name: user name or address as typed, untrusted.
            password: as typed.
            client: the caller.
            previous: the session the browser came with; it ends.
        """
        verdict = self._check_credentials(name, password, client)
        if isinstance(verdict, Refused):
            return verdict
        account = self._renew_hash(verdict.account, password, client)
        with self._units():
            now = self._accounts.lock_account(account.id)
            if now is None or not now.is_active or now.password_hash != account.password_hash:
                return Refused(RefusalReason.SESSION_GONE)
            outcome = self._open_session(account, client, previous, by=SecretKind.PASSWORD)
        if isinstance(outcome, FactorNeeded):
            self._attempts.refund(verdict.reserved)
        else:
            self._attempts.settle_success(verdict.reserved)
        return outcome

    def open_session(
        self, account_id: AccountId, client: Client, *, previous: ActiveSession | None
    ) -> LoginOutcome:
        """Return a new session for the account that the application itself found out who is at.

        Nothing is drawn from the budget: that is for whoever looked at a password. The earlier session of the
        browser ends. Where a second factor is on, the new session waits for it.
        """
        with self._units():
            account = self._accounts.lock_account(account_id)
            if account is None or not account.is_active:
                return Refused(RefusalReason.DISABLED)
            return self._open_session(account, client, previous, by=SecretKind.OUTSIDE)

    def _open_session(
        self, account: Account, client: Client, previous: ActiveSession | None, *, by: SecretKind
    ) -> LoggedIn | FactorNeeded:
        state = self._sessions.end_before_sign_in(previous)
        if self._factors.has_factor(account.id):
            pending = self._sessions.start_pending(account.id, client, state=state)
            self._proofs.record(
                EventKind.FACTOR_NEEDED, client, account, Outcome.NOTED, session_digest=pending.digest
            )
            return FactorNeeded(pending)
        principal = Principal(account_id=account.id, name=account.username)
        session = self._sessions.start(principal, client, state=state)
        self._proofs.record(
            SIGN_IN.success, client, account, Outcome.SUCCESS,
            session_digest=session.digest, by=by,
        )  # fmt: skip
        return LoggedIn(session, self._devices.issue_device(client.device_cookie, account.id))

    def check_credentials(self, name: str, password: Secret, client: Client) -> Account | Refused:
        """Return the account that name and password open by themselves, or a refusal that tells nothing.

        Nobody is signed in by it. Where a second factor is on, a password opens nothing here.
        """
        verdict = self._check_credentials(name, password, client)
        if isinstance(verdict, Refused):
            return verdict
        if self._factors.has_factor(verdict.account.id):
            self._attempts.refund(verdict.reserved)
            reason = RefusalReason.FACTOR_NEEDED
            self._record_failure(verdict.account, client, reason)
            return Refused(reason)
        self._attempts.settle_success(verdict.reserved)
        return self._renew_hash(verdict.account, password, client)

    def _check_credentials(self, name: str, password: Secret, client: Client) -> Proven[bool] | Refused:
        """Return the account and what was drawn for it.

        1. One normalisation resolves the account; it keys the budget by its id.
        2. The budget is drawn before the password is looked at.
        3. A locked account, an unknown name and a wrong password get one answer and cost one hash;
           only a name or a network that is shut for the caller's own tries is told.
        4. A disabled account fails after the check, like a wrong password.
        """
        key = account_key(name)
        verdict = self._check_password(self._accounts.find_account(key), key, password, client, SIGN_IN)
        if isinstance(verdict, Refused) or verdict.account.is_active:
            return verdict
        reason = RefusalReason.DISABLED
        self._record_failure(verdict.account, client, reason)
        return Refused(reason)

    def _record_failure(self, account: Account, client: Client, reason: RefusalReason) -> None:
        self._proofs.record(
            SIGN_IN.failure, client, account, Outcome.FAILURE, reason=reason, by=SecretKind.PASSWORD
        )

    def confirm(self, session: ActiveSession, password: Secret, client: Client) -> ConfirmOutcome:
        """Check the password of a running session and make the session fresh, under a new id (F5).

        Where a second factor is on, it is asked for instead: see ``SecondFactors.confirm_by``.
        """
        verdict = self._check_password_of(session, password, client)
        if isinstance(verdict, Refused):
            return verdict
        if self._factors.has_factor(verdict.account.id):
            return Refused(RefusalReason.FACTOR_NEEDED)
        with self._units():
            rotated = self._sessions.rotate(session, client, confirmed=True)
            if rotated is None:
                return Refused(RefusalReason.SESSION_GONE)
            self._proofs.record(
                CONFIRM.success, client, verdict.account, Outcome.SUCCESS,
                session_digest=rotated.digest, by=SecretKind.PASSWORD,
            )  # fmt: skip
        self._attempts.settle_success(verdict.reserved)
        return Confirmed(rotated)

    def password_lengths(self, account: Account) -> PasswordLengths:
        """Return how long a new password of the account has to be."""
        return self._gate.lengths(has_second_factor=self._is_held(account))

    def change_password(
        self,
        session: ActiveSession,
        current: Secret,
        new: Secret,
        client: Client,
        *,
        keep_tokens: bool = False,
    ) -> ConfirmOutcome:
        """Replace the password, end the account's other sessions, revoke its API tokens, send a notice (P5).

        Args:
            session: the one at hand; it goes on under a new id.
            current: as typed.
            new: as typed.
            client: the caller.
            keep_tokens: the owner asked that programs go on with the tokens they have.

        Raises:
            InvalidInput: the new password breaks the policy; nothing is checked or changed.
        """
        account_id = session.principal.account_id
        known = None if account_id is None else self._accounts.get_account(account_id)
        if known is not None:
            self._gate.check(
                new,
                context=(known.username, known.email),
                client=client,
                has_second_factor=self._is_held(known),
            )
        verdict = self._check_password_of(session, current, client)
        if isinstance(verdict, Refused):
            return verdict
        account, old_hash = verdict.account, verdict.account.password_hash or ""
        new_hash = self._hasher.hash(new)
        # Where a second factor is on, the password alone makes no session fresh and clears no budget.
        has_factor = self._factors.has_factor(account.id)
        with self._acting(account.id, session):
            if not self._accounts.replace_password_hash(account.id, old_hash=old_hash, new_hash=new_hash):
                return Refused(RefusalReason.SESSION_GONE)
            self._sessions.end_others(account.id, keep=session.digest)
            if not keep_tokens:
                self._tokens.revoke_tokens(account.id)
            rotated = self._sessions.renew(session, client, confirmed=not has_factor)
            text = MailText.PASSWORD_CHANGED_TOKENS_KEPT if keep_tokens else MailText.PASSWORD_CHANGED
            self._notices.tell(
                EventKind.PASSWORD_CHANGED, text, account, client, by=rotated,
                tokens="kept" if keep_tokens else "revoked",
            )  # fmt: skip
        if has_factor:
            self._attempts.refund(verdict.reserved)
        else:
            self._attempts.settle_success(verdict.reserved)
        return Confirmed(rotated)

    def sign_out(self, session: ActiveSession, client: Client) -> None:
        """End the session on the server; its id is dead at once."""
        with self._units():
            self._sessions.end(session.digest)
            self._recorder.record(
                EventKind.LOGOUT, Outcome.SUCCESS, client,
                actor=session.principal.account_id, session_digest=session.digest,
            )  # fmt: skip

    def end_elsewhere(self, session: ActiveSession, client: Client, *, handle: str | None) -> bool:
        """End one of the account's own sessions, or all but the one at hand; tell whether any ended.

        Args:
            session: the one at hand, signed in.
            client: the caller.
            handle: of the session to end (``SessionSummary.handle``), or None for all others.
        """
        account_id = session.principal.account_id
        if account_id is None:
            return False
        with self._acting(account_id, session):
            if handle is None:
                has_ended = self._sessions.end_others(account_id, keep=session.digest) > 0
            else:
                has_ended = self._sessions.end_one(account_id, handle)
            if has_ended:
                self._recorder.record(
                    EventKind.SESSIONS_ENDED, Outcome.SUCCESS, client, actor=account_id,
                    target=account_target(account_id), session_digest=session.digest,
                    which="others" if handle is None else handle[:16],
                )  # fmt: skip
        return has_ended

    def _is_held(self, account: Account) -> bool:
        """Tell whether the account has a second factor, and no rights without it."""
        return self._factor_settings.demands_of(account.roles) and self._factors.has_factor(account.id)

    def _check_password_of(
        self, session: ActiveSession, password: Secret, client: Client
    ) -> Proven[bool] | Refused:
        account_id = session.principal.account_id
        account = None if account_id is None else self._accounts.get_account(account_id)
        if account is None:
            return Refused(RefusalReason.SESSION_GONE)
        return self._check_password(account, account_key(account.username), password, client, CONFIRM)

    def _check_password(
        self, account: Account | None, key: str, password: Secret, client: Client, way: WayIn
    ) -> Proven[bool] | Refused:
        return self._proofs.check(
            account, client, name_key=key, way=way, by=SecretKind.PASSWORD,
            prove=lambda: self._verify(account, password, client) or None,
            decoy=lambda: self._hasher.verify(password, None),
        )  # fmt: skip

    def _verify(self, account: Account | None, password: Secret, client: Client) -> bool:
        encoded = None if account is None else account.password_hash
        fault = self._hasher.find_fault(encoded) if encoded else None
        if fault is not None:
            self._proofs.record(EventKind.PASSWORD_UNREADABLE, client, account, Outcome.FAILURE, reason=fault)
        return self._hasher.verify(password, encoded)

    def _renew_hash(self, account: Account, password: Secret, client: Client) -> Account:
        """Return the account with today's hash of the password.

        Where another sign-in or a command was faster, the password is held against what that one left;
        where it is another password by now, the account comes back as it was, and opens nothing.
        """
        old_hash = account.password_hash or ""
        if not self._hasher.needs_rehash(old_hash):
            return account
        new_hash = self._hasher.hash(password)
        with self._units():
            if self._accounts.replace_password_hash(account.id, old_hash=old_hash, new_hash=new_hash):
                self._proofs.record(EventKind.PASSWORD_REHASHED, client, account, Outcome.SUCCESS)
                return replace(account, password_hash=new_hash)
        now = self._accounts.get_account(account.id)
        if now is None or not self._hasher.verify(password, now.password_hash):
            return account
        return now
