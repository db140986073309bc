"""Passkeys of an account: added, named and removed by their owner (F3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from bastide.core.foundation import AccountId, Client, Clock, ConfigurationError, Entropy, digest
from bastide.core.mail import MailText, Notices
from bastide.core.records import Account, Added, PasskeyStore, StoredPasskey
from bastide.core.security_log import EventKind, Outcome
from bastide.core.sessions import Acting, ActiveSession, Sessions
from bastide.core.sign_in import webauthn
from bastide.core.sign_in._backup_codes import draw_backup_codes
from bastide.core.sign_in.challenges import Challenges, PasskeyUse
from bastide.core.sign_in.second_factor import Enrolled
from bastide.core.sign_in.secret_checks import Proofs, RefusalReason, Refused, SecretKind
from bastide.core.sign_in.webauthn import RelyingParty

HANDLE_PURPOSE: Final = "passkey-handle"
MAX_PASSKEY_NAME_LENGTH: Final = 60
_HANDLE_LENGTH: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeySettings:
    """Passkeys.

    Attributes:
        is_offered: people may add passkeys and sign in with them, where ``webauthn`` is installed.
        relying_party_id: the domain that passkeys are bound to, for a site with several host names
            below it; empty for the host of each request.
        max_per_account: passkeys an account may have (1 to 100).
    """

    is_offered: bool = True
    relying_party_id: str = ""
    max_per_account: int = 20

    def __post_init__(self) -> None:
        if not 1 <= self.max_per_account <= 100:  # noqa: PLR2004 -- more would not fit into a browser's options
            msg = "an account may have 1 to 100 passkeys"
            raise ConfigurationError(msg)
        if self.relying_party_id != (urlsplit(f"//{self.relying_party_id}").hostname or ""):
            msg = f"the relying party is a host name in small letters, not {self.relying_party_id!r}"
            raise ConfigurationError(msg)


class Passkeys:
    """Lets an account's owner add, name and remove passkeys.

    Threat: a passkey added behind the owner's back, or somebody else's registration passed off as one's
    own (V6.3.7, V6.7.1).
    """

    def __init__(
        self,
        *,
        acting: Acting,
        store: PasskeyStore,
        challenges: Challenges,
        proofs: Proofs,
        sessions: Sessions,
        notices: Notices,
        clock: Clock,
        entropy: Entropy,
        settings: PasskeySettings,
        backup_codes: int,
        site_name: str,
    ) -> None:
        self._acting = acting
        self._store = store
        self._challenges = challenges
        self._proofs = proofs
        self._sessions = sessions
        self._notices = notices
        self._clock = clock
        self._entropy = entropy
        self._settings = settings
        self._backup_codes = backup_codes
        self._site_name = site_name
        self.is_offered: bool = settings.is_offered and webauthn.is_available()

    def party_at(self, origin: str) -> RelyingParty:
        """Return the site as authenticators know it.

        Args:
            origin: scheme, host and port that the request was sent to; an allowed host.
        """
        identifier = self._settings.relying_party_id or urlsplit(origin).hostname or ""
        return RelyingParty(id=identifier, name=self._site_name, origin=origin)

    def list_own(self, account_id: AccountId) -> Sequence[StoredPasskey]:
        """Return the account's passkeys, the oldest first; none where they are not offered."""
        return self._store.list_passkeys(account_id) if self.is_offered else ()

    def begin(self, session: ActiveSession, account: Account, party: RelyingParty) -> dict[str, Any]:
        """Return what the browser makes a passkey from.

        Authenticators know the account by random bytes, which are kept with its passkeys.
        """
        challenge = self._challenges.issue(PasskeyUse.REGISTER, browser=session.digest, account_id=account.id)
        known = self._store.list_passkeys(account.id)
        return webauthn.creation_options(
            party, challenge=challenge, handle=_user_handle(known, challenge.reveal()), account=account,
            known=known,
        )  # fmt: skip

    def add(
        self,
        session: ActiveSession,
        account: Account,
        name: str,
        sent: str,
        client: Client,
        *,
        party: RelyingParty,
    ) -> Enrolled | Refused:
        """Keep the passkey that the browser made; the account's other sessions end.

        1. The challenge is spent; it was issued to this session for this account's registration.
        2. The answer is checked against challenge, origin and site.
        3. The passkey is stored unless anybody has it or the account has enough.

        Args:
            session: fresh, of the account.
            account: whose passkey it becomes.
            name: as the owner calls it, 1 to 60 characters on one line.
            sent: the browser's answer as JSON, untrusted.
            client: the caller.
            party: the site.
        """
        response = webauthn.read_response(sent)
        if not self._challenges.spend(
            response.challenge, PasskeyUse.REGISTER, browser=session.digest, account_id=account.id
        ):
            return Refused(RefusalReason.WRONG_SECRET)
        made = webauthn.verify_registration(response, party)
        if made is None:
            return Refused(RefusalReason.WRONG_SECRET)
        passkey = StoredPasskey(
            credential_id=made.credential_id, account_id=account.id, public_key=made.public_key,
            sign_count=made.sign_count, transports=response.transports, name=name,
            is_backed_up=made.is_backed_up, created_at=self._clock.now(),
            # The same as at the beginning: whatever adds or removes a passkey gives the session another id.
            user_handle=_user_handle(self._store.list_passkeys(account.id), response.challenge),
        )  # fmt: skip
        codes, digests = draw_backup_codes(self._entropy, account.id, self._backup_codes)
        with self._acting(account.id, session):
            added = self._store.add_passkey(
                passkey, codes=digests, keep=session.digest, limit=self._settings.max_per_account
            )
            if not added:
                return Refused(RefusalReason.WRONG_SECRET)
            rotated = self._sessions.renew(session, client, confirmed=True)
            self._notices.tell(
                EventKind.FACTOR_ADDED, MailText.PASSKEY_ADDED, account, client, by=rotated,
                facts={"name": name}, kind=SecretKind.PASSKEY,
            )  # fmt: skip
        return Enrolled(codes if added is Added.FIRST else (), rotated)

    def rename(
        self, session: ActiveSession, account: Account, handle: str, name: str, client: Client
    ) -> bool:
        """Name one of the account's own passkeys; tell whether it has such a one."""
        found = self._find_own(account.id, handle)
        if found is None:
            return False
        with self._acting(account.id, session):
            if not self._store.rename_passkey(account.id, found.credential_id, name):
                return False
            self._proofs.record(
                EventKind.PASSKEY_RENAMED, client, account, Outcome.SUCCESS, session_digest=session.digest
            )
        return True

    def remove(
        self, session: ActiveSession, account: Account, handle: str, client: Client
    ) -> ActiveSession | None:
        """Remove one of the account's own passkeys; its other sessions end, this one gets a new id."""
        found = self._find_own(account.id, handle)
        if found is None:
            return None
        with self._acting(account.id, session):
            if not self._store.remove_passkey(account.id, found.credential_id, keep=session.digest):
                return None
            rotated = self._sessions.renew(session, client, confirmed=False)
            self._notices.tell(
                EventKind.FACTOR_REMOVED, MailText.PASSKEY_REMOVED, account, client, by=rotated,
                facts={"name": found.name}, kind=SecretKind.PASSKEY,
            )  # fmt: skip
        return rotated

    def _find_own(self, account_id: AccountId, handle: str) -> StoredPasskey | None:
        own = self._store.list_passkeys(account_id)
        return next((passkey for passkey in own if passkey_handle(passkey) == handle), None)


def _user_handle(known: Sequence[StoredPasskey], challenge: str) -> bytes:
    """Return the handle that the account's passkeys have, or one that the random challenge makes."""
    kept = (passkey.user_handle for passkey in known if passkey.user_handle is not None)
    return next(kept, digest(f"{HANDLE_PURPOSE}:{challenge}".encode()))


def passkey_handle(passkey: StoredPasskey) -> str:
    """Return what a form calls the passkey by: part of a digest of its id, which is long."""
    return digest(passkey.credential_id).hex()[:_HANDLE_LENGTH]
