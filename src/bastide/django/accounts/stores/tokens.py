"""API tokens on Django: checking one is a single keyed read of token, user and rights."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.db.models import Q

from bastide.core.foundation import AccountId, to_micros
from bastide.core.records import NewToken, StoredToken, TokenSummary
from bastide.django.accounts.models import Token
from bastide.django.accounts.stores.rights import fetch_one, names_in, permissions_in, with_rights
from bastide.django.connection import ALIAS, atomic, lock_account, store_verb, writing_verb
from bastide.stores.rows import TOKEN_SUMMARY, stored_token, token_row, token_summary

_FIND: Final = """
SELECT token.account_id, token.digest, token.scopes, token.expires_at, token.last_used_at, {rights}
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
        with atomic():
            lock_account(account_id)
            if _own(account_id).filter(expires_at__gt=to_micros(new.created_at)).count() >= limit:
                return False
            Token.objects.using(ALIAS).create(**token_row(new))
            return True

    @store_verb
    def find_token(self, token_id: str) -> StoredToken | None:
        """See ``TokenStore``."""
        self._find = self._find or with_rights(_FIND, account_id="token.account_id")
        row = fetch_one(self._find, token_id)
        if row is None:
            return None
        account_id, *columns, roles, rights = row
        return stored_token(
            self._to_account_id(account_id), columns,
            roles=names_in(roles), permissions=permissions_in(rights),
        )  # fmt: skip

    @writing_verb
    def touch_token(self, token_id: str, *, now: datetime, used_before: datetime) -> bool:
        """See ``TokenStore``."""
        is_due = Q(last_used_at=None) | Q(last_used_at__lte=to_micros(used_before))
        return bool(
            Token.objects.using(ALIAS).filter(is_due, pk=token_id).update(last_used_at=to_micros(now))
        )

    @store_verb
    def list_tokens(self, account_id: AccountId) -> Sequence[TokenSummary]:
        """See ``TokenStore``."""
        own = _own(account_id).order_by("-created_at", "id")
        return [token_summary(row) for row in own.values_list(*TOKEN_SUMMARY)]

    @writing_verb
    def revoke_token(self, account_id: AccountId, token_id: str) -> bool:
        """See ``TokenStore``."""
        return bool(_own(account_id).filter(pk=token_id).delete()[0])

    @writing_verb
    def revoke_tokens(self, account_id: AccountId) -> int:
        """See ``TokenStore``."""
        return int(_own(account_id).delete()[0])

    @writing_verb
    def purge_tokens(self, *, now: datetime) -> int:
        """See ``TokenStore``."""
        return Token.objects.using(ALIAS).filter(expires_at__lte=to_micros(now)).delete()[0]


def _own(account_id: Any) -> Any:
    return Token.objects.using(ALIAS).filter(account_id=account_id)
