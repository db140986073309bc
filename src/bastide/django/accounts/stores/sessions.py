"""Sessions on Django: resuming one is a single keyed read of session, user and rights."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connections
from django.db.models import Q, QuerySet

from bastide.core.moments import from_micros, to_micros
from bastide.core.principal import AccountId
from bastide.core.stored_sessions import NewSession, SessionSummary, StoredSession
from bastide.django.accounts.models import Right, Session
from bastide.django.accounts.stores.connection import ALIAS, store_verb

# Between names in one aggregated column; no name holds it.
_SEPARATOR: Final = "\x1f"
_LOAD: Final = """
SELECT s.account_id, s.state, s.created_at, s.last_seen_at, s.confirmed_at, s.agent_family, s.must_rotate,
    s.is_pending, EXISTS (SELECT 1 FROM bastide_totp t WHERE t.account_id = s.account_id AND t.is_confirmed)
    OR EXISTS (SELECT 1 FROM bastide_passkey k WHERE k.account_id = s.account_id),
    u.is_active, u.{name},
    (SELECT {join}(g.name, '\x1f') FROM {held} h JOIN {groups} g ON g.id = h.group_id
     WHERE h.{holder} = s.account_id),
    CASE WHEN {super} THEN
        (SELECT {join}(k.app_label || '.' || p.codename, '\x1f') FROM {rights} p
         JOIN {kinds} k ON k.id = p.content_type_id)
    ELSE
        (SELECT {join}(k.app_label || '.' || p.codename, '\x1f') FROM (
            SELECT r.permission_id FROM {held} h JOIN {granted} r ON r.group_id = h.group_id
            WHERE h.{holder} = s.account_id
            UNION SELECT d.permission_id FROM {direct} d WHERE d.{owner} = s.account_id
         ) own JOIN {rights} p ON p.id = own.permission_id JOIN {kinds} k ON k.id = p.content_type_id)
    END
