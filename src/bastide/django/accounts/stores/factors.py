"""Second factors on the Django ORM."""

from collections.abc import Collection
from typing import Any

from bastide.core.foundation import AccountId
from bastide.core.records import Added, StoredTotp
from bastide.django.accounts.models import BackupCode, Passkey, Session, Totp
from bastide.django.connection import ALIAS, atomic, lock_account, store_verb, writing_verb


class DjangoFactors:
    """See ``FactorStore``."""

    @store_verb
    def has_factor(self, account_id: AccountId) -> bool:
        """See ``FactorStore``."""
        return has_factor(account_id)

    @store_verb
    def find_totp(self, account_id: AccountId) -> StoredTotp | None:
        """See ``FactorStore``."""
        row = _totp(account_id).first()
        return None if row is None else StoredTotp(bytes(row.secret), row.is_confirmed, row.last_step)

    @store_verb
    def put_totp(self, account_id: Any, sealed: bytes, *, step: int) -> bool:
        """See ``FactorStore``."""
        with atomic():
            row, is_new = (
                Totp.objects.using(ALIAS)
                .select_for_update()
                .get_or_create(account_id=account_id, defaults={"secret": sealed, "last_step": step})
            )
            if is_new:
                return True
            unconfirmed = _totp(account_id).filter(is_confirmed=False)
            return not row.is_confirmed and bool(unconfirmed.update(secret=sealed, last_step=step))

    @store_verb
    def confirm_totp(
        self, account_id: AccountId, *, sealed: bytes, step: int, codes: Collection[bytes], keep: bytes
    ) -> Added:
        """See ``FactorStore``."""
        with atomic():
            lock_account(account_id)
            had_factor = has_factor(account_id)
            pending = _totp(account_id).filter(secret=sealed, is_confirmed=False)
            if not pending.update(is_confirmed=True, last_step=step):
                return Added.NOTHING
            return turn_on(account_id, codes, keep, had_factor=had_factor)

    @writing_verb
    def use_totp_step(self, account_id: AccountId, step: int) -> bool:
        """See ``FactorStore``."""
        unused = _totp(account_id).filter(is_confirmed=True, last_step__lt=step)
        return bool(unused.update(last_step=step))

    @store_verb
    def remove_totp(self, account_id: AccountId, *, keep: bytes | None) -> bool:
        """See ``FactorStore``."""
        with atomic():
            lock_account(account_id)
            if not _totp(account_id).delete()[0]:
                return False
            turn_off(account_id, keep)
            return True

    @store_verb
    def replace_backup_codes(self, account_id: AccountId, codes: Collection[bytes]) -> None:
        """See ``FactorStore``."""
        with atomic():
            _replace_codes(account_id, codes)

    @writing_verb
    def burn_backup_code(self, account_id: AccountId, code: bytes) -> bool:
        """See ``FactorStore``."""
        return bool(_codes(account_id).filter(digest=code).delete()[0])

    @store_verb
    def count_backup_codes(self, account_id: AccountId) -> int:
        """See ``FactorStore``."""
        return int(_codes(account_id).count())


def has_factor(account_id: Any) -> bool:
    """Tell in one query whether the account has a confirmed authenticator or a passkey."""
    totp = _totp(account_id).filter(is_confirmed=True).values_list("account_id")
    passkeys = Passkey.objects.using(ALIAS).filter(account_id=account_id).values_list("account_id")
    return bool(totp.union(passkeys, all=True).exists())


def turn_on(account_id: Any, codes: Collection[bytes], keep: bytes, *, had_factor: bool) -> Added:
    """Keep the codes with the first factor; end the other sessions."""
    if not had_factor:
        _replace_codes(account_id, codes)
    _end_others(account_id, keep)
    return Added.FURTHER if had_factor else Added.FIRST


def turn_off(account_id: Any, keep: bytes | None) -> None:
    """Forget the codes with the last factor; end the other sessions."""
    if not has_factor(account_id):
        _replace_codes(account_id, ())
    _end_others(account_id, keep)


def _totp(account_id: Any) -> Any:
    return Totp.objects.using(ALIAS).filter(account_id=account_id)


def _codes(account_id: Any) -> Any:
    return BackupCode.objects.using(ALIAS).filter(account_id=account_id)


def _replace_codes(account_id: Any, codes: Collection[bytes]) -> None:
    _codes(account_id).delete()
    rows = [BackupCode(account_id=account_id, digest=code) for code in codes]
    BackupCode.objects.using(ALIAS).bulk_create(rows)


def _end_others(account_id: Any, keep: bytes | None) -> None:
    own = Session.objects.using(ALIAS).filter(account_id=account_id)
    own.exclude(digest=keep or b"").delete()
