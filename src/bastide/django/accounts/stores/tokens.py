"""API tokens on Django: checking one is a single keyed read of token, user and rights."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q

from bastide.core.foundation import AccountId, from_micros, to_micros
from bastide.core.records import NewToken, StoredToken, TokenSummary, join_scopes, split_scopes
from bastide.django.accounts.models import Token
from bastide.django.accounts.stores.factors import lock_account
from bastide.django.accounts.stores.rights import fetch_one, names_in, permissions_in, with_rights
from bastide.django.connection import ALIAS, store_verb

_FIND: Final = """
SELECT token.digest, token.account_id, token.scopes, token.expires_at, token.last_used_at, {rights}
FROM bastide_token token JOIN {users} u ON u.{pk} = token.account_id
WHERE token.id = {mark}
"""


class DjangoTokens:
    """See ``TokenStore``."""

    def __init__(self) -> None:
        self._to_account_id: Any = get_user_model()._meta.pk.to_python  # noqa: SLF001 -- Django's documented name
        self._find = ""

    @store_verb
    def add_token(self, new: NewToken, *, limit: int) -> bool:
        """See ``TokenStore``."""
        account_id: Any = new.account_id
        with transaction.atomic(using=ALIAS):
            lock_account(account_id)
            if _own(account_id).filter(expires_at__gt=to_micros(new.created_at)).count() >= limit:
                return False
            Token.objects.using(ALIAS).create(
                id=new.id, account_id=account_id, digest=new.digest, name=new.name,
                scopes=join_scopes(new.scopes), created_at=to_micros(new.created_at),
                expires_at=to_micros(new.expires_at),
            )  # fmt: skip
            return True

    @store_verb
    def find_token(self, token_id: str) -> StoredToken | None:
        """See ``TokenStore``."""
        self._find = self._find or with_rights(_FIND, account_id="token.account_id")
        row = fetch_one(self._find, token_id)
        if row is None:
            return None
        digest, account_id, scopes, expires, used, has_factor, active, username, roles, rights = row
        return StoredToken(
            digest=bytes(digest), account_id=self._to_account_id(account_id), scopes=split_scopes(scopes),
            expires_at=from_micros(expires), last_used_at=None if used is None else from_micros(used),
            account_is_active=bool(active), has_factor=bool(has_factor), username=username,
            roles=names_in(roles), permissions=permissions_in(rights),
        )  # fmt: skip

    @store_verb
    def touch_token(self, token_id: str, *, now: datetime, used_before: datetime) -> bool:
        """See ``TokenStore``."""
        is_due = Q(last_used_at=None) | Q(last_used_at__lte=to_micros(used_before))
        return bool(
            Token.objects.using(ALIAS).filter(is_due, pk=token_id).update(last_used_at=to_micros(now))
        )

    @store_verb
    def list_tokens(self, account_id: AccountId) -> Sequence[TokenSummary]:
        """See ``TokenStore``."""
        return [
            TokenSummary(
                id=row.id, name=row.name, scopes=split_scopes(row.scopes),
                created_at=from_micros(row.created_at), expires_at=from_micros(row.expires_at),
                last_used_at=None if row.last_used_at is None else from_micros(row.last_used_at),
            )
            for row in _own(account_id).order_by("-created_at", "id")
        ]  # fmt: skip

    @store_verb
    def revoke_token(self, account_id: AccountId, token_id: str) -> bool:
        """See ``TokenStore``."""
        return bool(_own(account_id).filter(pk=token_id).delete()[0])

    @store_verb
    def revoke_tokens(self, account_id: AccountId) -> int:
        """See ``TokenStore``."""
        return int(_own(account_id).delete()[0])

    @store_verb
    def purge_tokens(self, *, now: datetime) -> int:
        """See ``TokenStore``."""
        return Token.objects.using(ALIAS).filter(expires_at__lte=to_micros(now)).delete()[0]


def _own(account_id: Any) -> Any:
    return Token.objects.using(ALIAS).filter(account_id=account_id)
