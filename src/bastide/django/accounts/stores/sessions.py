"""Sessions on Django: resuming one is a single keyed read of session, user and rights."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet

from bastide.core.foundation import AccountId, to_micros
from bastide.core.records import NewSession, SessionSummary, StoredSession
from bastide.django.accounts.models import Session
from bastide.django.accounts.stores.rights import fetch_one, names_in, permissions_in, with_rights
from bastide.django.connection import ALIAS, store_verb, writing_verb
from bastide.stores.rows import SESSION_SUMMARY, rotated_session, session_row, session_summary, stored_session

_LOAD: Final = """
SELECT s.account_id, s.state, s.created_at, s.last_seen_at, s.confirmed_at, s.agent_family, s.must_rotate,
    s.is_pending, {rights}
FROM bastide_session s LEFT JOIN {users} u ON u.{pk} = s.account_id
WHERE s.digest = {mark}
"""


class DjangoSessions:
    """See ``SessionStore``."""

    def __init__(self) -> None:
        self._to_account_id: Any = get_user_model()._meta.pk.to_python  # noqa: SLF001 -- Django's documented name
        self._load = ""

    @writing_verb
    def create_session(self, new: NewSession, *, now: datetime) -> None:
        """See ``SessionStore``."""
        Session.objects.using(ALIAS).create(**session_row(new, now=now))

    @store_verb
    def load_session(self, session_digest: bytes) -> StoredSession | None:
        """See ``SessionStore``."""
        self._load = self._load or with_rights(_LOAD, account_id="s.account_id")
        row = fetch_one(self._load, session_digest)
        if row is None:
            return None
        account_id, *columns, roles, rights = row
        return stored_session(
            session_digest, account_id if account_id is None else self._to_account_id(account_id), columns,
            roles=names_in(roles), permissions=permissions_in(rights),
        )  # fmt: skip

    @writing_verb
    def touch_session(self, session_digest: bytes, *, now: datetime, seen_before: datetime) -> bool:
        """See ``SessionStore``."""
        old = _rows(session_digest).filter(last_seen_at__lte=to_micros(seen_before))
        return bool(old.update(last_seen_at=to_micros(now)))

    @writing_verb
    def save_session_state(self, session_digest: bytes, state: str, *, previous: str) -> bool:
        """See ``SessionStore``."""
        return bool(_rows(session_digest).filter(state=previous).update(state=state))

    @writing_verb
    def rotate_session(
        self,
        session_digest: bytes,
        *,
        new_digest: bytes,
        confirmed_at: datetime | None,
        agent_family: str | None,
    ) -> bool:
        """See ``SessionStore``."""
        values = rotated_session(new_digest=new_digest, confirmed_at=confirmed_at, agent_family=agent_family)
        return bool(_rows(session_digest).update(**values))

    @writing_verb
    def end_session(self, session_digest: bytes) -> bool:
        """See ``SessionStore``."""
        return bool(_rows(session_digest).delete()[0])

    @writing_verb
    def end_account_sessions(self, account_id: AccountId, *, keep: bytes | None) -> int:
        """See ``SessionStore``."""
        others = _rows_of(account_id)
        return (others if keep is None else others.exclude(digest=keep)).delete()[0]

    @store_verb
    def list_sessions(self, account_id: AccountId, *, is_pending: bool = False) -> Sequence[SessionSummary]:
        """See ``SessionStore``."""
        own = _rows_of(account_id).filter(is_pending=is_pending).order_by("-last_seen_at", "-digest")
        return [session_summary(row) for row in own.values_list(*SESSION_SUMMARY)]

    @writing_verb
    def purge_sessions(self, *, created_before: datetime, seen_before: datetime) -> int:
        """See ``SessionStore``."""
        is_old = Q(created_at__lte=to_micros(created_before)) | Q(last_seen_at__lte=to_micros(seen_before))
        return Session.objects.using(ALIAS).filter(is_old).delete()[0]


def _rows_of(account_id: Any) -> QuerySet[Session]:
    return Session.objects.using(ALIAS).filter(account_id=account_id)


def _rows(session_digest: bytes) -> Any:
    return Session.objects.using(ALIAS).filter(digest=session_digest)
