"""Signing in, confirming, signing out and changing the password: every way in, one budget."""

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TypeAlias

from bastide.core.accounts import Account, AccountStore, account_key
from bastide.core.attempts import Attempts, Exhausted, Reserved
from bastide.core.client import Client
from bastide.core.credentials import PasswordGate
from bastide.core.devices import Devices
from bastide.core.events import EventKind, Outcome, Recorder
from bastide.core.notices import Notices
from bastide.core.passwords import Hasher
from bastide.core.principal import Principal
from bastide.core.secret import Secret
from bastide.core.sessions import ActiveSession, Sessions


class RefusalReason(StrEnum):
    """Why an attempt was refused; for the log. The person sees one sentence for all."""

    LOCKED = "locked"
    WRONG_SECRET = "wrong_secret"  # noqa: S105 -- a name
    UNKNOWN_ACCOUNT = "unknown_account"
    DISABLED = "disabled"
    SESSION_GONE = "session_gone"


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
class Refused:
    """The attempt failed, or was not even checked.

    Attributes:
        reason: for the log.
        retry_after: set when the budget is used up.
    """

    reason: RefusalReason
    retry_after: timedelta | None = None


LoginOutcome: TypeAlias = LoggedIn | Refused
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
        sessions: Sessions,
        recorder: Recorder,
        notices: Notices,
    ) -> None:
        self._accounts = accounts
        self._attempts = attempts
        self._hasher = hasher
        self._gate = gate
        self._devices = devices
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
        account = self.check_credentials(name, password, client)
        if isinstance(account, Refused):
            return account
        if previous is not None:
            self._sessions.end(previous.digest)
        session = self._sessions.start(Principal(account_id=account.id, name=account.username), client)
        # A change of the password or the status meanwhile ended every session but this one.
        now = self._accounts.get_account(account.id)
        if now is None or not now.is_active or now.password_hash != account.password_hash:
            self._sessions.end(session.digest)
            return Refused(RefusalReason.SESSION_GONE)
        self._record(_SIGN_IN.success, client, account, Outcome.SUCCESS, session_digest=session.digest)
        return LoggedIn(session, self._devices.issue_device(client.device_cookie, account.id))

    def check_credentials(self, name: str, password: Secret, client: Client) -> Account | Refused:
        """Return the account that name and password open, or a refusal that tells nothing.

        1. One normalisation resolves the account; it keys the budget by its id.
        2. The budget is drawn before the password is looked at.
        3. A locked account, an unknown name and a wrong password get one answer and cost one hash;
           only a name or a network that is shut for the caller's own tries is told.
        4. A disabled account fails after the check, like a wrong password.
        5. Success settles the budget and renews the hash. Nobody is signed in by it.
        """
        key = account_key(name)
        verdict = self._check_password(self._accounts.find_account(key), key, password, client, _SIGN_IN)
        if isinstance(verdict, Refused):
            return verdict
        account, reserved = verdict
        if not account.is_active:
            self._record(_SIGN_IN.failure, client, account, Outcome.FAILURE, reason=RefusalReason.DISABLED)
            return Refused(RefusalReason.DISABLED)
        self._attempts.settle_success(reserved)
        return self._renew_hash(account, password, client)

    def confirm(self, session: ActiveSession, password: Secret, client: Client) -> ConfirmOutcome:
        """Check the password of a running session and make the session fresh, under a new id (F5)."""
        verdict = self._check_password_of(session, password, client)
        if isinstance(verdict, Refused):
            return verdict
        account, reserved = verdict
        self._attempts.settle_success(reserved)
        rotated = self._sessions.rotate(session, client, confirmed=True)
        if rotated is None:
            return Refused(RefusalReason.SESSION_GONE)
        self._record(_CONFIRM.success, client, account, Outcome.SUCCESS, session_digest=rotated.digest)
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
        self._record(
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
    ) -> "tuple[Account, Reserved] | Refused":
        account_id = session.principal.account_id
        account = None if account_id is None else self._accounts.get_account(account_id)
        if account is None:
            return Refused(RefusalReason.SESSION_GONE)
        return self._check_password(account, account_key(account.username), password, client, _CONFIRM)

    def _check_password(
        self, account: Account | None, key: str, password: Secret, client: Client, kinds: "_Kinds"
    ) -> "tuple[Account, Reserved] | Refused":
        account_id = None if account is None else account.id
        device_id = None if account is None else self._devices.match_device(client.device_cookie, account.id)
        reservation = self._attempts.reserve(
            account_id, name_key=key, address=client.address, device_id=device_id
        )
        if isinstance(reservation, Exhausted):
            is_told = reservation.may_be_told
            if not is_told:
                self._hasher.verify(password, None)
            self._record(
                kinds.refused, client, account, Outcome.REFUSED,
                reason=RefusalReason.LOCKED, lane=reservation.lane.kind,
            )  # fmt: skip
            return Refused(RefusalReason.LOCKED, reservation.retry_after if is_told else None)
        is_right = self._hasher.verify(password, None if account is None else account.password_hash)
        if account is not None and is_right:
            return account, reservation
        reason = RefusalReason.UNKNOWN_ACCOUNT if account is None else RefusalReason.WRONG_SECRET
        self._record(kinds.failure, client, account, Outcome.FAILURE, reason=reason)
        if reservation.filled:
            lanes = ",".join(lane.kind for lane in reservation.filled)
            self._record(EventKind.LOCKED, client, account, Outcome.NOTED, lane=lanes)
        return Refused(reason)

    def _renew_hash(self, account: Account, password: Secret, client: Client) -> Account:
        old_hash = account.password_hash or ""
        if not self._hasher.needs_rehash(old_hash):
            return account
        new_hash = self._hasher.hash(password)
        if not self._accounts.replace_password_hash(account.id, old_hash=old_hash, new_hash=new_hash):
            return account
        self._record(EventKind.PASSWORD_REHASHED, client, account, Outcome.SUCCESS)
        return replace(account, password_hash=new_hash)

    def _record(
        self,
        kind: EventKind,
        client: Client,
        account: Account | None,
        outcome: Outcome,
        *,
        session_digest: bytes = b"",
        **detail: str,
    ) -> None:
        target = "" if account is None else f"account:{account.id}"
        actor = account.id if account is not None and outcome is Outcome.SUCCESS else None
        self._recorder.record(
            kind, outcome, client, actor=actor, target=target, session_digest=session_digest, **detail
        )


@dataclass(frozen=True, slots=True)
class _Kinds:
    """The three events of one way in."""

    success: EventKind
    failure: EventKind
    refused: EventKind


_SIGN_IN = _Kinds(EventKind.LOGIN_SUCCESS, EventKind.LOGIN_FAILURE, EventKind.LOGIN_REFUSED)
_CONFIRM = _Kinds(EventKind.CONFIRM_SUCCESS, EventKind.CONFIRM_FAILURE, EventKind.CONFIRM_REFUSED)