FROM bastide_session s LEFT JOIN {users} u ON u.{pk} = s.account_id
WHERE s.digest = {digest}
"""


@lru_cache(maxsize=1024)
def _names(joined: str | None) -> frozenset[str]:
    return frozenset(joined.split(_SEPARATOR)) if joined else frozenset()


@lru_cache(maxsize=1024)
def _permissions(joined: str | None) -> frozenset[str]:
    """Return declared permissions by their codename, all others as ``app_label.codename``."""
    own = f"{Right._meta.app_label}."  # noqa: SLF001 -- Django's documented name
    return frozenset(name.removeprefix(own) for name in _names(joined))


class DjangoSessions:
    """See ``SessionStore``."""

    def __init__(self) -> None:
        self._to_account_id: Any = get_user_model()._meta.pk.to_python  # noqa: SLF001 -- Django's documented name
        self._load = ""

    @store_verb
    def create_session(self, new: NewSession, *, now: datetime) -> None:
        """See ``SessionStore``."""
        account_id: Any = new.account_id
        Session.objects.using(ALIAS).create(
            digest=new.digest, account_id=account_id, state=new.state, created_at=to_micros(now),
            last_seen_at=to_micros(now),
            confirmed_at=None if new.confirmed_at is None else to_micros(new.confirmed_at),
            agent_family=new.agent_family, network=new.network, is_pending=new.is_pending,
        )  # fmt: skip

    @store_verb
    def load_session(self, session_digest: bytes) -> StoredSession | None:
        """See ``SessionStore``."""
        connection: Any = connections[ALIAS]
        statement = self._load or self._load_statement()
        # Every signed-in request comes by here: straight on the driver, half the price of Django's cursor.
        with connection.wrap_database_errors:
            connection.ensure_connection()
            cursor = connection.connection.execute(statement, (session_digest,))
            row = cursor.fetchone()
            cursor.close()
        if row is None:
            return None
        (
            account_id, state, created, seen, confirmed, family, must_rotate, is_pending, has_factor,
            active, username, roles, rights,
        ) = row  # fmt: skip
        return StoredSession(
            digest=session_digest,
            account_id=account_id if account_id is None else self._to_account_id(account_id),
            state=state, created_at=from_micros(created), last_seen_at=from_micros(seen),
            confirmed_at=None if confirmed is None else from_micros(confirmed),
            agent_family=family, must_rotate=bool(must_rotate),
            is_pending=bool(is_pending), has_factor=bool(has_factor),
            account_is_active=account_id is None or bool(active), username=username or "",
            roles=_names(roles), permissions=_permissions(rights),
        )  # fmt: skip

    @store_verb
    def touch_session(self, session_digest: bytes, *, now: datetime, seen_before: datetime) -> bool:
        """See ``SessionStore``."""
        old = _rows(session_digest).filter(last_seen_at__lte=to_micros(seen_before))
        return bool(old.update(last_seen_at=to_micros(now)))

    @store_verb
    def save_session_state(self, session_digest: bytes, state: str) -> bool:
        """See ``SessionStore``."""
        return bool(_rows(session_digest).update(state=state))

    @store_verb
    def rotate_session(
        self,
        session_digest: bytes,
        *,
        new_digest: bytes,
        confirmed_at: datetime | None,
        agent_family: str | None,
    ) -> bool:
        """See ``SessionStore``."""
        values: dict[str, Any] = {"digest": new_digest, "must_rotate": False}
        if confirmed_at is not None:
            values |= {"confirmed_at": to_micros(confirmed_at), "is_pending": False}
        if agent_family is not None:
            values["agent_family"] = agent_family
        return bool(_rows(session_digest).update(**values))

    @store_verb
    def end_session(self, session_digest: bytes) -> bool:
        """See ``SessionStore``."""
        return bool(_rows(session_digest).delete()[0])

    @store_verb
    def end_account_sessions(self, account_id: AccountId, *, keep: bytes | None) -> int:
        """See ``SessionStore``."""
        others = _rows_of(account_id)
        return (others if keep is None else others.exclude(digest=keep)).delete()[0]

    @store_verb
    def list_sessions(self, account_id: AccountId, *, is_pending: bool = False) -> Sequence[SessionSummary]:
        """See ``SessionStore``."""
        return [
            SessionSummary(
                digest=bytes(row.digest), created_at=from_micros(row.created_at),
                last_seen_at=from_micros(row.last_seen_at), agent_family=row.agent_family,
                network=row.network,
            )
            for row in _rows_of(account_id).filter(is_pending=is_pending).order_by("-last_seen_at", "-digest")
        ]  # fmt: skip

    @store_verb
    def purge_sessions(self, *, created_before: datetime, seen_before: datetime) -> int:
        """See ``SessionStore``."""
        is_old = Q(created_at__lte=to_micros(created_before)) | Q(last_seen_at__lte=to_micros(seen_before))
        return Session.objects.using(ALIAS).filter(is_old).delete()[0]

    def _load_statement(self) -> str:
        """Return the read, written once from the models' own names."""
        connection = connections[ALIAS]
        quote: Any = connection.ops.quote_name
        aggregate = "group_concat" if connection.vendor == "sqlite" else "string_agg"
        users: Any = get_user_model()._meta  # noqa: SLF001 -- Django's documented name
        held: Any = get_user_model().groups.through._meta  # noqa: SLF001 -- Django's documented name
        direct: Any = get_user_model().user_permissions.through._meta  # noqa: SLF001
        granted: Any = Group.permissions.through._meta  # noqa: SLF001
        names = {
            "users": quote(users.db_table), "pk": quote(users.pk.column),
            "name": quote(users.get_field(users.model.USERNAME_FIELD).column),
            "groups": quote(Group._meta.db_table), "held": quote(held.db_table),  # noqa: SLF001
            "holder": quote(held.get_field(users.model_name).column),
            "direct": quote(direct.db_table), "owner": quote(direct.get_field(users.model_name).column),
            "granted": quote(granted.db_table), "rights": quote(Permission._meta.db_table),  # noqa: SLF001
            "kinds": quote(ContentType._meta.db_table), "join": aggregate,  # noqa: SLF001
            "super": "u.is_superuser" if hasattr(users.model, "is_superuser") else "FALSE",
        }  # fmt: skip
        mark = "?" if connection.vendor == "sqlite" else "%s"
        self._load = _LOAD.format_map({**names, "digest": mark})
        return self._load


def _rows_of(account_id: Any) -> QuerySet[Session]:
    return Session.objects.using(ALIAS).filter(account_id=account_id)


def _rows(session_digest: bytes) -> Any:
    return Session.objects.using(ALIAS).filter(digest=session_digest)
