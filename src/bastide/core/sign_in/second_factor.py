"""Setting up a second factor, and showing it: authenticator codes and backup codes (F1, F2, F4)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bastide.core.attempts import Devices
from bastide.core.encryption import Sealer
from bastide.core.foundation import AccountId, Client, Clock, ConfigurationError, Entropy, SealBroken
from bastide.core.mail import MailText, Notices
from bastide.core.records import Account, AccountStore, Added, FactorSettings, FactorStore, StoredTotp
from bastide.core.security_log import EventKind
from bastide.core.sessions import Acting, ActiveSession, Sessions, session_gone
from bastide.core.sign_in import totp
from bastide.core.sign_in._backup_codes import backup_code_digest, draw_backup_codes
from bastide.core.sign_in.login import Confirmed, ConfirmOutcome, LoggedIn
from bastide.core.sign_in.secret_checks import (
    CONFIRM,
    SECOND_FACTOR,
    Proofs,
    RefusalReason,
    Refused,
    SecretKind,
)

TOTP_COLUMN: Final = ("bastide_totp", "secret")


@dataclass(frozen=True, slots=True)
class Enrollment:
    """An authenticator waiting for its first code.

    Attributes:
        key: the secret as base32, for typing.
        uri: the ``otpauth`` address, for a QR code.
    """

    key: str
    uri: str


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The second factor is on; the codes are never shown again."""

    codes: tuple[str, ...]
    session: ActiveSession


