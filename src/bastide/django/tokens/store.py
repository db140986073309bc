"""API tokens on Django: their rows, and those of owners whose accounts are the project's."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import Q

from bastide.core.foundation import AccountId, to_micros
from bastide.core.records import NewToken, StoredToken, TokenSummary
from bastide.django.connection import ALIAS, atomic, lock_account, store_verb, writing_verb
from bastide.django.requests.beside import load_owner
from bastide.django.tokens.models import Token
from bastide.stores.rows import TOKEN_SUMMARY, stored_token, token_row, token_summary

_FOUND: Final = ("account_id", "digest", "scopes", "expires_at", "last_used_at")


class DjangoTokenRows:
    """The rows of tokens; who finds one knows whose it is in a way of its own."""

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


class OutsideTokens(DjangoTokenRows):
    """Tokens of owners whose accounts are the project's. See ``TokenStore``."""

    @store_verb
    def find_token(self, token_id: str) -> StoredToken | None:
        """See ``TokenStore``."""
        row = Token.objects.using(ALIAS).filter(pk=token_id).values_list(*_FOUND).first()
        if row is None:
            return None
        account_id, *columns = row
        owner = load_owner(account_id)
        return stored_token(
            account_id, [*columns, True, owner.is_signed_in, owner.name],
            roles=owner.roles, permissions=owner.permissions,
        )  # fmt: skip


def _own(account_id: Any) -> Any:
    return Token.objects.using(ALIAS).filter(account_id=account_id)
