"""Passkeys on the Django ORM."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from bastide.core.foundation import AccountId, to_micros
from bastide.core.records import Added, StoredPasskey
from bastide.django.accounts.models import Passkey
from bastide.django.accounts.stores.factors import has_factor, turn_off, turn_on
from bastide.django.connection import ALIAS, atomic, lock_account, store_verb, writing_verb
from bastide.stores.rows import PASSKEY, passkey_row, stored_passkey


class DjangoPasskeys:
    """See ``PasskeyStore``."""

    @store_verb
    def add_passkey(self, new: StoredPasskey, *, codes: Collection[bytes], keep: bytes, limit: int) -> Added:
        """See ``PasskeyStore``."""
        account_id: Any = new.account_id
        with atomic():
            lock_account(account_id)
            if _own(account_id).count() >= limit:
                return Added.NOTHING
            had_factor = has_factor(account_id)
            _, is_new = Passkey.objects.using(ALIAS).get_or_create(
                credential_id=new.credential_id, defaults=passkey_row(new)
            )
            return turn_on(account_id, codes, keep, had_factor=had_factor) if is_new else Added.NOTHING

    @store_verb
    def find_passkey(self, credential_id: bytes) -> StoredPasskey | None:
        """See ``PasskeyStore``."""
        found = Passkey.objects.using(ALIAS).filter(credential_id=credential_id)
        row = found.values_list(*PASSKEY).first()
        return None if row is None else stored_passkey(row)

    @store_verb
    def list_passkeys(self, account_id: AccountId) -> Sequence[StoredPasskey]:
        """See ``PasskeyStore``."""
        own = _own(account_id).order_by("created_at", "credential_id")
        return [stored_passkey(row) for row in own.values_list(*PASSKEY)]

    @writing_verb
    def use_passkey(self, credential_id: bytes, *, old_count: int, new_count: int, now: datetime) -> bool:
        """See ``PasskeyStore``."""
        unused = Passkey.objects.using(ALIAS).filter(credential_id=credential_id, sign_count=old_count)
        return bool(unused.update(sign_count=new_count, last_used_at=to_micros(now)))

    @writing_verb
    def rename_passkey(self, account_id: AccountId, credential_id: bytes, name: str) -> bool:
        """See ``PasskeyStore``."""
        return bool(_own(account_id).filter(credential_id=credential_id).update(name=name))

    @store_verb
    def remove_passkey(self, account_id: AccountId, credential_id: bytes, *, keep: bytes | None) -> bool:
        """See ``PasskeyStore``."""
        with atomic():
            lock_account(account_id)
            if not _own(account_id).filter(credential_id=credential_id).delete()[0]:
                return False
            turn_off(account_id, keep)
            return True


def _own(account_id: Any) -> Any:
    return Passkey.objects.using(ALIAS).filter(account_id=account_id)