class SecondFactors:
    """Turns second factors on and off and checks them at sign-in.

    Threat: codes that work twice, codes guessed in parallel, a factor switched on behind the owner's back,
    secrets read from a stolen database (V6.5.1, V6.5.5, V6.3.1, V6.3.7).
    """

    def __init__(
        self,
        *,
        acting: Acting,
        accounts: AccountStore,
        store: FactorStore,
        sealer: Sealer | None,
        proofs: Proofs,
        devices: Devices,
        sessions: Sessions,
        notices: Notices,
        clock: Clock,
        entropy: Entropy,
        settings: FactorSettings,
        site_name: str,
    ) -> None:
        self._acting = acting
        self._accounts = accounts
        self._store = store
        self._sealer = sealer
        self._proofs = proofs
        self._devices = devices
        self._sessions = sessions
        self._notices = notices
        self._clock = clock
        self._entropy = entropy
        self._settings = settings
        self._site_name = site_name

    @property
    def is_offered(self) -> bool:
        """Tell whether there is a key ring, without which no secret is kept."""
        return self._sealer is not None

    def is_on(self, account_id: AccountId) -> bool:
        """Tell whether the account has a confirmed second factor of any kind."""
        return self._store.has_factor(account_id)

    def has_authenticator(self, account_id: AccountId) -> bool:
        """Tell whether the account has a confirmed authenticator."""
        found = self._store.find_totp(account_id)
        return found is not None and found.is_confirmed

    def count_backup_codes(self, account_id: AccountId) -> int:
        """Return how many backup codes are left."""
        return self._store.count_backup_codes(account_id)

    def begin(self, account_id: AccountId) -> bool:
        """Keep a fresh secret, unconfirmed; False where a factor is on already.

        Raises:
            ConfigurationError: there is no key ring.
        """
        if self._sealer is None:
            msg = "second factors need a key ring"
            raise ConfigurationError(msg)
        secret = self._entropy.token_bytes(totp.SECRET_SIZE_BYTES)
        sealed, step = self._sealer.seal(secret, row=account_id), totp.step_at(self._clock.now())
        return self._store.put_totp(account_id, sealed, step=step)

    def pending(self, account: Account) -> Enrollment | None:
        """Return the authenticator that waits for its first code, and not for too long, or None."""
        found = self._waiting(account.id)
        if found is None:
            return None
        secret = self._open(account.id, found)
        uri = totp.provisioning_uri(secret, site=self._site_name, name=account.username)
        return Enrollment(key=totp.manual_key(secret), uri=uri)

    def confirm(
        self, session: ActiveSession, account: Account, code: str, client: Client
    ) -> Enrolled | Refused:
        """Turn the pending authenticator on with its first code; the account's other sessions end."""
        found = self._waiting(account.id)
        if found is None:
            return Refused(RefusalReason.SESSION_GONE)
        step = self._matching_step(account.id, found, code)
        if step is None:
            return Refused(RefusalReason.WRONG_SECRET)
        codes, digests = self._draw_codes(account.id)
        with self._acting(account.id, session):
            added = self._store.confirm_totp(
                account.id, sealed=found.sealed, step=step, codes=digests, keep=session.digest
            )
            if not added:
                return Refused(RefusalReason.SESSION_GONE)
            rotated = self._sessions.renew(session, client, confirmed=True)
            self._notices.tell(
                EventKind.FACTOR_ADDED, MailText.FACTOR_ADDED, account, client, by=rotated,
                kind=SecretKind.AUTHENTICATOR,
            )  # fmt: skip
        return Enrolled(codes if added is Added.FIRST else (), rotated)

    def renew_codes(self, session: ActiveSession, account: Account, client: Client) -> tuple[str, ...]:
        """Return a new set of backup codes; the old ones stop working."""
        codes, digests = self._draw_codes(account.id)
        with self._acting(account.id, session):
            if not self._store.has_factor(account.id):
                raise session_gone()
            self._store.replace_backup_codes(account.id, digests)
            self._notices.tell(
                EventKind.BACKUP_CODES_RENEWED, MailText.BACKUP_CODES_RENEWED, account, client, by=session,
            )  # fmt: skip
        return codes

    def remove(self, session: ActiveSession, account: Account, client: Client) -> ActiveSession | None:
        """Turn the authenticator off; the other sessions end, the session goes on under a new id."""
        with self._acting(account.id, session):
            if not self._store.remove_totp(account.id, keep=session.digest):
                return None
            rotated = self._sessions.renew(session, client, confirmed=False)
            self._notices.tell(
                EventKind.FACTOR_REMOVED, MailText.FACTOR_REMOVED, account, client, by=rotated,
                kind=SecretKind.AUTHENTICATOR,
            )  # fmt: skip
        return rotated

    def sign_in(self, session: ActiveSession, code: str, client: Client) -> LoggedIn | Refused:
        """Finish a sign-in that waits for its second factor; the session goes on under a new id.

        Args:
            session: one whose password was right.
            code: six digits of the authenticator, or a backup code.
            client: the caller.
        """
        return self.sign_in_by(
            session, client, by=_kind_of(code), use=lambda account: self._use(account.id, code)
        )

    def sign_in_by(
        self, session: ActiveSession, client: Client, *, by: SecretKind, use: Callable[[Account], bool]
    ) -> LoggedIn | Refused:
        """Finish a sign-in with whatever the account has for a second factor.

        The budget of the password holds here too, and was not given back by it. The factor is used up
        together with what it opens.

        Args:
            session: one whose password was right.
            client: the caller.
            by: kind of the factor, for the log.
            use: checks the factor and uses it up.
        """
        account_id = session.pending_account
        account = None if account_id is None else self._accounts.get_account(account_id)
        if account is None or not account.is_active:
            return Refused(RefusalReason.SESSION_GONE)
        signed_in = self._proofs.redeem(
            account, client, way=SECOND_FACTOR, by=by, use=lambda: use(account),
            go_on=lambda: self._sessions.complete(session, account, client),
        )  # fmt: skip
        if isinstance(signed_in, Refused):
            return signed_in
        return LoggedIn(signed_in, self._devices.issue_device(client.device_cookie, account.id))

    def confirm_session(self, session: ActiveSession, code: str, client: Client) -> ConfirmOutcome:
        """Make a running session fresh, under a new id, for a code of its account (F5)."""
        return self.confirm_by(
            session, client, by=_kind_of(code), use=lambda account: self._use(account.id, code)
        )

    def confirm_by(
        self, session: ActiveSession, client: Client, *, by: SecretKind, use: Callable[[Account], bool]
    ) -> ConfirmOutcome:
        """Make a running session fresh with whatever its account has for a second factor.

        Args:
            session: a running one.
            client: the caller.
            by: kind of the factor, for the log.
            use: checks the factor and uses it up.
        """
        account_id = session.principal.account_id
        account = None if account_id is None else self._accounts.get_account(account_id)
        if account is None:
            return Refused(RefusalReason.SESSION_GONE)
        fresh = self._proofs.redeem(
            account, client, way=CONFIRM, by=by, use=lambda: use(account),
            go_on=lambda: self._sessions.rotate(session, client, confirmed=True),
        )  # fmt: skip
        return fresh if isinstance(fresh, Refused) else Confirmed(fresh)

    def _use(self, account_id: AccountId, typed: str) -> bool:
        """Use up what was typed; each code works once, whoever is first."""
        code = "".join(typed.split())
        if _kind_of(code) is SecretKind.BACKUP_CODE:
            return self._store.burn_backup_code(account_id, backup_code_digest(account_id, code))
        found = self._store.find_totp(account_id)
        if found is None or not found.is_confirmed:
            return False
        step = self._matching_step(account_id, found, code)
        return step is not None and self._store.use_totp_step(account_id, step)

    def _waiting(self, account_id: AccountId) -> StoredTotp | None:
        found = self._store.find_totp(account_id)
        if found is None or found.is_confirmed:
            return None
        waited = (totp.step_at(self._clock.now()) - found.last_step) * totp.TOTP_STEP
        return found if waited < self._settings.enrollment_timeout else None

    def _matching_step(self, account_id: AccountId, found: StoredTotp, code: str) -> int | None:
        try:
            secret = self._open(account_id, found)
        except SealBroken:
            # Somebody changed the row: no code is right for it.
            return None
        now, drift = self._clock.now(), self._settings.drift_steps
        return totp.matching_step(secret, "".join(code.split()), now=now, drift_steps=drift)

    def _open(self, account_id: AccountId, found: StoredTotp) -> bytes:
        if self._sealer is None:
            msg = "a second factor is stored, and the key ring is missing"
            raise ConfigurationError(msg)
        return self._sealer.open(found.sealed, row=account_id)

    def _draw_codes(self, account_id: AccountId) -> tuple[tuple[str, ...], list[bytes]]:
        return draw_backup_codes(self._entropy, account_id, self._settings.backup_codes)


def _kind_of(typed: str) -> SecretKind:
    code = "".join(typed.split())
    is_number = len(code) == totp.TOTP_DIGITS and code.isascii() and code.isdigit()
    return SecretKind.AUTHENTICATOR if is_number else SecretKind.BACKUP_CODE
