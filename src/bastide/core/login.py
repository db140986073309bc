"""Signing in, confirming, signing out and changing the password: every way in, one budget."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from bastide.core.accounts import Account, AccountStore, account_key
from bastide.core.attempts import Attempts
from bastide.core.client import Client
from bastide.core.credentials import PasswordGate
from bastide.core.devices import Devices
from bastide.core.events import EventKind, Outcome, Recorder
from bastide.core.factors import FactorStore
from bastide.core.notices import Notices
from bastide.core.passwords import Hasher
from bastide.core.principal import Principal
from bastide.core.proofs import CONFIRM, SIGN_IN, Proofs, Proven, RefusalReason, Refused, WayIn
from bastide.core.secret import Secret
from bastide.core.sessions import ActiveSession, Sessions


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
        accounts: AccountStore,
        attempts: Attempts,
        hasher: Hasher,
        gate: PasswordGate,
        devices: Devices,
        factors: FactorStore,
        proofs: Proofs,
        sessions: Sessions,
        recorder: Recorder,
        notices: Notices,
    ) -> None:
        self._accounts = accounts
        self._attempts = attempts
        self._hasher = hasher
        self._gate = gate
        self._devices = devices
        self._factors = factors
        self._proofs = proofs
        self._sessions = sessions
        self._recorder = recorder
        self._notices = notices

    def sign_in(
        self, name: str, password: Secret, client: Client, *, previous: ActiveSession | None
    ) -> LoginOutcome:
        """Return a new session for the right password, or a refusal that tells nothing.

        The earlier session of the browser ends.

        Args:
            name: user name or address as typed, untrusted.
            password: as typed.
            client: the caller.
            previous: the session the browser came with; it ends.
        """
        verdict = self._check_credentials(name, password, client)
        if isinstance(verdict, Refused):
            return verdict
        account, reserved = verdict
        if previous is not None:
            self._sessions.end(previous.digest)
        if self._factors.has_factor(account.id):
            self._attempts.refund(reserved)
            pending = self._sessions.start_pending(account.id, client)
            self._proofs.record(
                EventKind.FACTOR_NEEDED, client, account, Outcome.NOTED, session_digest=pending.digest
            )
            return FactorNeeded(pending)
        self._attempts.settle_success(reserved)
        account = self._renew_hash(account, password, client)
        session = self._sessions.start(Principal(account_id=account.id, name=account.username), client)
        if self._has_changed(account):
            self._sessions.end(session.digest)
            return Refused(RefusalReason.SESSION_GONE)
        self._proofs.record(SIGN_IN.success, client, account, Outcome.SUCCESS, session_digest=session.digest)
        return LoggedIn(session, self._devices.issue_device(client.device_cookie, account.id))

    def check_credentials(self, name: str, password: Secret, client: Client) -> Account | Refused:
        """Return the account that name and password open by themselves, or a refusal that tells nothing.

        Nobody is signed in by it. Where a second factor is on, a password opens nothing here.
        """
        verdict = self._check_credentials(name, password, client)
        if isinstance(verdict, Refused):
            return verdict
        account, reserved = verdict
        if self._factors.has_factor(account.id):
            self._attempts.refund(reserved)
            self._proofs.record(
                SIGN_IN.failure, client, account, Outcome.FAILURE, reason=RefusalReason.FACTOR_NEEDED
            )
            return Refused(RefusalReason.FACTOR_NEEDED)
        self._attempts.settle_success(reserved)
        return self._renew_hash(account, password, client)

    def _check_credentials(self, name: str, password: Secret, client: Client) -> Proven | Refused:
        """Return the account and what was drawn for it.

        1. One normalisation resolves the account; it keys the budget by its id.
        2. The budget is drawn before the password is looked at.
        3. A locked account, an unknown name and a wrong password get one answer and cost one hash;
           only a name or a network that is shut for the caller's own tries is told.
        4. A disabled account fails after the check, like a wrong password.
        """
        key = account_key(name)
        verdict = self._check_password(self._accounts.find_account(key), key, password, client, SIGN_IN)
        if isinstance(verdict, Refused) or verdict[0].is_active:
            return verdict
        reason = RefusalReason.DISABLED
        self._proofs.record(SIGN_IN.failure, client, verdict[0], Outcome.FAILURE, reason=reason)
        return Refused(reason)

    def _has_changed(self, account: Account) -> bool:
        """Tell of a change meanwhile, which ended every session but the one just started."""
        now = self._accounts.get_account(account.id)
        if now is None or not now.is_active or now.password_hash != account.password_hash:
            return True
        return self._factors.has_factor(account.id)

    def confirm(self, session: ActiveSession, password: Secret, client: Client) -> ConfirmOutcome:
        """Check the password of a running session and make the session fresh, under a new id (F5)."""
        verdict = self._check_password_of(session, password, client)
        return self._confirm(session, client, verdict, by="password")

    def confirm_by(
        self,
        session: ActiveSession,
        client: Client,
        *,
        by: str,
        is_right: Callable[[Account], bool],
    ) -> ConfirmOutcome:
        """Make a running session fresh by something else than the password, within the same budget.

        Args:
            session: the running session.
            client: the caller.
            by: kind of the factor, for the log.
            is_right: checks the factor of the session's account and uses it up.
        """
        account_id = session.principal.account_id
        account = None if account_id is None else self._accounts.get_account(account_id)
        if account is None:
            return Refused(RefusalReason.SESSION_GONE)
        verdict = self._proofs.check(
            account, client, name_key=account_key(account.username), way=CONFIRM,
            is_right=lambda: is_right(account), decoy=lambda: None,
        )  # fmt: skip
        return self._confirm(session, client, verdict, by=by)

    def _confirm(
        self, session: ActiveSession, client: Client, verdict: Proven | Refused, *, by: str
    ) -> ConfirmOutcome:
        if isinstance(verdict, Refused):
            return verdict
        account, reserved = verdict
        self._attempts.settle_success(reserved)
        rotated = self._sessions.rotate(session, client, confirmed=True)
        if rotated is None:
            return Refused(RefusalReason.SESSION_GONE)
        self._proofs.record(
            CONFIRM.success, client, account, Outcome.SUCCESS, session_digest=rotated.digest, by=by
        )
        return Confirmed(rotated)

    def change_password(
        self, session: ActiveSession, current: Secret, new: Secret, client: Client
    ) -> ConfirmOutcome:
        """Replace the password, end the account's other sessions and send a notice (P5).

        Raises:
            InvalidInput: the new password breaks the policy; nothing is checked or changed.
        """
        account_id = session.principal.account_id
        known = None if account_id is None else self._accounts.get_account(account_id)
        if known is not None:
            self._gate.check(new, context=(known.username, known.email), client=client)
        verdict = self._check_password_of(session, current, client)
        if isinstance(verdict, Refused):
            return verdict
        account, reserved = verdict
        self._attempts.settle_success(reserved)
        new_hash = self._hasher.hash(new)
        if not self._accounts.replace_password_hash(
            account.id, old_hash=account.password_hash or "", new_hash=new_hash
        ):
            return Refused(RefusalReason.SESSION_GONE)
        self._sessions.end_others(account.id, keep=session.digest)
        rotated = self._sessions.rotate(session, client, confirmed=True)
        self._proofs.record(
            EventKind.PASSWORD_CHANGED, client, account, Outcome.SUCCESS, session_digest=session.digest
        )
        self._notices.send(
            account, client, subject="Your password was changed",
            what="the password of your account was changed just now, and every other session was ended",
        )  # fmt: skip
        return Refused(RefusalReason.SESSION_GONE) if rotated is None else Confirmed(rotated)

    def sign_out(self, session: ActiveSession, client: Client) -> None:
        """End the session on the server; its id is dead at once."""
        self._sessions.end(session.digest)
        self._recorder.record(
            EventKind.LOGOUT,
            Outcome.SUCCESS,
            client,
            actor=session.principal.account_id,
            session_digest=session.digest,
        )

    def _check_password_of(
        self, session: ActiveSession, password: Secret, client: Client
    ) -> Proven | Refused:
        account_id = session.principal.account_id
        account = None if account_id is None else self._accounts.get_account(account_id)
        if account is None:
            return Refused(RefusalReason.SESSION_GONE)
        return self._check_password(account, account_key(account.username), password, client, CONFIRM)

    def _check_password(
        self, account: Account | None, key: str, password: Secret, client: Client, way: WayIn
    ) -> Proven | Refused:
        encoded = None if account is None else account.password_hash
        return self._proofs.check(
            account, client, name_key=key, way=way,
            is_right=lambda: self._hasher.verify(password, encoded),
            decoy=lambda: self._hasher.verify(password, None),
        )  # fmt: skip

    def _renew_hash(self, account: Account, password: Secret, client: Client) -> Account:
        old_hash = account.password_hash or ""
        if not self._hasher.needs_rehash(old_hash):
            return account
        new_hash = self._hasher.hash(password)
        if not self._accounts.replace_password_hash(account.id, old_hash=old_hash, new_hash=new_hash):
            return account
        self._proofs.record(EventKind.PASSWORD_REHASHED, client, account, Outcome.SUCCESS)
        return replace(account, password_hash=new_hash)
