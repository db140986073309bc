"""API tokens of Bastide's own accounts: checking one is a single keyed read of token, user and rights."""

from typing import Any, Final

from django.contrib.auth import get_user_model

from bastide.core.records import StoredToken
from bastide.django.accounts.stores.rights import fetch_one, names_in, permissions_in, with_rights
from bastide.django.connection import store_verb
from bastide.django.tokens.store import DjangoTokenRows
from bastide.stores.rows import stored_token

_FIND: Final = """
SELECT token.account_id, token.digest, token.scopes, token.expires_at, token.last_used_at, {rights}
FROM bastide_token token JOIN {users} u ON u.{pk} = token.account_id
WHERE token.id = {mark}
"""


class DjangoTokens(DjangoTokenRows):
    """See ``TokenStore``."""

    def __init__(self) -> None:
        self._to_account_id: Any = get_user_model()._meta.pk.to_python  # noqa: SLF001 -- Django's documented name
        self._find = ""

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
